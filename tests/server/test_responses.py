import asyncio
import base64
import json

import pytest

from background_remover.arrays.box import Box
from background_remover.imaging.formats import WRITABLE
from background_remover.pipeline.file_step import CutoutFile
from background_remover.server.errors import RequestError
from background_remover.server.request.body import Budget
from background_remover.server.responses import TYPES, Measured, cutout_response

MADE = CutoutFile(b"bytes", "WEBP", (30, 40), Box(1, 2, 11, 22), 1, 0.98764, False, True, {})


def test_every_format_has_its_type():
    assert set(TYPES) == set(WRITABLE.values())


def test_the_facts_are_headers():
    answer = cutout_response(MADE, {"queue": 0.5, "network": 0.0123}, as_json=False)
    assert answer.body == b"bytes"
    told = {name: answer.headers[name] for name in answer.headers if name.startswith("x-")}
    assert told == {
        "x-width": "40",
        "x-height": "30",
        "x-confidence": "0.9876",
        "x-frames": "1",
        "x-unsure": "true",
        "x-ground": "photo",
        "x-foreground-top": "1",
        "x-foreground-left": "2",
        "x-foreground-width": "20",
        "x-foreground-height": "10",
    }
    assert answer.headers["server-timing"] == "queue;dur=500.0, network;dur=12.3"
    assert answer.headers["content-type"] == "image/webp"


def test_what_is_sure_says_so():
    answer = cutout_response(MADE._replace(unsure=False), {}, as_json=False)
    assert answer.headers["x-unsure"] == "false"


def test_the_same_facts_as_json():
    facts = json.loads(cutout_response(MADE, {"queue": 0.5}, as_json=True).body)
    assert base64.b64decode(facts.pop("image")) == b"bytes"
    assert facts == {
        "type": "image/webp",
        "width": 40,
        "height": 30,
        "foreground": {"top": 1, "left": 2, "width": 20, "height": 10},
        "confidence": 0.9876,
        "empty": False,
        "unsure": True,
        "ground": "photo",
        "frames": 1,
        "seconds": {"queue": 0.5},
    }


def send_all(answer: Measured, pause: float) -> list[dict]:
    messages: list[dict] = []

    async def send(message: dict) -> None:
        await asyncio.sleep(pause)
        messages.append(message)

    asyncio.run(answer({"type": "http"}, None, send))
    return messages


def test_an_answer_counts_while_it_is_sent():
    budget, made = (
        Budget(1_000_000),
        CutoutFile(bytes(300_000), "PNG", (1, 1), Box(0, 0, 1, 1), 1, 1.0, False, False, {}),
    )
    answer = Measured(cutout_response(made, {}, as_json=False), budget, 5)
    assert budget.held == 300_000
    start, *parts = send_all(answer, 0)
    assert budget.held == 0
    assert b"".join(part["body"] for part in parts) == made.data
    assert [part["more_body"] for part in parts] == [True] * (len(parts) - 1) + [False]
    assert (b"content-length", b"300000") in start["headers"]


def test_an_answer_over_the_budget_is_refused():
    with pytest.raises(RequestError):
        Measured(cutout_response(MADE, {}, as_json=False), Budget(4), 5)


def test_an_answer_that_is_taken_too_slowly_is_broken_off():
    budget, made = (
        Budget(10_000_000),
        CutoutFile(bytes(9_000_000), "PNG", (1, 1), Box(0, 0, 1, 1), 1, 1.0, False, False, {}),
    )
    messages = send_all(Measured(cutout_response(made, {}, as_json=False), budget, 0.05), 3)
    assert messages[-1].get("more_body", True)
    assert budget.held == 0
