"""The table of training's speed has a row for every network and size."""

import re

from click.testing import CliRunner

import training
from background_remover.train.config import RECIPES


def test_every_case_has_a_row(monkeypatch):
    monkeypatch.setattr(training, "CASES", {"tiny": ((32, 4), (64, 4))})
    ran = CliRunner().invoke(training.main, ["--seconds", "0.5"])
    assert ran.exit_code == 0, ran.output
    assert len(re.findall(r"^\| `tiny` \| (?:32|64) \| 4 \| [\d.]+ \| [\d.]+ \|$", ran.stdout, re.MULTILINE)) == 2


def test_the_cases_are_recipes():
    assert set(training.CASES) <= set(RECIPES)
