import math

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image as PillowImage

from background_remover.train import history

HISTORY = [
    {"samples": 100, "size": 64, "loss": 1.5, "rate": 9.0, "iou": 0.25, "iou_cats": 0.5, "iou_dogs": math.nan},
    {"samples": 200, "size": 64, "loss": 0.5, "rate": 8.0, "iou": 0.75, "iou_cats": 0.625, "iou_dogs": 0.875},
]


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Figure]:
    """The figures that get drawn."""
    figures: list[Figure] = []
    save = Figure.savefig

    def keep(figure: Figure, *arguments: object, **options: object) -> None:
        figures.append(figure)
        save(figure, *arguments, **options)

    monkeypatch.setattr(Figure, "savefig", keep)
    return figures


def test_every_number_is_drawn_over_the_samples_seen(tmp_path, drawn):
    history.draw(HISTORY, tmp_path / "curves.png")
    loss, scores = drawn[0].axes
    assert [line.get_xydata().tolist() for line in loss.lines] == [[[100, 1.5], [200, 0.5]]]
    lines = {line.get_label(): line.get_xydata() for line in scores.lines}
    assert list(lines) == ["iou", "cats", "dogs"]
    np.testing.assert_array_equal(lines["iou"], [[100, 0.25], [200, 0.75]])
    np.testing.assert_array_equal(lines["cats"], [[100, 0.5], [200, 0.625]])
    np.testing.assert_array_equal(lines["dogs"], [[100, math.nan], [200, 0.875]])


def test_a_source_that_joined_later_has_no_earlier_points(tmp_path, drawn):
    history.draw([*HISTORY, {**HISTORY[1], "samples": 300, "iou_birds": 0.5}], tmp_path / "curves.png")
    lines = {line.get_label(): line.get_ydata() for line in drawn[0].axes[1].lines}
    np.testing.assert_array_equal(lines["birds"], [math.nan, math.nan, 0.5])


def test_one_epoch_is_enough_for_a_picture(tmp_path):
    history.draw(HISTORY[:1], tmp_path / "curves.png")
    with PillowImage.open(tmp_path / "curves.png") as picture:
        assert picture.format == "PNG"
        assert np.asarray(picture.convert("L")).std() > 0  # something is on it
