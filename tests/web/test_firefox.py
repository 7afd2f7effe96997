"""The page in Firefox: a picture is cut out, painted on, placed and saved; and so it is without a server."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from background_remover.static_site.site import write_site
from tests.web.conftest import SCENE, SIZE, answer, decoded
from tests.web.firefox import Firefox, firefox_path, running
from tests.web.host import ENGINE, Host

SHOWN = "document.querySelector('#strip li')?.dataset.phase === 'done'"
REFINED = "document.querySelector('#status').textContent.includes('The edges are refined')"
PLACE = """
    const view = document.querySelector("#viewport").getBoundingClientRect();
    const [width, height, x, y] = arguments;
    const scale = Math.min((view.width - 48) / width, (view.height - 48) / height, 4);
    const [left, top] = [(view.width - width * scale) / 2, (view.height - height * scale) / 2];
    return [view.x + left + (x + 0.5) * scale, view.y + top + (y + 0.5) * scale];
"""


@pytest.fixture(scope="module")
def firefox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firefox]:
    path = firefox_path()
    if path is None:
        pytest.skip("this test needs Firefox: apt-get install firefox-esr")
    with running(path, tmp_path_factory.mktemp("firefox")) as firefox:
        yield firefox


def add(firefox: Firefox, folder: Path) -> None:
    """Chooses the picture of the scene, and waits until it is cut out."""
    (folder / "disc.png").write_bytes(SCENE)
    firefox.choose_files("#files", folder / "disc.png")
    firefox.wait(SHOWN)


def place(firefox: Firefox, x: float, y: float) -> tuple[float, float]:
    """Where in the window a pixel of the picture is, while the whole of it is shown."""
    right, down = firefox.run(PLACE, *SIZE, x, y)
    return right, down


def choose_tool(firefox: Firefox, name: str) -> None:
    firefox.click(f"#tools label:has([value={name}])")


def extent(data: bytes) -> list[int]:
    """The box of what can be seen of a cutout: left, top, right, bottom."""
    rows, columns = (decoded(data)[..., 3] > 25).nonzero()
    return [int(side) for side in (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)]


def saved(firefox: Firefox) -> bytes:
    """The file that *Download* saves."""
    for path in firefox.downloads.iterdir():
        path.unlink()
    firefox.click("#download")
    return firefox.downloaded("disc-cutout.png")


def test_a_picture_is_cut_out_painted_on_placed_and_saved(firefox: Firefox, address: str, tmp_path: Path) -> None:
    firefox.open(address)
    add(firefox, tmp_path)
    assert saved(firefox) == answer(address)
    choose_tool(firefox, "erase")
    firefox.run("document.querySelector('#brush').value = 60")
    firefox.drag(place(firefox, 90, 150), place(firefox, 90, 180), place(firefox, 90, 210))
    firefox.wait(REFINED)
    alpha = decoded(saved(firefox))[..., 3]
    assert (alpha[180, 90], alpha[180, 160]) == (0, 255)
    firefox.click("#undo")
    assert saved(firefox) == answer(address)
    choose_tool(firefox, "place")
    left, top, right, bottom = extent(answer(address))
    x, y = (left + right) / 2, (top + bottom) / 2
    wide, high = (right - left) / 2, (bottom - top) / 2
    corner, halfway = place(firefox, right, bottom), place(firefox, x + wide / 2, y + high / 2)
    firefox.drag(corner, halfway, halfway)  # the handle there scales
    half = np.array([x - wide / 2, y - high / 2, x + wide / 2, y + high / 2])
    assert np.abs(extent(saved(firefox)) - half).max() < 4
    firefox.drag(*(place(firefox, x, y + down) for down in (0, 20, 50)))
    assert np.abs(extent(saved(firefox)) - half - [0, 50, 0, 50]).max() < 4


def test_the_page_without_a_server_cuts_out(firefox: Firefox, model: str, tmp_path: Path) -> None:
    site = tmp_path / "site"
    write_site(site, ENGINE, model)
    with Host(site) as host:
        firefox.open(host.address)
        add(firefox, tmp_path)
        alpha = decoded(saved(firefox))[..., 3]
    assert alpha.shape == SIZE[::-1]
    assert (alpha[180, 120], alpha[20, 400]) == (255, 0)
