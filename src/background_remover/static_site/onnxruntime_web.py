"""onnxruntime-web, which runs networks in a browser: its files from a registry, an archive or a folder, by hash."""

import hashlib
import http.client
import io
import tarfile
import urllib.error
import urllib.request
import zlib
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias, cast

from background_remover.errors import Error, one_line

VERSION = "1.30.0"
URL = f"https://registry.npmjs.org/onnxruntime-web/-/onnxruntime-web-{VERSION}.tgz"
"""The archive of its npm package."""
MODULE, GLUE, WASM = "ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm"
FILES = {
    MODULE: "219e6a1fc8a9938268d18efca3c91d310bd2f4a59bbd13744df5b2b7fc6cee3b",
    GLUE: "e13f7f94fc51b4ca72b12faeb1ee95f4ace6dfbc8939bc718aabdc0a27c4299b",
    WASM: "3398c10d07d229bd91b364548e130e0e51a8e5704b88c7c083ebbeb78842dee2",
}
"""The files of its folder `dist` that are needed -> their SHA-256."""
WEBGPU_MODULE, WEBGPU_GLUE = "ort.webgpu.min.mjs", "ort-wasm-simd-threaded.asyncify.mjs"
WEBGPU_WASM = "ort-wasm-simd-threaded.asyncify.wasm"
WEBGPU_FILES = {
    WEBGPU_MODULE: "3dffff71811bc13a3a3d9591c57ca5ee5735b8f5f3eaf789510b02bb040ae3a0",
    WEBGPU_GLUE: "3d1c85995364bb643302fc6fd877a0c3ba5ae72401815e0f24828a53d9191e28",
    WEBGPU_WASM: "39f9f0894d478800487ed9f7dbe92618498db320cf55c8e3d89adff8dce658da",
}
"""Those of its build that runs networks by WebGPU too; it has no need of JavaScript Promise Integration."""
_LARGEST = 1 << 25  # bytes of one of them
_TIMEOUT = 60.0  # seconds without a byte

OnBytes: TypeAlias = Callable[[int], None]
"""A callback with the number of bytes read so far."""


def _ignore(count: int) -> None:
    """Show nothing."""


class _Counted(io.RawIOBase):
    """A stream that reports how many bytes were read of it."""

    def __init__(self, stream: BinaryIO, on_bytes: OnBytes) -> None:
        self._stream = stream
        self._on_bytes = on_bytes
        self._count = 0

    def readable(self) -> bool:
        """Return that it is."""
        return True

    def readinto(self, buffer: Any, /) -> int:
        """Read as many bytes as fit, or fewer."""
        view = memoryview(buffer)
        data = self._stream.read(len(view))
        if not data and getattr(self._stream, "length", None):  # of an answer: the bytes that are still to come
            raise OSError("the connection broke off")
        view[: len(data)] = data
        self._count += len(data)
        self._on_bytes(self._count)
        return len(data)


def runtime_files(source: str = URL, on_bytes: OnBytes = _ignore, *, webgpu: bool = False) -> dict[str, bytes]:
    """Return the files of `FILES`, name -> content, from an address, an archive of npm (.tgz) or a folder.

    With `webgpu` those of `WEBGPU_FILES` are among them. `on_bytes` is called with the number of bytes that have been
    read of an address or an archive. Raises `Error` where a file can't be had, or isn't the one that was published.
    """
    wanted = FILES | WEBGPU_FILES if webgpu else FILES
    if Path(source).is_dir():
        found = _in_folder(Path(source), wanted)
    else:
        with _opened(source) as stream:
            found = _in_archive(io.BufferedReader(_Counted(stream, on_bytes)), source, wanted)
    for name, sha256 in wanted.items():
        _check(name, found.get(name), sha256, source)
    return found


def _check(name: str, data: bytes | None, sha256: str, source: str) -> None:
    wanted = f"wanted is onnxruntime-web {VERSION}"
    if data is None:
        raise Error(f"{source}: holds no {name}; {wanted}, its npm archive or its folder dist")
    given = hashlib.sha256(data).hexdigest()
    if given != sha256:
        raise Error(f"{source}: SHA-256 of {name} is {given[:16]}..., published was {sha256[:16]}...; {wanted}")


def _in_folder(folder: Path, names: Collection[str]) -> dict[str, bytes]:
    try:
        return {name: (folder / name).read_bytes() for name in names if (folder / name).is_file()}
    except OSError as error:
        raise Error(f"{error.filename}: can't be read ({error.strerror}); check its permissions") from error


@contextmanager
def _opened(source: str) -> Iterator[BinaryIO]:
    """Open an address or a file; an `OSError` while it is read becomes an `Error`."""
    try:
        if source.startswith(("http://", "https://")):
            with urllib.request.urlopen(source, timeout=_TIMEOUT) as answer:  # noqa: S310 - one of these schemes
                yield cast(BinaryIO, answer)  # it has all that is asked of it
        else:
            with Path(source).open("rb") as file:
                yield file
    except urllib.error.HTTPError as error:
        raise Error(f"{source}: the server says {error.code} {error.reason}; {_elsewhere(source)}") from error
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or one_line(error)
        raise Error(f"{source}: can't be read ({reason}); {_elsewhere(source)}") from error


def _elsewhere(source: str) -> str:
    if source == URL:
        return f"fetch it by `npm pack onnxruntime-web@{VERSION}` and give the file by --runtime"
    return "check it"


def _in_archive(stream: io.BufferedReader, source: str, names: Collection[str]) -> dict[str, bytes]:
    """Return those files that a compressed archive of npm holds; nothing is read behind the last of them."""
    found: dict[str, bytes] = {}
    try:
        with tarfile.open(fileobj=stream, mode="r|gz") as archive:
            for member in archive:
                name = member.name.removeprefix("package/dist/")
                content = archive.extractfile(member) if name in names and 0 < member.size <= _LARGEST else None
                if content is not None:
                    found[name] = content.read()
                if len(found) == len(names):
                    break
    except (tarfile.TarError, zlib.error, EOFError) as error:
        raise Error(f"{source}: no whole archive ({one_line(error)}); it broke off or is another file") from error
    return found
