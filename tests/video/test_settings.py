import pytest

from background_remover import OptionError, Options, VideoOptions
from background_remover.video.settings import check_choices, read_time


@pytest.mark.parametrize("text", ["0:60", "1:99.5", "1:60:00", "0:1:75"])
def test_sixty_behind_a_colon_is_refused(text):
    with pytest.raises(OptionError, match=r"^from is .* below 60$"):
        read_time("from", text)


def test_minutes_and_seconds_without_any_before_them_may_be_more():
    assert (read_time("to", "90"), read_time("to", "75:30")) == (90, 4530)


@pytest.mark.parametrize(
    ("text", "seconds"), [("0", 0), ("12.5", 12.5), ("1:02", 62), ("1:02:03.25", 3723.25), (" 90 ", 90)]
)
def test_a_time_is_read(text, seconds):
    assert read_time("from", text) == seconds


@pytest.mark.parametrize("text", ["", "-1", "1:2:3:4", "nan", "5s", "1e3", "٣"])
def test_another_text_is_refused_by_the_options_name(text):
    with pytest.raises(OptionError, match=r"^from is .*; give seconds or H:MM:SS"):
        read_time("from", text)


@pytest.mark.parametrize(
    "choices",
    [
        {"start": -1.0},
        {"end": float("nan")},
        {"start": float("inf")},
        {"start": 5.0, "end": 4.0},
        {"quality": 101},
        {"audio": 1},
        {"steady": "yes"},
        {"steady": True},
    ],
    ids=str,
)
def test_a_value_out_of_range_is_refused(choices):
    with pytest.raises(OptionError):
        VideoOptions(**choices)


@pytest.mark.parametrize(
    "options",
    [
        Options(mask="m.png"),
        Options(points="1,2"),
        Options(not_points="1,2"),
        Options(box="1,2,3,4"),
        Options(frame=2),
        Options(crop=True),
        Options(canvas="10x10"),
        Options(place="5,5"),
    ],
    ids=["mask", "points", "not_points", "box", "frame", "crop", "canvas", "place"],
)
def test_options_of_one_picture_are_refused_by_name(options, request):
    name = request.node.callspec.id
    with pytest.raises(OptionError, match=f"^{name} .*; leave it out$"):
        check_choices(options)


def test_other_options_are_taken():
    check_choices(Options(background="white", shadow=True, feather=1, longest=100, subjects="largest"))
