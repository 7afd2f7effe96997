import base64
import io
import json
import logging
import threading
from collections.abc import Iterator

import httpx
import numpy as np
import pytest
import skimage.data
from PIL import Image as PillowImage

from background_remover import Remover
from background_remover.cli.program import main
from background_remover.imaging.output_options import OutputOptions
from background_remover.options import Options
from background_remover.server.settings import ServerSettings
from tests.conftest import CARD, png, serving
from tests.waiting import wait_until


@pytest.fixture(scope="module")
def client(bright) -> Iterator[httpx.Client]:
    settings = ServerSettings(str(bright), port=0, max_megabytes=2, max_megapixels=4)
    with serving(settings) as address, httpx.Client(base_url=address, timeout=None) as client:
        yield client


def error(answer: httpx.Response) -> tuple[int, str]:
    """The status and the code of an error, which is always JSON of one shape and one line."""
    assert answer.headers["content-type"] == "application/json"
    (said,) = answer.json().values()
    assert set(said) == {"code", "message"}
    assert "\n" not in said["message"]
    return answer.status_code, said["code"]


def opened(data: bytes) -> np.ndarray:
    with PillowImage.open(io.BytesIO(data)) as image:
        return np.asarray(image)


def test_a_raw_body_is_cut_out(client, bright, photo):
    for kind in ("image/png", "application/octet-stream", "application/x-www-form-urlencoded", "text/plain"):
        answer = client.post("/remove", content=png(photo), headers={"Content-Type": kind})
        assert answer.status_code == 200, answer.text
        assert np.array_equal(opened(answer.content), np.asarray(Remover(bright).remove(photo)))


def test_options_come_as_fields_or_in_the_query(client, bright, photo):
    expected = np.asarray(Remover(bright).remove(photo, Options(crop=True, background="red")))
    form = client.post("/remove", files={"image": png(photo)}, data={"crop": "true", "background": "red"})
    query = client.post("/remove?crop=true&background=red", content=png(photo))
    mixed = client.post("/remove?crop=true", files={"image": png(photo)}, data={"background": "red"})
    assert all(np.array_equal(opened(answer.content), expected) for answer in (form, query, mixed))


def test_a_json_body_is_a_form(client, photo):
    mask, behind = png(photo[..., 0]), png(np.full((9, 12, 3), (200, 0, 0), np.uint8))
    image, mask_text, behind_text = (base64.b64encode(data).decode() for data in (png(photo), mask, behind))
    uri = "data:image/png;base64,"
    pairs = [
        ({"image": image}, {"image": png(photo)}, {}),
        (
            {"image": uri + image, "crop": True, "grow": 2, "mask": None},
            {"image": png(photo)},
            {"crop": "1", "grow": "2"},
        ),
        (
            {"image": image, "mask": mask_text, "background": "red"},
            {"image": png(photo), "mask": mask},
            {"background": "red"},
        ),
        ({"image": image, "background": uri + behind_text}, {"image": png(photo), "background": behind}, {}),
    ]
    for fields, files, texts in pairs:
        answer = client.post("/remove", json=fields)
        assert answer.status_code == 200, answer.text
        assert answer.content == client.post("/remove", files=files, data=texts).content


def test_a_json_body_takes_options_of_the_query_and_is_answered_in_json(client, photo):
    body = json.dumps({"image": base64.b64encode(png(photo)).decode(), "format": "webp"})
    headers = {"Content-Type": "application/json; charset=utf-8", "Accept": "application/json"}
    facts = client.post("/remove?crop=true", content=body, headers=headers).json()
    form = client.post("/remove", files={"image": png(photo)}, data={"crop": "true", "format": "webp"})
    assert base64.b64decode(facts["image"]) == form.content
    assert (facts["type"], facts["unsure"]) == ("image/webp", False)
    assert error(client.post("/remove?format=png", content=body, headers=headers)) == (422, "invalid_option")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, (422, "no_image")),
        ({"image": ""}, (422, "no_image")),
        ({"image": "?"}, (422, "invalid_image")),
        ({"image": "QUJD"}, (415, "unknown_format")),
        ({"image": "QUJD", "colour": "red"}, (422, "invalid_option")),
        ({"image": "QUJD", "crop": 2}, (422, "invalid_option")),
        ({"image": "QUJD", "background": "QUJD"}, (422, "invalid_option")),
        ({"image": "QUJD", "margin": "1" * 5000}, (413, "too_many_fields")),
        ([], (400, "bad_request")),
    ],
)
def test_a_json_body_that_is_refused(client, fields, expected):
    assert error(client.post("/remove", json=fields)) == expected


def test_a_mask_and_a_background_are_sent_as_pictures(client, photo):
    mask = np.zeros((90, 120), np.uint8)
    mask[10:20, 30:50] = 255
    behind = png(np.full((9, 12, 3), (200, 0, 0), np.uint8))
    answer = client.post("/remove", files={"image": png(photo), "mask": png(mask), "background": behind})
    image = opened(answer.content)
    assert np.array_equal(image[15, 40], photo[15, 40])
    assert tuple(image[45, 70]) == (200, 0, 0)
    assert answer.headers["x-confidence"] == "1.0000"


def test_the_facts_come_with_it(client, photo):
    answer = client.post("/remove?format=webp", content=png(photo))
    assert answer.headers["content-type"] == "image/webp"
    assert (answer.headers["x-width"], answer.headers["x-height"]) == ("120", "90")
    stages = [part.partition(";")[0] for part in answer.headers["server-timing"].split(", ")]
    assert stages == ["receive", "queue", "read", "network", "refine", "compose", "write"]
    facts = client.post("/remove", content=png(photo), headers={"Accept": "application/json"}).json()
    assert list(facts["seconds"]) == stages
    assert facts["foreground"]["top"] == int(answer.headers["x-foreground-top"])


SETS = [
    {},
    {"background": "white", "format": "jpg", "quality": "80"},
    {"crop": "true", "margin": "5%", "shadow": "true", "format": "webp", "lossless": "true"},
    {"only_mask": "true", "grow": "2", "feather": "1.5"},
    {"canvas": "300x200", "position": "top-left", "background": "blur:7", "matting": "none", "strip": "true"},
]


@pytest.mark.parametrize("fields", SETS, ids=lambda fields: "-".join(fields) or "defaults")
def test_command_python_and_http_give_the_same_bytes(fields, tmp_path):
    """For the shipped network, whose answers are floating point, on all cores or on one."""
    photo = tmp_path / "photo.jpg"
    PillowImage.fromarray(skimage.data.chelsea()).save(photo)
    flags = []
    for name, value in fields.items():
        flags += [f"--{name.replace('_', '-')}", *([] if value == "true" else [value])]
    out = tmp_path / f"cutout.{fields.get('format', 'png')}"
    assert main(["remove", str(photo), str(out), *flags]) == 0
    typed = {
        "quality": int,
        "grow": int,
        "feather": float,
    }
    values = {name: value == "true" or typed.get(name, str)(value) for name, value in fields.items() if value != "true"}
    values |= {name: True for name, value in fields.items() if value == "true"}
    saving = OutputOptions(
        **{name: values.pop(name) for name in ("format", "quality", "lossless", "strip") if name in values}
    )
    in_python = Remover().remove(photo, Options(**values)).encode(saving)
    with serving(ServerSettings(port=0)) as address:
        answers = [
            httpx.post(f"{address}/remove", content=photo.read_bytes(), params=fields, timeout=None),
            httpx.post(f"{address}/remove", files={"image": photo.read_bytes()}, data=fields, timeout=None),
        ]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert out.read_bytes() == in_python == answers[0].content == answers[1].content


# What is refused


def test_what_isnt_there(client):
    assert error(client.get("/nothing")) == (404, "not_found")
    assert error(client.get("/remove")) == (405, "method_not_allowed")
    assert error(client.get("/static/../remover.py")) == (404, "not_found")
    assert error(client.get("/static/%2e%2e/remover.py")) == (404, "not_found")


@pytest.mark.parametrize(
    "path", ["/", "/health", "/docs", "/openapi.json", "/metrics", "/v1.0/account", "/static/main.js"]
)
def test_a_head_is_a_get_without_its_body(client, path):
    client.post("/remove")  # so that the network is loaded
    got, head = client.get(path), client.head(path)
    assert (got.status_code, head.status_code, head.content) == (200, 200, b"")
    assert head.headers["content-type"] == got.headers["content-type"]
    if path != "/metrics":  # they change
        assert head.headers["content-length"] == got.headers["content-length"]


METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/health", "/docs", "/openapi.json", "/metrics", "/static/main.js"),
        *("/remove", "/v1.0/account", "/v1.0/removebg", "/api/remove"),
    ],
)
def test_what_isnt_allowed_says_what_is(client, path):
    answers = {method: client.request(method, path) for method in METHODS}
    allowed = [method for method in METHODS if answers[method].status_code != 405]
    assert allowed
    for method in set(METHODS) - set(allowed):
        told = answers[method].headers["allow"].split(", ")
        assert sorted(told) == sorted(allowed)
        assert answers[method].headers["content-type"] == "application/json"


def test_no_picture(client, photo):
    assert error(client.post("/remove")) == (422, "no_image")
    assert error(client.post("/remove", files={"image": b""})) == (422, "no_image")
    assert error(client.post("/remove", files={"mask": png(photo)})) == (422, "no_image")


def test_a_field_nobody_knows(client, photo):
    assert error(client.post("/remove?colour=red", content=png(photo))) == (422, "invalid_option")
    assert error(client.post("/remove", files={"image": png(photo), "file": png(photo)})) == (422, "invalid_option")


def test_bytes_that_are_no_picture(client):
    assert error(client.post("/remove", content=b"no picture")) == (415, "unknown_format")


def test_half_a_picture(client, photo):
    whole = png(photo)
    assert error(client.post("/remove", content=whole[: len(whole) // 2])) == (422, "invalid_image")


def test_too_many_bytes_and_too_many_pixels(client):
    assert error(client.post("/remove", content=bytes(2_000_001))) == (413, "too_many_bytes")
    assert error(client.post("/remove", content=png(np.zeros((2001, 2000), np.uint8)))) == (413, "too_many_pixels")


def test_an_unsure_cutout_is_an_answer(make_model, scene):
    doubtful = make_model(metadata=CARD.to_metadata() | {"unsure_below": "0.9", "confidence": "0:0 1:0.5"})
    with serving(ServerSettings(str(doubtful), port=0)) as address:
        answer = httpx.post(f"{address}/remove", content=png(scene))
        facts = httpx.post(f"{address}/remove", content=png(scene), headers={"Accept": "application/json"}).json()
    assert (answer.status_code, answer.headers["x-unsure"]) == (200, "true")
    assert (facts["unsure"], facts["empty"]) == (True, False)
    assert base64.b64decode(facts["image"]) == answer.content


def test_no_subject(make_model, scene):
    doubtful = make_model(metadata=CARD.to_metadata() | {"empty_below": "0.9", "confidence": "0:0 1:0.5"})
    with serving(ServerSettings(str(doubtful), port=0)) as address:
        assert error(httpx.post(f"{address}/remove", content=png(scene))) == (422, "no_subject")
        assert httpx.post(f"{address}/remove?allow_empty=true", content=png(scene)).status_code == 200


def test_a_full_queue_and_a_long_wait(bright, photo, monkeypatch):
    release, started = threading.Event(), threading.Event()

    def slow(order: object, remover: object) -> None:
        started.set()
        release.wait(600)

    monkeypatch.setattr("background_remover.server.remove.routes.carry_out", slow)
    with serving(ServerSettings(str(bright), port=0, workers=1, queue=0, timeout=1)) as address:
        answers: list[httpx.Response] = []
        first = threading.Thread(
            target=lambda: answers.append(httpx.post(f"{address}/remove", content=png(photo), timeout=None))
        )
        first.start()
        started.wait()
        busy = httpx.post(f"{address}/remove", content=png(photo), timeout=None)
        assert error(busy) == (503, "busy")
        assert int(busy.headers["retry-after"]) >= 1
        first.join()
        assert error(answers[0]) == (504, "timeout")
        release.set()


def test_a_client_that_goes_away_frees_its_place(bright, photo, monkeypatch):
    release = threading.Event()

    def slow(order: object, remover: object) -> None:
        release.wait(600)

    monkeypatch.setattr("background_remover.server.remove.routes.carry_out", slow)
    with serving(ServerSettings(str(bright), port=0, workers=1, queue=1, timeout=3600)) as address:

        def ask(seconds: float | None) -> int:
            limit = httpx.Timeout(None, read=seconds)
            try:
                return httpx.post(f"{address}/remove", content=png(photo), timeout=limit).status_code
            except httpx.ReadTimeout:
                return 0

        def wait_for(count: str) -> None:
            wait_until(lambda: f"background_remover_{count}" in httpx.get(f"{address}/metrics", timeout=None).text)

        worked_for = threading.Thread(target=ask, args=[None])
        worked_for.start()
        wait_for("working 1.0")
        for _ in range(2):  # the place of the first is free: the second isn't refused either
            assert ask(1) == 0  # waits in the queue, and goes away
            wait_for("waiting 0.0")
        release.set()
        worked_for.join()


# What it keeps to itself


def test_pages_of_other_origins(bright, client, photo):
    page = {"Origin": "https://shop.example"}
    answer = client.post("/remove", content=png(photo), headers=page)
    assert error(answer) == (403, "cross_origin")
    assert "access-control-allow-origin" not in answer.headers
    with serving(ServerSettings(str(bright), port=0, cors="https://shop.example")) as address:
        asked = page | {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x-api-key"}
        assert httpx.options(f"{address}/remove", headers=asked).status_code == 200
        answer = httpx.post(f"{address}/remove", content=png(photo), headers=page)
        assert answer.status_code == 200
        assert answer.headers["access-control-allow-origin"] == "https://shop.example"
        assert {"X-Confidence", "X-Unsure"} <= set(answer.headers["access-control-expose-headers"].split(", "))
        assert httpx.post(f"{address}/remove", headers={"Origin": "https://evil.example"}).status_code == 403


def test_nothing_of_a_request_is_logged(bright, photo, caplog):
    headers = {"X-Api-Key": "s3cret", "X-Private": "pr1vate"}
    caplog.set_level(logging.DEBUG, "background_remover")
    caplog.set_level(logging.INFO, "uvicorn")
    with serving(ServerSettings(str(bright), port=0, token="s3cret")) as address:
        for body in (png(photo), b"c0ntent", png(photo)[:99]):
            httpx.post(f"{address}/remove?background=c0lour", content=body, headers=headers)
            httpx.post(f"{address}/remove?format=png", content=body, headers=headers)
            form = headers | {"Content-Type": "multipart/form-data; boundary=b0undary"}
            httpx.post(f"{address}/remove", content=b"--b0undary\r\nX-N0thing", headers=form)
    assert not any(
        word in caplog.text
        for word in ("s3cret", "pr1vate", "c0ntent", "b0undary", "N0thing", "character", "c0lour", "format=png")
    )


def test_the_page_and_its_files(client, tmp_path, monkeypatch):
    (tmp_path / "index.html").write_text("<!doctype html><title>page</title>")
    (tmp_path / "app.js").write_text("1")
    monkeypatch.setattr("background_remover.server.page.WEB", tmp_path)
    page = client.get("/")
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "default-src 'none'" in page.headers["content-security-policy"]


def test_it_is_healthy_once_the_network_is_loaded(client):
    client.post("/remove")
    assert client.get("/health").json() == {"status": "ready"}
    assert json.loads(client.get("/health").content) == {"status": "ready"}


def test_the_manual(client):
    described = client.get("/openapi.json").json()
    assert set(described["paths"]) >= {"/remove", "/health", "/metrics"}
    docs = client.get("/docs")
    assert docs.headers["content-type"] == "text/html; charset=utf-8"
    assert client.get("/static/styles/docs.css").status_code == 200


def test_the_metrics(bright, photo):
    with serving(ServerSettings(str(bright), port=0, token="t")) as address:
        assert error(httpx.get(f"{address}/metrics")) == (401, "unauthorized")
        headers = {"Authorization": "Bearer t"}
        httpx.post(f"{address}/remove", content=png(photo), headers=headers)
        httpx.get(f"{address}/a/path/nobody/knows", headers=headers)
        text = httpx.get(f"{address}/metrics", headers=headers).text
    assert 'background_remover_requests_total{path="/remove",status="200"} 1.0' in text
    assert 'background_remover_requests_total{path="other",status="404"} 1.0' in text
    assert 'background_remover_stage_seconds_count{stage="network"} 1.0' in text
    assert "nobody" not in text
