"""What a client of rembg's server asks for: `Options`, read from the parameters of its API."""

import re
from collections.abc import Iterable

from background_remover.errors import OptionError
from background_remover.options import HARD_EDGE, Options
from background_remover.parameters.values import read_switch
from background_remover.server.request.fields import read_texts

FIELDS = ("model", "a", "af", "ab", "ae", "om", "ppm", "dc", "vm", "bgc", "extras")
LEVEL = 255  # the largest level of a channel


def read_options(given: Iterable[tuple[str, str]], max_megapixels: float) -> Options:
    """Return the options for text fields; empty ones count as left out.

    `om` is the alpha alone, which no background changes; `ppm` an alpha without half transparent pixels; `bgc` a
    colour. The parameters of rembg's matting (`a`, `af`, `ab`, `ae`, `dc`, `vm`) and the name of a network (`model`)
    are accepted without effect: edges are always refined, and there is one network. As with rembg, a picture without a
    subject comes back empty, and of an animation the first frame. Raises `OptionError` at a field that is unknown,
    given twice, or has a value out of range.
    """
    texts = read_texts(given, FIELDS)
    for name in ("a", "dc", "vm"):
        read_switch(name, texts.get(name, "false"))
    for name, most in (("af", LEVEL), ("ab", LEVEL), ("ae", None)):
        _whole(name, texts.get(name, "0"), most)
    if texts.get("extras", "{}") != "{}":
        raise OptionError("extras are set; no network here has parameters of its own, leave them out")
    only_mask = read_switch("om", texts.get("om", "false"))
    background = _colour(texts["bgc"]) if "bgc" in texts else "none"
    return Options(
        allow_empty=True,
        frame=1,
        only_mask=only_mask,
        threshold=HARD_EDGE if read_switch("ppm", texts.get("ppm", "false")) else 0.0,
        background="none" if only_mask else background,
        max_megapixels=max_megapixels,
    )


def _whole(name: str, text: str, most: int | None) -> int:
    number = int(text) if re.fullmatch(r"[0-9]{1,9}", text) else -1
    if number < 0 or (most is not None and number > most):
        raise OptionError(f"{name} is {text[:64]!r}; give a whole number from 0{'' if most is None else f' to {most}'}")
    return number


def _colour(text: str) -> str:
    """Return red, green, blue and, unless opaque, alpha, with commas between, as a colour of `Options`."""
    words = [word.strip() for word in text.split(",")]
    if len(words) not in (3, 4) or not all(re.fullmatch(r"[0-9]{1,3}", word) and int(word) <= LEVEL for word in words):
        raise OptionError(f"bgc is {text[:64]!r}; give red, green, blue and alpha from 0 to 255, as in 255,255,255,255")
    return "#" + "".join(f"{int(word):02x}" for word in words)
