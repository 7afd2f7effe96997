import numpy as np
import pytest
from PIL import Image as PillowImage

from background_remover.evaluation.contact_sheet import sheet, tile

RED, GREEN, BLUE, GREY = (255, 0, 0), (0, 255, 0), (0, 0, 255), (128, 128, 128)


def plain(colour: tuple[int, ...], size: tuple[int, int] = (4, 3)) -> PillowImage.Image:
    return PillowImage.new("RGB" if len(colour) == 3 else "RGBA", size, colour)


def test_cells_stand_row_by_row_and_the_rest_is_ground():
    page = np.asarray(sheet([plain(RED), plain(GREEN), plain(BLUE)], 2, GREY))
    assert page.shape == (6, 8, 3)
    for (row, column), colour in {(0, 0): RED, (0, 1): GREEN, (1, 0): BLUE, (1, 1): GREY}.items():
        assert (page[row * 3 : row * 3 + 3, column * 4 : column * 4 + 4] == colour).all()


def test_a_gap_is_right_of_each_cell_and_below_it():
    page = np.asarray(sheet([plain(RED), plain(GREEN)], 2, "grey", gap=2))
    assert page.shape == (5, 12, 3)
    assert (page[:3, :4] == RED).all()
    assert (page[:3, 6:10] == GREEN).all()
    assert (np.delete(page[:3], [*range(4), *range(6, 10)], axis=1) == GREY).all()
    assert (page[3:] == GREY).all()


@pytest.mark.parametrize(("size", "covered"), [((40, 20), (20, 10)), ((20, 80), (5, 20)), ((6, 4), (6, 4))])
def test_a_tile_holds_the_whole_picture_in_its_middle(size, covered):
    square = np.asarray(tile(plain(RED, size), 20, GREY))
    assert square.shape == (20, 20, 3)
    rows, columns = np.nonzero((square == RED).all(axis=2))
    assert (np.ptp(columns) + 1, np.ptp(rows) + 1) == covered
    assert abs(columns.mean() - 9.5) <= 0.5
    assert abs(rows.mean() - 9.5) <= 0.5


def test_a_tile_shows_its_ground_through_transparency():
    assert tile(plain((*RED, 0)), 8, GREY).getcolors() == [(64, GREY)]
    (middle,) = {tile(plain((*RED, 128)), 8, BLUE).getpixel((4, 4))}
    assert middle == (128, 0, 127)


def test_a_tile_leaves_the_picture_as_it_was():
    picture = plain(RED, (40, 20))
    tile(picture, 10, GREY)
    assert picture.size == (40, 20)
