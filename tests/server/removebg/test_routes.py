"""The contract of remove.bg, by a client that others published and by requests of our own."""

import base64
import importlib
import io
import zipfile
from collections.abc import Iterator

import httpx
import numpy as np
import pytest
from PIL import Image as PillowImage

from background_remover.server.settings import ServerSettings
from tests.conftest import CARD, png, serving

KEY = "a-key"


@pytest.fixture(scope="module")
def address(bright) -> Iterator[str]:
    with serving(ServerSettings(str(bright), port=0, token=KEY, max_megabytes=2, max_megapixels=4)) as address:
        yield address


@pytest.fixture
def ask(address, photo):
    def ask(fields: dict | None = None, files: dict | None = None, **options: object) -> httpx.Response:
        options = {"headers": {"X-Api-Key": KEY}} | options
        files = {"image_file": png(photo)} if files is None else files
        return httpx.post(f"{address}/v1.0/removebg", data=fields, files=files, timeout=None, **options)

    return ask


def error(answer: httpx.Response) -> tuple[int, str]:
    """The status and the code of an error, which has the contract's shape."""
    (said,) = answer.json()["errors"]
    assert set(said) == {"title", "detail", "code"}
    return answer.status_code, said["code"]


# A client that others published


@pytest.fixture
def client(address, monkeypatch, tmp_path):
    module = importlib.import_module("removebg.removebg")
    monkeypatch.setattr(module, "API_ENDPOINT", f"{address}/v1.0/removebg")
    return module.RemoveBg(KEY, str(tmp_path / "errors.log"))


def test_the_client_cuts_out_a_file(client, photo, tmp_path):
    (tmp_path / "photo.png").write_bytes(png(photo))
    client.remove_background_from_img_file(str(tmp_path / "photo.png"), size="regular")
    with PillowImage.open(tmp_path / "photo.png_no_bg.png") as cutout:
        assert (cutout.mode, cutout.size) == ("RGBA", (120, 90))


def test_the_client_puts_a_colour_behind(client, photo, tmp_path):
    client.remove_background_from_base64_img(
        base64.b64encode(png(photo)).decode(), size="4k", new_file_name=str(tmp_path / "out"), bg_color="ff0000"
    )
    with PillowImage.open(tmp_path / "out") as cutout:
        red = np.asarray(cutout.convert("RGB"))[0, 0]
    assert abs(red.astype(int) - (255, 0, 0)).max() < 4


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # it leaves the file open
def test_the_client_hears_of_errors(client, tmp_path):
    (tmp_path / "text.png").write_text("no picture")
    with pytest.raises(OSError, match="400"):
        client.remove_background_from_img_file(str(tmp_path / "text.png"))
    with pytest.raises(OSError, match="400"):
        client.remove_background_from_img_url("http://127.0.0.1/photo.png")


# Requests of our own


def test_the_answer(ask):
    answer = ask({"size": "full"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    told = {name for name in answer.headers if name.startswith("x-")} - {"x-content-type-options"}
    assert told == {
        "x-width",
        "x-height",
        "x-type",
        "x-credits-charged",
        "x-foreground-top",
        "x-foreground-left",
        "x-foreground-width",
        "x-foreground-height",
    }


def test_the_answer_in_json(ask):
    answer = ask(headers={"X-Api-Key": KEY, "Accept": "application/json"})
    data = answer.json()["data"]
    assert set(data) == {"result_b64", *(f"foreground_{name}" for name in ("top", "left", "width", "height"))}
    assert base64.b64decode(data["result_b64"]) == ask().content


def test_bodies_of_all_three_kinds_are_one(ask, address, photo):
    encoded = base64.b64encode(png(photo)).decode()
    url, headers = f"{address}/v1.0/removebg", {"X-Api-Key": KEY}
    fields = {"image_file_b64": encoded, "size": "auto", "crop": True, "scale": None, "bg_color": ""}
    answers = [
        ask({"crop": "true", "size": "auto"}),
        httpx.post(url, json=fields, headers=headers),
        httpx.post(url, data={"image_file_b64": encoded, "crop": "true"}, headers=headers),
        httpx.post(url, json=fields | {"image_file_b64": f"data:image/png;base64,{encoded}"}, headers=headers),
        ask({"crop": "true", "image_file_b64": f"data:image/png;base64,{encoded}"}, files={"size": (None, "auto")}),
    ]
    assert [answer.status_code for answer in answers] == [200] * 5
    assert len({answer.content for answer in answers}) == 1


def test_a_zip(ask):
    answer = ask({"format": "zip"})
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.namelist() == ["color.jpg", "alpha.png"]


def test_a_background_that_is_a_file(ask, photo):
    behind = png(np.full((9, 12, 3), (200, 0, 0), np.uint8))
    answer = ask({"format": "png"}, {"image_file": png(photo), "bg_image_file": behind})
    with PillowImage.open(io.BytesIO(answer.content)) as image:
        assert image.convert("RGB").getpixel((0, 0)) == (200, 0, 0)


def test_the_account(address):
    assert error(httpx.get(f"{address}/v1.0/account")) == (403, "auth_failed")
    attributes = httpx.get(f"{address}/v1.0/account", headers={"X-Api-Key": KEY}).json()["data"]["attributes"]
    assert set(attributes["credits"]) == {"total", "subscription", "payg", "enterprise"}
    assert set(attributes["api"]) == {"free_calls", "sizes"}


@pytest.mark.parametrize(
    ("fields", "files", "status", "code"),
    [
        ({}, {"image_file": b"text"}, 400, "invalid_file_type"),
        ({}, {"image_file": png(np.zeros((90, 90), np.uint8))[:60]}, 400, "failed_to_read_image"),
        ({}, {"image_file": bytes(2_100_000)}, 400, "file_too_large"),
        ({}, {"image_file": png(np.zeros((2001, 2000), np.uint8))}, 400, "resolution_too_high"),
        ({}, {"bg_image_file": b"x"}, 400, "missing_source"),
        ({"size": "huge"}, None, 400, "invalid_parameter"),
        ({"nonsense": "1"}, None, 400, "invalid_parameter"),
        ({"roi": "5 5 5 5"}, None, 400, "invalid_parameter"),
        ({"image_file_b64": "eA=="}, None, 400, "invalid_parameter"),
        ({"image_file_b64": "?"}, {"a": b""}, 400, "failed_to_read_image"),
        ({"image_url": "http://127.0.0.1/"}, {"a": b""}, 400, "invalid_parameter"),
        ({"bg_image_url": "http://127.0.0.1/"}, None, 400, "invalid_parameter"),
        ({"bg_color": "red", "bg_image_url": "http://127.0.0.1/"}, None, 400, "invalid_parameter"),
        ({"bg_color": "r" * 5000}, None, 400, "invalid_parameter"),
        ({"image_file": "text"}, {"a": b""}, 400, "invalid_file_type"),
    ],
)
def test_what_is_refused(ask, fields, files, status, code):
    assert error(ask(fields, files)) == (status, code)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", b"{"),
        ("application/json", b"[1]"),
        ("application/json", b"[" * 100_000),
        ("application/json", b'{"size": {}}'),
        ("application/json", b'{"size": ' + b"9" * 5000 + b"}"),
        ("application/json", b"\xff"),
        ("application/x-www-form-urlencoded", b"&".join(b"a%d=1" % number for number in range(99))),
        ("application/x-www-form-urlencoded", b"\xff\xfe"),
        ("image/png", b"x"),
        ("text/plain", b""),
    ],
)
def test_bodies_that_are_none(address, kind, body):
    headers = {"X-Api-Key": KEY, "Content-Type": kind}
    assert error(httpx.post(f"{address}/v1.0/removebg", content=body, headers=headers))[0] == 400


@pytest.mark.parametrize("key", ["", "wrong", KEY + "x", KEY[:-1]])
def test_a_wrong_key(ask, key):
    assert error(ask(headers={"X-Api-Key": key})) == (403, "auth_failed")


def test_no_subject(make_model, scene):
    doubtful = make_model(metadata=CARD.to_metadata() | {"empty_below": "0.9", "confidence": "0:0 1:0.5"})
    with serving(ServerSettings(str(doubtful), port=0)) as address:
        answer = httpx.post(f"{address}/v1.0/removebg", files={"image_file": png(scene)})
    assert error(answer) == (400, "unknown_foreground")


def test_a_picture_from_elsewhere(bright, photo, monkeypatch):
    given = []

    async def fetch(url: str, budget: object, **limits: object) -> bytes:
        given.append(url)
        budget.acquire(len(png(photo)))
        return png(photo)

    monkeypatch.setattr("background_remover.server.state.fetch", fetch)
    with serving(ServerSettings(str(bright), port=0, allow_urls=True)) as address:
        answer = httpx.post(f"{address}/v1.0/removebg", data={"image_url": "http://site.example/photo"})
        assert answer.status_code == 200
        metrics = httpx.get(f"{address}/metrics").text
    assert given == ["http://site.example/photo"]
    assert "background_remover_held_bytes 0.0" in metrics


def test_addresses_that_lead_to_this_machine(bright):
    with serving(ServerSettings(str(bright), port=0, allow_urls=True)) as address:
        for url in ("http://127.0.0.1/", "http://localhost/", f"{address}/health", "file:///etc/passwd"):
            answer = httpx.post(f"{address}/v1.0/removebg", data={"image_url": url})
            assert error(answer) == (400, "failed_to_download")
