"""Tables in Markdown that read well in a terminal."""

from collections.abc import Sequence


def markdown(rows: Sequence[Sequence[str]]) -> list[str]:
    """The lines of a table: a header first, the first column to the left, the others to the right."""
    first, *others = [max(map(len, column)) for column in zip(*rows, strict=True)]
    rule = ["-" * first, *("-" * (width - 1) + ":" for width in others)]
    lines = []
    for name, *cells in (rows[0], rule, *rows[1:]):
        cells = [cell.rjust(width) for cell, width in zip(cells, others, strict=True)]
        lines.append(f"| {' | '.join([name.ljust(first), *cells])} |")
    return lines
