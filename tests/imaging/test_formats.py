"""The table of formats, against Pillow, against the files that are written, and against the docs."""

import io
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image as PillowImage

from background_remover.cli.remove import remove
from background_remover.errors import OptionError
from background_remover.imaging.formats import BY_NAME, FORMATS, SUFFIXES, WRITABLE, WRITTEN, Format
from background_remover.imaging.metadata import Metadata
from background_remover.imaging.output_options import OutputOptions, kind_of
from background_remover.imaging.reader import decode
from background_remover.imaging.writer import Result, encode
from background_remover.server.responses import TYPES
from tests.conftest import wide_profile

PAGE = (Path(__file__).parents[2] / "docs" / "files.md").read_text(encoding="utf-8")
HEADER = "| format | read from |"
PillowImage.init()
formats = pytest.mark.parametrize("known", WRITTEN, ids=lambda known: known.name)


def row(known: Format) -> list[str]:
    """What the page says of a format."""
    yes_no = {True: "yes", False: "-"}
    return [
        known.label,
        " ".join(f"`{suffix}`" for suffix in known.suffixes),
        " ".join(f"`{suffix}`" for suffix in known.written) or "-",
        f"`{known.media_type}`",
        yes_no[known.alpha],
        "-" if known.frames == "one" else known.frames,
        ", ".join(map(str, known.bit_depths)) if known.written else "-",
        str(known.quality or "-") + (", or lossless" if known.lossless else ""),
        yes_no[known.profile],
        yes_no[known.exif],
        {"header": "yes", "exif": "in EXIF", "none": "-"}[known.resolution],
        f"{known.longest:,}" if known.longest else "-",
    ]


def test_the_page_shows_the_table():
    _, _, after = PAGE.partition(HEADER)
    shown = [line for line in after.split("\n\n", 1)[0].splitlines()[2:] if line]
    wanted = [f"| {' | '.join(row(known))} |" for known in FORMATS]
    assert shown == wanted, "\n".join(["docs/files.md has to show:", *wanted])


def test_the_page_says_of_every_format_which_pixels_are_read():
    _, _, after = PAGE.partition("| | read | written |\n")
    named = [line.split("|")[1].strip() for line in after.split("\n\n", 1)[0].splitlines()[1:]]
    assert sorted(named) == sorted(known.label for known in FORMATS)


def test_no_suffix_or_name_is_that_of_two_formats():
    assert not [suffix for suffix, count in Counter(SUFFIXES).items() if count > 1]
    assert len(BY_NAME) == sum(1 + len(known.aliases) for known in FORMATS)
    assert all(set(known.written) <= set(known.suffixes) for known in FORMATS)


@formats
def test_pillow_knows_the_format_by_this_name_and_media_type(known):
    assert known.name in PillowImage.OPEN
    assert PillowImage.MIME[known.name] == known.media_type == TYPES[known.name]


def test_the_help_of_remove_names_every_suffix_that_is_written():
    text = CliRunner().invoke(remove, ["--help"]).output
    assert not [suffix for suffix in WRITABLE if suffix not in text]


def written(known: Format, pixels: np.ndarray, metadata: Metadata | None = None) -> bytes:
    return encode(Result(pixels, metadata or Metadata()), OutputOptions(), known.name, "o")


@formats
def test_as_many_bits_are_written_as_the_table_says(known):
    levels = np.full((8, 9, 3), 12_345, np.uint16)
    picture = decode(written(known, levels))
    assert ({16: np.uint16, 8: np.uint8}[max(known.bit_depths)]) == picture.colours.dtype


@formats
def test_an_alpha_comes_back_where_the_table_says_so(known):
    pixels = np.full((16, 16, 4), 200, np.uint8)
    pixels[:, :8] = 0
    if known.alpha:
        assert decode(written(known, pixels)).opacity is not None
    else:
        with pytest.raises(OptionError, match="a picture with transparency ends in"):
            kind_of(None, OutputOptions(format=known.written[0][1:]))


@formats
def test_profile_and_metadata_are_written_where_the_table_says_so(known):
    told = Metadata(wide_profile(), xmp=b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>", dpi=(200.0, 200.0))
    data = written(known, np.full((8, 9, 3), 99, np.uint8), told)
    with PillowImage.open(io.BytesIO(data)) as image:
        assert bool(image.info.get("icc_profile")) == known.profile
    found = decode(data).metadata
    assert bool(found.xmp) == known.exif
    assert (found.dpi is not None) == (known.resolution != "none")
    assert (b"\x1a\x01" in found.exif) == (known.resolution == "exif")


@formats
def test_a_quality_is_taken_where_the_table_says_so(known):
    assert ("quality" in OutputOptions().pillow(known.name)) == (known.quality > 0)
