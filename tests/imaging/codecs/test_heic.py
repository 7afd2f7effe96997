import io
import sys

import numpy as np
import pytest
from PIL import Image as PillowImage

from background_remover.errors import ImageError
from background_remover.imaging.codecs.heic import is_heic
from background_remover.imaging.reader import decode
from tests.conftest import wide_profile

HEADER = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(8)  # all that is read where there is no library


@pytest.mark.parametrize(
    ("prefix", "wanted"),
    [
        (HEADER, True),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", True),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1avif", False),
        (b"\0\0\0\x18ftypavif\0\0\0\0avifmif1heic", False),  # beyond the box that tells the brands
        (b"\xff\xd8\xff\xe0", False),
        (b"", False),
    ],
)
def test_the_brands_say_what_it_is(prefix, wanted):
    assert is_heic(prefix) == wanted


def test_without_the_library_the_error_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(
        ImageError, match=r"^photo: a HEIC .* needs pillow-heif; pip install 'background-remover\[heic\]'$"
    ):
        decode(HEADER, name="photo")


def heic_of(image: PillowImage.Image, **saving: object) -> bytes:
    library = pytest.importorskip("pillow_heif")
    buffer = io.BytesIO()
    library.from_pillow(image).save(buffer, quality=95, **saving)
    return buffer.getvalue()


@pytest.mark.parametrize("orientation", [1, 3, 6])
def test_a_picture_is_read_upright_with_its_metadata(orientation):
    quarters = np.uint8([[[220, 30, 30], [30, 220, 30]], [[30, 30, 220], [200, 200, 200]]])
    scene = quarters.repeat(32, axis=0).repeat(48, axis=1)
    stored = {1: scene, 3: scene[::-1, ::-1], 6: np.rot90(scene)}[orientation]
    exif = PillowImage.Exif()
    exif[0x0112], exif[0x013B] = orientation, "Ada"
    image = PillowImage.fromarray(np.ascontiguousarray(stored))
    picture = decode(heic_of(image, exif=exif.tobytes(), icc_profile=wide_profile()))
    assert picture.colours.shape == scene.shape
    assert np.abs(picture.colours.astype(int) - scene).mean() < 6
    assert picture.metadata.icc == wide_profile()
    found = PillowImage.Exif()
    found.load(picture.metadata.exif)
    assert (found.get(0x0112, 1), found[0x013B]) == (1, "Ada")


def test_damaged_bytes_are_refused():
    data = heic_of(PillowImage.new("RGB", (64, 64), "red"))
    for share in (0.3, 0.9):
        with pytest.raises(ImageError, match=r"^photo: truncated or damaged"):
            decode(data[: int(share * len(data))], name="photo")
