import numpy as np
from PIL import Image as PillowImage

from background_remover.compositing.chequerboard import SQUARE, chequerboard, over_chequerboard


def test_the_squares_of_a_chequerboard_alternate():
    board = np.asarray(chequerboard((40, 30), 10))[..., 0]
    wanted = np.where((np.arange(30)[:, None] // 10 + np.arange(40) // 10) % 2, 255, 204)
    assert (board == wanted).all()


def test_transparency_shows_squares_and_the_subject_hides_them():
    cutout = np.zeros((40, 80, 4), np.uint8)
    cutout[:, 40:] = 200, 10, 30, 255
    shown = over_chequerboard(PillowImage.fromarray(cutout), 80)
    assert (shown.mode, shown.size) == ("RGB", (80, 40))
    assert np.array_equal(np.asarray(shown)[:, :40], np.asarray(chequerboard((40, 40), SQUARE)))
    assert np.all(np.asarray(shown)[:, 40:] == (200, 10, 30))


def test_a_large_picture_is_reduced_and_a_small_one_is_not():
    assert over_chequerboard(PillowImage.new("RGBA", (400, 200)), 100).size == (100, 50)
    assert over_chequerboard(PillowImage.new("L", (40, 20)), 100).size == (40, 20)
