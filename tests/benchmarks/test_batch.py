import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest
from click.testing import CliRunner
from PIL import Image as PillowImage

from tests.benchmarks.conftest import cells

FILE = Path(__file__).parents[2] / "benchmarks" / "batch.py"


@pytest.fixture(scope="module")
def benchmark() -> ModuleType:
    spec = importlib.util.spec_from_file_location("benchmark_of_batch", FILE)  # `batch` is a name of the package's
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.skipif(sys.platform != "linux", reason="a process can't be kept on one core here")
def test_the_table_has_three_rows(benchmark, tmp_path, bright, photo):
    for number in range(3):
        PillowImage.fromarray(photo).save(tmp_path / f"{number}.png")
    line = [str(tmp_path), "--limit", "2", "--model", str(bright), "--megapixels", "0.05"]
    ran = CliRunner().invoke(benchmark.main, line)
    assert ran.exit_code == 0, ran.output
    lines = ran.output.splitlines()
    assert "; 2 photos of 0.05 megapixels, " in lines[0]
    assert [line.split("|")[1].split(",")[0].strip() for line in lines[4:6]] == ["one at a time"] * 2
    assert lines[6].split("|")[3].strip() > "0"
    assert len(lines) == 7


def test_the_first_row_is_what_others_are_compared_with(benchmark):
    rows = {
        "a": {"rate": 2.0, "cores": 1.0, "early": 100e6, "last": 104e6},
        "b": {"rate": 3.5, "cores": 1.9, "early": 200e6, "last": 200e6},
    }
    assert cells(benchmark.table(rows))[1:] == [
        ["a", "2.00", "1.00", "1.00", "100", "104", "4.0%"],
        ["b", "3.50", "1.75", "1.90", "200", "200", "0.0%"],
    ]
