import dataclasses
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from background_remover.batch.journal import Entry, Provenance
from background_remover.batch.ray import journal
from background_remover.batch.ray.address import address
from background_remover.batch.ray.journal import FOLDER, SCHEMA, ParquetReport, SharedJournal, check_report, read
from background_remover.batch.record import Record
from background_remover.errors import ImageError, OptionError

PROVENANCE: Provenance = {"model": "bright", "feather": 1.5, "crop": True}
RECORD = Record("/in/ä.jpg", "/out/a.png", "done", "bright", 0.5, width=3, height=2, confidence=0.9, target_bytes=7)
UNSURE = dataclasses.replace(RECORD, source="/in/c.jpg", target="/out/c.png", unsure=True)
FAILED = Record("/in/b.jpg", "/out/s/b.png", "failed", "bright", 0.0, code="image", error="no", hint="get another")


def place(path: Path, record: Record) -> Record:
    return dataclasses.replace(record, target=f"{path}{record.target.removeprefix('/out')}")


def test_what_was_noted_is_known(tmp_path):
    out = address(str(tmp_path))
    assert read(out) == {}
    notes = SharedJournal(out, PROVENANCE)
    for source, name in (("/in/ä.jpg", "a.png"), ("/in/b.jpg", "s/b.png"), ("/in/c.jpg", "c.png")):
        notes.begin(source, name)
    notes.flush()
    assert [entry.source for entry in read(out).values()] == ["/in/ä.jpg", "/in/b.jpg", "/in/c.jpg"]
    assert all(entry.record is None and entry.provenance == PROVENANCE for entry in read(out).values())
    notes.end(RECORD, "a.png")
    notes.end(FAILED, "s/b.png")
    notes.flush()
    assert read(out) == {
        "a.png": Entry("/in/ä.jpg", PROVENANCE, place(tmp_path, RECORD)),
        "s/b.png": Entry("/in/b.jpg", PROVENANCE, place(tmp_path, FAILED)),
        "c.png": Entry("/in/c.jpg", PROVENANCE, None),
    }


def test_notes_older_than_a_field_are_read(tmp_path):
    notes = SharedJournal(address(str(tmp_path)), PROVENANCE)
    notes.end(RECORD, "a.png")
    notes.flush()
    (file,) = tmp_path.glob(f"{FOLDER}/*.parquet")
    pq.write_table(pq.read_table(file).drop_columns(["unsure"]), file)
    assert read(address(str(tmp_path))) == {"a.png": Entry("/in/ä.jpg", PROVENANCE, place(tmp_path, RECORD))}


def test_what_came_later_holds(tmp_path):
    out = address(str(tmp_path))
    for number, provenance in enumerate([PROVENANCE, PROVENANCE | {"feather": 2.0}]):
        notes = SharedJournal(out, provenance)
        notes.begin("/in/ä.jpg", "a.png")
        notes.end(dataclasses.replace(RECORD, target_bytes=number), "a.png")
        notes.close()
    (entry,) = read(out).values()
    assert (entry.provenance["feather"], entry.record.target_bytes) == (2.0, 1)


def test_notes_are_written_now_and_then(tmp_path, monkeypatch):
    monkeypatch.setattr(journal, "ROWS", 2)
    notes = SharedJournal(address(str(tmp_path)), PROVENANCE)
    for count in (0, 0, 1, 1):
        assert len(list(tmp_path.glob(f"{FOLDER}/*.parquet"))) == count
        notes.end(RECORD, "a.png")
    monkeypatch.setattr(journal, "SECONDS", 0.0)
    notes.end(RECORD, "a.png")
    assert len(list(tmp_path.glob(f"{FOLDER}/*.parquet"))) == 3
    assert not list(tmp_path.glob(f"{FOLDER}/.*"))


@pytest.mark.parametrize("what", ["damaged", "foreign"])
def test_notes_that_cannot_be_read_are_told(tmp_path, what):
    file = tmp_path / FOLDER / "20260101-000000.parquet"
    file.parent.mkdir()
    if what == "damaged":
        file.write_bytes(b"PAR1")
    else:
        pq.write_table(SCHEMA.empty_table(), file)
    with pytest.raises(ImageError, match=r"20260101-000000\.parquet: can't be read \(.*\); move it away"):
        read(address(str(tmp_path)))


def test_a_report_has_a_row_for_each(tmp_path, monkeypatch):
    monkeypatch.setattr(journal, "ROWS", 2)
    path = tmp_path / "r.parquet"
    report = ParquetReport(address(str(path)))
    records = [dataclasses.replace(RECORD, source=f"{number}.jpg") for number in range(5)] + [UNSURE, FAILED]
    for record in records:
        report.write(record)
    assert pq.read_table(path).equals(SCHEMA.empty_table())  # it is whole at every moment
    report.close()
    assert pq.read_table(path).to_pylist() == json.loads(json.dumps([dataclasses.asdict(record) for record in records]))


def test_an_empty_report_has_its_columns(tmp_path):
    report = ParquetReport(address(str(tmp_path / "r.parquet")))
    report.close()
    assert pq.read_schema(tmp_path / "r.parquet").equals(SCHEMA)
    assert SCHEMA.names == [field.name for field in dataclasses.fields(Record)]


def test_a_report_has_its_suffix(tmp_path):
    with pytest.raises(OptionError, match=r"r\.jsonl: a report of --engine ray ends in \.parquet; choose another name"):
        check_report(address(str(tmp_path / "r.jsonl")))


def test_a_place_that_takes_no_report_is_told_before_one_is_written(tmp_path):
    (tmp_path / "folder.parquet").mkdir()
    for name, message in (("none/r.parquet", "there is no folder .*none; make"), ("folder.parquet", "a folder, and")):
        with pytest.raises(ImageError, match=message):
            check_report(address(str(tmp_path / name)))
    check_report(address(str(tmp_path / "r.parquet")))
    check_report(address("memory://bucket/none/r.parquet"))
    assert [path.name for path in tmp_path.iterdir()] == ["folder.parquet"]
