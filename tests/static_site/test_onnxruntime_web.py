"""onnxruntime-web from an address on loopback, an archive and a folder, whole, broken off, changed and missing."""

import hashlib
import http.server
import threading
from collections.abc import Iterator

import pytest

from background_remover.errors import Error
from background_remover.static_site import onnxruntime_web
from background_remover.static_site.onnxruntime_web import FILES, MODULE, URL, WASM, runtime_files
from tests.static_site.conftest import ALL, archive


class Registry(http.server.ThreadingHTTPServer):
    """Answers with `content`, of which it sends no more than `sent` bytes."""

    daemon_threads = True
    content = b""
    sent: int | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/onnxruntime-web.tgz"


class Handler(http.server.BaseHTTPRequestHandler):
    server: Registry

    def do_GET(self) -> None:
        if not self.server.content:
            self.send_error(404, "Not Found")
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.server.content)))
        self.end_headers()
        self.wfile.write(self.server.content[: self.server.sent])

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[Registry]:
    monkeypatch.setenv("no_proxy", "*")
    with Registry(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_an_address_an_archive_and_a_folder_give_the_same(runtime, registry, tmp_path):
    registry.content = archive({"other.js": b"-", **runtime})
    (tmp_path / "a.tgz").write_bytes(registry.content)
    (tmp_path / "dist").mkdir()
    for name, data in {"other.js": b"-", **runtime}.items():
        (tmp_path / "dist" / name).write_bytes(data)
    for source in (registry.address, str(tmp_path / "a.tgz"), str(tmp_path / "dist")):
        assert runtime_files(source) == runtime


def test_those_of_webgpu_are_had_if_they_are_wanted(runtime, tmp_path):
    (tmp_path / "a.tgz").write_bytes(archive(ALL))
    (tmp_path / "b.tgz").write_bytes(archive(runtime))
    assert runtime_files(str(tmp_path / "a.tgz")) == runtime
    assert runtime_files(str(tmp_path / "a.tgz"), webgpu=True) == ALL
    with pytest.raises(Error, match=r"holds no ort\.webgpu"):
        runtime_files(str(tmp_path / "b.tgz"), webgpu=True)


def test_what_is_read_is_counted(runtime, registry):
    registry.content = archive(runtime)
    counts: list[int] = []
    runtime_files(registry.address, counts.append)
    assert counts == sorted(counts)
    assert counts[-1] == len(registry.content)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda files: files | {MODULE: b"changed"},
            rf"SHA-256 of {MODULE} is {hashlib.sha256(b'changed').hexdigest()[:16]}",
        ),
        (lambda files: {name: data for name, data in files.items() if name != WASM}, f"holds no {WASM}; wanted is"),
    ],
)
def test_another_release_is_refused(runtime, registry, tmp_path, change, said):
    registry.content = archive(change(runtime))
    for name, data in change(runtime).items():
        (tmp_path / name).write_bytes(data)
    for source in (registry.address, str(tmp_path)):
        with pytest.raises(Error, match=said):
            runtime_files(source)


def test_a_connection_that_breaks_off_is_said(runtime, registry):
    registry.content = archive(runtime)
    registry.sent = len(registry.content) // 2
    with pytest.raises(Error, match=r"onnxruntime-web\.tgz: can't be read \(the connection broke off\)"):
        runtime_files(registry.address)


def test_half_an_archive_is_said(runtime, tmp_path):
    whole = archive({name: hashlib.shake_256(data).digest(9000) for name, data in runtime.items()})
    (tmp_path / "a.tgz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(Error, match=r"a\.tgz: no whole archive \(.*\); it broke off or is another file"):
        runtime_files(str(tmp_path / "a.tgz"))


def test_a_member_that_is_too_large_is_not_read(runtime, registry, monkeypatch):
    monkeypatch.setattr(onnxruntime_web, "_LARGEST", 100)
    registry.content = archive(runtime)
    with pytest.raises(Error, match="holds no"):
        runtime_files(registry.address)


@pytest.mark.parametrize("content", [b"", b"no archive"])
def test_what_is_no_archive_is_refused(registry, tmp_path, content):
    registry.content = content
    with pytest.raises(Error, match="no whole archive" if content else "the server says 404 Not Found; check it"):
        runtime_files(registry.address)


def test_a_server_that_is_not_there_is_said(registry, tmp_path):
    with pytest.raises(Error, match=r"can't be read .*No such file or directory.*; check it"):
        runtime_files(str(tmp_path / "a.tgz"))
    with pytest.raises(Error, match=r"can't be read .*; check it"):
        runtime_files(f"http://127.0.0.1:1/{tmp_path.name}.tgz")


def test_the_registrys_address_and_what_to_do_without_it(monkeypatch):
    def refuse(*_: object, **__: object) -> None:
        raise OSError(101, "Network is unreachable")

    monkeypatch.setattr(onnxruntime_web.urllib.request, "urlopen", refuse)
    with pytest.raises(Error, match=r"Network is unreachable\); fetch it by `npm pack onnxruntime-web@"):
        runtime_files(URL)
    assert all(len(sha256) == 64 for sha256 in FILES.values())
