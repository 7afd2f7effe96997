"""Contact sheets: many small pictures on one page."""

from collections.abc import Sequence

from PIL import Image as PillowImage


def sheet(
    cells: Sequence[PillowImage.Image], columns: int, ground: str | tuple[int, int, int], gap: int = 0
) -> PillowImage.Image:
    """Return the cells, one or more of one size, row by row on a page of mode "RGB".

    `gap` pixels of the ground are to the right of each cell and below it.
    """
    width, height = cells[0].width + gap, cells[0].height + gap
    page = PillowImage.new("RGB", (columns * width, -(-len(cells) // columns) * height), ground)
    for number, cell in enumerate(cells):
        page.paste(cell, (number % columns * width, number // columns * height))
    return page


def tile(picture: PillowImage.Image, side: int, ground: str | tuple[int, int, int]) -> PillowImage.Image:
    """Return the picture in the middle of a square of mode "RGB", reduced to fit, its transparency over the ground.

    `side` is in pixels. A picture that fits is not enlarged.
    """
    small = picture.copy()
    small.thumbnail((side, side))
    square = PillowImage.new("RGB", (side, side), ground)
    place = (side - small.width) // 2, (side - small.height) // 2
    square.paste(small, place, small if small.mode == "RGBA" else None)
    return square
