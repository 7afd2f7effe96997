import dataclasses

import pytest

from background_remover.batch.record import Record, ResultFile
from background_remover.batch.summary import NAMED, Summary

DONE = Record("a.jpg", "a.png", "done", "bright", 0.5, confidence=0.9)
EMPTY = dataclasses.replace(DONE, source="b.jpg", status="empty", confidence=0.1, error="b.jpg: no subject found")
FAILED = dataclasses.replace(DONE, source="c.jpg", status="failed", confidence=None, error="c.jpg: damaged")


def outcome(*records: Record, earlier: tuple[Record, ...] = ()) -> Summary:
    result = Summary(review_below=0.8, seconds=61)
    for record in records:
        result.add(record)
    for record in earlier:
        result.add(record, earlier=True)
    return result


def test_all_are_counted():
    result = outcome(DONE, EMPTY, FAILED, earlier=(DONE, EMPTY))
    assert (result.worked, result.done, result.earlier) == (3, 1, 1)
    assert (list(result.empty), list(result.failed)) == (["b.jpg"], ["c.jpg"])


@pytest.mark.parametrize(
    ("confidence", "unsure", "review"), [(0.79, False, True), (0.8, False, False), (0.9, True, True)]
)
def test_what_is_unsure_or_below_a_confidence_is_to_be_reviewed(confidence, unsure, review):
    result = outcome(dataclasses.replace(DONE, confidence=confidence, unsure=unsure))
    assert (bool(result.unsure), bool(result.review)) == (unsure, review)
    assert (list(outcome(EMPTY, FAILED).review), outcome(EMPTY, FAILED).unsure) == (["b.jpg"], {})


@pytest.mark.parametrize("first", [EMPTY, FAILED, dataclasses.replace(DONE, confidence=0.1, unsure=True)])
def test_a_later_content_of_a_file_counts_in_place_of_the_older(first):
    result = outcome(dataclasses.replace(first, source="a.jpg"), DONE)
    assert (result.empty, result.failed, result.unsure, result.review) == ({}, {}, {}, {})


def test_a_summary_names_what_has_no_result_and_then_counts():
    assert outcome(DONE).lines() == ["1 done in 1:01"]
    doubtful = dataclasses.replace(DONE, source="d.jpg", unsure=True)
    result = outcome(DONE, EMPTY, FAILED, doubtful, earlier=(DONE,))
    result.interrupted = True
    assert result.lines() == [
        "c.jpg: damaged",
        "b.jpg: no subject found",
        "2 done in 1:01, 1 done earlier, 1 without a subject, 1 failed, 1 unsure, 2 to review, "
        "interrupted: --resume goes on",
    ]


def test_files_are_counted_where_each_subject_has_one():
    several = dataclasses.replace(DONE, files=(ResultFile("a-1.png", 1), ResultFile("a-2.png", 1)))
    assert outcome(several, earlier=(several,)).lines() == ["1 done in 1:01, 2 files, 1 done earlier"]


def test_a_long_summary_ends():
    many = [dataclasses.replace(FAILED, source=f"{number}.jpg") for number in range(2000 + NAMED)]
    lines = outcome(*many).lines()
    assert len(lines) == NAMED + 2
    assert lines[-2:] == ["... and 2,000 more, which --report lists", "0 done in 1:01, 2,010 failed"]
