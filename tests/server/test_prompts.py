"""Points, boxes and the number of subjects as fields of a request to /remove."""

import io
from collections.abc import Iterator

import httpx
import numpy as np
import pytest
from PIL import Image as PillowImage

from background_remover import Remover
from background_remover.options import Options
from background_remover.server.settings import ServerSettings
from tests.conftest import png, serving

LEFT, RIGHT = (60, 60), (60, 180)  # (row, column): the middles of the discs below


@pytest.fixture(scope="module")
def client(bright) -> Iterator[httpx.Client]:
    with (
        serving(ServerSettings(str(bright), port=0)) as address,
        httpx.Client(base_url=address, timeout=None) as client,
    ):
        yield client


@pytest.fixture
def discs() -> np.ndarray:
    """A white disc of radius 25 and one of 20 beside it, on a ground of many dark colours: (120, 240, 3)."""
    rows, columns = np.mgrid[:120, :240]
    ground = np.random.default_rng(5).integers(10, 60, (120, 240, 3), np.uint8)
    for (row, column), radius in ((LEFT, 25), (RIGHT, 20)):
        ground[(rows - row) ** 2 + (columns - column) ** 2 < radius**2] = (250, 240, 230)
    return ground


def stay(answer: httpx.Response) -> tuple[bool, bool]:
    """Whether each disc is in the cutout."""
    assert answer.status_code == 200, answer.text
    with PillowImage.open(io.BytesIO(answer.content)) as image:
        alpha = np.asarray(image)[..., 3]
    return bool(alpha[LEFT] == 255), bool(alpha[RIGHT] == 255)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, (True, True)),
        ({"points": "60,60"}, (True, False)),
        ({"points": "75%,50%"}, (False, True)),
        ({"points": "25%,50% 180px,60"}, (True, True)),
        ({"points": "60,60 180,60", "not_points": "200,100"}, (True, True)),
        ({"box": "150,30,60,60"}, (False, True)),
        ({"box": "0,0,50%,100%"}, (True, False)),
        ({"subjects": "largest"}, (True, False)),
        ({"subjects": "1"}, (True, False)),
        ({"subjects": "2"}, (True, True)),
        ({"subjects": "all"}, (True, True)),
        ({"points": "25%,50% 75%,50%", "subjects": "largest"}, (True, False)),
    ],
)
def test_prompts_choose_what_stays(client, discs, fields, expected):
    form = client.post("/remove", files={"image": png(discs)}, data=fields)
    assert stay(form) == expected
    assert client.post("/remove", params=fields, content=png(discs)).content == form.content


def test_a_point_that_is_no_subject_is_taken_out(client, bright, discs):
    fields = {"points": "60,60", "not_points": "60,44"}
    answer = client.post("/remove", files={"image": png(discs)}, data=fields)
    expected = Remover(bright).remove(discs, Options(points=[(60, 60)], not_points=[(60, 44)]))
    with PillowImage.open(io.BytesIO(answer.content)) as image:
        assert np.array_equal(np.asarray(image), np.asarray(expected.image))
        assert np.asarray(image)[44, 60, 3] < 128 <= np.asarray(image)[LEFT][3]


def test_what_is_chosen_goes_by_the_network(client, discs):
    answer = client.post("/remove", files={"image": png(discs)}, data={"points": "60,60"})
    assert answer.headers["x-ground"] == "photo"
    plain = client.post("/remove", files={"image": png(discs)}, data={"remove_colour": "#faf0e6"})
    assert plain.headers["x-ground"] == "colour"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"points": "240,60"}, "isn't in the picture of 240x120"),
        ({"not_points": "10,120"}, "isn't in the picture of 240x120"),
        ({"box": "300,10,20,20"}, "isn't in the picture of 240x120"),
        ({"points": "60;60"}, "as in 120,80 or 40%,50%"),
        ({"box": "1,2,3"}, "as in 10,20,300,200"),
        ({"subjects": "none"}, "give all, largest, or a number"),
        ({"point": "60,60"}, "known: "),
        ({"points": "60,60", "remove_colour": "white"}, "leave mask, points, subjects and ground out"),
        ({"points": "60,60", "ground": "plain"}, "leave mask, points, box and subjects out"),
    ],
)
def test_prompts_that_are_refused(client, discs, fields, said):
    answer = client.post("/remove", files={"image": png(discs)}, data=fields)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid_option")
    assert said in answer.json()["error"]["message"]


def test_a_prompt_beside_a_mask_is_refused(client, discs):
    files = {"image": png(discs), "mask": png(discs[..., 0])}
    answer = client.post("/remove", files=files, data={"points": "60,60"})
    assert answer.status_code == 422
    assert "leave points, not_points and box out" in answer.json()["error"]["message"]
