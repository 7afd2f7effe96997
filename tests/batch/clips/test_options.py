"""What a batch may ask of videos."""

from pathlib import Path

import pytest

from background_remover.batch.clips.options import ClipOptions, check_clip
from background_remover.errors import OptionError
from background_remover.options import Options
from background_remover.parameters.prompts import PicturePrompts
from background_remover.video.settings import VideoOptions

SOURCE, TARGET = Path("in/a.mp4"), Path("out/a.webm")


def test_they_are_those_of_the_command_for_one_video():
    assert ClipOptions().video_of() == VideoOptions()
    chosen = ClipOptions(video_format="mp4", video_quality=70, no_audio=True, steady="off")
    assert chosen.video_of() == VideoOptions(audio=False, steady="off", quality=70)
    assert chosen.suffix == ".mp4"
    assert ".mp4" in chosen.suffixes
    assert ClipOptions(video_format="none").suffixes == ()
    part = ClipOptions(part_start=1.5, part_end=3.0)
    assert part.video_of() == VideoOptions(1.5, 3.0)
    assert part.video_of(PicturePrompts(part_start="0")) == VideoOptions(0.0, 3.0)
    assert part.video_of(PicturePrompts(part_end="1:00:02.5")) == VideoOptions(1.5, 3602.5)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"video_format": "avi"}, "video-format is 'avi'; known: webm, mov, mp4, mkv, webp, gif, apng, none"),
        ({"video_quality": 101}, "video-quality is 101; give a number from 0 to 100"),
        ({"steady": "maybe"}, "steady is 'maybe'; known: on, off"),
        ({"part_start": 3.0, "part_end": 2.0}, "the part ends at 2 s and starts at 3 s; give a later end"),
    ],
)
def test_values_out_of_range_are_refused(given, message):
    with pytest.raises(OptionError, match=message):
        ClipOptions(**given)


@pytest.mark.parametrize(
    ("options", "target", "each", "reason"),
    [
        (Options(crop=True), TARGET, False, "crop follows the subject's box, which changes from frame to frame"),
        (Options(box="0,0,9,9"), TARGET, False, "box is of one picture, and a video has many"),
        (Options(), TARGET, True, "each writes a still for each subject"),
        (Options(), TARGET.with_suffix(".mp4"), False, "H.264 holds no transparency; add a background"),
        (Options(), TARGET.with_suffix(".mov"), False, "ProRes 4444 has no quality"),
    ],
)
def test_what_is_not_for_videos_is_refused_by_the_name_of_one(options, target, each, reason):
    with pytest.raises(OptionError) as refused:
        check_clip(SOURCE, target, options, ClipOptions(video_quality=50), each=each)
    assert str(refused.value).startswith(f"in/a.mp4: {reason}")
    assert str(refused.value).endswith("; or leave videos out by --video-format none")
    assert check_clip(SOURCE, TARGET, Options(shadow=True), ClipOptions(video_quality=50), each=False) is None
