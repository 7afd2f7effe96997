"""Firefox without a window, driven by its own Marionette protocol: WebDriver commands as JSON over a socket.

The protocol is small, and the package that speaks it brings sixteen others:
https://firefox-source-docs.mozilla.org/testing/marionette/Protocol.html
"""

import contextlib
import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

BROWSERS = ("firefox-esr", "firefox")
PATIENCE = 60  # seconds
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the key of a reference in WebDriver
_PREFERENCES = {
    "app.normandy.enabled": False,
    "app.update.enabled": False,
    "browser.download.folderList": 2,  # the one that is named
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "intl.accept_languages": "en-GB",
    "marionette.port": 0,  # a free one
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "toolkit.telemetry.enabled": False,
}


class Firefox:
    """A page in Firefox."""

    def __init__(self, connection: socket.socket, downloads: Path) -> None:
        self.downloads = downloads
        """The folder into which files are saved."""
        self._connection = connection
        self._reader = connection.makefile("rb")
        self._count = 0
        self._read()  # who it is
        self._ask("WebDriver:NewSession", {"timeouts": {"script": PATIENCE * 1000}})

    def open(self, address: str, size: tuple[int, int] = (1280, 800)) -> None:
        """Open an address in a window of this width and height."""
        self._ask("WebDriver:SetWindowRect", {"width": size[0], "height": size[1]})
        self._ask("WebDriver:Navigate", {"url": address})

    def run(self, body: str, *given: object) -> Any:
        """Return what the body of an asynchronous function returns, whose `arguments` are given."""
        script = "const given = [...arguments]; const done = given.pop();"
        script += "const say = (error) => done({ error: `${error}` });"
        script += f"(async (arguments) => {{ {body} }})(given).then((it) => done({{ it }}), say);"
        found = self._ask("WebDriver:ExecuteAsyncScript", {"script": script, "args": list(given)})["value"]
        assert "error" not in found, found["error"]
        return found["it"]

    def wait(self, expression: str, *given: object) -> Any:
        """Return an expression of JavaScript once it is true."""
        body = (
            f"for (;;) {{ const it = {expression}; if (it) return it; await new Promise((go) => setTimeout(go, 20)); }}"
        )
        return self.run(body, *given)

    def element(self, selector: str) -> str:
        """Return the reference of the first element of a CSS selector."""
        found = self._ask("WebDriver:FindElement", {"using": "css selector", "value": selector})
        return str(found["value"][ELEMENT])

    def click(self, selector: str) -> None:
        """Click on the middle of an element."""
        self._ask("WebDriver:ElementClick", {"id": self.element(selector)})

    def choose_files(self, selector: str, *paths: Path) -> None:
        """Choose files in an input."""
        self._ask("WebDriver:ElementSendKeys", {"id": self.element(selector), "text": "\n".join(map(str, paths))})

    def drag(self, *places: tuple[float, float]) -> None:
        """Press the mouse at the first place of the window, move it over the others, and release it."""
        moves = [{"type": "pointerMove", "x": round(x), "y": round(y), "duration": 20} for x, y in places]
        press, release = ({"type": kind, "button": 0} for kind in ("pointerDown", "pointerUp"))
        mouse = {"type": "pointer", "id": "mouse", "actions": [moves[0], press, *moves[1:], release]}
        self._ask("WebDriver:PerformActions", {"actions": [mouse]})

    def downloaded(self, name: str) -> bytes:
        """Return the content of a file of this name once it is saved."""
        path, end = self.downloads / name, time.monotonic() + PATIENCE
        while not path.is_file() or not path.stat().st_size or list(self.downloads.glob("*.part")):
            assert time.monotonic() < end, (
                f"{name} isn't saved; there is {[one.name for one in self.downloads.iterdir()]}"
            )
            time.sleep(0.02)
        return path.read_bytes()

    def close(self) -> None:
        """Let go of the connection."""
        self._reader.close()

    def _ask(self, command: str, given: dict[str, object]) -> Any:
        self._count += 1
        message = json.dumps([0, self._count, command, given]).encode()
        self._connection.sendall(b"%d:%s" % (len(message), message))
        _, _, error, result = self._read()
        if error:
            raise AssertionError(f"{command}: {error['error']}: {error['message']}")
        return result

    def _read(self) -> Any:
        length = b""
        while (digit := self._reader.read(1)) != b":":
            if not digit:
                raise ConnectionError("Firefox has ended")
            length += digit
        return json.loads(self._reader.read(int(length)))


def firefox_path() -> str | None:
    """Return the path of the browser; None where there is none."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


@contextlib.contextmanager
def running(path: str, folder: Path) -> Iterator[Firefox]:
    """Run a Firefox whose profile and downloads lie in a folder."""
    profile, downloads = folder / "profile", folder / "downloads"
    profile.mkdir()
    downloads.mkdir()
    preferences = {**_PREFERENCES, "browser.download.dir": str(downloads)}
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in preferences.items()]
    (profile / "user.js").write_text("".join(lines))
    line = [path, "--headless", "--marionette", "--no-remote", "--profile", str(profile)]
    process = subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        with socket.create_connection(("127.0.0.1", _port(profile, process)), PATIENCE) as connection:
            connection.settimeout(2 * PATIENCE)
            firefox = Firefox(connection, downloads)
            yield firefox
            firefox.close()
    finally:
        process.terminate()
        process.wait()


def _port(profile: Path, process: subprocess.Popen[bytes]) -> int:
    """Return the port that a browser listens at, which it writes into its profile."""
    path, end = profile / "MarionetteActivePort", time.monotonic() + PATIENCE
    while not path.is_file() or not path.read_text():
        if process.poll() is not None or time.monotonic() > end:
            raise ConnectionError(f"Firefox doesn't start: {process.poll()}")
        time.sleep(0.05)
    return int(path.read_text())
