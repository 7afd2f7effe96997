import io
from dataclasses import fields
from pathlib import Path

import pytest
from PIL import Image as PillowImage

from background_remover.errors import ImageError, OptionError
from background_remover.imaging.formats import BY_NAME, FORMATS, WRITABLE, WRITTEN
from background_remover.imaging.output_options import OutputOptions, check_size, check_target, kind_of

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("suffix", WRITABLE)
def test_the_suffix_decides(suffix):
    for name in (f"o{suffix}", f"o.old{suffix.upper()}"):
        assert kind_of(Path(name), OutputOptions(), transparent=False) == WRITABLE[suffix]
    assert kind_of(None, OutputOptions(format=suffix[1:]), transparent=False) == WRITABLE[suffix]
    assert kind_of(Path("without"), OutputOptions(format=suffix[1:]), transparent=False) == WRITABLE[suffix]


def test_standard_output_gets_a_png():
    assert kind_of(None, OutputOptions()) == "PNG"


@pytest.mark.parametrize(
    ("path", "format", "transparent", "moving", "message"),
    [
        ("o.png", "webp", True, False, r"^o\.png: its name says PNG and format says WEBP; leave format out, or rename"),
        ("o.jpg", "", True, False, r"^o\.jpg: a picture with transparency ends in .*\.gif, not in '\.jpg'$"),
        ("o.pdf", "", False, False, r"^o\.pdf: a picture ends in .*\.jpeg or \.bmp, not in '\.pdf'$"),
        ("o", "", False, False, r"^o: a picture ends in .* not in ''$"),
        (None, "jpg", True, False, r"^format jpg: a picture with transparency ends in .* not in '\.jpg'$"),
        (
            "o.tif",
            "",
            True,
            True,
            r"^o\.tif: TIFF holds no animation; write a \.gif, \.webp or \.png, or take frame=1",
        ),
        (None, "avif", True, True, r"^format avif: AVIF holds no animation"),
    ],
)
def test_what_cannot_be_is_refused(path, format, transparent, moving, message):  # noqa: A002
    with pytest.raises(OptionError, match=message):
        kind_of(path and Path(path), OutputOptions(format=format), transparent=transparent, moving=moving)


@pytest.mark.parametrize("kind", [one.name for one in FORMATS if one.frames == "read and written"])
def test_these_may_move(kind):
    (suffix,) = (suffix for suffix, one in WRITABLE.items() if one == kind)
    assert kind_of(Path(f"o{suffix}"), OutputOptions(), moving=True) == kind


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("format", "jxl", "format is 'jxl'; known: png, webp, tif, tiff, avif, gif, jpg, jpeg, bmp"),
        ("quality", 101, "quality is 101; give a number from 1 to 100, or 0 for the format's own"),
        ("quality", -1, "quality is -1"),
        ("compress", "best", "compress is 'best'; known: fast, small"),
        ("dpi", 10_001, "dpi is 10001; give a number from 1 to 10000, or 0 for the picture's own"),
    ],
)
def test_a_refusal_says_what_was_given_and_what_is_wanted(option, value, message):
    with pytest.raises(OptionError) as error:
        OutputOptions(**{option: value})
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("saving", "kind", "message"),
    [
        (OutputOptions(quality=50), "PNG", "PNG has no quality; leave it out"),
        (OutputOptions(quality=50, lossless=True), "WEBP", "WEBP without loss has no quality; leave it out"),
        (OutputOptions(lossless=True), "JPEG", "JPEG always loses a little; leave lossless out"),
        (OutputOptions(lossless=True), "AVIF", "AVIF always loses a little"),
        (OutputOptions(dpi=300), "GIF", "GIF holds no resolution; leave dpi out"),
    ],
)
def test_settings_that_a_format_lacks_are_refused(saving, kind, message):
    with pytest.raises(OptionError, match=message):
        saving.pillow(kind)


def test_a_resolution_is_not_stripped():
    with pytest.raises(OptionError, match="strip writes no resolution; leave dpi or strip out"):
        OutputOptions(dpi=300, strip=True)


def test_qualities():
    assert OutputOptions().pillow("JPEG") == {"quality": 95}
    assert OutputOptions(quality=30).pillow("AVIF") == {"quality": 30}
    assert OutputOptions(lossless=True).pillow("PNG") == OutputOptions().pillow("PNG") == {}


def test_a_target_that_is_no_place_for_a_file_is_refused(tmp_path):
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(ImageError, match=r"folder\.png: a folder, and what is written is a file; name one in it"):
        check_target(tmp_path / "folder.png")
    with pytest.raises(ImageError, match=r"there is no folder .*none; make it first"):
        check_target(tmp_path / "none" / "cutout.png")
    check_target(tmp_path / "cutout.png")
    check_target(tmp_path / "mask.jpg", transparent=False)


def test_every_option_is_documented():
    text = "\n".join(page.read_text(encoding="utf-8") for page in (ROOT / "docs").glob("*.md"))
    assert not [field.name for field in fields(OutputOptions) if f"--{field.name}" not in text]


@pytest.mark.parametrize("kind", [one.name for one in FORMATS if one.longest])
@pytest.mark.parametrize("upright", [False, True])
def test_the_longest_side_of_a_format_is_what_it_holds(kind, upright):
    """One pixel more is refused in our words; that many are written by Pillow."""
    longest = BY_NAME[kind].longest
    size = (longest, 2) if upright else (2, longest)
    check_size(size, kind, "o")
    PillowImage.new("L" if kind == "GIF" else "RGB", size[::-1]).save(io.BytesIO(), kind)
    with pytest.raises(
        ImageError, match=rf"^canvas: {kind} holds at most {longest} pixels a side, not {longest + 1}x2; "
    ):
        check_size((2, longest + 1), kind, "canvas")


def test_other_formats_have_no_such_limit():
    for written in WRITTEN:
        if written.longest is None:
            check_size((2, 10**6), written.name, "o")
