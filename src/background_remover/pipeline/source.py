"""`Source`: whatever may be given as a picture, and what is in it: a file yet to be decoded, or pixels."""

import inspect
import io
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

from background_remover.errors import ImageError, NoPicture, one_line
from background_remover.imaging.file import File, load
from background_remover.imaging.picture import Picture, of_array, shrunk
from background_remover.imaging.reader import decode, from_pillow, read
from background_remover.options import Options
from background_remover.runtime.streams import read_all


@runtime_checkable
class Readable(Protocol):
    """An open file of bytes, or whatever else is read as one."""

    def read(self) -> bytes:
        """Return everything that is left."""


@runtime_checkable
class ArrayLike(Protocol):
    """What NumPy makes an array of: one of its own, or a tensor of PyTorch, TensorFlow or JAX."""

    def __array__(self) -> NDArray[Any]:
        """Return it as an array."""


Source: TypeAlias = (
    str
    | os.PathLike[str]
    | bytes
    | bytearray
    | memoryview
    | Readable
    | PillowImage.Image
    | NDArray[Any]
    | ArrayLike
    | File
    | Picture
)
"""A picture: the path of a file, the bytes of one, an open one, a Pillow image, or an array, see `picture.of_array`."""


def opened(source: Source, *, max_megapixels: float) -> File | Picture:
    """Open a source: a file whose header has been checked, or a picture where its pixels are at hand.

    Of an open file it takes what is left, from where it stands. Raises `ImageError` where that is no picture, or one of
    more than `max_megapixels` million pixels, and `NoPicture` at something that can't be one.
    """
    if isinstance(source, File | Picture):
        return source
    if isinstance(source, PillowImage.Image):
        return from_pillow(source, max_megapixels=max_megapixels)
    if isinstance(source, str | os.PathLike):
        return load(_path(source), max_megapixels=max_megapixels)
    if isinstance(source, bytes | bytearray | memoryview):
        return load(bytes(source), max_megapixels=max_megapixels)
    if isinstance(source, ArrayLike):
        return of_array(_array(source))
    if isinstance(source, Readable):
        return load(_rest(source), name=_name(source), max_megapixels=max_megapixels)
    raise NoPicture(
        "a picture is a path, the bytes of a file, an open file, a Pillow image or an array, "
        f"not {type(source).__name__}"
    )


def _path(source: str | os.PathLike[str]) -> Path:
    text = os.fspath(source)
    if not isinstance(text, str) or "\0" in text:
        raise ImageError(f"{text!r}: not the path of a file; give it as text, without a NUL")
    return Path(text)


def _array(source: ArrayLike) -> NDArray[Any]:
    try:
        return np.asarray(source)
    except Exception as error:  # tensors raise what they like where they need a gradient or lie on another device
        kind = type(source).__name__
        raise ImageError(f"a {kind} that makes no array ({one_line(error)}); give an array of NumPy") from error


def _rest(stream: Readable) -> bytes:
    """Read what is left of an open file; raises `ImageError` at more bytes than `read_all` takes, and at none."""
    name = _name(stream)
    try:
        data = read_all(_Pieces(stream, name), name)
    except (OSError, ValueError) as error:  # of a file that was closed
        raise ImageError(f"{name}: can't be read ({one_line(error)}); open it again") from error
    if not data:
        raise ImageError(f"{name}: nothing is left to be read; go back to its beginning, by seek(0)")
    return data


class _Pieces:
    """An open file as one that gives bytes, a number of them at a time: it may be a device without an end."""

    def __init__(self, stream: Readable, name: str) -> None:
        self._name = name
        read: Callable[..., object] = stream.read
        self._read = read if _takes_number(read) else io.BytesIO(self._checked(read())).read

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes, b"" at the end; raises `ImageError` where it gives something else."""
        return self._checked(self._read(size))

    def _checked(self, piece: object) -> bytes:
        if piece is None:  # of a file that doesn't wait, where nothing is there yet
            return b""
        if isinstance(piece, str):
            raise ImageError(f"{self._name}: opened as text; open it as bytes, by mode 'rb'")
        if not isinstance(piece, bytes | bytearray | memoryview):
            raise ImageError(f"{self._name}: gives {type(piece).__name__} to be read; open it as bytes, by mode 'rb'")
        return bytes(piece)


def _takes_number(read: Callable[..., object]) -> bool:
    """Return whether a method `read` takes a number of bytes; one that doesn't gives all that it has."""
    try:
        inspect.signature(read).bind(1)
    except TypeError:
        return False
    except ValueError:  # of one written in C, which doesn't say
        return True
    return True


def _name(stream: Readable) -> str:
    name = getattr(stream, "name", None)
    return name if isinstance(name, str) and name else "the given file"


Files: TypeAlias = Mapping[str, File]
"""The name that an option gives a picture -> its file."""
NO_FILES: Files = MappingProxyType({})


def side_picture(name: str, options: Options, files: Files) -> Picture:
    """Decode a picture beside the one that is cut out: its mask, or what is put behind it."""
    source = files.get(name, Path(name))
    return decode(source, name=name, max_megapixels=options.max_megapixels)


def picture_of(given: File | Picture, options: Options) -> Picture:
    """Return a picture, or decode a file: of several frames the one that is asked for, or the first."""
    if isinstance(given, Picture):
        return shrunk(given, options.longest)
    frame = max(options.frame, 1)
    return read(given, max_megapixels=options.max_megapixels, frame=frame, longest=options.longest)
