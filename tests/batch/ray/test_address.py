"""Files by address: the same answers from this machine's disk and from a file system that only fsspec knows."""

import uuid
from pathlib import PurePosixPath

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from background_remover.batch.ray import address as remote
from background_remover.batch.ray.address import Address, FileSystem, address
from background_remover.errors import ImageError, OptionError
from background_remover.imaging.atomic import LEFT_OVER


@pytest.fixture(params=["disk", "memory"])
def folder(request, tmp_path) -> Address:
    """An empty folder on a disk, or in memory."""
    return address(str(tmp_path) if request.param == "disk" else f"memory://{uuid.uuid4().hex}/sub")


def test_what_is_put_is_read(folder):
    file = folder / "a/b c%20é.bin"
    assert file.stamp() is None
    for data in (b"first", b"second one"):
        file.put(data)
        assert file.read() == data
        assert file.stamp()[0] == len(data)
        assert [place for place, _ in folder.files()] == ["a/b c%20é.bin"]
    assert dict(folder.files()) == {"a/b c%20é.bin": file.stamp()}
    assert folder.is_folder()
    assert not file.is_folder()
    file.delete()
    file.delete()
    assert list((folder / "a").files()) == []
    with pytest.raises(ImageError, match=r"é\.bin: no such file; check the name"):
        file.read()


class Full(MemoryFileSystem):
    """A file system on which every file ends after its first bytes."""

    protocol = "full"

    def _open(self, path: str, mode: str = "rb", **more):
        file = super()._open(path, mode, **more)
        if mode == "wb":
            write = file.write

            def fail(data: bytes) -> int:
                write(bytes(data)[:2])
                raise OSError(28, "No space left on device")

            file.write = fail
        return file


def test_half_a_file_never_has_its_name():
    fsspec.register_implementation("full", Full)
    folder = address(f"full://{uuid.uuid4().hex}")
    with pytest.raises(ImageError, match=r"a\.png: can't be written .*No space left.*; check its permissions, and the"):
        (folder / "a.png").put(b"whole")
    assert list(folder.files()) == []


def test_a_file_has_a_hidden_name_until_it_is_whole(folder, monkeypatch):
    places = []
    move = remote.fs.FileSystem.move

    class Watched:
        """The file system, which looks before it moves."""

        def __getattr__(self, name: str):
            return getattr(system, name)

        def move(self, source: str, target: str) -> None:
            places.extend(place for place, _ in folder.files())
            move(system, source, target)

    system, root = remote._opened(folder.filesystem)
    monkeypatch.setattr(remote, "_opened", lambda filesystem: (Watched(), root))
    (folder / "a.png").put(b"whole")
    (place,) = places
    assert LEFT_OVER.fullmatch(place)
    assert [place for place, _ in folder.files()] == ["a.png"]


def test_links_in_a_circle_end(tmp_path):
    """Two in one folder would lead to a million places at the twentieth step."""
    (tmp_path / "sub").mkdir()
    for name in ("a.png", "sub/b.png"):
        (tmp_path / name).write_bytes(b"12")
    for name in ("sub/one", "sub/two"):
        (tmp_path / name).symlink_to(tmp_path)
    (tmp_path / "loop.png").symlink_to("loop.png")
    (tmp_path / "gone.png").symlink_to("none")
    folder = address(str(tmp_path))
    found = dict(folder.files())
    assert set(found) == {"a.png", "sub/b.png"}
    assert all(stamp == (folder / place).stamp() for place, stamp in found.items())


def test_a_folder_that_is_missing_holds_nothing(folder):
    assert list((folder / "none").files()) == []
    assert not (folder / "none").is_folder()


ADDRESSES = {
    "memory://x/y/z.jpg": ("memory", "x", "", "y/z.jpg", "memory://x/y/z.jpg"),
    "memory://x/y/": ("memory", "x", "", "y", "memory://x/y"),
    "memory://x/a?b.jpg": ("memory", "x", "", "a?b.jpg", "memory://x/a?b.jpg"),
    "file:///a/b.jpg": ("", "", "", "/a/b.jpg", "/a/b.jpg"),
    "/a/../b.jpg": ("", "", "", "/b.jpg", "/b.jpg"),
    "gs://bucket/k": ("gs", "bucket", "", "k", "gs://bucket/k"),
}


@pytest.mark.parametrize("text", ADDRESSES)
def test_addresses_are_taken_apart(text):
    scheme, authority, query, key, name = ADDRESSES[text]
    assert address(text) == Address(FileSystem(scheme, authority, query), key)
    assert str(address(text)) == name
    assert address(text).suffix == PurePosixPath(key).suffix


def test_a_password_in_an_address_is_not_shown():
    given = address("s3://name:secret@bucket/a.jpg?region=eu-west-1&scheme=http&endpoint_override=127.0.0.1:9")
    assert str(given) == "s3://bucket/a.jpg"
    assert given.filesystem.puts_whole
    assert given.filesystem.query.startswith("region=")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nope://x/y", r"nope://x/: can't be opened \(Protocol not known: nope\); check the address"),
        ("s3:///y", r"can't be opened \(.*bucket.*\); check the address"),
        ("s3://bucket/y?tea=1", r"s3://bucket/: can't be opened \(Unexpected query parameter in S3 URI: 'tea'\)"),
    ],
)
def test_what_nobody_can_open_is_refused(text, message):
    with pytest.raises(OptionError, match=message):
        address(text)


def test_a_store_that_does_not_answer_is_told(monkeypatch):
    class Away(fsspec.AbstractFileSystem):
        protocol = "away"

        def info(self, *given, **more):
            raise TimeoutError("nobody there")

        ls = find = _open = mkdirs = info

        def isfile(self, path: str) -> bool:
            return True

    fsspec.register_implementation("away", Away)
    place = address("away://x/a.jpg")
    assert place.stamp() is None
    for does in (place.read, place.is_folder, lambda: list(place.files()), lambda: place.put(b"")):
        with pytest.raises(ImageError, match=r"away://x/a\.jpg: can't be \w+ \(.*nobody there"):
            does()
