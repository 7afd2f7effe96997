"""The files of the static site: the page, the network, onnxruntime-web, and a service worker."""

import gzip
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from background_remover import models
from background_remover.errors import Error, OptionError
from background_remover.imaging.atomic import check_folder, write_whole
from background_remover.imaging.formats import FORMATS, default_qualities
from background_remover.imaging.paths import is_folder
from background_remover.segmentation.network import Network
from background_remover.static_site.onnxruntime_web import (
    FILES,
    GLUE,
    MODULE,
    WASM,
    WEBGPU_FILES,
    WEBGPU_GLUE,
    WEBGPU_MODULE,
    WEBGPU_WASM,
)
from background_remover.static_site.packing import STRIDES, SUFFIX, pack
from background_remover.version import __version__

WEB = Path(__file__).parents[1] / "web"
LICENCE = Path(__file__).with_name("onnxruntime-licence.txt")
ROOT_FILES = ("index.html", "favicon.ico", "apple-touch-icon.png", "manifest.webmanifest")
"""Files of the page beside the folder `static`, which has all others."""
FACTS, WORKER = "page.json", "sw.js"
SCRIPT = "local/service_worker.js"
POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' blob: data:; "
    "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'"
)
"""The content security policy of every file; a `meta` element holds it until the service worker sets it."""
_HEAD = '<meta charset="utf-8" />'
_NOT_DECODED = {"TIFF", "HEIC"}  # by most browsers


@dataclass(frozen=True)
class Site:
    """A site that was written: its files, their bytes, those where the host compresses text, and those of WebGPU."""

    count: int
    size: int
    compressed: int
    webgpu: int


def write_site(folder: Path, runtime: Mapping[str, bytes], model: str = models.DEFAULT) -> Site:
    """Write the site into a folder, which is created if necessary; an older site is replaced.

    `runtime` is what `runtime_files` gives. Raises `Error` where the folder holds something else, or can't be written.
    """
    check_place(folder)
    files = site_files(runtime, model)
    for name, data in files.items():
        path = folder / name
        _make(path.parent)
        write_whole(path, data)
    late = json.loads(files[FACTS])["runtime"].get("webgpu", {}).get("download", 0)
    at_once = {name: data for name, data in files.items() if Path(name).name.removesuffix(SUFFIX) not in WEBGPU_FILES}
    return Site(len(files), _size(at_once), sum(map(_compressed, at_once.values())), late)


def check_place(folder: Path) -> None:
    """Raise `Error` where the site can't be written into a folder, or where that holds something else."""
    check_folder(folder)
    if is_folder(folder) and any(folder.iterdir()) and not _is_site(folder):
        raise OptionError(f"{folder}: holds something else; give a new folder, an empty one, or one with an older page")


def site_files(runtime: Mapping[str, bytes], model: str = models.DEFAULT) -> dict[str, bytes]:
    """Return the site's files, name -> content; the service worker, which lists all others, is the last one."""
    weights = models.locate(model)
    network = _packed(f"model/{weights.name}", weights.read_bytes(), STRIDES)
    engine = _engine({name: runtime[name] for name in FILES}, MODULE, GLUE, WASM)
    webgpu = None
    if WEBGPU_WASM in runtime:
        webgpu = _engine({name: runtime[name] for name in WEBGPU_FILES}, WEBGPU_MODULE, WEBGPU_GLUE, WEBGPU_WASM)
    files = {**_page(), **engine.files, "runtime/LICENSE": LICENCE.read_bytes(), **network.files}
    metadata = Network(weights).card.to_metadata()
    facts = _facts(files, {**network.facts, "metadata": metadata}, engine, webgpu)
    files |= {FACTS: json.dumps(facts, ensure_ascii=False, indent=1).encode()}
    late = webgpu.files if webgpu else {}
    return {**files, **late, WORKER: _service_worker(files, late)}


@dataclass(frozen=True)
class _Part:
    """Files of the site, name -> content, and what `FACTS` says of them."""

    files: dict[str, bytes]
    facts: dict[str, object]


def _packed(name: str, data: bytes, strides: Iterable[int] = (1,)) -> _Part:
    made, file = pack(data, strides), f"{name}{SUFFIX}"
    return _Part({file: made.data}, {**_file(file, made.data), "stride": made.stride, "size": len(data)})


def _engine(runtime: Mapping[str, bytes], module: str, glue: str, wasm: str) -> _Part:
    """Return a build of onnxruntime-web, whose WebAssembly is packed."""
    binary = _packed(f"runtime/{wasm}", runtime[wasm])
    scripts = {f"runtime/{name}": runtime[name] for name in (module, glue)}
    return _Part(
        {**scripts, **binary.files}, {"module": f"runtime/{module}", "glue": f"runtime/{glue}", "wasm": binary.facts}
    )


def _page() -> dict[str, bytes]:
    paths = [path for path in sorted(WEB.rglob("*.*")) if path.is_file() and path.suffix != ".pyc"]
    files = {path.relative_to(WEB).as_posix(): path.read_bytes() for path in paths}
    del files[SCRIPT]
    named = {name if name in ROOT_FILES else f"static/{name}": data for name, data in files.items()}
    policy = f'{_HEAD}\n    <meta http-equiv="Content-Security-Policy" content="{POLICY}" />'
    named["index.html"] = named["index.html"].replace(_HEAD.encode(), policy.encode(), 1)
    return named


def _facts(
    files: Mapping[str, bytes], model: Mapping[str, object], engine: _Part, webgpu: _Part | None
) -> dict[str, Any]:
    """Return what the page reads of itself, in place of a server's facts; `static` says that there is no server.

    `download` are the bytes of all files but those of WebGPU, which have one of their own: what any host sends at most.
    """
    late = {"webgpu": {**webgpu.facts, "download": _size(webgpu.files)}} if webgpu else {}
    return {
        "static": True,
        "version": __version__,
        "formats": [one.label for one in FORMATS if one.label not in _NOT_DECODED],
        "quality": default_qualities(),
        "download": _size(files),
        "model": model,
        "runtime": {**engine.facts, **late},
    }


def _size(files: Mapping[str, bytes]) -> int:
    return sum(map(len, files.values()))


def _file(name: str, data: bytes) -> dict[str, object]:
    return {"file": name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def _service_worker(files: Mapping[str, bytes], late: Mapping[str, bytes]) -> bytes:
    """Return the service worker, after the list of all files, whose hash is the site's version."""
    listed = [_file(name, data) for name, data in files.items()]
    listed += [{**_file(name, data), "isLate": True} for name, data in late.items()]
    digest = hashlib.sha256(json.dumps(listed).encode()).hexdigest()
    site = {"version": f"{__version__}-{digest[:12]}", "policy": POLICY, "files": listed}
    script = (WEB / SCRIPT).read_bytes()
    return f"const SITE = {json.dumps(site, ensure_ascii=False, indent=1)};\n\n".encode() + script


def _is_site(folder: Path) -> bool:
    try:
        facts = json.loads((folder / FACTS).read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(facts, dict) and facts.get("static") is True


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Error(f"{folder}: can't be made ({error.strerror}); choose another folder") from error


def _compressed(data: bytes) -> int:
    return min(len(data), len(gzip.compress(data, compresslevel=6)))
