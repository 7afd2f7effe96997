"""Chequerboards, the customary sign of transparency, and pictures over them."""

from PIL import Image as PillowImage

SQUARE = 8  # pixels
_CHECKS = (255, 255, 255), (204, 204, 204)


def chequerboard(size: tuple[int, int], square: int = SQUARE) -> PillowImage.Image:
    """Return a board of (width, height) pixels: white and light grey squares, `square` pixels a side."""
    board = PillowImage.new("RGB", size, _CHECKS[0])
    for top in range(0, size[1], square):
        for left in range(top // square % 2 * square, size[0], 2 * square):
            board.paste(_CHECKS[1], (left, top, left + square, top + square))
    return board


def over_chequerboard(picture: PillowImage.Image, side: int) -> PillowImage.Image:
    """Return a picture reduced to fit a square of `side` pixels, its transparency over squares; mode "RGB"."""
    small = picture.copy()
    small.thumbnail((side, side))
    if small.mode != "RGBA":
        return small.convert("RGB")
    board = chequerboard(small.size)
    board.paste(small, (0, 0), small)
    return board
