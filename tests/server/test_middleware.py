import asyncio
import json
import logging

import pytest

from background_remover.server.application import APIS
from background_remover.server.middleware import HEADERS, Middleware, log
from background_remover.server.settings import ServerSettings


def ask(
    method: str = "GET",
    path: str = "/",
    headers: dict[str, str] | None = None,
    settings: ServerSettings | None = None,
    error: Exception | None = None,
) -> tuple[int, dict[str, str], bytes]:
    """The status, headers and body of what an application behind the middleware answers: 200, or an error."""

    async def app(scope: dict, receive: object, send: object) -> None:
        if error is not None:
            raise error
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"behind"})

    sent: list[dict] = []

    async def send(message: dict) -> None:
        sent.append(message)

    raw = [(name.lower().encode(), value.encode()) for name, value in ({"Host": "localhost"} | (headers or {})).items()]
    scope = {"type": "http", "method": method, "path": path, "headers": raw, "query_string": b"", "server": ("a", 1)}
    counted: list[tuple[str, int]] = []
    middleware = Middleware(
        app, settings or ServerSettings(), APIS, lambda path, status: counted.append((path, status))
    )
    asyncio.run(middleware(scope, None, send))
    assert counted == [(path, sent[0]["status"])]
    told = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], told, sent[1]["body"]


def test_every_answer_tells_browsers_to_be_strict():
    for status, told, _ in (ask(), ask("POST", settings=ServerSettings(token="t")), ask(error=ValueError())):
        assert status in (200, 401, 500)
        assert {name.lower(): value for name, value in HEADERS.items()}.items() <= told.items()
    policy = HEADERS["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "unsafe" not in policy


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"Authorization": "Bearer secret"}, 200),
        ({"Authorization": "bearer secret"}, 200),
        ({"X-Api-Key": "secret"}, 200),
        ({"Authorization": "Bearer secre"}, 401),
        ({"Authorization": "Bearer secret2"}, 401),
        ({"Authorization": "Basic secret"}, 401),
        ({"Authorization": "Bearer "}, 401),
        ({"Authorization": "secret"}, 401),
        ({"X-Api-Key": "sécret"}, 401),
        ({"X-Api-Key": "a" * 8000}, 401),
    ],
)
def test_the_token(headers, status):
    assert ask("POST", "/remove", headers, ServerSettings(token="secret"))[0] == status


@pytest.mark.parametrize(("path", "status"), [("/metrics", 401), ("/v1.0/account", 403), ("/health", 200), ("/", 200)])
def test_what_is_read_without_the_token(path, status):
    assert ask("GET", path, settings=ServerSettings(token="secret"))[0] == status


@pytest.mark.parametrize("host", ["localhost/health?", "localhost/", "localhost#", "localhost?"])
def test_a_host_that_holds_a_path_leads_round_no_guard(host):
    assert ask("GET", "/metrics", {"Host": host}, ServerSettings(token="secret"))[0] == 401


@pytest.mark.parametrize("method", ["GET", "POST", "HEAD"])
def test_what_works_by_get_is_guarded_as_well(method):
    assert ask(method, "/api/remove", settings=ServerSettings(token="secret"))[0] == 401
    assert ask(method, "/api/remove", {"Sec-Fetch-Site": "cross-site"})[0] == 403


def test_tokens_are_compared_in_constant_time(monkeypatch):
    compared = []
    monkeypatch.setattr("hmac.compare_digest", lambda *given: compared.append(given) or False)
    ask("POST", headers={"X-Api-Key": "wrong"}, settings=ServerSettings(token="secret"))
    assert compared == [(b"wrong", b"secret")]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": "http://localhost"}, 200),
        ({"Origin": "https://localhost"}, 200),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "https://proxied.example"}, 200),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "https://shop.example"}, 403),
    ],
)
def test_pages_of_other_origins_are_refused(headers, status):
    assert ask("POST", "/remove", headers)[0] == status


def test_but_for_those_that_are_let_in():
    shop = {"Sec-Fetch-Site": "cross-site", "Origin": "https://shop.example"}
    assert ask("POST", "/remove", shop, ServerSettings(cors="https://shop.example"))[0] == 200
    assert ask("POST", "/remove", shop, ServerSettings(cors="*"))[0] == 200
    assert ask("POST", "/remove", shop, ServerSettings(cors="https://shop.example.evil"))[0] == 403


@pytest.mark.parametrize(("method", "path"), [("GET", "/"), ("GET", "/health"), ("POST", "/remove")])
def test_a_name_that_was_made_to_lead_here_is_refused(method, path):
    """DNS rebinding: the browser takes the service for a part of the page, whose origin is then its own."""
    page = {"Host": "evil.example", "Origin": "http://evil.example", "Sec-Fetch-Site": "same-origin"}
    status, _, body = ask(method, path, page)
    error = json.loads(body)["error"]
    assert (status, error["code"]) == (421, "wrong_host")
    assert "--allow-host" in error["message"]
    assert ask(method, path, page, ServerSettings(allow_host="evil.example"))[0] == 200


def test_a_fault_is_answered_in_words_and_noted_without_its_own(caplog):
    status, _, body = ask(error=ValueError("what was sent"))
    assert (status, json.loads(body)["error"]["code"]) == (500, "unexpected")
    assert b"what was sent" not in body
    assert "ValueError" in caplog.text
    assert "test_middleware.py" in caplog.text
    assert "what was sent" not in caplog.text


def test_a_log_line_is_one_line(caplog):
    with caplog.at_level(logging.ERROR):
        log(ValueError("a\nb"))
    assert len(caplog.text.splitlines()) == 1
