import os
import pickle
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from background_remover import ModelError, OptionError, Options, Remover, remove, remover
from background_remover.pipeline.session import Session
from background_remover.segmentation import network

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")

FORK = """
import os, sys
import numpy as np
from background_remover import Remover, remove

image = np.random.default_rng(0).integers(0, 256, (90, 120, 3), np.uint8)
own, waiting = Remover(sys.argv[1]), Remover(sys.argv[1], wait=False)
wanted = own.alpha(image)
assert remove(image, model=sys.argv[1]).alpha.shape == wanted.shape
child = os.fork()
if child == 0:
    for again in (own.alpha(image), waiting.alpha(image), remove(image, model=sys.argv[1]).alpha):
        assert np.array_equal(again, wanted)
    sys.exit(7)  # and not by os._exit: what the parent had opened must do no harm at the end
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
assert np.array_equal(own.alpha(image), wanted)
"""


@pytest.fixture
def opened(monkeypatch) -> list[object]:
    """The networks that were opened."""
    made, begin = [], network.Network.__init__

    def noted(self, *given, **more):
        made.append(self)
        begin(self, *given, **more)

    monkeypatch.setattr(network.Network, "__init__", noted)
    return made


def at_once(number: int, work) -> list:
    meeting = threading.Barrier(number, timeout=30)

    def together(_: int):
        meeting.wait()
        return work()

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(together, range(number)))


def test_six_threads_open_one_network(make_model, photo, opened):
    model = make_model()
    alphas = at_once(6, lambda: remove(photo, model=model).alpha)
    assert len(opened) == 1
    assert all(np.array_equal(alpha, alphas[0]) for alpha in alphas)
    assert remover._remover.cache_info().currsize == 1


def test_six_threads_open_one_network_where_it_was_unpickled(bright, opened):
    session = pickle.loads(pickle.dumps(Session(bright, threads=1, device="cpu")))
    assert not {*opened[1:]}
    first, *rest = at_once(6, lambda: session.network)
    assert all(one is first for one in rest)
    assert len(opened) == 2


def test_a_pickled_remover_opens_its_model_again(bright, photo, tmp_path, monkeypatch):
    before = Remover(bright, threads=1)
    monkeypatch.chdir(bright.parent)
    relative = Remover(bright.name, threads=1)
    monkeypatch.chdir(tmp_path)
    for one in (before, relative):
        data = pickle.dumps(one)
        after = pickle.loads(data)
        assert np.array_equal(after.alpha(photo), before.alpha(photo))
        assert after.threads == 1


def test_a_shipped_model_is_pickled_by_its_name():
    assert b"unet-lite2" in pickle.dumps(Remover(threads=1))
    assert b".onnx" not in pickle.dumps(Remover(threads=1))


def test_what_cant_be_opened_is_said_at_every_use(make_model):
    path = make_model()
    path.write_bytes(b"no model")
    session = Session(path, threads=None, device="cpu")
    for _ in range(2):
        with pytest.raises(ModelError, match="not a whole ONNX model"):
            _ = session.network


@pytest.mark.parametrize(
    ("model", "threads", "device", "message"),
    [
        ("isnet", None, "cpu", "unknown model 'isnet'"),
        (None, None, "cpu", "model is None; give the path of a file"),
        (["unet"], None, "cpu", "model is of type list; give the path of a file"),
        (b"unet", None, "cpu", "model is of type bytes"),
        ("unet", "2", "cpu", "threads is '2'; give a whole number"),
        ("unet", 1.5, "cpu", "threads is 1.5; give a whole number"),
        ("unet", None, "tpu", "unknown device 'tpu'; known: auto, cpu, cuda"),
        ("unet", None, True, "device is True; give a text"),
    ],
)
def test_an_argument_that_cant_be_used_is_refused_by_name(model, threads, device, message, photo):
    with pytest.raises(OptionError, match=message):
        Remover(model, threads=threads, device=device, wait=False)
    if threads is None and device == "cpu":
        with pytest.raises(OptionError, match=message):
            remove(photo, model=model)


@needs_fork
@pytest.mark.parametrize("threads", ["", ", threads=1"])
def test_a_fork_opens_it_again_and_ends_in_peace(bright, threads):
    program = FORK.replace("Remover(sys.argv[1])", f"Remover(sys.argv[1]{threads})")
    done = subprocess.run([sys.executable, "-c", program, str(bright)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


def test_the_answers_to_one_picture_are_kept_for_its_next_click(bright, photo, monkeypatch):
    remover, shown, predict = Remover(bright, threads=1), [], network.Network.predict
    monkeypatch.setattr(network.Network, "predict", lambda self, images: shown.append(1) or predict(self, images))

    def runs(image, **prompts) -> int:
        shown.clear()
        remover.remove(image, Options(**prompts, allow_empty=True))
        return len(shown)

    first = runs(photo, points="50%,50%")
    assert first > 1
    assert runs(photo.copy(), points="50%,50%") == 0
    assert runs(photo, points="50%,50%", not_points="0%,0%") < first
    other = photo.copy()
    other[0, 0] ^= 1
    assert runs(other, points="50%,50%") == first
    assert runs(photo, points="50%,50%") == first  # the last picture's alone


def test_a_click_gives_the_same_whatever_was_asked_before(bright, photo):
    remover, points, not_points = Remover(bright, threads=1), [], []
    for number, place in enumerate(("50%,50%", "10%,90%", "60%,40%", "52%,50%", "90%,10%", "48%,47%")):
        (not_points if number % 2 else points).append(place)
        options = Options(points=points, not_points=not_points, allow_empty=True)
        fresh = Remover(bright, threads=1).remove(photo, options)
        assert np.array_equal(remover.remove(photo, options).alpha, fresh.alpha)
