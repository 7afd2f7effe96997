import code_size

SOURCE = '''"""A head
of two lines."""

import os  # used


def name():
    """Return it."""
    # A reason.
    text = """of
    two lines"""
    return text
'''


def test_lines_of_code_are_neither_blank_nor_comments_nor_docstrings():
    size = code_size.size_of(SOURCE, "a.py")
    assert (size.lines, size.code) == (12, 5)
    assert size.function == (6, "name")


def test_the_table_has_a_row_for_each_folder_and_their_sum(tmp_path):
    for name, source in (("a.py", SOURCE), ("sub/__init__.py", ""), ("sub/b.py", "x = 1\n")):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(source)
    rows = code_size.table(tmp_path).splitlines()
    assert rows[2:] == [
        "| (top) | 1 | 12 | 5 | a.py 12 | name 6 |",
        "| sub | 1 | 1 | 1 | b.py 1 |  0 |",
        "| **all** | 2 | 13 | 6 | a.py 12 | name 6 |",
    ]
