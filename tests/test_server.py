import contextlib
import io
import threading
import time
from collections.abc import Iterator

import httpx
import numpy as np
import pytest
from PIL import Image as PillowImage

from background_remover import Remover
from background_remover.options import Options
from background_remover.server import listener
from background_remover.service import Service


def png(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    PillowImage.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


@contextlib.contextmanager
def serving(settings: Service) -> Iterator[str]:
    """The address of a server that runs in a thread of this process."""
    server = listener(settings)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        deadline = time.monotonic() + 20
        while not server.started:
            assert thread.is_alive()
            assert time.monotonic() < deadline
            time.sleep(0.01)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(20)
        assert not thread.is_alive()


@pytest.fixture(scope="module")
def client(bright):
    with serving(Service(str(bright), port=0)) as address, httpx.Client(base_url=address) as client:
        yield client


def test_a_raw_body_is_cut_out(client, bright, photo):
    answer = client.post("/remove", content=png(photo))
    assert answer.status_code == 200, answer.text
    with PillowImage.open(io.BytesIO(answer.content)) as cutout:
        assert np.array_equal(np.asarray(cutout), np.asarray(Remover(bright).remove(photo)))


def test_a_form_with_options(client, bright, photo):
    answer = client.post("/remove", files={"image": png(photo)}, data={"crop": "true", "background": "red"})
    with PillowImage.open(io.BytesIO(answer.content)) as cutout:
        expected = Remover(bright).remove(photo, Options(crop=True, background="red"))
        assert np.array_equal(np.asarray(cutout), np.asarray(expected))


def test_no_subject_is_an_error_in_words(client, bright, photo):
    answer = client.post("/remove", content=b"no picture")
    assert (answer.status_code, answer.json()["error"]["code"]) == (415, "unknown_format")
