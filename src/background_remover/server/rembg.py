"""The address of rembg's server, so that its clients work once they are told another host."""

import functools
import re
from collections.abc import Iterable
from time import perf_counter

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from background_remover.errors import OptionError
from background_remover.imaging.output_options import OutputOptions
from background_remover.options import Options
from background_remover.parameters.values import read_switch
from background_remover.server import responses
from background_remover.server.error_bodies import REMBG
from background_remover.server.errors import RequestError
from background_remover.server.removebg.parameters import read_texts
from background_remover.server.request.body import Body
from background_remover.server.request.cutout import CutoutRequest, carry_out
from background_remover.server.state import ServerState

FIELDS = ("model", "a", "af", "ab", "ae", "om", "ppm", "bgc", "extras")
FILE, URL = "file", "url"
_LEVEL, _HALF = 255, 0.5


def rembg_routes(room: ServerState) -> list[Route]:
    """Return the routes of rembg's server."""

    async def api_remove(request: Request) -> Response:
        start = perf_counter()
        reader = room.reader(request, (FILE,))
        try:
            room.gate.check()  # before what nobody has room for is read
            body = await reader.read()
            texts = [*request.query_params.multi_items(), *body.texts]
            by_url = request.method == "GET"
            fields = [(name, text) for name, text in texts if not (by_url and name == URL)]
            options = read_options(fields, room.settings.max_megapixels)
            image = await room.fetched(_url(texts), URL, reader) if by_url else _file(body)
            order = CutoutRequest(image, options, OutputOptions(format="png"))
            told = functools.partial(responses.picture, as_json=False)
            work = room.in_memory(order.memory, functools.partial(carry_out, order))
            response = await room.respond(work, request.receive, reader, perf_counter() - start, told)
        finally:
            reader.release()
        return responses.Measured(response, room.budget, room.settings.body_timeout)

    route = Route(REMBG, api_remove)
    route.methods = {"GET", "POST"}  # Starlette adds HEAD to GET, and nobody wants a cutout that isn't sent
    return [route]


def read_options(given: Iterable[tuple[str, str]], max_megapixels: float) -> Options:
    """What fields of text ask for in rembg's words; those that are empty count as left out.

    `om` is the alpha alone, which no background changes; `ppm` an alpha without half transparent pixels; `bgc` a
    colour. What tunes rembg's own way to edges (`a`, `af`, `ab`, `ae`) and names its networks (`model`) is read and
    changes nothing: edges are found anyhow, and there is one network. As there, a picture without a subject comes back
    empty, and of a moving one the first frame. Raises `OptionError` at a field that is unknown, given twice, or has a
    value out of range.
    """
    texts = read_texts(given, FIELDS)
    read_switch("a", texts.get("a", "false"))
    for name, most in (("af", _LEVEL), ("ab", _LEVEL), ("ae", None)):
        _whole(name, texts.get(name, "0"), most)
    if texts.get("extras", "{}") != "{}":
        raise OptionError("extras are set; no network here has parameters of its own, leave them out")
    only_mask = read_switch("om", texts.get("om", "false"))
    background = _colour(texts["bgc"]) if "bgc" in texts else "none"
    return Options(
        allow_empty=True,
        frame=1,
        only_mask=only_mask,
        threshold=_HALF if read_switch("ppm", texts.get("ppm", "false")) else 0.0,
        background="none" if only_mask else background,
        max_megapixels=max_megapixels,
    )


def _url(texts: Iterable[tuple[str, str]]) -> str:
    urls = [text for name, text in texts if name == URL]
    if not urls:
        raise RequestError("no_image", "give url, or send the picture by POST as file")
    if len(urls) > 1:
        raise OptionError("url is given twice; give it once")
    return urls[0]


def _file(body: Body) -> bytes:
    unknown = [name for name in body.files if name != FILE]
    if unknown:
        raise RequestError("invalid_option", f"{unknown[0][:64]!r} is no file; known: {FILE}")
    if not body.files.get(FILE):
        raise RequestError("no_image", f"there is no picture; send it as {FILE} of a form (multipart/form-data)")
    return body.files[FILE]


def _whole(name: str, text: str, most: int | None) -> int:
    number = int(text) if re.fullmatch(r"[0-9]{1,9}", text) else -1
    if number < 0 or (most is not None and number > most):
        raise OptionError(f"{name} is {text[:64]!r}; give a whole number from 0{'' if most is None else f' to {most}'}")
    return number


def _colour(text: str) -> str:
    """Red, green, blue and, unless opaque, alpha, with commas between, as a colour of `Options`."""
    words = [word.strip() for word in text.split(",")]
    if len(words) not in (3, 4) or not all(re.fullmatch(r"[0-9]{1,3}", word) and int(word) <= _LEVEL for word in words):
        raise OptionError(f"bgc is {text[:64]!r}; give red, green, blue and alpha from 0 to 255, as in 255,255,255,255")
    return "#" + "".join(f"{int(word):02x}" for word in words)
