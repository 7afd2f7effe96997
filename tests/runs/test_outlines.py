"""An outline becomes the mask it says, a refined edge goes to the colours' edge, and held-out pictures are refused."""

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image as PillowImage

import outlines
from background_remover.errors import OptionError
from background_remover.evaluation.datasets import find_pairs, find_pictures, read_names, read_truth

SQUARE = "25,25 75,25 75,75 25,75"


@pytest.fixture
def data(tmp_path):
    """A folder whose backgrounds hold a bright square from 25 to 75 per cent of 80 pixels; two are held out."""
    rng = np.random.default_rng(0)
    (tmp_path / "backgrounds" / "some").mkdir(parents=True)
    for number in range(12):
        image = rng.integers(0, 60, (80, 80, 3), dtype=np.uint8)
        image[20:60, 20:60] += 180
        PillowImage.fromarray(image).save(tmp_path / "backgrounds" / "some" / f"{number}.png")
    return tmp_path


def listed(folder, *lines):
    file = folder / "list.txt"
    file.write_text("# a comment\n" + "\n".join(lines))
    return outlines.read_outlines(file)


def test_polygons_are_filled_in_order_and_a_hole_is_cut_out(tmp_path):
    (outline,) = listed(tmp_path, f"a.png drawn 0,0 50,0 50,100 0,100; - {SQUARE}; 45,45 55,45 55,55 45,55")
    y, x = np.mgrid[:100, :200]
    wanted = (x < 100) & ~((x > 50) & (x < 150) & (y > 25) & (y < 75)) | (abs(x - 100) < 10) & (abs(y - 50) < 5)
    assert (outlines.filled(outline, (100, 200)) != wanted).mean() < 0.02  # the edges' own pixels


def test_a_refined_edge_goes_to_the_colours_and_a_drawn_one_stays(data):
    loose = "23,23 77,24 76,77 24,76"
    names = [path.name for path in find_pictures(data / "backgrounds", "train")]
    outlines.write(
        listed(data, f"{names[0]} refined {loose}", f"{names[1]} drawn {loose}"), data / "backgrounds", data / "out"
    )
    truth = np.zeros((80, 80), dtype=bool)
    truth[20:60, 20:60] = True
    wrong = {}
    for pair in find_pairs(data / "out"):
        assert pair.image.read_bytes() == (data / "backgrounds" / "some" / pair.image.name).read_bytes()
        wrong[pair.image.name] = ((read_truth(pair)[0] > 0.5) != truth).sum()
    assert wrong[names[0]] == 0
    assert wrong[names[1]] > 100


def test_a_picture_that_is_held_out_is_refused_before_anything_is_written(data):
    (name, _) = (path.name for path in find_pictures(data / "backgrounds", "validation"))
    with pytest.raises(OptionError, match=f"{name}: not in the training part"):
        outlines.write(listed(data, f"{name} drawn {SQUARE}"), data / "backgrounds", data / "out")
    assert not (data / "out").exists()


@pytest.mark.parametrize(
    "line", ["a.png", "a.png drawn", f"a.png guessed {SQUARE}", "a.png drawn 1,1 2,2", "a.png drawn 1,1 2,2 3"]
)
def test_a_line_of_another_form_is_named(tmp_path, line):
    with pytest.raises(OptionError, match=r"list\.txt, line 2: .*wanted NAME drawn\|refined"):
        listed(tmp_path, line)


def test_a_corner_beyond_the_picture_is_refused(tmp_path):
    with pytest.raises(OptionError, match="beyond the picture"):
        listed(tmp_path, "a.png drawn 1,1 2,2 3,101")


def test_the_list_outlines_each_picture_once_and_none_that_trains_as_a_picture_without_a_subject():
    names = [outline.name for outline in outlines.read_outlines(outlines.LIST)]
    assert len(set(names)) == len(names)
    assert set(names) <= read_names(outlines.LIST.with_name("behind-only.txt"))


def test_the_command_says_what_is_wrong_on_one_line(data):
    done = CliRunner().invoke(outlines.main, [str(data), str(Path(data, "out"))])
    assert done.exit_code == 1
    assert "take its line out of the list" in done.output
