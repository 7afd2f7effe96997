from pathlib import Path

import pytest

from background_remover import OptionError, Options
from background_remover.video.formats import ANIMATIONS, FORMATS, format_of


@pytest.mark.parametrize("suffix", [*FORMATS, *ANIMATIONS])
def test_the_suffix_in_any_case_names_the_format(suffix):
    opaque = Options(background="white")
    assert format_of(Path(f"a{suffix.upper()}"), opaque, 0) is {**FORMATS, **ANIMATIONS}[suffix]


def test_a_name_without_a_suffix_is_a_folder():
    assert format_of(Path("frames"), Options(), 0) is None


@pytest.mark.parametrize(
    ("name", "options", "quality", "message"),
    [
        ("a.avi", Options(), 0, r"^a\.avi: a video ends in \.webm, .*, not in '\.avi'"),
        ("a.mp4", Options(), 0, r"^a\.mp4: H\.264 holds no transparency; add a background"),
        ("a.mp4", Options(background="#ffffff80"), 0, "holds no transparency"),
        ("a.mov", Options(), 50, r"^a\.mov: ProRes 4444 has no quality; leave it out"),
        ("a.png", Options(), 0, r"^a\.png: a \.png is a still; write an \.apng, or name a folder"),
        ("a.jpg", Options(), 0, r"^a\.jpg: a video ends in .*\.webp, \.gif, \.apng, not in '\.jpg'"),
        ("a.gif", Options(), 50, r"^a\.gif: GIF has no quality; leave it out"),
        ("a.apng", Options(), 50, r"^a\.apng: APNG has no quality; leave it out"),
        ("frames", Options(), 50, "^frames: PNG has no quality"),
    ],
)
def test_what_a_format_cant_hold_is_refused(name, options, quality, message):
    with pytest.raises(OptionError, match=message):
        format_of(Path(name), options, quality)


def test_a_mask_needs_no_transparency():
    assert format_of(Path("a.mp4"), Options(only_mask=True), 0) is FORMATS[".mp4"]


def test_a_better_quality_is_a_lower_rate_factor():
    for form in (FORMATS[".webm"], FORMATS[".mp4"]):
        factors = [form.crf_of(quality) for quality in (1, 50, 99, 100)]
        assert factors == sorted(factors, reverse=True)
        assert factors[-1] == 0
        assert form.crf_of(0) == form.crf
