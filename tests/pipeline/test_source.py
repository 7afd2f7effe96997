import contextlib
import io
import os
import threading
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image as PillowImage

from background_remover.errors import ImageError, TooLarge, UnknownFormat
from background_remover.imaging.file import File, load
from background_remover.imaging.picture import Picture
from background_remover.pipeline.source import opened
from background_remover.runtime import streams
from tests.conftest import png

LIMIT = 250.0


@pytest.fixture
def data(photo) -> bytes:
    return png(photo)


@pytest.fixture
def path(data, tmp_path) -> Path:
    (tmp_path / "photo.png").write_bytes(data)
    return tmp_path / "photo.png"


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview, io.BytesIO])
def test_the_bytes_of_a_file_are_taken_in_every_shape(data, kind):
    assert opened(kind(data), max_megapixels=LIMIT).data == data


def test_paths_and_open_files_are_called_by_their_names(path, data):
    for source in (path, str(path)):
        assert opened(source, max_megapixels=LIMIT) == File(data, str(path))
    with path.open("rb") as stream:
        assert opened(stream, max_megapixels=LIMIT) == File(data, str(path))
    assert opened(io.BytesIO(data), max_megapixels=LIMIT).name == "the given file"


def test_of_an_open_file_what_is_left_is_taken(data):
    stream = io.BytesIO(b"head" + data)
    stream.seek(4)
    assert opened(stream, max_megapixels=LIMIT).data == data


def test_what_is_opened_already_stays_itself(photo, data):
    for source in (Picture(photo), load(data)):
        assert opened(source, max_megapixels=LIMIT) is source


def test_arrays_tensors_and_pillow_images_are_pictures_at_once(photo):
    for source in (photo, torch.from_numpy(photo), PillowImage.fromarray(photo), photo / np.float32(255)):
        assert np.array_equal(opened(source, max_megapixels=LIMIT).image, photo)


def closed() -> io.BytesIO:
    stream = io.BytesIO(b"data")
    stream.close()
    return stream


class Odd:
    def read(self) -> int:
        return 3


class Endless:
    """A device without an end, which is no file of Python's own."""

    def read(self, size: int) -> bytes:
        return bytes(size)


class Whole:
    """What gives all that it has, and takes no number of bytes."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def read(self) -> bytes:
        return self._data


class Slow(Whole):
    """What gives less than it is asked for."""

    def read(self, size: int = -1, /) -> bytes:
        piece, self._data = self._data[: min(size, 7)], self._data[min(size, 7) :]
        return piece


@pytest.mark.parametrize("kind", [Whole, Slow])
def test_whatever_is_read_as_a_file_is_read_to_its_end(data, kind):
    assert opened(kind(data), max_megapixels=LIMIT).data == data


@pytest.mark.parametrize("source", [Endless(), Whole(bytes(3_000_000)), io.BytesIO(bytes(3_000_000))])
def test_whatever_is_read_as_a_file_is_read_up_to_the_limit_of_bytes(source, monkeypatch):
    monkeypatch.setattr(streams, "LONGEST", 2_000_000)
    with pytest.raises(ImageError, match="the given file: does not end within 2,000,000 bytes; save it as a file"):
        opened(source, max_megapixels=LIMIT)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no named pipes")
def test_a_pipe_is_read_up_to_the_limit_of_bytes(tmp_path, monkeypatch):
    monkeypatch.setattr(streams, "LONGEST", 2_000_000)
    os.mkfifo(tmp_path / "pipe")

    def fill() -> None:
        with contextlib.suppress(BrokenPipeError):
            (tmp_path / "pipe").write_bytes(bytes(4_000_000))

    writer = threading.Thread(target=fill)
    writer.start()
    with pytest.raises(ImageError, match="does not end within 2,000,000 bytes"):
        opened(tmp_path / "pipe", max_megapixels=LIMIT)
    writer.join(10)
    assert not writer.is_alive()


@pytest.mark.parametrize(
    ("source", "error", "message"),
    [
        (io.BytesIO(), ImageError, "the given file: nothing is left to be read; go back to its beginning, by seek"),
        (io.StringIO("text"), ImageError, "the given file: opened as text; open it as bytes, by mode 'rb'"),
        (Odd(), ImageError, "the given file: gives int to be read; open it as bytes"),
        (closed(), ImageError, r"the given file: can't be read \(I/O operation on closed file\.?\); open it again"),
        (b"text", UnknownFormat, "not a picture of a known format"),
        (bytearray(), ImageError, "empty"),
        ("a\0b.png", ImageError, r"'a\\x00b.png': not the path of a file"),
        (torch.zeros(3, 40, 50), ImageError, r"its channels come first; give array\.transpose\(1, 2, 0\)"),
        (
            torch.zeros(4, 4, 3, requires_grad=True),
            ImageError,
            "a Tensor that makes no array .*; give an array of NumPy",
        ),
        (
            None,
            TypeError,
            "a picture is a path, the bytes of a file, an open file, a Pillow image or an array, not Non",
        ),
        ({"image": b""}, TypeError, "not dict"),
    ],
)
def test_what_is_no_picture_is_refused_in_words(source, error, message):
    with pytest.raises(error, match=message):
        opened(source, max_megapixels=LIMIT)


def test_the_limit_holds_for_all_that_is_a_file(data, path):
    with PillowImage.open(path) as image:
        for source in (data, bytearray(data), io.BytesIO(data), path, image):
            with pytest.raises(TooLarge, match="the limit is"):
                opened(source, max_megapixels=0.01)
