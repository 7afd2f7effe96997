from background_remover.evaluation.tables import markdown


def test_columns_are_as_wide_as_their_widest_cell():
    assert markdown([["name", "a"], ["x", "1,000"], ["a long one", ""]]) == [
        "| name       |     a |",
        "| ---------- | ----: |",
        "| x          | 1,000 |",
        "| a long one |       |",
    ]
