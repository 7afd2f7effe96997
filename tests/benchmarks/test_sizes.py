import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image as PillowImage

import sizes
from tests.benchmarks.conftest import cells


@pytest.fixture
def folder(tmp_path, photo):
    for place in ("image", "mask"):
        (tmp_path / "data" / place).mkdir(parents=True)
    for number in range(3):
        PillowImage.fromarray(photo).save(tmp_path / "data" / "image" / f"{number}.png")
        mask = (photo.mean(2) > 127).astype(np.uint8) * 255
        PillowImage.fromarray(mask).save(tmp_path / "data" / "mask" / f"{number}.png")
    return tmp_path / "data"


def test_each_size_has_a_row_and_the_models_own_is_bold(tmp_path, folder, bright):
    plot = tmp_path / "plot.png"
    order = [str(folder), "--part", "all", "--limit", "2", "--model", str(bright), "--size", "64", "--plot", str(plot)]
    ran = CliRunner().invoke(sizes.main, order)
    assert ran.exit_code == 0, ran.output
    first, _, header, _, *rows = ran.output.splitlines()
    assert first.startswith("2 pictures, ")
    assert "IoU, data" in header
    assert [row.split("|")[2].strip() for row in rows] == ["64", "**128**"]
    assert all(0.5 < float(row.split("|")[3]) <= 1 for row in rows)
    with PillowImage.open(plot) as drawn:
        assert drawn.format == "PNG"


def test_a_rows_mean_is_over_folders_not_pictures():
    row = sizes.Row("a", 128, True, {"pets": 0.9, "things": 0.7}, 10.0)
    assert row.mean == pytest.approx(0.8)
    assert cells(sizes.table([row]))[1] == ["a", "**128**", "0.900", "0.700", "10"]
