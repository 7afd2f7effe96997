"""Files that lack their end, cut off at every length: what is taken has its rows."""

import io

import numpy as np
import pytest
from PIL import Image as PillowImage

from background_remover.imaging.codecs.truncation import completed, is_missing

NOISE = np.random.default_rng(7).integers(0, 255, (120, 80, 3), np.uint8)


def file_of(kind: str, **saving: object) -> bytes:
    buffer = io.BytesIO()
    PillowImage.fromarray(NOISE).save(buffer, kind, **saving)
    return buffer.getvalue()


def pixels(data: bytes) -> np.ndarray:
    return np.asarray(PillowImage.open(io.BytesIO(data))).astype(int)


@pytest.mark.parametrize(
    ("kind", "saving"),
    [
        ("JPEG", {"quality": 95, "subsampling": 0}),
        ("JPEG", {"quality": 70}),
        ("JPEG", {"quality": 85, "progressive": True}),
        ("JPEG", {"restart_marker_rows": 1}),
        ("BMP", {}),
    ],
)
def test_what_is_taken_has_all_but_its_last_rows(kind, saving):
    whole = file_of(kind, **saving)
    taken = []
    for end in range(len(whole) - 1, len(whole) // 8, -len(whole) // 60):
        data = completed(whole[:end], PillowImage.open, kind)
        taken.append(data is not None)
        if data is not None:
            wrong = np.any(pixels(data) != pixels(whole), axis=(1, 2))
            assert wrong.sum() <= 18, end
    assert taken[0]
    assert not taken[-1]
    assert taken == sorted(taken, reverse=True)  # the less there is


def test_where_an_end_does_not_help_there_is_none():
    for kind in ("PNG", "WEBP", "AVIF", "GIF", None):
        assert completed(b"anything", PillowImage.open, kind) is None
    assert completed(file_of("JPEG")[:300], PillowImage.open, "JPEG") is None
    assert completed(file_of("TIFF", compression="tiff_lzw")[:-9], PillowImage.open, "TIFF") is None


@pytest.mark.parametrize("kind", ["PNG", "GIF"])
def test_an_end_is_missing_only_where_it_is(kind):
    whole = file_of(kind)
    assert not is_missing(whole, kind)
    assert not is_missing(whole + bytes(9), kind)
    assert is_missing(whole[: -12 if kind == "PNG" else -1], kind)
    assert not is_missing(b"", "JPEG")
