"""The address of rembg's server, asked as its documentation says."""

import io
from collections.abc import Iterator

import httpx
import numpy as np
import pytest
from PIL import Image as PillowImage

from background_remover import Remover
from background_remover.errors import OptionError
from background_remover.options import Options
from background_remover.server.rembg.parameters import FIELDS, read_options
from background_remover.server.settings import ServerSettings
from tests.conftest import CARD, png, serving


@pytest.fixture(scope="module")
def client(bright) -> Iterator[httpx.Client]:
    settings = ServerSettings(str(bright), port=0, max_megapixels=4)
    with serving(settings) as address, httpx.Client(base_url=address, timeout=None) as client:
        yield client


def opened(answer: httpx.Response) -> np.ndarray:
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png"), answer.text
    with PillowImage.open(io.BytesIO(answer.content)) as image:
        return np.asarray(image)


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


CASES = [
    ({}, Options()),
    ({"model": "isnet-general-use", "a": "true", "af": "240", "ab": "10", "ae": "10", "extras": ""}, Options()),
    ({"dc": "true", "vm": "true"}, Options()),
    ({"om": "true"}, Options(only_mask=True)),
    ({"om": "1", "bgc": "255,0,0,255"}, Options(only_mask=True)),
    ({"ppm": "true"}, Options(threshold=0.5)),
    ({"bgc": "255,0,0,128"}, Options(background="#ff000080")),
    ({"bgc": "0, 128, 255"}, Options(background="#0080ff")),
]


@pytest.mark.parametrize(("fields", "options"), CASES, ids=["-".join(fields) or "defaults" for fields, _ in CASES])
def test_fields_mean_what_they_do_there(client, bright, photo, fields, options):
    expected = np.asarray(Remover(bright).remove(photo, options))
    form = client.post("/api/remove", files={"file": png(photo)}, data=fields)
    query = client.post("/api/remove", files={"file": png(photo)}, params=fields)
    assert np.array_equal(opened(form), expected)
    assert form.content == query.content


def test_a_picture_without_a_subject_comes_back_empty_as_there(make_model, photo):
    doubtful = make_model(metadata=CARD.to_metadata() | {"empty_below": "0.9", "confidence": "0:0 1:0.5"})
    with serving(ServerSettings(str(doubtful), port=0)) as address:
        assert opened(httpx.post(f"{address}/api/remove", files={"file": png(photo)})).shape == (90, 120, 4)


@pytest.mark.parametrize(("least", "unsure"), [("0.9", "true"), ("0.1", "false")])
def test_both_methods_say_whether_the_cutout_is_unsure(make_model, scene, monkeypatch, least, unsure):
    async def fetch(url: str, budget: object, **limits: object) -> bytes:
        budget.acquire(len(png(scene)))
        return png(scene)

    monkeypatch.setattr("background_remover.server.state.fetch", fetch)
    doubtful = make_model(metadata=CARD.to_metadata() | {"unsure_below": least, "confidence": "0:0 1:0.5"})
    with serving(ServerSettings(str(doubtful), port=0, allow_urls=True)) as address:
        posted = httpx.post(f"{address}/api/remove", files={"file": png(scene)})
        fetched = httpx.get(f"{address}/api/remove", params={"url": "http://site.example/photo"})
    assert [(each.status_code, each.headers["x-unsure"]) for each in (posted, fetched)] == [(200, unsure)] * 2


def test_an_animation_gives_its_first_frame(client, photo):
    buffer = io.BytesIO()
    still = PillowImage.fromarray(photo)
    still.save(buffer, "GIF", save_all=True, append_images=[still.rotate(180)])
    answer = client.post("/api/remove", files={"file": buffer.getvalue()})
    assert opened(answer).shape == (90, 120, 4)
    assert answer.headers["x-frames"] == "1"


@pytest.mark.parametrize(
    ("fields", "files"),
    [
        ({"nonsense": "1"}, {}),
        ({"a": "perhaps"}, {}),
        ({"af": "256"}, {}),
        ({"ab": "-1"}, {}),
        ({"ae": "1.5"}, {}),
        ({"ae": "9" * 4000}, {}),
        ({"bgc": "red"}, {}),
        ({"bgc": "1,2"}, {}),
        ({"bgc": "256,0,0,0"}, {}),
        ({"bgc": "1,2,3,4,5"}, {}),
        ({"extras": '{"model_path": "/etc/hostname"}'}, {}),
        ({"url": "http://site.example/"}, {}),
        ({}, {"image": b"x"}),
    ],
)
def test_what_isnt_known_is_refused(client, photo, fields, files):
    answer = client.post("/api/remove", data=fields, files={"file": png(photo)} | files)
    assert code(answer) == (422, "invalid_option")


def test_a_field_given_twice_is_refused(client, photo):
    answer = client.post("/api/remove?om=true", data={"om": "true"}, files={"file": png(photo)})
    assert code(answer) == (422, "invalid_option")
    assert code(client.get("/api/remove?url=a&url=b")) == (422, "invalid_option")


def test_no_picture(client, photo):
    assert code(client.post("/api/remove")) == (422, "no_image")
    assert code(client.post("/api/remove", content=png(photo))) == (422, "no_image")
    assert code(client.post("/api/remove", files={"file": b""})) == (422, "no_image")
    assert code(client.get("/api/remove")) == (422, "no_image")
    assert code(client.post("/api/remove", files={"file": b"text"})) == (415, "unknown_format")


def test_other_methods_are_told_which_there_are(client):
    answer = client.put("/api/remove")
    assert answer.status_code == 405
    assert set(answer.headers["allow"].split(", ")) == {"GET", "POST"}


def test_an_address_is_fetched_only_where_it_may_be(client, bright, photo, monkeypatch):
    given = []

    async def fetch(url: str, budget: object, **limits: object) -> bytes:
        given.append(url)
        budget.acquire(len(png(photo)))
        return png(photo)

    monkeypatch.setattr("background_remover.server.state.fetch", fetch)
    url = {"url": "http://site.example/photo"}
    assert code(client.get("/api/remove", params=url)) == (422, "invalid_option")
    assert not given
    with serving(ServerSettings(str(bright), port=0, allow_urls=True)) as address:
        cutout = opened(httpx.get(f"{address}/api/remove", params=url | {"ppm": "true"}))
        metrics = httpx.get(f"{address}/metrics").text
    assert np.array_equal(cutout, np.asarray(Remover(bright).remove(photo, Options(threshold=0.5))))
    assert given == [url["url"]]
    assert "background_remover_held_bytes 0.0" in metrics


def test_an_address_of_this_machine_isnt_followed(bright):
    with serving(ServerSettings(str(bright), port=0, allow_urls=True)) as address:
        answer = httpx.get(f"{address}/api/remove", params={"url": f"{address}/health"})
    assert code(answer) == (422, "no_download")


def test_every_field_is_read():
    wrong = {
        "model": "",
        "a": "?",
        "af": "?",
        "ab": "?",
        "ae": "?",
        "om": "?",
        "ppm": "?",
        "dc": "?",
        "vm": "?",
        "bgc": "?",
        "extras": "?",
    }
    assert set(wrong) == set(FIELDS)
    for name, text in wrong.items():
        if text:
            with pytest.raises(OptionError, match=f"^{name} "):
                read_options([(name, text)], 50)
    assert read_options([], 50) == Options(allow_empty=True, frame=1, max_megapixels=50)
