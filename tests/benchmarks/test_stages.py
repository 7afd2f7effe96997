import numpy as np
import pytest
from click.testing import CliRunner

import stages
from background_remover.errors import Error
from stages import Run
from tests.benchmarks.conftest import cells


def test_a_tree_beside_itself_has_the_same_pixels():
    order = ["--megapixels", "0.02", "--rounds", "1", "--beside", str(stages.ROOT)]
    ran = CliRunner().invoke(stages.main, order)
    assert ran.exit_code == 0, ran.output
    own, _, ratios = ran.stdout.partition("The other tree's by this one's:")
    header, row = cells(own)
    assert header[:2] == ["megapixels", "network, ms"]
    assert all(float(cell) > 0 for cell in row)
    assert cells(ratios)[1][-1] == "0"


def test_a_ratio_is_the_median_of_the_rounds_own():
    def run(times: list[float], peak: float, level: int) -> Run:
        rounds = [dict.fromkeys(stages.NAMES, time) for time in times]
        return Run(rounds, peak, np.full((2, 2, 4), level, np.uint8))

    runs = {0.5: [run([1.0, 10.0, 2.0], 100.0, 7), run([3.0, 10.0, 8.0], 150.0, 5)]}
    assert cells(stages.ratio_table(runs))[1] == ["0.5", *6 * ["3.00"], "1.50", "2"]
    assert cells(stages.own_table(runs))[1] == ["0.5", *5 * ["2.0"], "6.0", "100"]


def test_a_stage_that_fails_is_named(tmp_path):
    (tmp_path / "src").mkdir()
    with pytest.raises(Error, match="a stage failed"), stages.worker(tmp_path, tmp_path, processor=False) as process:
        stages.asked(process)
