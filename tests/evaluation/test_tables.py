import pytest

from background_remover.evaluation.tables import markdown


def test_columns_are_as_wide_as_their_widest_cell():
    assert markdown(["name", "a"], [["x", "1,000"], ["a long one", ""]]).splitlines() == [
        "| name       |     a |",
        "| ---------- | ----: |",
        "| x          | 1,000 |",
        "| a long one |       |",
    ]


def test_a_narrow_column_has_room_for_its_rule():
    """A colon alone would be no rule: Markdown shows such a table as plain text."""
    assert markdown(["", "a"], [["x", "1"]]).splitlines() == ["|     |   a |", "| --- | --: |", "| x   |   1 |"]


def test_rows_of_another_length_are_refused():
    with pytest.raises(ValueError, match="argument"):
        markdown(["name", "a"], [["x"]])
