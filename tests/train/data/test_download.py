"""Downloads from a server on loopback that breaks off, forgets ranges, and offers what it shouldn't."""

import hashlib
import http.server
import io
import re
import socket
import struct
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from background_remover.train.data import download as module
from background_remover.train.data.download import OXFORD_IIIT_PET, Archive, DownloadError, download


class Site(http.server.ThreadingHTTPServer):
    """Serves `files`; `asked` holds the path and the range of every request."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, bytes] = {}
        self.asked: list[tuple[str, str | None]] = []
        self.ranges = True  # whether it knows them
        self.lengths = True  # whether it says how long an answer is
        self.breaks_off: int | None = None  # after so many bytes of the next answer
        self.resets = False  # breaks off by a reset

    def archive(self, name: str, content: bytes, *, sha256: str | None = None) -> Archive:
        """Has the site serve a file, and describes it."""
        self.files[f"/{name}"] = content
        return Archive(f"http://127.0.0.1:{self.server_port}/{name}", sha256 or hashlib.sha256(content).hexdigest())


class Handler(http.server.BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        asked = self.headers.get("Range")
        self.server.asked.append((self.path, asked))
        content = self.server.files.get(self.path)
        if content is None:
            self.send_error(404)
            return
        start = int(re.fullmatch(r"bytes=(\d+)-", asked)[1]) if asked and self.server.ranges else 0
        if start and start >= len(content):
            self.send_error(416)
            return
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        if self.server.lengths:
            self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        end, self.server.breaks_off = self.server.breaks_off, None
        self.wfile.write(content[start:][:end])
        if end is not None and self.server.resets:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(module, "_TIMEOUT", 10.0)
    with Site() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def tar(**files: bytes) -> bytes:
    """A compressed tar archive of these files; a double underscore stands for a slash."""
    return tar_of(*((tarfile.TarInfo(name.replace("__", "/")), content) for name, content in files.items()))


def tar_of(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as archive:
        for member, content in members:
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return target.getvalue()


PICTURES = tar(images__cat=bytes(range(256)) * 64, images__dog=b"a dog")


def tree(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}


def test_archives_are_fetched_checked_and_unpacked(site, tmp_path):
    archives = [site.archive("images.tar.gz", PICTURES), site.archive("lists.tar.gz", tar(annotations__list=b"cat 1"))]
    download(tmp_path / "pets", archives)
    assert tree(tmp_path) == {
        "pets/images.tar.gz",
        "pets/lists.tar.gz",
        "pets/images/cat",
        "pets/images/dog",
        "pets/annotations/list",
    }
    assert (tmp_path / "pets" / "images" / "cat").read_bytes() == bytes(range(256)) * 64
    assert (tmp_path / "pets" / "images.tar.gz").read_bytes() == PICTURES
    assert site.asked == [("/images.tar.gz", None), ("/lists.tar.gz", None)]


def test_an_answer_of_unknown_length_will_do(site, tmp_path):
    site.lengths = False
    download(tmp_path, [site.archive("images.tar.gz", PICTURES)])
    assert "images/cat" in tree(tmp_path)


def test_an_archive_that_is_there_whole_is_not_fetched_again(site, tmp_path):
    archive = site.archive("images.tar.gz", PICTURES)
    (tmp_path / "images.tar.gz").write_bytes(PICTURES)
    download(tmp_path, [archive])
    assert not site.asked
    assert "images/cat" in tree(tmp_path)  # but it is unpacked


def test_an_archive_that_is_there_damaged_is_fetched_again(site, tmp_path):
    archive = site.archive("images.tar.gz", PICTURES)
    (tmp_path / "images.tar.gz").write_bytes(PICTURES[:-1])
    download(tmp_path, [archive])
    assert (tmp_path / "images.tar.gz").read_bytes() == PICTURES


@pytest.mark.parametrize("resets", [False, True], ids=["closed", "reset"])
def test_a_transfer_that_broke_off_goes_on_where_it_stopped(site, tmp_path, resets):
    archive = site.archive("images.tar.gz", PICTURES)
    site.breaks_off, site.resets = 100, resets
    with pytest.raises(DownloadError, match=r"images\.tar\.gz: .*call again to go on"):
        download(tmp_path, [archive])
    had = (tmp_path / "images.tar.gz.partial").stat().st_size
    assert had == 100 or (resets and had < 100)  # a reset may overtake the bytes before it
    assert tree(tmp_path) == {"images.tar.gz.partial"}
    download(tmp_path, [archive])
    assert site.asked == [("/images.tar.gz", None), ("/images.tar.gz", f"bytes={had}-" if had else None)]
    assert (tmp_path / "images.tar.gz").read_bytes() == PICTURES
    assert "images.tar.gz.partial" not in tree(tmp_path)


def test_a_server_without_ranges_sends_all_of_it_again(site, tmp_path):
    archive = site.archive("images.tar.gz", PICTURES)
    (tmp_path / "images.tar.gz.partial").write_bytes(PICTURES[:100])
    site.ranges = False
    download(tmp_path, [archive])
    assert site.asked == [("/images.tar.gz", "bytes=100-")]
    assert (tmp_path / "images.tar.gz").read_bytes() == PICTURES


def test_a_partial_file_that_is_whole_already_is_taken(site, tmp_path):
    archive = site.archive("images.tar.gz", PICTURES)
    (tmp_path / "images.tar.gz.partial").write_bytes(PICTURES)
    download(tmp_path, [archive])
    assert site.asked == [("/images.tar.gz", f"bytes={len(PICTURES)}-")]
    assert tree(tmp_path) == {"images.tar.gz", "images/cat", "images/dog"}


@pytest.mark.parametrize("partial", [b"something else", PICTURES + b"and more"], ids=["other", "longer"])
def test_a_partial_file_of_something_else_costs_one_call(site, tmp_path, partial):
    archive = site.archive("images.tar.gz", PICTURES)
    (tmp_path / "images.tar.gz.partial").write_bytes(partial)
    with pytest.raises(DownloadError, match="SHA-256"):
        download(tmp_path, [archive])
    assert not tree(tmp_path)
    download(tmp_path, [archive])
    assert "images/cat" in tree(tmp_path)


def test_another_file_than_was_published_is_not_unpacked(site, tmp_path):
    published = hashlib.sha256(b"what was published").hexdigest()
    found = hashlib.sha256(PICTURES).hexdigest()
    with pytest.raises(DownloadError, match=rf"SHA-256 is {found}, published was {published}"):
        download(tmp_path, [site.archive("images.tar.gz", PICTURES, sha256=published)])
    assert not tree(tmp_path)


def test_a_page_that_is_gone_is_named_with_the_servers_word(site, tmp_path):
    archive = site.archive("images.tar.gz", PICTURES)
    site.files.clear()
    with pytest.raises(DownloadError, match=r"/images\.tar\.gz: the server says 404 Not Found"):
        download(tmp_path, [archive])
    assert not tree(tmp_path)


def test_a_server_that_is_not_there_is_an_error_of_one_line(tmp_path, monkeypatch):
    monkeypatch.setenv("no_proxy", "*")
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))  # bound, but nobody listens
        archive = Archive(f"http://127.0.0.1:{unheard.getsockname()[1]}/images.tar.gz", "0" * 64)
        with pytest.raises(DownloadError, match=r"images\.tar\.gz: .*call again to go on") as caught:
            download(tmp_path, [archive])
    assert "\n" not in str(caught.value)


def member(name: str, kind: bytes = tarfile.REGTYPE, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


@pytest.mark.parametrize(
    "members",
    [
        lambda outside: [(member("../evil"), b"x")],
        lambda outside: [(member("images/../../evil"), b"x")],
        lambda outside: [(member("link", tarfile.SYMTYPE, ".."), b""), (member("link/evil"), b"x")],
        lambda outside: [(member("link", tarfile.SYMTYPE, str(outside)), b""), (member("link/evil"), b"x")],
        lambda outside: [(member("link", tarfile.LNKTYPE, "../precious"), b"")],
        lambda outside: [(member("pipe", tarfile.FIFOTYPE), b"")],
    ],
    ids=["parent", "parent of a folder", "link to the parent", "link to a path", "hard link", "pipe"],
)
def test_a_malicious_archive_is_refused_and_nothing_escapes(site, tmp_path, members):
    (tmp_path / "precious").write_bytes(b"precious")
    archive = site.archive("images.tar.gz", tar_of(*members(tmp_path)))
    with pytest.raises(DownloadError, match=r"images\.tar\.gz: won't unpack"):
        download(tmp_path / "pets", [archive])
    assert tree(tmp_path) == {"precious", "pets/images.tar.gz"}
    assert (tmp_path / "precious").read_bytes() == b"precious"


def test_an_absolute_path_stays_in_the_folder(site, tmp_path):
    outside = tmp_path / "evil"
    archive = site.archive("images.tar.gz", tar_of((member(str(outside)), b"x")))
    download(tmp_path / "pets", [archive])
    assert not outside.exists()
    assert (tmp_path / "pets" / str(outside).lstrip("/")).read_bytes() == b"x"


@pytest.mark.parametrize(
    "content", [b"", b"no archive", PICTURES[: len(PICTURES) // 2]], ids=["empty", "other", "truncated"]
)
def test_what_is_no_archive_is_named(site, tmp_path, content):
    with pytest.raises(DownloadError, match=r"images\.tar\.gz: won't unpack"):
        download(tmp_path, [site.archive("images.tar.gz", content)])


def test_the_published_archives_are_named_by_address_and_hash():
    assert [archive.name for archive in OXFORD_IIIT_PET] == ["images.tar.gz", "annotations.tar.gz"]
    for archive in OXFORD_IIIT_PET:
        assert archive.url.startswith("https://www.robots.ox.ac.uk/~vgg/data/pets/")
        assert re.fullmatch("[0-9a-f]{64}", archive.sha256)


def test_the_folder_is_made_with_its_parents(site, tmp_path):
    download(tmp_path / "data" / "pets", [site.archive("images.tar.gz", PICTURES)])
    assert (tmp_path / "data" / "pets" / "images" / "cat").is_file()


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(DownloadError, match=r"file: can't be made \(File exists\); choose another folder"):
        download(tmp_path / "file")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full disk here")
def test_a_full_disk_is_told_of_the_file():
    with (
        Path("/dev/full").open("wb") as full,
        pytest.raises(
            DownloadError,
            match=r"a\.tar\.partial: can't be written \(No space left on device\); make room, and call again",
        ),
    ):
        module._add(full, Path("a.tar.partial"), bytes(1 << 20))
