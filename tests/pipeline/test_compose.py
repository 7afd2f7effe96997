"""What is composed row by row; what options do to a cutout is in test_remover."""

import numpy as np
import pytest

from background_remover import Options, OutputOptions, Remover
from background_remover.compositing.composite import CutoutRows
from background_remover.imaging.file import load
from background_remover.pipeline.file_step import make
from tests.conftest import png


@pytest.fixture(scope="module")
def remover(bright):
    return Remover(bright, threads=1)


def scene(height: int, width: int) -> np.ndarray:
    """A bright block with a soft edge on a dark ground, with noise: (H, W, 3)."""
    rng = np.random.default_rng(4)
    down, along = (np.minimum(np.arange(side), np.arange(side)[::-1]) for side in (height, width))
    bright = np.clip(np.minimum(down[:, None], along) - min(height, width) / 4, 0, 8) * 20
    return (rng.integers(20, 60, (height, width, 3)) + bright[..., None]).astype(np.uint8)


@pytest.mark.parametrize(
    "options",
    [
        Options(),
        Options(keep_hidden=True),
        Options(keep_colours=True),
        Options(only_mask=True),
        Options(crop=True),
        Options(background="blur:3"),
        Options(shadow=True),
        Options(keep_shadow=True),
    ],
)
def test_pixels_that_are_made_later_are_those_that_are_made_at_once(remover, options):
    file = load(png(scene(90, 120)))
    now, later = remover.cut(file, options), remover.cut(file, options, whole=False)
    assert np.array_equal(later.result.pixels, now.result.pixels)
    assert (later.result.size, later.result.transparent) == (now.result.size, now.result.transparent)
    for saving in (OutputOptions(format="png"), OutputOptions(format="tiff" if options.transparent else "jpg")):
        assert later.encode(saving) == now.encode(saving)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_an_array_that_is_given_stays_as_it_is(remover, dtype):
    given = scene(90, 120).astype(dtype) * dtype(np.iinfo(dtype).max // 255)
    before = given.copy()
    cut = remover.cut(given)
    soft = (cut.alpha > 0.2) & (cut.alpha < 0.8)
    assert not np.array_equal(cut.result.pixels[soft][:, :3], given[soft])
    assert np.array_equal(given, before)


def test_a_png_is_made_without_the_whole_cutout_in_memory(remover, monkeypatch):
    monkeypatch.setattr(CutoutRows, "whole", lambda rows: pytest.fail("the whole cutout is made"))
    made = make(remover, load(png(scene(90, 120))), None, Options(), OutputOptions())
    assert made.size == (90, 120)
