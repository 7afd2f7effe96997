import dataclasses

import numpy as np
import pytest

from background_remover.evaluation import verdicts
from background_remover.evaluation.verdicts import Verdict, table, timed_verdict
from background_remover.segmentation.confidence import Matte

SURE = Verdict("a", "pets", True, 0.1, 0.9, blank=False, refused=False, unsure=False)
IMAGE = np.zeros((3, 4, 3), np.uint8)


@pytest.mark.parametrize(("highest", "blank"), [(0.0, True), (0.5, True), (0.501, False), (1.0, False)])
def test_an_alpha_with_no_pixel_above_one_half_is_blank(highest, blank):
    alpha = np.zeros((3, 4), np.float32)
    alpha[1, 2] = highest
    given = Matte(alpha, 0.25, empty=True, unsure=False)
    matte, verdict = timed_verdict(lambda image: given, IMAGE, "a", "pets", has_subject=True)
    assert matte is given
    assert dataclasses.replace(verdict, seconds=0) == Verdict("a", "pets", True, 0, 0.25, blank, True, False)


def test_the_seconds_are_those_of_predicting(monkeypatch):
    now = [1.0]
    monkeypatch.setattr(verdicts, "perf_counter", lambda: now[0])

    def slow(image: np.ndarray) -> Matte:
        now[0] += 0.75
        return Matte(np.zeros(image.shape[:2], np.float32), 0, empty=False, unsure=False)

    assert timed_verdict(slow, IMAGE, "a", "pets", has_subject=True)[1].seconds == 0.75


def test_the_shares_of_each_source_and_of_all():
    blank, refused, unsure = (dataclasses.replace(SURE, **{name: True}) for name in ("blank", "refused", "unsure"))
    both = dataclasses.replace(SURE, source="general", blank=True, refused=True)
    lines = table([SURE, blank, refused, unsure, both]).splitlines()
    assert [" ".join(line.split()) for line in lines] == [
        "| with a subject | pictures | blank | refused | unsure |",
        "| -------------- | -------: | -----: | ------: | -----: |",
        "| pets | 4 | 25.0% | 25.0% | 25.0% |",
        "| general | 1 | 100.0% | 100.0% | 0.0% |",
        "| all | 5 | 40.0% | 40.0% | 20.0% |",
    ]


def test_of_pictures_without_a_subject_it_counts_those_that_are_cut_out():
    wall = dataclasses.replace(SURE, source="walls", has_subject=False)
    kinds = ({}, {"blank": True}, {"refused": True}, {"unsure": True}, {"unsure": True, "blank": True})
    first, _, second = table([SURE, *(dataclasses.replace(wall, **kind) for kind in kinds)]).partition("\n\n")
    assert first.splitlines()[-1].split() == ["|", "pets", "|", "1", "|", "0.0%", "|", "0.0%", "|", "0.0%", "|"]
    header, _, row = second.splitlines()
    assert [cell.strip() for cell in header.split("|")[1:-1]] == [
        "without a subject",
        "pictures",
        "refused",
        "unsure",
        "something cut out",
    ]
    assert [cell.strip() for cell in row.split("|")[1:-1]] == ["walls", "5", "20.0%", "40.0%", "40.0%"]


def test_a_kind_that_is_not_there_has_no_table():
    assert table([]) == ""
    assert "without" not in table([SURE])
    assert "with a subject" not in table([dataclasses.replace(SURE, has_subject=False)])
