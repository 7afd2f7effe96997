import sys
from collections import Counter
from pathlib import Path

import pytest

import service
from background_remover.errors import Error
from background_remover.server.settings import ServerSettings
from files import OURS
from photo import photograph
from service import (
    Footprint,
    Load,
    asking,
    batch_milliseconds,
    footprint,
    footprint_table,
    form,
    large_requests,
    load_table,
    loads,
    press,
)
from tests.benchmarks.conftest import cells
from tests.conftest import serving


def test_our_server_is_pressed():
    one, four = loads(Path(sys.executable), OURS, photograph((60, 80)), 6, (1, 4))
    assert [len(load.seconds) for load in (one, four)] == [6, 6]
    assert not one.refused
    assert one.rate > 0
    assert four.memory >= one.memory > 10_000_000


def test_refused_clients_ask_again():
    answers = [(503, b"", 0.0), (429, b"", 0.0), (200, b"\x89PNG", 0.0)]
    load = press(1, lambda _: answers.pop(0), 1, 1, lambda: 5)
    assert (load.refused, len(load.seconds), load.memory) == (Counter({503: 1, 429: 1}), 1, 5)


@pytest.mark.parametrize("answer", [(500, b"", 0.0), (200, b"no picture", 0.0)])
def test_other_answers_end_it(answer):
    with pytest.raises(Error, match=str(answer[0])):
        press(1, lambda _: answer, 2, 4, lambda: 0)


def test_a_server_that_doesnt_start(tmp_path):
    with pytest.raises(Error, match="start"), service.running([sys.executable, "-c", ""], None, tmp_path):
        pass


def test_the_form_is_one(bright):
    kind, body = form(photograph((60, 80)), "x")
    ask = service.asking("/remove", kind, body)
    with serving(ServerSettings(str(bright), port=0)) as address:
        connection = service.http.client.HTTPConnection("127.0.0.1", int(address.rsplit(":", 1)[1]))
        status, said, _ = ask(connection)
        connection.close()
    assert status == 422  # read as a form whose fields are rembg's
    assert b"file" in said


def test_the_table():
    rows = {"a": [Load(1, 2.0, (0.5,), Counter(), 10**6), Load(64, 1.0, (1.0, 3.0), Counter({503: 7}), 2 * 10**6)]}
    _, one, many = cells(load_table(rows))
    assert one == ["a", "1", "2.00", "1.00", "0.50", "0.50", "-", "1"]
    assert many[:5] == ["a", "64", "1.00", "0.50", "2.00"]
    assert many[6] == "7 x 503"


def test_batches_are_timed(bright):
    assert batch_milliseconds(str(bright), 2, 3) > 0


def test_the_memory_of_large_pictures_is_measured():
    requests = large_requests(photograph((60, 80)))
    assert len(requests) == 5
    found = footprint(asking(*requests["PNG, 16 bits, transparency"]), 2)
    assert found.peak >= found.before > 10_000_000
    assert found.idle > 10_000_000


def test_the_table_of_memory():
    found = footprint_table({("JPEG", 2): Footprint(100 * 10**6, 350 * 10**6, 120 * 10**6)}, 10**7)
    assert cells(found)[1] == ["JPEG", "2", "100", "350", "25.0", "120"]
