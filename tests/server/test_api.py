import json
import re
from pathlib import Path

import background_remover
from background_remover.server.api import Api, error_response
from background_remover.server.application import APIS
from background_remover.server.errors import RequestError

SERVER = Path(background_remover.__file__).parent / "server"
BUSY = RequestError("busy", "try again", retry_after=3)


def test_an_error_is_json_and_says_when_to_try_again():
    answer = error_response(APIS, BUSY, "/remove")
    assert answer.status_code == 503
    assert json.loads(answer.body) == {"error": {"code": "busy", "message": "try again"}}
    assert answer.headers["retry-after"] == "3"


def test_an_api_has_error_bodies_of_its_own_below_its_prefix_alone():
    teapot = Api(lambda state: [], {}, prefix="/tea/", error_body=lambda error: (418, {"pot": error.code}))
    answer = error_response((*APIS, teapot), BUSY, "/tea/cup")
    assert (answer.status_code, json.loads(answer.body)) == (418, {"pot": "busy"})
    assert answer.headers["retry-after"] == "3"
    assert error_response((*APIS, teapot), BUSY, "/remove").status_code == 503


def test_nothing_but_the_application_knows_of_other_programs_apis():
    """An API is a folder and its place in `application.APIS`; no other line of the server names it."""
    names = {"removebg": ("removebg", "remove.bg", "remove_bg", "/v1.0"), "rembg": ("rembg", "/api/remove")}
    for folder, words in names.items():
        for path in SERVER.rglob("*.py"):
            place = path.relative_to(SERVER)
            if place.parts[0] == folder or place.name == "application.py":
                continue
            text = path.read_text(encoding="utf-8").lower()
            assert not [word for word in words if word in text], place
    lines = (SERVER / "application.py").read_text(encoding="utf-8").lower().splitlines()
    for folder in names:
        named = [line for line in lines if folder in line]
        assert len(named) == 2, named  # its import, and its place among the APIs
        assert named[0].startswith("from ")
        assert named[1].startswith("apis = ")


def test_a_picture_in_an_example_is_asked_for_as_one():
    """`curl --json` asks for an answer of JSON, which would lie in a file named as a picture."""
    repository = Path(__file__).parents[2]
    pages = [repository / "README.md", *(repository / "docs").glob("*.md")]
    lines = [line for page in pages for line in page.read_text(encoding="utf-8").replace("\\\n", " ").splitlines()]
    written = [line for line in lines if "curl " in line and re.search(r" -o \S+\.(png|jpg|webp)", line)]
    assert written
    assert not [line for line in written if re.search(r"--json|Accept: application/json", line)]
