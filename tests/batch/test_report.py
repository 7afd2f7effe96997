import dataclasses
import json
from contextlib import closing
from pathlib import Path

import pytest

from background_remover.batch.record import Record
from background_remover.batch.report import Report, check_report
from background_remover.errors import ImageError, OptionError


def as_json(record: Record) -> dict[str, object]:
    """What JSON keeps of a record."""
    fields: dict[str, object] = json.loads(json.dumps(dataclasses.asdict(record)))
    return fields


RECORD = Record("a.jpg", "out/a.png", "done", "bright", 0.5, width=3, height=2, confidence=0.9)


def test_a_line_is_in_the_file_at_once(tmp_path):
    path = tmp_path / "report.jsonl"
    path.write_text("old")
    with closing(Report(path)) as report:
        assert path.read_text() == ""
        for count in (1, 2):
            report.write(RECORD)
            assert [json.loads(line) for line in path.read_text().splitlines()] == [as_json(RECORD)] * count


def test_names_that_are_no_utf_8_are_kept(tmp_path):
    path = tmp_path / "report.jsonl"
    with closing(Report(path)) as report:
        report.write(dataclasses.replace(RECORD, source="\udce4.jpg"))
    assert json.loads(path.read_text())["source"] == "\udce4.jpg"


@pytest.mark.parametrize(
    ("name", "message"), [("photo.jpg", "a report ends in .jsonl; choose"), ("none/r.jsonl", "there is no folder")]
)
def test_a_name_that_cannot_be_a_reports_is_refused(tmp_path, name, message):
    with pytest.raises(OptionError, match=message):
        check_report(tmp_path / name)
    check_report(tmp_path / "report.jsonl")
    (tmp_path / "folder.jsonl").mkdir()
    with pytest.raises(ImageError, match=r"folder\.jsonl: a folder, and what is written is a file"):
        check_report(tmp_path / "folder.jsonl")


def test_a_report_that_cannot_be_opened_is_told(tmp_path):
    with pytest.raises(ImageError, match="can't be written"):
        Report(tmp_path)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full disk here")
def test_a_full_disk_is_told():
    with closing(Report(Path("/dev/full"))) as report, pytest.raises(ImageError, match=r"can't be written \(No space"):
        report.write(RECORD)
