"""The table of training's speed has a row for every network and size."""

from click.testing import CliRunner

import training
from background_remover.train.config import RECIPES
from tests.benchmarks.conftest import cells


def test_every_case_has_a_row(monkeypatch):
    monkeypatch.setattr(training, "CASES", {"tiny": ((32, 4), (64, 4))})
    ran = CliRunner().invoke(training.main, ["--seconds", "0.5"])
    assert ran.exit_code == 0, ran.output
    rows = cells(ran.stdout)[1:]
    assert [row[:3] for row in rows] == [["`tiny`", "32", "4"], ["`tiny`", "64", "4"]]
    assert all(float(rate) > 0 for row in rows for rate in row[3:])


def test_the_cases_are_recipes():
    assert set(training.CASES) <= set(RECIPES)
