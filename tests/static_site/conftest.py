"""A runtime of a few bytes, in place of onnxruntime-web, and its npm archive."""

import hashlib
import io
import tarfile

import pytest

from background_remover.static_site import onnxruntime_web

NAMES = onnxruntime_web.FILES | onnxruntime_web.WEBGPU_FILES
ALL = {name: f"this is {name}".encode() * 40 for name in NAMES}
"""With those of WebGPU."""
RUNTIME = {name: ALL[name] for name in onnxruntime_web.FILES}


@pytest.fixture
def runtime(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """The files that are taken for onnxruntime-web's."""
    for names in ("FILES", "WEBGPU_FILES"):
        hashes = {name: hashlib.sha256(ALL[name]).hexdigest() for name in getattr(onnxruntime_web, names)}
        monkeypatch.setattr(onnxruntime_web, names, hashes)
    return dict(RUNTIME)


def archive(files: dict[str, bytes]) -> bytes:
    """A package as npm has it, with other files around those of its folder `dist`."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as package:
        for name, data in {"package.json": b"{}", **{f"dist/{name}": data for name, data in files.items()}}.items():
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(data)
            package.addfile(member, io.BytesIO(data))
    return target.getvalue()
