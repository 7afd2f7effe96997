"""Tables in Markdown that read well in a terminal."""

from collections.abc import Iterable, Sequence

_NARROWEST = 3  # characters: a rule needs a hyphen and a colon at least


def markdown(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table with each column as wide as its widest cell: the first to the left, the others to the right.

    The header and every row have a cell for each column; `ValueError` where one has more or fewer.
    """
    body = [header, *rows]
    first, *others = [max(_NARROWEST, *map(len, column)) for column in zip(*body, strict=True)]
    body.insert(1, ["-" * first, *("-" * (width - 1) + ":" for width in others)])
    return "\n".join(f"| {' | '.join([name.ljust(first), *map(str.rjust, cells, others)])} |" for name, *cells in body)
