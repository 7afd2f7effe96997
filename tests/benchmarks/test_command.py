import pytest
from click.testing import CliRunner

import command
from background_remover.errors import Error
from command import Run
from tests.benchmarks.conftest import cells


def test_whole_processes_are_timed_with_and_without_a_network():
    ran = CliRunner().invoke(command.main, ["--megapixels", "0.02", "--rounds", "1"])
    assert ran.exit_code == 0, ran.output
    header, *rows = cells(ran.stdout)
    assert header == ["network", "clock, s", "processor, s", "memory, MB"]
    assert [row[0] for row in rows] == ["none, this tree", "unet-lite2, this tree"]
    assert all(float(cell) > 0 for row in rows for cell in row[1:])


def test_a_ratio_is_the_median_of_the_rounds_own():
    own = [Run(seconds, 1.0, 100e6) for seconds in (1.0, 10.0, 2.0)]
    other = [Run(seconds, 2.0, 150e6) for seconds in (3.0, 10.0, 8.0)]
    rows = cells(command.table({"none": [own, other]}))[1:]
    assert rows == [
        ["none, this tree", "2.00", "1.00", "100"],
        ["none, the other", "8.00", "2.00", "150"],
        ["none, the other by this", "3.000", "2.000", "1.500"],
    ]


def test_a_command_that_fails_is_an_error(tmp_path):
    with pytest.raises(Error, match="the command ended with 1"):
        command.run(command.ROOT, tmp_path / "none.jpg", tmp_path / "out.png", ("--model", "unet-lite2"))
