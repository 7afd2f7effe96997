"""Options that exclude or need each other: the browser refuses the same ones as the server, in the same words."""

import itertools
from typing import Any

import pytest
from playwright.sync_api import Page

from background_remover.errors import OptionError
from background_remover.imaging.formats import WRITABLE
from background_remover.server.request.fields import read_fields

Given = dict[str, str | None]
"""Texts of fields by their names; None where a picture is sent."""

VALUES: dict[str, list[str | None]] = {
    "allow_empty": ["true"],
    "only_mask": ["true"],
    "points": ["25%,50%"],
    "not_points": ["25%,50%"],
    "box": ["10%,20%,40%,60%"],
    "subjects": ["largest", "2"],
    "ground": ["plain", "photo"],
    "remove_colour": ["#c81e28"],
    "tolerance": ["20"],
    "background": ["white", "gradient:white,black", "blur:4", None],
    "background_fit": ["contain", "stretch"],
    "shadow": ["true"],
    "shadow_kind": ["contact", "floating"],
    "shadow_opacity": ["0.7"],
    "shadow_blur": ["5%"],
    "shadow_offset": ["3%,1%"],
    "keep_shadow": ["true"],
    "outline": ["2%,white"],
    "crop": ["true"],
    "margin": ["5%"],
    "canvas": ["150x100"],
    "scale": ["0.8"],
    "position": ["bottom", "center"],
    "place": ["40%,30%"],
    "format": ["webp", "jpg"],
    "quality": ["80"],
    "dpi": ["300"],
    "mask": [None],
}
"""Every option of the browser, with values other than its default that may mean something else beside others."""

REFUSALS = """async (all) => {
    const { read } = await import("/static/local/parameters/options.js");
    return all.map(([fields, sent]) => {
        try {
            read(fields, { hasMask: sent.includes("mask"), hasBackground: sent.includes("background") });
            return null;
        } catch (error) {
            return error.message;
        }
    });
}"""


def combinations(count: int) -> list[Given]:
    """All sets of so many options, each with all its values, and a format as every request has one."""
    single = [(name, value) for name, values in VALUES.items() for value in values]
    chosen = (dict(several) for several in itertools.combinations(single, count))
    return [{"format": "png", **given} for given in chosen if len(given) == count]


def parted(given: Given) -> tuple[dict[str, str], list[str]]:
    """The texts, and the names of the pictures that are sent."""
    texts = {name: value for name, value in given.items() if value is not None}
    return texts, [name for name in given if name not in texts]


def refusal(given: Given) -> str | None:
    """Why the server refuses options; None where it takes them."""
    texts, sent = parted(given)
    try:
        _, saving = read_fields(texts.items(), sent, max_megapixels=250)
        saving.pillow(WRITABLE[f".{saving.format}"])
    except OptionError as error:
        return str(error)
    return None


def refusals(blank: Page, all_given: list[Given]) -> list[str | None]:
    """The same of the browser."""
    found: list[str | None] = blank.evaluate(REFUSALS, [parted(given) for given in all_given])
    return found


@pytest.mark.parametrize("count", [1, 2, 3])
def test_the_same_options_are_refused_together_as_by_the_server(blank: Page, count: int) -> None:
    tried = combinations(count)
    apart: list[Any] = [
        (given, ours, wanted)
        for given, ours in zip(tried, refusals(blank, tried), strict=True)
        if ours != (wanted := refusal(given))
    ]
    assert not apart, (len(apart), apart[:5])


def test_each_option_of_the_browser_is_tried(blank: Page) -> None:
    known = blank.evaluate(
        "import('/static/local/parameters/options.js').then(({ DEFAULTS }) => Object.keys(DEFAULTS))"
    )
    assert set(VALUES) == {*known, "mask"}
