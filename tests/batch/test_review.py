import dataclasses
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage

from background_remover.batch.record import Record, ResultFile
from background_remover.batch.review import (
    COLUMNS,
    GAP,
    LIST,
    ROWS,
    SHEET,
    TEXT,
    TILE,
    check_folder,
    collect,
    review_sheets,
)
from background_remover.errors import ImageError, OptionError
from background_remover.parameters.picture_list import read_list
from background_remover.parameters.prompts import NO_PROMPTS, PicturePrompts

RED, BLUE = (255, 0, 0), (0, 0, 255)


@pytest.fixture
def unsure(tmp_path) -> Record:
    """A wide red picture whose cutout is blue on the left and clear on the right."""
    (tmp_path / "out" / "sub").mkdir(parents=True)
    source, target = tmp_path / "a.jpg", tmp_path / "out" / "sub" / "a.png"
    PillowImage.new("RGB", (400, 200), RED).save(source, quality=100)
    cutout = np.zeros((200, 400, 4), np.uint8)
    cutout[:, :200] = (*BLUE, 255)
    PillowImage.fromarray(cutout).save(target)
    return Record(str(source), str(target), "done", "bright", 0.5, confidence=0.5)


def only_sheet(records: list[Record]) -> PillowImage.Image:
    (sheet,) = review_sheets(records)
    return sheet


def test_pictures_stand_beside_their_cutouts(unsure):
    sheet = np.asarray(only_sheet([unsure])).astype(int)
    assert sheet.shape == (TILE + TEXT + 2 * GAP, COLUMNS * (2 * TILE + 2 * GAP), 3)
    middle = GAP + TILE // 2
    assert abs(sheet[middle, GAP + TILE // 2] - RED).max() < 5
    assert abs(sheet[middle, GAP + TILE + TILE // 4] - BLUE).max() < 5
    clear = sheet[middle - 40 : middle + 40, GAP + TILE + 140 : GAP + 2 * TILE - 20]
    assert set(clear.ravel()) == {204, 255}  # a chequerboard
    assert sheet[GAP + TILE :, : 2 * TILE].min() < 100  # words
    assert sheet[:, 2 * TILE + 2 * GAP :].min() == 255  # no second pair


def test_doubt_is_said_below_the_pair(unsure):
    said, silent = (np.asarray(only_sheet([dataclasses.replace(unsure, unsure=doubt)])) for doubt in (True, False))
    words = slice(GAP + TILE, None)
    assert np.array_equal(said[: words.start], silent[: words.start])
    assert np.count_nonzero(said[words] < 100) > np.count_nonzero(silent[words] < 100)


def test_what_cannot_be_read_any_more_leaves_its_place_white(unsure, tmp_path):
    gone = dataclasses.replace(unsure, source=str(tmp_path / "\u732b\udce4.jpg"), status="empty")
    sheet = np.asarray(only_sheet([gone]))
    assert sheet[: GAP + TILE].min() == 255


def test_a_long_name_is_cut(unsure, tmp_path):
    long = dataclasses.replace(unsure, source=str(tmp_path / f"{'a' * 200}.jpg"))
    sheet = np.asarray(only_sheet([long, unsure]))
    width = 2 * TILE + 2 * GAP
    assert sheet[GAP + TILE :, width - GAP : width + GAP].min() == 255


def test_a_review_is_complete(unsure, tmp_path):
    empty = dataclasses.replace(unsure, status="empty", confidence=0.25, source="b.jpg", target="out/none.png")
    many = [dataclasses.replace(unsure, source=f"c{number:02}.jpg") for number in range(COLUMNS * ROWS)]
    folder = tmp_path / "new" / "review"
    collect([*many, empty], tmp_path / "out", folder)
    assert (folder / LIST).read_text().splitlines() == ["b.jpg", *(record.source for record in many)]
    assert (folder / "sub" / "a.png").read_bytes() == Path(unsure.target).read_bytes()
    sheets = [folder / SHEET.format(number) for number in (1, 2)]
    assert sorted(path for path in folder.iterdir() if path.is_file()) == [*sheets, folder / LIST]
    heights = []
    for sheet in sheets:
        with PillowImage.open(sheet) as image:
            heights.append(image.height // (TILE + TEXT + 2 * GAP))
    assert heights == [ROWS, 1]


def test_a_picture_is_beside_each_of_its_subjects(unsure, tmp_path):
    target = Path(unsure.target)
    files = tuple(ResultFile(name, 1) for name in ("a-1.png", "a-2.png"))
    for file, colour in zip(files, (BLUE, RED), strict=True):
        PillowImage.new("RGB", (400, 200), colour).save(target.with_name(file.name))
    target.unlink()
    each = dataclasses.replace(unsure, files=files)
    sheet = np.asarray(only_sheet([each])).astype(int)
    for number, colour in enumerate((BLUE, RED)):
        left = number * (2 * TILE + 2 * GAP) + GAP
        assert abs(sheet[GAP + TILE // 2, left + TILE // 2] - RED).max() < 5
        assert abs(sheet[GAP + TILE // 2, left + TILE + TILE // 2] - colour).max() < 5
    collect([each], tmp_path / "out", tmp_path / "review")
    copies = sorted(path.name for path in (tmp_path / "review" / "sub").iterdir())
    assert copies == ["a-1.png", "a-2.png"]


def test_the_list_keeps_the_prompts_of_a_list(unsure, tmp_path):
    prompts = PicturePrompts(points="30%,55% 80%,60%", subjects="2")
    with_prompts = dataclasses.replace(unsure, source="b.jpg", **prompts.given())
    collect([unsure, with_prompts], tmp_path / "out", tmp_path / "review")
    listed = read_list((tmp_path / "review" / LIST).read_bytes())
    assert listed == [(unsure.source, NO_PROMPTS), ("b.jpg", prompts)]


def test_a_review_of_nothing_is_an_empty_list(tmp_path):
    collect([], tmp_path, tmp_path / "review")
    assert (tmp_path / "review" / LIST).read_text() == ""


def test_a_result_that_is_gone_is_told(unsure, tmp_path):
    Path(unsure.target).unlink()
    with pytest.raises(ImageError, match=r"a\.png: No such file or directory; choose another review folder"):
        collect([unsure], tmp_path / "out", tmp_path / "review")


def test_a_folder_with_anything_in_it_is_refused(tmp_path):
    check_folder(tmp_path / "none")
    (tmp_path / "empty").mkdir()
    check_folder(tmp_path / "empty")
    with pytest.raises(OptionError, match="not empty; choose another folder for the review"):
        check_folder(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(OptionError, match="a file, and the review needs a folder"):
        check_folder(tmp_path / "file")
    with pytest.raises(ImageError, match=r"look: .*file is a file, and no folder; choose another place"):
        check_folder(tmp_path / "file" / "look")
