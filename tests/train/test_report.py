from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage

from background_remover.errors import ImageError, OptionError
from background_remover.evaluation.datasets import Pair, find_pairs
from background_remover.train.report import MAGENTA, Sample, report, sheet
from background_remover.types import Image
from tests.train.conftest import plain, save

CELL, CAPTION = 176, 14
BLUE, GREEN, GREY = (0, 0, 255), (0, 200, 0), (128, 128, 128)


def sample(name: str = "one", size: tuple[int, int] = (CELL, CELL), iou: float = 0.5) -> Sample:
    """A green picture whose left half is taken for the subject; of the truth, the upper half is, the rest unknown."""
    height, width = size
    alpha, truth = np.zeros(size, np.float32), np.zeros(size, np.float32)
    alpha[:, : width // 2] = 1
    truth[: height // 2] = 1
    return Sample(name, iou, np.broadcast_to(np.uint8(GREEN), (*size, 3)).copy(), alpha, truth, truth > 0)


def cell(page: PillowImage.Image, number: int, column: int) -> np.ndarray:
    """One of the four views of a sample, (176, 176, 3)."""
    left, top = number % 2 * 4 * CELL + column * CELL, number // 2 * (CELL + CAPTION) + CAPTION
    return np.asarray(page)[top : top + CELL, left : left + CELL]


def colours(view: np.ndarray) -> list[tuple[int, ...]]:
    """What is in the quarters of a view: upper left, upper right, lower left, lower right."""
    middle = len(view) // 2
    halves = slice(0, middle), slice(middle, None)
    return [tuple(map(int, view[rows, columns].mean(axis=(0, 1)).round())) for rows in halves for columns in halves]


@pytest.mark.parametrize(("count", "rows"), [(1, 1), (2, 1), (3, 2), (7, 4)])
def test_a_sheet_has_two_samples_beside_each_other(count, rows):
    assert sheet([sample()] * count).size == (2 * 4 * CELL, rows * (CELL + CAPTION))


def test_a_row_is_picture_alpha_cutout_over_magenta_and_truth():
    page = sheet([sample("one"), sample("two"), sample("three")])
    black, white = (0, 0, 0), (255, 255, 255)
    for number in range(3):
        assert colours(cell(page, number, 0)) == [GREEN, GREEN, GREEN, GREEN]
        assert colours(cell(page, number, 1)) == [white, black, white, black]
        assert colours(cell(page, number, 2)) == [GREEN, MAGENTA, GREEN, MAGENTA]
        assert colours(cell(page, number, 3)) == [white, white, BLUE, BLUE]


def test_a_soft_alpha_mixes_the_picture_with_magenta():
    half = Sample(
        "half", 0.5, plain(GREEN, CELL), *[np.full((CELL, CELL), 0.5, np.float32)] * 2, plain(GREY, CELL)[..., 0] > 0
    )
    page = sheet([half])
    assert colours(cell(page, 0, 1))[0] == (128, 128, 128)
    assert colours(cell(page, 0, 2))[0] == (128, 100, 128)


@pytest.mark.parametrize(("size", "fits"), [((352, 88), (176, 44)), ((20, 40), (88, 176)), ((3000, 1), (176, 1))])
def test_views_fit_their_cells_and_keep_their_shape(size, fits):
    view = cell(sheet([sample(size=size)]), 0, 0)
    green = (view == GREEN).all(axis=-1)
    assert green[: fits[0], : fits[1]].all()
    assert green.sum() == fits[0] * fits[1]


def test_the_caption_is_written_above_the_row():
    page = np.asarray(sheet([sample("a name"), sample("a name"), sample("another name", iou=0.25)]))
    captions = page[:CAPTION, : 4 * CELL], page[:CAPTION, 4 * CELL :], page[CAPTION + CELL :, : 4 * CELL][:CAPTION]
    assert all(caption.min() < 128 for caption in captions)
    assert np.array_equal(captions[0], captions[1])
    assert not np.array_equal(captions[0], captions[2])


class Exact:
    """A remover whose answer is what is white, off by as many columns as the picture's green says."""

    def alpha(self, image: Image) -> np.ndarray:
        white = (image[..., 0] > 200).astype(np.float32)
        return np.roll(white, int(image[0, 0, 1]), axis=1)


@pytest.fixture
def pairs(tmp_path: Path) -> list[Pair]:
    """Nine pictures with a square of 12 pixels; the answer to the picture `off 5` is 5 pixels off, an IoU of 7/17."""
    for off in range(9):
        image = plain((0, off, 0), 40)
        image[10:22, 10:22] = (255, off, 255)
        save(tmp_path / "data" / "image" / f"off {off}.png", image)
        mask = np.zeros((40, 40), np.uint8)
        mask[10:22, 10:22] = 255
        save(tmp_path / "data" / "mask" / f"off {off}.png", mask)
    return find_pairs(tmp_path / "data")


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names on the sheet, in order."""
    names: list[str] = []

    def keep(samples: list[Sample]) -> PillowImage.Image:
        names.extend(sample.name for sample in samples)
        return sheet(samples)

    monkeypatch.setattr("background_remover.train.report.sheet", keep)
    return names


def test_the_worst_come_first_and_the_median_after(pairs, tmp_path, shown):
    mean = report(Exact(), pairs, tmp_path / "sheet.png", worst=2, median=3)
    assert shown == ["off 8", "off 7", "off 5", "off 4", "off 3"]
    assert mean == pytest.approx(np.mean([(12 - off) / (12 + off) for off in range(9)]))
    with PillowImage.open(tmp_path / "sheet.png") as page:
        assert page.size == (2 * 4 * CELL, 3 * (CELL + CAPTION))


def test_a_picture_is_shown_once_where_the_worst_reach_the_median(pairs, tmp_path, shown):
    report(Exact(), pairs, tmp_path / "sheet.png", worst=5, median=5)
    assert shown == ["off 8", "off 7", "off 6", "off 5", "off 4", "off 3", "off 2"]


def test_a_few_pairs_are_all_shown(pairs, tmp_path, shown):
    report(Exact(), pairs[:2], tmp_path / "sheet.png")
    assert shown == ["off 1", "off 0"]


def test_unknown_pixels_do_not_count(tmp_path):
    """A pet trimap whose border is all that the answer gets wrong."""
    image = plain((0, 0, 0), 8)
    image[:4] = 255
    trimap = np.repeat(np.uint8([1, 1, 3, 3, 3, 3, 2, 2])[:, None], 8, axis=1)
    image_file, truth_file = save(tmp_path / "cat.png", image), save(tmp_path / "trimap.png", trimap)
    pair = Pair("cat", image_file, truth_file, trimap=True)
    assert report(Exact(), [pair], tmp_path / "sheet.png") == 1


def test_nothing_to_report_on_is_an_error(tmp_path):
    with pytest.raises(OptionError, match="no pairs to report on"):
        report(Exact(), [], tmp_path / "sheet.png")


@pytest.mark.parametrize(("name", "error"), [("sheet.xyz", OptionError), ("nowhere/sheet.png", ImageError)])
def test_a_sheet_that_cannot_be_written_is_refused_before_the_work(pairs, tmp_path, name, error):
    with pytest.raises(error, match=name.split("/")[0]):
        report(None, pairs, tmp_path / name)  # no remover: it would be asked too late
