import asyncio
import functools
import os
import signal
from contextlib import closing

import pytest

from background_remover.errors import ImageError, ModelError
from background_remover.imaging.output_options import OutputOptions
from background_remover.options import Options
from background_remover.pipeline.file_step import CutoutFile
from background_remover.remover import Remover
from background_remover.server.errors import RequestError
from background_remover.server.removebg.parameters import read_options
from background_remover.server.removebg.render import Rendering
from background_remover.server.request.cutout import CutoutRequest, carry_out
from background_remover.server.request.processes import Processes
from background_remover.server.settings import ServerSettings
from background_remover.server.state import ServerState
from tests.conftest import png


@pytest.fixture(scope="module")
def processes(bright):
    with closing(Processes(str(bright), "cpu", 1)) as started:
        yield started


def asked(image: bytes):
    request = CutoutRequest(image, Options(), OutputOptions())
    request.memory()  # by which the header is read
    return functools.partial(carry_out, request)


def rendering(image: bytes):
    return Rendering(image, None, read_options([]), 50.0).run


def end(remover: Remover) -> CutoutFile:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError(remover)


@pytest.mark.parametrize("work", [asked, rendering])
def test_a_cutout_is_the_same_from_another_process(processes, bright, photo, work):
    run = work(png(photo))
    assert processes.carry_out(run).data == run(Remover(bright)).data


def test_a_picture_that_cannot_be_read_is_refused_as_ever(processes):
    with pytest.raises(ImageError, match="not a picture of a known format"):
        processes.carry_out(functools.partial(carry_out, CutoutRequest(b"no picture", Options(), OutputOptions())))


@pytest.mark.skipif(os.name == "nt", reason="processes end in another way here")
def test_a_process_that_is_killed_fails_one_request(processes, photo):
    with pytest.raises(RequestError, match=r"was ended \(SIGKILL\); send a smaller one") as refused:
        processes.carry_out(end)
    assert (refused.value.code, refused.value.retry_after) == ("memory", 1)
    assert processes.carry_out(asked(png(photo))).data


def test_a_model_that_cannot_be_opened_is_an_error(tmp_path):
    (tmp_path / "broken.onnx").write_bytes(b"no model")
    with pytest.raises(ModelError, match=r"broken\.onnx: not a whole ONNX model"):
        Processes(str(tmp_path / "broken.onnx"), "cpu", 1)


def test_a_service_works_in_processes_where_it_is_to(bright, photo):
    async def silent() -> dict:
        await asyncio.Event().wait()
        return {}

    def here(remover: Remover) -> CutoutFile:
        raise AssertionError(remover)

    async def main() -> None:
        state = ServerState(ServerSettings(str(bright), workers=1, processes=True))
        state.open()
        made, seconds = await state.answer(asked(png(photo)), silent, lambda made, seconds: (made, seconds))
        assert made.data == asked(png(photo))(Remover(bright)).data
        assert set(seconds) == {"queue", "read", "network", "refine", "compose", "write"}
        with pytest.raises(Exception, match="pickle"):
            await state.answer(lambda remover: here(remover), silent, lambda made, seconds: made)
        await state.close()

    asyncio.run(main())
