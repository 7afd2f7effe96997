"""The page's scenes are what the script draws, small, and of one size; their small copies are in order."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage

import backdrops
import background_remover

FOLDER = Path(background_remover.__file__).parent / "web" / "scenes"


def shipped(name: str) -> np.ndarray:
    with PillowImage.open(FOLDER / f"{name}.webp") as picture:
        return np.asarray(picture.convert("RGB"), dtype=float)


def test_every_scene_is_shipped_and_small():
    assert {path.stem for path in FOLDER.iterdir()} == {*backdrops.SCENES, "all"}
    for path in FOLDER.iterdir():
        assert path.stat().st_size < backdrops.LARGEST, path.name


@pytest.mark.parametrize("name", backdrops.SCENES)
def test_a_scene_is_what_is_drawn(name):
    drawn, kept = np.asarray(backdrops.levels(backdrops.SCENES[name]()), dtype=float), shipped(name)
    assert kept.shape == (backdrops.HEIGHT, backdrops.WIDTH, 3)
    assert np.abs(drawn - kept).mean() < 3


def test_the_small_copies_are_of_the_scenes_in_order():
    width, height = backdrops.THUMB
    small = shipped("all")
    assert small.shape == (height, width * len(backdrops.SCENES), 3)
    for index, name in enumerate(backdrops.SCENES):
        with PillowImage.open(FOLDER / f"{name}.webp") as picture:
            wanted = np.asarray(picture.convert("RGB").resize(backdrops.THUMB), dtype=float)
        assert np.abs(small[:, index * width : (index + 1) * width] - wanted).mean() < 4, name
    page = (FOLDER.parent / "files" / "scenes.js").read_text(encoding="utf-8")
    places = [page.index(f"  {name}: ") for name in backdrops.SCENES]
    assert places == sorted(places), "the page takes them in another order"
