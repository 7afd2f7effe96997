import asyncio
import threading
import time

import pytest

from background_remover.errors import ModelError
from background_remover.imaging.output_options import OutputOptions
from background_remover.options import Options
from background_remover.remover import Remover
from background_remover.server import state as rooms
from background_remover.server.errors import RequestError
from background_remover.server.queue import ClientGone
from background_remover.server.request.cutout import CutoutRequest, carry_out
from background_remover.server.settings import ServerSettings
from background_remover.server.state import ServerState
from tests.conftest import png


async def silent() -> dict:
    await asyncio.Event().wait()
    return {}


async def gone() -> dict:
    return {"type": "http.disconnect"}


@pytest.fixture
def order(photo):
    return lambda remover: carry_out(CutoutRequest(png(photo), Options(), OutputOptions()), remover)


def test_one_network_is_loaded_however_many_requests_come_first(bright, order, monkeypatch):
    opened = []

    def count(model: str, *, device: str) -> Remover:
        opened.append(model)
        return Remover(model, device=device)

    monkeypatch.setattr(rooms, "Remover", count)

    async def main() -> None:
        room = ServerState(ServerSettings(str(bright), workers=2))
        with pytest.raises(RequestError, match="isn't loaded"):
            await room.answer(order, silent, lambda made, seconds: made)
        assert not room.ready
        room.open()
        answers = [room.answer(order, silent, lambda made, seconds: (made.data, seconds)) for _ in range(8)]
        first, *others = await asyncio.gather(*answers)
        assert room.ready
        assert all(data == first[0] for data, _ in others)
        assert set(first[1]) == {"queue", "read", "network", "refine", "compose", "write"}
        await room.close()

    asyncio.run(main())
    assert opened == [str(bright)]


def test_the_answer_is_made_in_another_thread(bright, order):
    async def main() -> None:
        room = ServerState(ServerSettings(str(bright)))
        room.open()
        assert await room.answer(order, silent, lambda made, seconds: threading.get_ident()) != threading.get_ident()
        await room.close()

    asyncio.run(main())


def test_who_goes_away_isnt_waited_for(bright, order):
    async def main() -> None:
        room = ServerState(ServerSettings(str(bright)))
        room.open()
        with pytest.raises(ClientGone):
            await room.answer(lambda _: time.sleep(0.5), gone, lambda *_: None)
        await room.close()

    asyncio.run(main())


def test_a_network_that_cant_be_loaded_is_told(tmp_path, order):
    (tmp_path / "broken.onnx").write_bytes(b"broken")

    async def main() -> ServerState:
        room, told = ServerState(ServerSettings(str(tmp_path / "broken.onnx"))), asyncio.Event()
        room.when_failed = told.set
        room.open()
        with pytest.raises(ModelError):
            await room.answer(order, silent, lambda *_: None)
        await told.wait()
        assert not room.ready
        await room.close()
        return room

    assert isinstance(asyncio.run(main()).failure, ModelError)
