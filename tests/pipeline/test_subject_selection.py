import json

import numpy as np
import pytest
from PIL import Image as PillowImage

from background_remover.arrays.box import Box
from background_remover.cli.program import main
from background_remover.errors import NoSubject, OptionError
from background_remover.options import Options
from background_remover.pipeline.session import Session
from background_remover.pipeline.subject_selection import keep_largest, prompts_of, select
from background_remover.remover import Remover, remove_batch
from background_remover.segmentation.device import CPU


@pytest.fixture
def discs():
    """A white disc of radius 35 and one of 20, on a dark ground: (120, 240, 3)."""
    rows, columns = np.mgrid[:120, :240]
    inside = (rows - 60) ** 2 + (columns - 60) ** 2 < 35**2
    inside |= (rows - 60) ** 2 + (columns - 190) ** 2 < 20**2
    return np.where(inside[..., None], np.uint8([250, 240, 230]), np.uint8([20, 30, 40]))


def test_lengths_become_pixels_of_the_picture():
    options = Options(points="10,20 50%,50%", not_points=(("100%", "0%"),), box=("25%", 10, "50%", 30))
    prompts = prompts_of(options, (100, 200))
    assert prompts.points == ((20, 10), (50, 100))
    assert prompts.not_points == ((0, 199),)
    assert prompts.box == Box(10, 50, 40, 150)


def test_a_box_ends_with_the_picture_and_must_be_in_it():
    assert prompts_of(Options(box="5,5,999,999"), (10, 20)).box == Box(5, 5, 10, 20)
    with pytest.raises(OptionError, match="box is '30,5,9,9', which isn't in the picture of 20x10; give one that is"):
        prompts_of(Options(box="30,5,9,9"), (10, 20))


@pytest.mark.parametrize("name", ["points", "not_points"])
def test_points_may_be_given_in_many_ways(name):
    for value in ([(120, 80)], ((120, 80),), (120, 80), ["120,80"], "120,80", " 120,80\n"):
        assert getattr(Options(**{name: value}), name) == "120,80"
    assert getattr(Options(**{name: [(1, 2), ("3%", "4%")]}), name) == "1,2 3%,4%"


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"points": "120"}, "points is '120'; give how far right and how far down, as in 120,80 or 40%,50%"),
        ({"not_points": "-1,5"}, "not_points is '-1,5'; give how far right"),
        ({"points": 5}, "points is 5; give points, as in"),
        ({"box": "1,2,3"}, "box is '1,2,3'; give where it begins, its width and its height"),
        ({"box": "1,2,0,3"}, "box is '1,2,0,3'; give"),
        ({"box": 5}, "box is 5; give where it begins"),
        ({"subjects": "0"}, "subjects is '0'; give all, largest, or a number from 1"),
        ({"subjects": "two"}, "subjects is 'two'; give all"),
        ({"mask": "m.png", "box": "1,2,3,4"}, "mask says already what the subject is"),
    ],
)
def test_what_chooses_nothing_is_refused(options, says):
    with pytest.raises(OptionError) as caught:
        Options(**options)
    assert str(caught.value).startswith(says)


def test_the_largest_subjects_are_kept(bright, discs):
    session = Session(bright, threads=1, device=CPU)
    one = select(discs, session, Options(subjects="largest"))
    assert one[:, : one.shape[1] // 2].max() > 0.9
    assert not (one[:, one.shape[1] * 3 // 5 :] > 0.5).any()
    both = session.network.coarse(discs)
    assert np.array_equal(select(discs, session, Options(subjects="2")), both)
    assert np.array_equal(keep_largest(both, None), both)


@pytest.mark.parametrize(
    ("options", "left", "right"),
    [
        (Options(points="190,60"), False, True),
        (Options(points="25%,50%"), True, False),
        (Options(points="60,60 190,60"), True, True),
        (Options(box="165,35,50,50"), False, True),
        (Options(subjects="largest"), True, False),
        (Options(points="60,60", not_points="60,5"), True, False),
    ],
)
def test_the_cutout_is_of_what_was_chosen(bright, discs, options, left, right):
    alpha = Remover(bright).alpha(discs, options)
    assert alpha.shape == (120, 240)
    assert alpha[60, 60] == pytest.approx(float(left), abs=0.05)
    assert alpha[60, 190] == pytest.approx(float(right), abs=0.05)
    assert alpha[5, 5] == pytest.approx(0, abs=0.05)


def test_each_subject_has_its_own_cutout(bright, discs):
    large, small = Remover(bright).cut_each(discs)
    assert large[1].alpha[60, 60] > 0.9 > 0.1 > large[1].alpha[60, 190]
    assert small[1].alpha[60, 190] > 0.9 > 0.1 > small[1].alpha[60, 60]
    box = small[0].box
    assert abs(box.left - 170) <= 4
    assert abs(box.right - 210) <= 4


def test_each_subject_of_many_pictures_has_its_own_cutout(bright, discs):
    remover, options = Remover(bright), Options(crop=True)
    empty = np.full_like(discs, 40)
    first, none, last = remover.remove_batch([discs, empty, discs[:, :130]], options, each=True)
    wanted = [cut.encode() for _, cut in remover.cut_each(discs, options)]
    assert [cut.encode() for cut in first.cuts] == wanted
    assert first.cut is first.cuts[0]
    assert isinstance(none.error, NoSubject)
    with pytest.raises(NoSubject, match="no subject found"):
        _ = none.cuts
    assert len(last.cuts) == 1
    (shared,) = remove_batch([discs], options, model=bright, each=True)
    assert [cut.encode() for cut in shared.cuts] == wanted
    (whole,) = remover.remove_batch([discs], options)
    assert len(whole.cuts) == 1


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"allow_empty": True}, "each makes a cutout of each subject, so none without one; leave allow_empty out"),
        ({"keep_shadow": True}, "each cuts subjects out by the network, without shadows; leave keep_shadow out"),
        ({"ground": "plain"}, "the network separates subjects; leave ground and remove_colour out"),
    ],
)
def test_options_that_leave_no_cutout_for_each_are_refused_before_any_work(bright, discs, options, says):
    with pytest.raises(OptionError) as caught:
        Remover(bright).remove_batch([discs], Options(**options), each=True)
    assert str(caught.value) == says


def test_flags_are_repeated_on_the_command_line(tmp_path, bright, discs):
    source, target = tmp_path / "in.png", tmp_path / "out.png"
    PillowImage.fromarray(discs).save(source)
    line = ["remove", str(source), str(target), "--model", str(bright), "--point", "60,60", "--point", "190,60"]
    assert main([*line, "--not-point", "120,60"]) == 0
    with PillowImage.open(target) as cut:
        alpha = np.asarray(cut)[..., 3]
    assert alpha[60, 60] == alpha[60, 190] == 255
    assert alpha[60, 120] == 0


def test_the_command_tells_draws_and_cuts_each_subject(tmp_path, bright, discs, capsys):
    source, sheet = tmp_path / "in.png", tmp_path / "sheet.png"
    PillowImage.fromarray(discs).save(source)
    line = ["subjects", str(source), "--model", str(bright), "--sheet", str(sheet), "--each", str(tmp_path / "of.png")]
    assert main(line) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["width"], told["height"]) == (240, 120)
    assert [subject["number"] for subject in told["subjects"]] == [1, 2]
    left, top, width, height = told["subjects"][1]["box"]
    assert np.allclose([left, top, width, height], [170, 40, 40, 40], atol=6)
    assert told["subjects"][0]["area"] == pytest.approx(np.pi * 35**2 / (120 * 240), rel=0.1)
    with PillowImage.open(sheet) as drawn, PillowImage.open(tmp_path / "of-2.png") as second:
        assert drawn.size == (480, 240)
        assert np.asarray(second)[60, 190, 3] == 255


def test_without_a_subject_the_list_is_empty(tmp_path, bright, capsys):
    PillowImage.new("RGB", (40, 30)).save(tmp_path / "in.png")
    assert main(["subjects", str(tmp_path / "in.png"), "--model", str(bright)]) == 0
    assert json.loads(capsys.readouterr().out)["subjects"] == []
