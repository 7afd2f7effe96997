"""The header of a file: what it says, and that it is read once, whichever way a picture comes in."""

import io
import threading
from collections.abc import Callable
from pathlib import Path

import httpx
import numpy as np
import pytest
from PIL import Image as PillowImage
from PIL import ImageFile

from background_remover import Options, OutputOptions, Remover
from background_remover.cli.program import main
from background_remover.errors import ImageError, UnknownFormat
from background_remover.imaging import animation
from background_remover.imaging import file as file_module
from background_remover.imaging.codecs import png
from background_remover.imaging.file import File, begin, load
from background_remover.imaging.formats import BY_NAME, WRITTEN
from background_remover.imaging.reader import read
from background_remover.imaging.writer import Result, encode
from background_remover.pipeline.memory_estimate import memory as demanded
from background_remover.server.settings import ServerSettings
from tests.conftest import serving

PillowImage.init()


def film(kind: str, frames: int, **saving: object) -> bytes:
    first, *rest = [PillowImage.new("RGB", (20, 10), (80 * number, 9, 9)) for number in range(frames)]
    buffer = io.BytesIO()
    first.save(buffer, kind, save_all=True, append_images=rest, **saving)
    return buffer.getvalue()


@pytest.fixture
def opened(monkeypatch) -> list[str]:
    """Pillow's name of the format of each file that one of its readers opens, for as long as the test runs."""
    found: list[str] = []

    def counting(kind: str, factory: Callable[..., ImageFile.ImageFile]) -> Callable[..., ImageFile.ImageFile]:
        return lambda *arguments: found.append(kind) or factory(*arguments)

    for kind, (factory, accept) in list(PillowImage.OPEN.items()):
        monkeypatch.setitem(PillowImage.OPEN, kind, (counting(kind, factory), accept))
    return found


@pytest.mark.parametrize("known", WRITTEN, ids=lambda known: known.name)
@pytest.mark.parametrize("bits", [8, 16])
def test_the_header_says_what_was_written(known, bits):
    pixels = np.full((10, 20, 4 if known.alpha else 3), 200, np.uint8 if bits == 8 else np.uint16)
    pixels[:, :7] = 0
    header = File(encode(Result(pixels), OutputOptions(), known.name, "o"), "o").header
    assert (header.format, header.size, header.frames) == (known, (10, 20), 1)
    assert header.bit_depth == (bits if bits in known.bit_depths else 8)
    assert header.transparent == known.alpha


@pytest.mark.parametrize(
    ("data", "kind", "frames", "plays"),
    [
        (film("GIF", 3), "GIF", 3, 1),
        (film("GIF", 3, loop=0), "GIF", 3, 0),
        (film("GIF", 3, loop=4), "GIF", 3, 5),
        (film("WEBP", 3, loop=2), "WEBP", 3, 2),
        (film("PNG", 3, loop=2), "PNG", 3, 2),
        (film("PNG", 3, default_image=True), "PNG", 2, 0),
        (film("AVIF", 3), "AVIF", 3, 0),
        (film("TIFF", 3), "TIFF", 1, 0),
        (film("MPO", 3), "JPEG", 1, 0),
    ],
)
def test_frames_are_those_of_an_animation_and_no_pages(data, kind, frames, plays):
    header = File(data, "film").header
    assert (header.format, header.frames, header.plays) == (BY_NAME[kind], frames, plays)


def test_a_damaged_frame_is_found_with_the_header():
    with pytest.raises(ImageError, match=r"^film: truncated or damaged"):
        load(film("GIF", 2).removesuffix(b";") + b",\0\0", name="film")  # the third has a descriptor of two bytes


def test_files_are_compared_by_their_bytes_and_names_alone(photo_bytes):
    file, read = File(photo_bytes, "a"), File(photo_bytes, "a")
    assert read.header.size == (90, 120)
    assert file == read
    assert file != File(photo_bytes, "b")


def test_a_decoder_gets_the_whole_file_at_once():
    """Between pieces it would wait for Python's lock, which opening a network holds for long."""
    buffer = io.BytesIO()
    noise = np.random.default_rng(0).integers(0, 256, (300, 400, 3), dtype=np.uint8)
    PillowImage.fromarray(noise).save(buffer, "JPEG", quality=95)
    assert len(buffer.getvalue()) > ImageFile.MAXBLOCK
    assert File(buffer.getvalue(), "photo").open().decodermaxblock == len(buffer.getvalue())


def test_what_is_no_picture_has_no_header():
    with pytest.raises(UnknownFormat, match=r"^text: not a picture"):
        _ = File(b"text", "text").header
    with pytest.raises(ImageError, match=r"^half: truncated or damaged"):
        _ = File(film("PNG", 1)[:20], "half").header


# A header is read once, and a picture is opened once more to be decoded


@pytest.fixture
def photo_bytes(photo) -> bytes:
    return png.encode(photo)


@pytest.fixture(scope="module")
def remover(bright):
    return Remover(bright, threads=1)


@pytest.fixture
def photo_file(photo_bytes, tmp_path) -> Path:
    (tmp_path / "photo.png").write_bytes(photo_bytes)
    return tmp_path / "photo.png"


TWICE = ["PNG", "PNG"]


def test_the_command_opens_a_picture_for_its_header_and_to_decode_it(photo_file, bright, opened):
    assert main(["remove", str(photo_file), str(photo_file.with_name("o.png")), "--model", str(bright)]) == 0
    assert opened == TWICE


@pytest.mark.parametrize("kind", ["path", "bytes", "open file"])
def test_python_opens_a_picture_for_its_header_and_to_decode_it(photo_file, remover, kind, opened):
    with photo_file.open("rb") as stream:
        source = {"path": photo_file, "bytes": photo_file.read_bytes(), "open file": stream}[kind]
        remover.remove(source)
    assert opened == TWICE


@pytest.mark.parametrize(
    ("path", "field"), [("/remove", "image"), ("/api/remove", "file"), ("/v1.0/removebg", "image_file")]
)
def test_the_service_opens_a_picture_for_its_header_and_to_decode_it(photo_bytes, bright, path, field, opened):
    with serving(ServerSettings(str(bright), port=0)) as address:
        assert httpx.post(address + path, files={field: photo_bytes}, timeout=60).status_code == 200
    assert opened == TWICE


@pytest.mark.parametrize(
    ("path", "field", "beside"),
    [("/remove", "image", ("mask", "background")), ("/v1.0/removebg", "image_file", ("bg_image_file",))],
)
def test_the_service_opens_pictures_beside_it_as_often(photo_bytes, bright, path, field, beside, opened):
    mask_or_background = encode(Result(np.full((90, 120, 3), 250, np.uint8)), OutputOptions(), "TIFF", "o")
    files = {field: photo_bytes} | dict.fromkeys(beside, mask_or_background)
    with serving(ServerSettings(str(bright), port=0)) as address:
        assert httpx.post(address + path, files=files, timeout=60).status_code == 200
    assert opened.count("PNG") == 2
    assert opened.count("TIFF") == 2 * len(beside)


def test_all_questions_about_a_file_are_answered_by_one_header(opened):
    file = load(film("GIF", 3, loop=0))
    demanded(file, Options(), "GIF")
    assert (animation.count(file), animation.is_moving(file), animation.plays(file)) == (3, True, 0)
    assert opened == ["GIF"]
    assert len(list(animation.frames(file))) == 3
    assert opened == ["GIF", "GIF"]


def test_colours_of_16_bits_are_decoded_twice(remover, photo, opened):
    """Pillow's decoders give one byte of a level at a time."""
    remover.remove(png.encode(photo.astype(np.uint16) * np.uint16(257)))
    assert opened == ["PNG", *TWICE]


def noise(kind: str, mode: str = "RGB", **saving: object) -> bytes:
    buffer = io.BytesIO()
    PillowImage.effect_noise((48, 40), 90).convert(mode).save(buffer, kind, **saving)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "longest"),
    [
        (noise("JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"), 0),
        (noise("JPEG"), 20),
        (noise("JPEG", "CMYK"), 0),
        (noise("PNG", "LA"), 20),
        (noise("WEBP", "RGBA"), 0),
        (noise("TIFF"), 0),
        (png.encode(np.arange(48 * 40 * 3, dtype=np.uint16).reshape(40, 48, 3)), 0),
        (film("GIF", 3), 0),
    ],
    ids=["turned", "shrunk", "cmyk", "grey", "webp", "tiff", "16 bits", "animation"],
)
def test_a_file_that_a_thread_decodes_gives_the_picture_of_any_other_each_time(data, longest):
    file = load(data)
    begun, wanted = begin(file, longest=longest), read(file, longest=longest)
    first, second = read(begun, longest=longest), read(begun, longest=longest)
    for picture in (first, second):
        assert np.array_equal(picture.colours, wanted.colours)
        assert picture.metadata == wanted.metadata
    assert first.image is not second.image


def test_a_thread_decodes_the_first_frame_alone():
    file = load(film("GIF", 3))
    assert begin(file) is file
    assert np.array_equal(read(begin(file, frame=2), frame=2).image, read(file, frame=2).image)


def test_the_picture_is_decoded_once_by_the_thread_that_began(monkeypatch):
    threads = []
    monkeypatch.setattr(file_module, "_loaded", lambda image: threads.append(threading.current_thread()) or image)
    begun = begin(load(noise("JPEG")))
    image = begun.open()
    assert image is not begun.open()
    assert threads
    assert threading.main_thread() not in threads


def test_a_fault_that_a_thread_meets_is_raised_where_the_picture_is_asked_for():
    begun = begin(load(noise("PNG")[:400]))
    with pytest.raises(ImageError, match="truncated or damaged"):
        read(begun)
