import dataclasses
import errno
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage

from background_remover import Options, Remover
from background_remover.batch import job
from background_remover.batch.job import Job, do
from background_remover.batch.record import CODES, Record, refused, stamp_of
from background_remover.errors import ModelError, OptionError
from background_remover.imaging.output_options import OutputOptions
from tests.conftest import CARD

DEFAULTS = Options(), OutputOptions()


@pytest.fixture(scope="module")
def remover(bright):
    return Remover(bright, threads=1)


@pytest.fixture
def here(tmp_path, photo) -> Job:
    """A picture, and a place in a folder that isn't there yet."""
    PillowImage.fromarray(photo).save(tmp_path / "photo.png")
    return Job(tmp_path / "photo.png", tmp_path / "out" / "sub" / "photo.png")


def test_a_picture_is_cut_out(remover, here, photo):
    record = do(here, remover, "bright", *DEFAULTS)
    wanted = remover.cut(photo)
    with PillowImage.open(here.target) as written:
        assert np.array_equal(np.asarray(written), np.asarray(wanted.image))
    assert (record.status, record.model, record.width, record.height) == ("done", "bright", 120, 90)
    assert record.confidence == pytest.approx(wanted.confidence, abs=1e-4)
    assert record.stamp == (here.source.stat().st_size, here.source.stat().st_mtime_ns)
    assert record.target_bytes == here.target.stat().st_size
    assert (record.code, record.error, record.hint) == (None, None, None)
    assert record.seconds > 0


def test_it_is_written_as_asked(remover, here):
    target = here.target.with_suffix(".jpeg")
    record = do(Job(here.source, target), remover, "bright", Options(background="white"), OutputOptions(format="jpeg"))
    assert record.status == "done"
    with PillowImage.open(target) as written:
        assert written.format == "JPEG"


@pytest.mark.parametrize("allow_empty", [False, True])
def test_nothing_is_written_where_there_is_no_subject(make_model, here, allow_empty):
    remover = Remover(make_model(metadata=dataclasses.replace(CARD, empty_below=0.99).to_metadata()))
    PillowImage.new("RGB", (60, 40)).save(here.source)
    record = do(here, remover, "bright", Options(allow_empty=allow_empty), OutputOptions())
    assert here.target.exists() is allow_empty
    assert record.confidence is not None
    assert (record.status, record.code) == (("done", None) if allow_empty else ("empty", "no-subject"))
    if not allow_empty:
        assert record.hint == "--allow-empty gives the cutout even so"


@pytest.fixture
def discs(here) -> Job:
    """A picture of a large disc and a small grey one, of which each is to have its own file."""
    rows, columns = np.mgrid[:90, :160]
    levels = np.zeros((90, 160, 3), np.uint8)
    levels[(rows - 45) ** 2 + (columns - 50) ** 2 < 30**2] = 255
    levels[(rows - 45) ** 2 + (columns - 125) ** 2 < 15**2] = 145
    PillowImage.fromarray(levels).save(here.source)
    return dataclasses.replace(here, each=True)


def test_each_subject_is_cut_out_and_the_least_sure_one_counts(make_model, discs):
    card = dataclasses.replace(CARD, empty_below=0.4, unsure_below=0.85)
    remover = Remover(make_model(metadata=card.to_metadata()))
    record = do(discs, remover, "bright", *DEFAULTS)
    cuts = [cut for _, cut in remover.cut_each(discs.source)]
    assert [file.name for file in record.files] == ["photo-1.png", "photo-2.png"]
    for file, cut in zip(record.files, cuts, strict=True):
        data = discs.file(file.name).read_bytes()
        assert (data, len(data)) == (cut.encode(), file.bytes)
    assert record.confidence == pytest.approx(min(cut.confidence for cut in cuts), abs=1e-4)
    assert (record.status, record.unsure, record.width, record.height) == ("done", True, 160, 90)
    assert not discs.target.exists()


def test_without_a_sure_subject_none_has_a_file(make_model, discs):
    remover = Remover(make_model(metadata=dataclasses.replace(CARD, empty_below=0.999).to_metadata()))
    record = do(discs, remover, "bright", *DEFAULTS)
    assert (record.status, record.code, record.files) == ("empty", "no-subject", ())
    assert record.hint == "--allow-empty without --each gives the cutout even so"
    assert not discs.target.parent.exists()


def test_a_failure_lists_the_older_files_of_all_subjects(remover, discs):
    first = do(discs, remover, "bright", *DEFAULTS)
    discs.source.write_bytes(b"")
    failed = do(discs, remover, "bright", *DEFAULTS)
    assert (failed.status, failed.files, failed.target_bytes) == ("failed", first.files, first.target_bytes)


@pytest.mark.parametrize(("level", "unsure"), [(130, True), (255, False)])
def test_an_unsure_result_is_written_and_noted(make_model, here, level, unsure):
    card = dataclasses.replace(CARD, empty_below=0.3, unsure_below=0.8)
    PillowImage.new("RGB", (60, 40), (level, level, level)).save(here.source)
    record = do(here, Remover(make_model(metadata=card.to_metadata())), "bright", *DEFAULTS)
    assert (record.status, record.unsure, record.code, record.error) == ("done", unsure, None, None)
    assert here.target.exists()


def broken(here: Job, how: str) -> Job:
    """The job, with its picture or its place broken."""
    if how == "empty":
        here.source.write_bytes(b"")
    elif how == "half":
        here.source.write_bytes(here.source.read_bytes()[:100])
    elif how == "text":
        here.source.write_text("this is no picture but a line of text")
    elif how == "missing":
        here.source.unlink()
    elif how == "pipe":
        here.source.unlink()
        os.mkfifo(here.source)
    elif how == "a folder":
        here.source.unlink()
        here.source.mkdir()
    elif how == "a file as folder":
        here.target.parent.parent.write_text("in the way")
    elif how == "a folder in place":
        here.target.mkdir(parents=True)
    elif how == "a long name":
        return dataclasses.replace(here, target=here.target.with_name("a" * 300 + ".png"))
    elif how == "itself":
        return Job(here.source, here.source)
    return here


BROKEN = {
    "empty": ("image", "photo.png: empty; get a whole copy"),
    "half": ("image", "truncated or damaged"),
    "text": ("image", "not a picture of a known format"),
    "missing": ("image", "no such file; check the name"),
    "pipe": ("image", "neither a file nor a folder; name a file"),
    "a folder": ("image", "a folder, not a picture"),
    "a file as folder": ("write", "; check its name and permissions"),
    "a folder in place": ("write", "a folder, and what is written is a file; name one in it"),
    "a long name": ("write", "File name too long"),
    "itself": ("write", "is the picture to be read"),
}


@pytest.mark.parametrize("how", BROKEN)
def test_what_is_broken_is_told_and_leaves_nothing(remover, here, how):
    code, message = BROKEN[how]
    given = broken(here, how)
    before = sorted(here.source.parent.rglob("*"))
    source = stamp_of(given.source)
    record = do(given, remover, "bright", *DEFAULTS)
    assert (record.status, record.code) == ("failed", code)
    assert message in record.error
    assert record.error.endswith(record.hint)
    assert "\n" not in record.error
    after = sorted(here.source.parent.rglob("*"))
    assert [path for path in after if path.is_file()] == [path for path in before if path.is_file()]
    assert stamp_of(given.source) == source


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (ModelError("m.onnx: fails; export it again"), "model", "m.onnx: fails; export it again"),
        (OptionError("needs PyMatting; pip install"), "option", "needs PyMatting"),
        (MemoryError(), "memory", "photo.png: not enough memory for this picture; shrink it"),
        (ZeroDivisionError("a\nb"), "unexpected", "photo.png: ZeroDivisionError (a b); report this together"),
        (KeyError(), "unexpected", "photo.png: KeyError (KeyError); report this"),
    ],
)
def test_whatever_happens_is_a_record(remover, here, monkeypatch, error, code, words):
    def fail(*arguments: object) -> None:
        raise error

    monkeypatch.setattr(job, "make", fail)
    record = do(here, remover, "bright", *DEFAULTS)
    assert (record.status, record.code) == ("failed", code)
    assert words in record.error


def test_an_interrupt_is_no_record(remover, here, monkeypatch):
    def fail(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(job, "make", fail)
    with pytest.raises(KeyboardInterrupt):
        do(here, remover, "bright", *DEFAULTS)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
@pytest.mark.parametrize("where", ["write_bytes", "mkdir"])
def test_a_full_disk_has_a_code_of_its_own(remover, here, monkeypatch, number, where):
    def fail(path: Path, *arguments: object, **options: object) -> None:
        raise OSError(number, os.strerror(number), str(path))

    monkeypatch.setattr(Path, where, fail)
    record = do(here, remover, "bright", *DEFAULTS)
    assert (record.status, record.code) == ("failed", "disk-full")


@pytest.mark.parametrize("damaged", [False, True])
def test_a_picture_that_changes_while_it_is_read_is_told(remover, here, monkeypatch, damaged):
    def load(source: Path, **options: object) -> object:
        try:
            file = job_load(source, **options)
        finally:
            with source.open("ab") as stream:
                stream.write(b"more")
        return file

    job_load = job.load
    if damaged:
        here.source.write_bytes(b"\x89PNG\r\n\x1a\n")
    monkeypatch.setattr(job, "load", load)
    record = do(here, remover, "bright", *DEFAULTS)
    assert (record.status, record.code) == ("failed", "changed")
    assert not here.target.exists()


def test_a_failure_keeps_an_older_result_and_tells_its_length(remover, here):
    here.target.parent.mkdir(parents=True)
    here.target.write_bytes(b"older")
    here.source.write_bytes(b"")
    assert do(here, remover, "bright", *DEFAULTS).target_bytes == 5
    assert here.target.read_bytes() == b"older"


def test_what_was_not_begun_is_a_failure_too(here):
    record = refused(
        here.source, here.target, "bright", "exists", "out/photo.png: is there already; --overwrite replaces it"
    )
    assert (record.status, record.code, record.hint) == ("failed", "exists", "--overwrite replaces it")
    assert record.stamp is None


def test_every_code_is_documented(tmp_path):
    page = (Path(__file__).parents[2] / "docs" / "batches.md").read_text(encoding="utf-8")
    for code, meaning in CODES.items():
        assert f"| `{code}` | {meaning} |" in page
    for field in dataclasses.fields(Record):
        assert f"`{field.name}`" in page
