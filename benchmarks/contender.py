"""Cuts out a list of pictures with one program, in a process of its own, and measures what that takes.

    PYTHON -I contender.py ORDER.json REPORT.json

PYTHON is that of the environment which holds the program and nothing else; so this file imports nothing but the
standard library, the program, and what the program brings along.

The order says `program`, a key of `PROGRAMS`; `model`, its name or file; `pictures`, a list of files; and `alphas`, a
folder. There the alpha of picture number N is written as N.png, 8-bit grey. The report says `version` (the program's),
`open_seconds` (its import and the opening of its model), `network_seconds` and `total_seconds` (lists: of each picture,
in the network, and from the bytes of its file to those of a PNG) and `peak_bytes` (the memory of this process).
"""

import io
import json
import os
import sys
from collections.abc import Callable, Mapping
from functools import wraps
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import Any, TypeAlias

Cut: TypeAlias = Callable[[bytes], bytes]
"""The bytes of a picture's file in, those of a PNG of its cutout out."""

MARGIN, ROUNDS = 0.1, 5  # of GrabCut: what its rectangle leaves out at each side, and how often it refines itself


def work(order: Mapping[str, Any]) -> dict[str, Any]:
    """Do what an order says and return the report; both are described above."""
    start = perf_counter()
    calls: list[float] = []
    cut = PROGRAMS[order["program"]](order["model"], calls)
    open_seconds = perf_counter() - start

    pictures = [Path(picture) for picture in order["pictures"]]
    cut(pictures[0].read_bytes())  # the first picture in a process takes longer: it allocates
    network_seconds, total_seconds = [], []
    for number, picture in enumerate(pictures):
        data = picture.read_bytes()
        calls.clear()
        start = perf_counter()
        cutout = cut(data)
        total_seconds.append(perf_counter() - start)
        network_seconds.append(sum(calls))  # a program may look at a picture twice
        _write_alpha(cutout, Path(order["alphas"]) / f"{number}.png")
    return {
        "version": version(order["program"]),
        "open_seconds": open_seconds,
        "network_seconds": network_seconds,
        "total_seconds": total_seconds,
        "peak_bytes": peak_bytes(),
    }


def open_background_remover(model: str, network_seconds: list[float]) -> Cut:
    """Our package, with a shipped model or a model file."""
    from background_remover import Remover
    from background_remover.segmentation.network import Network

    setattr(Network, "predict", timed(Network.predict, network_seconds))  # noqa: B010 - mypy refuses an assignment
    remover = Remover(model)
    return lambda data: remover.cut(data).encode()


def open_rembg(model: str, network_seconds: list[float]) -> Cut:
    """Open an ISNet file in rembg, as it is used by default: no alpha matting, no clean-up."""
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # onnxruntime reports by itself, from its import on
    from rembg import new_session, remove

    os.environ["U2NET_HOME"] = str(Path(model).resolve().parent)  # rembg takes files from its own folder alone
    session = new_session("dis_custom", model_path=str(Path(model).resolve()))
    session.inner_session.run = timed(session.inner_session.run, network_seconds)
    return lambda data: remove(data, session=session)


def open_mediapipe(model: str, network_seconds: list[float]) -> Cut:  # noqa: ARG001 - its package holds it
    """Return MediaPipe's selfie segmentation for single pictures; its "network" resizes the picture as well."""
    import numpy as np
    from mediapipe.python.solutions.selfie_segmentation import SelfieSegmentation
    from PIL import Image, ImageOps

    process = timed(SelfieSegmentation(model_selection=0).process, network_seconds)

    def cut(data: bytes) -> bytes:
        image = ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB")
        mask = process(np.asarray(image)).segmentation_mask
        image.putalpha(Image.fromarray((mask * 255 + 0.5).astype(np.uint8)))
        buffer = io.BytesIO()
        image.save(buffer, "PNG")
        return buffer.getvalue()

    return cut


def open_grabcut(model: str, network_seconds: list[float]) -> Cut:  # noqa: ARG001 - it has no model
    """Return OpenCV's GrabCut, given the subject in a rectangle in the middle; its "network" is the algorithm."""
    import cv2
    import numpy as np
    from PIL import Image, ImageOps

    grab = timed(cv2.grabCut, network_seconds)

    def cut(data: bytes) -> bytes:
        image = ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB")
        left, top = int(image.width * MARGIN), int(image.height * MARGIN)
        rectangle = (left, top, image.width - 2 * left, image.height - 2 * top)
        mask = np.zeros((image.height, image.width), np.uint8)
        colours = np.zeros((2, 1, 65))
        cv2.setRNGSeed(0)
        grab(np.asarray(image)[..., ::-1].copy(), mask, rectangle, *colours, ROUNDS, cv2.GC_INIT_WITH_RECT)
        subject = np.isin(mask, (cv2.GC_FGD, cv2.GC_PR_FGD))
        image.putalpha(Image.fromarray(subject.astype(np.uint8) * 255))
        buffer = io.BytesIO()
        image.save(buffer, "PNG")
        return buffer.getvalue()

    return cut


PROGRAMS: dict[str, Callable[[str, list[float]], Cut]] = {
    "background-remover": open_background_remover,
    "rembg": open_rembg,
    "mediapipe": open_mediapipe,
    "opencv-python-headless": open_grabcut,
}
"""The name under which a program is installed -> what opens it with a model and notes the seconds of its network."""


def timed(function: Callable[..., Any], seconds: list[float]) -> Callable[..., Any]:
    """Wrap a function so that it notes how long each call takes."""

    @wraps(function)
    def call(*arguments: Any, **options: Any) -> Any:
        start = perf_counter()
        result = function(*arguments, **options)
        seconds.append(perf_counter() - start)
        return result

    return call


def peak_bytes() -> int:
    """Return the most memory this process has held at once."""
    status = Path("/proc/self/status")
    if status.is_file():  # on Linux getrusage counts the memory of the process that started this one as well
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(lines["VmHWM"].split()[0]) * 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _write_alpha(cutout: bytes, path: Path) -> None:
    from PIL import Image

    with Image.open(io.BytesIO(cutout)) as image:
        image.getchannel("A").save(path, compress_level=1)


if __name__ == "__main__":
    order, report = map(Path, sys.argv[1:])
    report.write_text(json.dumps(work(json.loads(order.read_text()))))
