"""The practice of the worker in the browser: bounded, and ended between two steps as soon as somebody waits."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.conftest import CARD

PRACTISE = """async ([metadata, limit, isToFail, step]) => {
    const { practise } = await import("/static/local/practice.js");
    const { remove } = await import("/static/local/pipeline.js");
    let runs = 0;
    let time = 0;
    const run = async (pixels, [, height, width]) => {
        runs += 1;
        if (isToFail) throw new Error("no network");
        return Float32Array.from({ length: height * width }, (_, at) => Number(pixels[at * 3] > 200));
    };
    const runtime = { model: metadata, takesPrompts: false, run };
    const isWanted = () => runs >= limit;
    try {
        const goOn = await practise(runtime, isWanted, () => (time += step));
        const first = runs;
        await goOn();
        const all = runs;
        const canvas = new OffscreenCanvas(64, 48);
        canvas.getContext("2d").fillRect(20, 20, 20, 20);
        const image = await canvas.convertToBlob();
        await remove({ image, mask: null, background: null, fields: { format: "png", allow_empty: "true" } }, runtime);
        return { first, all, isGoingOn: runs > all };
    } catch (error) {
        return error.message;
    }
}"""


def practised(blank: Page, limit: int, *, fails: bool = False, step: int = 1) -> Any:
    """The network's runs in the first round and in all, where somebody waits from the `limit`th one on.

    `step` are the milliseconds between two looks at the clock.
    """
    return blank.evaluate(PRACTISE, [CARD.to_metadata(), limit, fails, step])


@pytest.mark.parametrize(("step", "runs"), [(1, 8), (2500, 4), (5000, 2)])
def test_practice_is_bounded(blank: Page, step: int, runs: int) -> None:
    wanted = {"first": 2, "all": runs, "isGoingOn": True}
    assert practised(blank, 1000, step=step) == wanted, "two passes a round, and fewer rounds where they take long"


@pytest.mark.parametrize(("limit", "first"), [(0, 0), (1, 1), (2, 2), (3, 2)])
def test_practice_ends_between_two_steps_once_somebody_waits(blank: Page, limit: int, first: int) -> None:
    assert practised(blank, limit) == {"first": first, "all": limit, "isGoingOn": True}, (
        "a picture is cut out nevertheless"
    )


def test_what_fails_in_the_first_round_is_thrown(blank: Page) -> None:
    assert practised(blank, 1000, fails=True) == "no network"
