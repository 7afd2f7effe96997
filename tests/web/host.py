"""A host of files on loopback that can fail, and lets nothing out as a proxy; and a stand-in for onnxruntime-web."""

import functools
import http.server
import threading
from pathlib import Path
from urllib.parse import urlsplit

from background_remover.static_site.onnxruntime_web import GLUE, MODULE, WASM

_INTERFACE = b"""
export const env = { wasm: {} };
export class Tensor { constructor(type, data, dims) { Object.assign(this, { type, data, dims }); } }
const alpha = (grey) => 1 / (1 + Math.exp(-0.1 * (grey - 127.5)));
const run = async ({ image: { data } }) => {
  const grey = (_, at) => (data[3 * at] + data[3 * at + 1] + data[3 * at + 2]) / 3;
  return { alpha: { data: Float32Array.from({ length: data.length / 3 }, grey).map(alpha) } };
};
export class InferenceSession { static async create() { return { inputNames: ["image"], run }; } }
"""
ENGINE = {MODULE: _INTERFACE, GLUE: b"// nothing", WASM: bytes(1000)}
"""A stand-in for onnxruntime-web's files: its interface, with the network of `tests/conftest.py` in it."""


class Host(http.server.ThreadingHTTPServer):
    """Serves a folder. As the proxy of a browser it notes what that asks of others, and refuses it."""

    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), functools.partial(Handler, directory=str(folder)))
        self.asked: list[str] = []
        """The path of every request."""
        self.elsewhere: list[str] = []
        """What was asked of others."""
        self.cut: set[str] = set()
        """Ends of paths: half of such a file is sent, as if it were all."""
        self.is_away = False
        self.isolates = False
        """Whether it sends the headers that threads need."""
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        super().__exit__()

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of connections that a browser broke off."""


class Handler(http.server.SimpleHTTPRequestHandler):
    server: Host

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.netloc and parts.netloc != urlsplit(self.server.address).netloc:
            self.do_CONNECT()
            return
        self.path = parts.path
        self.server.asked.append(self.path)
        if self.server.is_away:
            self.close_connection = True
        elif self.path.endswith(tuple(self.server.cut)):
            data = Path(self.translate_path(self.path)).read_bytes()
            self.send_response(200)
            self.end_headers()
            self.wfile.write(data[: len(data) // 2])
        else:
            super().do_GET()

    def end_headers(self) -> None:
        if self.server.isolates:
            self.send_header("Cross-Origin-Opener-Policy", "same-origin")
            self.send_header("Cross-Origin-Embedder-Policy", "require-corp")
        super().end_headers()

    def do_CONNECT(self) -> None:
        self.server.elsewhere.append(self.path)
        self.send_error(403)

    def log_message(self, *_: object) -> None:
        """Nothing."""
