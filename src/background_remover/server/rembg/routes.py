"""The routes of rembg's server, so that its clients work once they are pointed at another host."""

import functools
from collections.abc import Iterable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from background_remover.errors import OptionError
from background_remover.imaging.output_options import OutputOptions
from background_remover.server import responses
from background_remover.server.api import Api
from background_remover.server.errors import RequestError
from background_remover.server.handler import Work, respond
from background_remover.server.rembg.parameters import read_options
from background_remover.server.rembg.schema import get_operation, post_operation
from background_remover.server.request.body import Body, Reader
from background_remover.server.request.cutout import CutoutRequest, carry_out
from background_remover.server.state import ServerState

PATH = "/api/remove"
FILE, URL = "file", "url"


def _routes(state: ServerState) -> list[Route]:
    async def remove(request: Request) -> Response:
        by_url = request.method == "GET"

        async def prepare(body: Body, reader: Reader) -> Work:
            texts = [*request.query_params.multi_items(), *body.texts]
            fields = [(name, text) for name, text in texts if not (by_url and name == URL)]
            options = read_options(fields, state.settings.max_megapixels)
            image = await state.fetched(_url(texts), URL, reader) if by_url else _file(body)
            asked = CutoutRequest(image, options, OutputOptions(format="png"))
            return Work(functools.partial(carry_out, asked), asked.memory)

        render = functools.partial(responses.cutout_response, as_json=False)
        return await respond(state, request, (FILE,), prepare, render)

    route = Route(PATH, remove)
    route.methods = {"GET", "POST"}  # Starlette adds HEAD to GET, and nobody wants a cutout that isn't sent
    return [route]


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


REMBG = Api(_routes, {PATH: {"post": post_operation(), "get": get_operation()}}, post_like_paths=(PATH,))
"""The API of rembg's server; its errors are the service's own, for its clients read the status alone."""
