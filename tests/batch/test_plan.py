import dataclasses
import os
from pathlib import PurePath

import pytest

from background_remover.batch.clips.options import ClipOptions
from background_remover.batch.discovery import Source
from background_remover.batch.job import Job
from background_remover.batch.journal import Entry, Provenance
from background_remover.batch.local.store import local_store
from background_remover.batch.plan import Plan, Task, of_kind, plan, provenance_of
from background_remover.batch.record import Record, ResultFile, stamp_of
from background_remover.batch.settings import BatchSettings
from background_remover.errors import ImageError, OptionError
from background_remover.imaging.output_options import OutputOptions
from background_remover.models import MODELS
from background_remover.options import Options

NO_CLIPS = ClipOptions(video_format="none")
PROVENANCE: Provenance = {"model": "bright", "suffix": ".png"}


@pytest.fixture
def job(tmp_path) -> Job:
    """A picture whose result is there."""
    given = Job(tmp_path / "in" / "a.jpg", tmp_path / "out" / "a.png")
    for path in (given.source, given.target):
        path.parent.mkdir()
        path.write_bytes(b"123")
    return given


def record(job: Job) -> Record:
    """That of a job that was done."""
    size, changed = stamp_of(job.source)
    given = Record(
        str(job.source), str(job.target), "done", "bright", 0.5, source_bytes=size, source_changed_ns=changed
    )
    return dataclasses.replace(given, target_bytes=3)


def entries(job: Job, given: Record | None) -> dict[str, Entry]:
    return {"a.png": Entry(str(job.source), PROVENANCE, given)}


def planned(job: Job, known: dict[str, Entry], *, allow_empty: bool = False, overwrite: bool = False) -> Plan:
    source = Source(job.source, PurePath(job.source.name), str(job.source))
    store = local_store(BatchSettings(("in",), str(job.target.parent)))
    return plan([source], store, PROVENANCE, known, allow_empty=allow_empty, overwrite=overwrite)


def work(job: Job) -> Plan:
    """A plan for this one alone."""
    return Plan([Task(job, job.target.name, str(job.source))])


def test_what_is_done_is_left(job):
    assert planned(job, entries(job, record(job))) == Plan(earlier=[record(job)])
    assert planned(job, entries(job, record(job)), overwrite=True) == Plan(earlier=[record(job)])


def test_a_place_without_a_result_is_work(job):
    job.target.unlink()
    assert planned(job, {}) == work(job)
    assert planned(job, entries(job, record(job))) == work(job)


@pytest.mark.parametrize("how", ["longer", "touched", "shorter"])
def test_a_picture_that_has_changed_is_done_again(job, how):
    known = entries(job, record(job))
    if how == "touched":
        os.utime(job.source, ns=(1, 1))
    else:
        job.source.write_bytes(b"1234" if how == "longer" else b"1")
    assert planned(job, known) == work(job)


def test_a_result_whose_end_is_not_noted_is_done_again(job):
    assert planned(job, entries(job, None)) == work(job)


def test_a_failure_is_tried_again(job):
    failure = dataclasses.replace(record(job), status="failed", code="image", target_bytes=None)
    job.target.unlink()
    assert planned(job, entries(job, failure)) == work(job)


def test_a_failure_beside_an_older_result_is_tried_again(job):
    assert planned(job, entries(job, dataclasses.replace(record(job), status="failed"))) == work(job)


def test_a_picture_without_a_subject_is_left_unless_it_may_be_empty(job):
    job.target.unlink()
    empty = dataclasses.replace(record(job), status="empty", target_bytes=None)
    assert planned(job, entries(job, empty)) == Plan(earlier=[empty])
    assert planned(job, entries(job, empty), allow_empty=True) == work(job)


def other_settings(job: Job) -> dict[str, Entry]:
    return {"a.png": Entry(str(job.source), PROVENANCE | {"threshold": 0.5, "model": "unet"}, record(job))}


REFUSED = {
    "unknown": (lambda job: {}, "is there already; --overwrite replaces it, --resume keeps what an earlier run made"),
    "changed by somebody": (
        lambda job: entries(job, dataclasses.replace(record(job), target_bytes=4)),
        "was changed since it was made; --overwrite replaces it",
    ),
    "in place of a failure": (
        lambda job: entries(job, dataclasses.replace(record(job), status="failed", target_bytes=None)),
        "was changed since it was made",
    ),
    "other settings": (other_settings, "was made with another model, threshold; --overwrite replaces it, another OUT"),
}


@pytest.mark.parametrize(("known", "message"), REFUSED.values(), ids=REFUSED)
def test_a_result_that_is_there_is_not_replaced_unasked(job, known, message):
    result = planned(job, known(job))
    assert (result.tasks, result.earlier) == ([], [])
    ((refused, reason),) = result.refused
    assert refused == job
    assert reason.startswith(f"{job.target}: {message}")
    assert planned(job, known(job), overwrite=True) == work(job)


def test_the_result_of_another_picture_is_not_this_ones(job):
    """The other one keeps its place, and this one gets its full name."""
    known = {"a.png": Entry("/elsewhere/a.jpg", PROVENANCE, record(job))}
    assert planned(job, known) == work(Job(job.source, job.target.with_name("a.jpg.png")))


@pytest.mark.parametrize("link", [False, True])
def test_a_picture_is_never_a_result(tmp_path, link):
    (tmp_path / "a.png").touch()
    out = tmp_path
    if link:
        out = tmp_path / "out"
        out.mkdir()
        (out / "a.png").symlink_to(tmp_path / "a.png")
    source = Source(tmp_path / "a.png", PurePath("a.png"), str(tmp_path / "a.png"))
    store = local_store(BatchSettings(("in",), str(out)))
    result = plan([source], store, PROVENANCE, {}, allow_empty=False, overwrite=True)
    assert result.refused == [
        (Job(source.path, out / "a.png"), f"{out / 'a.png'}: is one of the pictures; choose another OUT")
    ]


def test_provenance_is_what_a_result_depends_on(tmp_path, bright):
    plain = provenance_of("unet", Options(), OutputOptions(), ".png", NO_CLIPS, each=False)
    assert plain == {"model": "unet", "model sha256": MODELS["unet"].sha256, "suffix": ".png"}
    assert (
        provenance_of(
            "unet",
            Options(allow_empty=True, max_megapixels=9),
            OutputOptions(format="png"),
            ".png",
            NO_CLIPS,
            each=False,
        )
        == plain
    )
    assert provenance_of(
        "unet", Options(crop=True), OutputOptions(quality=9), ".webp", NO_CLIPS, each=False
    ) == plain | {
        "crop": True,
        "quality": 9,
        "suffix": ".webp",
    }
    for name in ("background", "mask"):
        file = tmp_path / f"{name}.png"
        file.write_bytes(b"1")
        first = provenance_of(str(bright), Options(**{name: str(file)}), OutputOptions(), ".png", NO_CLIPS, each=False)
        file.write_bytes(b"2")
        second = provenance_of(str(bright), Options(**{name: str(file)}), OutputOptions(), ".png", NO_CLIPS, each=False)
        assert {key for key in first if first[key] != second[key]} == {f"{name} sha256"}


def test_videos_depend_on_their_options_and_pictures_on_theirs():
    provenances = [
        provenance_of("unet", Options(), OutputOptions(), ".png", ClipOptions(), each=False),
        provenance_of("unet", Options(), OutputOptions(dpi=300), ".png", ClipOptions(steady="off"), each=False),
        provenance_of("unet", Options(), OutputOptions(), ".webp", ClipOptions(video_format="mov"), each=False),
    ]
    pictures, clips = ([of_kind(one, clip=clip) for one in provenances] for clip in (False, True))
    common = {"model": "unet", "model sha256": MODELS["unet"].sha256}
    assert pictures == [
        common | own for own in ({"suffix": ".png"}, {"suffix": ".png", "dpi": 300}, {"suffix": ".webp"})
    ]
    webm = common | {"video suffix": ".webm"}
    assert clips == [webm, webm | {"steady": "off"}, webm | {"video suffix": ".mov"}]


@pytest.mark.parametrize(
    ("model", "options", "error", "message"),
    [
        ("isnet", Options(), OptionError, "unknown model 'isnet'"),
        ("unet", Options(background="none.png"), ImageError, "none.png: no such file; check the name"),
        ("unet", Options(mask="."), ImageError, "can't be read"),
    ],
)
def test_provenance_of_missing_files_are_refused(model, options, error, message):
    with pytest.raises(error, match=message):
        provenance_of(model, options, OutputOptions(), ".png", NO_CLIPS, each=False)


def test_a_plan_of_nothing_is_empty(tmp_path):
    store = local_store(BatchSettings(("in",), "out"))
    assert plan([], store, PROVENANCE, {}, allow_empty=False, overwrite=False) == Plan()


EACH = PROVENANCE | {"each": True}
FILES = {"a-1.png": 3, "a-2.png": 4}


@pytest.fixture
def several(job) -> Job:
    """A picture of whose result two files are there."""
    job.target.unlink()
    for name, length in FILES.items():
        job.file(name).write_bytes(b"1234"[:length])
    return dataclasses.replace(job, each=True)


def planned_each(job: Job, given: Record | None, *, overwrite: bool = False) -> Plan:
    source = Source(job.source, PurePath(job.source.name), str(job.source))
    store = local_store(BatchSettings(("in",), str(job.target.parent), each=True))
    known = {"a.png": Entry(str(job.source), EACH, given)}
    return plan([source], store, EACH, known, allow_empty=False, overwrite=overwrite)


def record_each(job: Job) -> Record:
    files = tuple(ResultFile(name, length) for name, length in FILES.items())
    return dataclasses.replace(record(job), files=files, target_bytes=7)


def test_several_files_are_done_when_all_are_there(several):
    assert planned_each(several, record_each(several)) == Plan(earlier=[record_each(several)])
    several.file("a-1.png").unlink()
    assert planned_each(several, record_each(several)) == work(several)


def test_several_files_are_done_again_after_a_kill_between_them(several):
    several.file("a-1.png").unlink()
    assert planned_each(several, None) == work(several)


@pytest.mark.parametrize(
    ("name", "message"),
    [("a-2.png", "was changed since it was made; --overwrite"), ("a-9.png", "is there already; --overwrite replaces")],
)
def test_one_of_several_that_no_run_made_is_not_replaced_unasked(several, name, message):
    given = record_each(several)
    several.file(name).write_bytes(b"somebody's")
    several.source.write_bytes(b"another picture")
    ((_, reason),) = planned_each(several, given).refused
    assert reason.startswith(f"{several.file(name)}: {message}")
    assert planned_each(several, given, overwrite=True) == work(several)


def test_a_picture_is_never_one_of_several_results(tmp_path):
    sources = [Source(path, PurePath(path.name), str(path)) for path in (tmp_path / "a.jpg", tmp_path / "a-1.png")]
    for source in sources:
        source.path.touch()
    store = local_store(BatchSettings(("in",), str(tmp_path), each=True))
    result = plan(sources, store, EACH, {}, allow_empty=False, overwrite=True)
    assert [reason for _, reason in result.refused] == [
        f"{tmp_path / 'a-1.png'}: is one of the pictures; choose another OUT"
    ]
