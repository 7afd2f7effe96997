"""Photos that other apps share: they come back inside the page, and the manifest offers that."""

import base64
import re
from collections.abc import Iterator

import httpx
import pytest

from background_remover.server.settings import ServerSettings
from tests.conftest import serving

PHOTO = bytes(range(256))


@pytest.fixture(scope="module")
def client(bright) -> Iterator[httpx.Client]:
    with (
        serving(ServerSettings(str(bright), port=0, max_megabytes=1)) as address,
        httpx.Client(base_url=address) as client,
    ):
        yield client


def test_the_page_comes_back_with_all_photos_in_it(client):
    names = ["beach.jpg", '"<b>&.png']
    sent = [("photo", (name, PHOTO + name.encode(), "image/jpeg")) for name in names]
    answer = client.post("/share", files=sent)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["cache-control"] == "no-store"
    found = re.findall(r'<template class="shared" data-name="([^"]*)">([^<]*)</template>', answer.text)
    assert [base64.b64decode(data) for _, data in found] == [PHOTO + name.encode() for name in names]
    assert found[0][0] == "beach.jpg"
    assert "<b>" not in found[1][0]
    page = client.get("/").text
    assert re.sub(r"<template.*</template>", "", answer.text) == page, "and is the page besides"


def test_without_a_photo_it_is_the_page(client):
    assert client.post("/share", data={"title": "a"}).text == client.get("/").text


@pytest.mark.parametrize(
    ("headers", "size", "status"),
    [({}, 2_000_000, 413), ({"Sec-Fetch-Site": "cross-site"}, 10, 403), ({"Sec-Fetch-Site": "none"}, 10, 200)],
)
def test_limits_and_other_origins(client, headers, size, status):
    assert client.post("/share", files={"photo": bytes(size)}, headers=headers).status_code == status
    held = re.search(r"^background_remover_held_bytes (\d+)", client.get("/metrics").text, flags=re.MULTILINE)
    assert held is None or int(held[1]) == 0


def test_the_manifest_offers_it_where_no_token_is_wanted(client, bright):
    described = client.get("/manifest.webmanifest").json()
    assert described["share_target"]["action"] == "share"
    assert described["share_target"]["params"]["files"] == [{"name": "photo", "accept": ["image/*"]}]
    with serving(ServerSettings(str(bright), port=0, token="secret")) as address:
        guarded = httpx.get(f"{address}/manifest.webmanifest").json()
        assert httpx.post(f"{address}/share", files={"photo": PHOTO}).status_code == 401
    assert {**guarded, "share_target": described["share_target"]} == described
