"""Tiny models that keep the contract, the pictures that several tests share, and a server to ask."""

import contextlib
import functools
import io
import signal
import struct
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import settings
from onnx import TensorProto, helper
from PIL import Image as PillowImage
from PIL import ImageCms

from background_remover.segmentation.network import Card
from background_remover.server.listener import listener
from background_remover.server.settings import ServerSettings
from background_remover.types import Image
from tests.waiting import wait_until

settings.register_profile("untimed", deadline=None)  # how long an example takes depends on the machine
settings.load_profile("untimed")

CARD = Card(
    name="bright",
    version="1",
    license="CC0-1.0",
    data="nothing: it takes what is bright for the subject",
    commit="0000000",
    parameters=1,
)
SLOPE, MIDDLE = 0.1, 127.5

ModelMaker = Callable[..., Path]

STORED: dict[int, Callable[[np.ndarray], np.ndarray]] = {
    1: lambda upright: upright,
    2: lambda upright: upright[:, ::-1],
    3: lambda upright: upright[::-1, ::-1],
    4: lambda upright: upright[::-1],
    5: lambda upright: upright.swapaxes(0, 1),
    6: lambda upright: np.rot90(upright, 1),
    7: lambda upright: np.rot90(upright, 2).swapaxes(0, 1),
    8: lambda upright: np.rot90(upright, -1),
}


def bright_alpha(image: Image) -> np.ndarray:
    """What the tiny model answers, in NumPy: the sigmoid of the mean brightness."""
    return 1 / (1 + np.exp(-SLOPE * (image.astype(np.float64).mean(axis=-1) - MIDDLE)))


def model_maker(folder: Path) -> ModelMaker:
    """A function that writes a model of one's own choice of metadata, names and last step, and gives its path."""

    def make(
        name: str = "bright.onnx",
        metadata: dict[str, str] | None = None,
        names: tuple[str, str] = ("image", "alpha"),
        kind: int = TensorProto.UINT8,
        last: str = "Sigmoid",
    ) -> Path:
        source, target = names
        nodes = [
            helper.make_node("Cast", [source], ["levels"], to=TensorProto.FLOAT),
            helper.make_node("ReduceMean", ["levels"], ["grey"], axes=[3], keepdims=0),
            helper.make_node("Sub", ["grey", "middle"], ["centred"]),
            helper.make_node("Mul", ["centred", "slope"], ["logits"]),
            helper.make_node(last, ["logits"], [target]),
        ]
        graph = helper.make_graph(
            nodes,
            "bright",
            [helper.make_tensor_value_info(source, kind, ["n", "h", "w", 3])],
            [helper.make_tensor_value_info(target, TensorProto.FLOAT, ["n", "h", "w"])],
            [
                helper.make_tensor("middle", TensorProto.FLOAT, [], [MIDDLE]),
                helper.make_tensor("slope", TensorProto.FLOAT, [], [SLOPE]),
            ],
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        helper.set_model_props(model, CARD.to_metadata() if metadata is None else metadata)
        onnx.save(model, folder / name)
        return folder / name

    return make


@pytest.fixture(scope="session", autouse=True)
def _interruptible() -> Iterator[None]:
    """Lets Ctrl-C reach the processes of the tests: those begun in a shell's background are born deaf to it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def make_model(tmp_path: Path) -> ModelMaker:
    return model_maker(tmp_path)


@pytest.fixture(scope="session")
def bright(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that takes what is bright for the subject. All tests share it; those that change one use `make_model`."""
    return model_maker(tmp_path_factory.mktemp("models"))()


@pytest.fixture(autouse=True)
def _shared_model_unchanged(bright: Path) -> Iterator[None]:
    """Fails the test that writes into the shared model, and not whichever comes after it."""
    before = bright.read_bytes()
    yield
    if bright.read_bytes() != before:
        bright.write_bytes(before)
        pytest.fail(f"{bright} is shared by all tests; change a copy, as `make_model` gives")


@pytest.fixture
def photo() -> Image:
    """A white disc, the subject, on a dark ground: (90, 120, 3)."""
    rows, columns = np.mgrid[:90, :120]
    disc = (rows - 45) ** 2 + (columns - 70) ** 2 < 30**2
    return np.where(disc[..., None], np.uint8([250, 240, 230]), np.uint8([20, 30, 40]))


@pytest.fixture
def scene(photo) -> Image:
    """The same disc before a ground of many colours, of which only the network can say what is subject."""
    ground = np.random.default_rng(0).integers(0, 60, photo.shape, dtype=np.uint8)
    return np.where(photo > 127, photo, ground)


@functools.cache  # it holds the time
def srgb_profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def wide_profile() -> bytes:
    """A profile of RGB whose red and green primaries have changed places: an error of spaces can't be overseen."""
    profile = srgb_profile().replace("sRGB".encode("utf-16-be"), "test".encode("utf-16-be"))
    return profile.replace(b"rXYZ", b"????").replace(b"gXYZ", b"rXYZ").replace(b"????", b"gXYZ")


def grey_profile() -> bytes:
    """A profile of grey levels whose curve is a square, made by hand (ICC.1, 7 to 10)."""
    white = struct.pack(">lll", 63190, 65536, 54061)
    tags = [
        (b"desc", b"desc" + bytes(4) + struct.pack(">L", 5) + b"grey\0" + bytes(79)),
        (b"wtpt", b"XYZ " + bytes(4) + white),
        (b"kTRC", b"curv" + bytes(4) + struct.pack(">LHH", 1, 2 * 256, 0)),
    ]
    place, table, body = 128 + 4 + 12 * len(tags), b"", b""
    for name, data in tags:
        table += name + struct.pack(">LL", place + len(body), len(data))
        body += data
    rest = struct.pack(">L", len(tags)) + table + body
    head = struct.pack(">L4sL4s4s4s", 128 + len(rest), b"lcms", 0x02400000, b"mntr", b"GRAY", b"XYZ ") + bytes(12)
    return head + b"acsp" + bytes(28) + white + bytes(48) + rest


def png(pixels: np.ndarray) -> bytes:
    """The bytes of a PNG file."""
    buffer = io.BytesIO()
    PillowImage.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


@contextlib.contextmanager
def serving(settings: ServerSettings) -> Iterator[str]:
    """The address of a server in a thread of this process, for as long as the block runs; it listens on a free port."""
    server, bound = listener(settings)
    thread = threading.Thread(target=server.run, args=[[bound]])
    thread.start()
    try:
        wait_until(lambda: server.started or not thread.is_alive())
        assert server.started
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
