from pathlib import Path

import pytest

from background_remover.batch.engine import Store
from background_remover.batch.job import Job
from background_remover.batch.local.store import local_store
from background_remover.batch.settings import BatchSettings
from background_remover.imaging.atomic import LEFT_OVER


@pytest.fixture
def out(tmp_path) -> Path:
    return tmp_path / "out"


def store(out: Path) -> Store[Path, Job]:
    return local_store(BatchSettings(("in",), str(out)))


def test_the_length_of_all_that_is_there(out):
    (out / "sub").mkdir(parents=True)
    (out / "sub" / "a.png").write_bytes(b"123")
    (out / "loop.png").symlink_to("loop.png")
    (out / "other.png").touch()
    assert store(out).lengths(["sub/a.png", "loop.png", "none/b.png"]) == {"sub/a.png": 3, "loop.png": -1}


def test_the_lengths_of_numbered_files_where_each_subject_has_one(out):
    for name in ("sub/a-1.png", "sub/a-2.png", "sub/b-1.png", "a-1.png", "other/a-1.png", "sub/a-x.png"):
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_bytes(b"12")
    each = local_store(BatchSettings(("in",), str(out), each=True))
    assert each.lengths(["sub/a.png", "none/a.png"]) == {"sub/a-1.png": 2, "sub/a-2.png": 2, "sub/b-1.png": 2}


def test_files_are_removed_where_they_are(out):
    out.mkdir()
    for name in ("a-1.png", "a-2.png"):
        (out / name).touch()
    store(out).remove(["a-2.png", "none.png"])
    assert [path.name for path in out.iterdir()] == ["a-1.png"]


def test_neither_results_nor_a_review_are_pictures(tmp_path):
    for name in ("a.png", "out/b.png", "review/c.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    given = BatchSettings((), str(tmp_path / "out"), review=tmp_path / "review")
    (source,) = local_store(given).find([str(tmp_path)]).sources
    assert source.path == tmp_path / "a.png"


def test_left_overs_go_and_nothing_else_does(out):
    (out / "sub").mkdir(parents=True)
    half = [out / f".{'0123456789abcdef'}.part", out / "sub" / f".{'f' * 16}.part"]
    others = [out / name for name in ("a.png", ".hidden", ".0123.part", f"{'f' * 16}.part", "sub/b.png")]
    for path in half + others:
        path.touch()
    store(out).remove_left_overs(["a.png", "sub/b.png", "none/c.png"])
    assert not any(path.exists() for path in half)
    assert all(path.exists() for path in others)


def test_its_name_for_left_overs_is_that_of_image(tmp_path, monkeypatch):
    """A kill in the midst of writing leaves a file that is known here."""
    from background_remover.imaging.atomic import write_whole

    monkeypatch.setattr(Path, "replace", lambda path, target: seen.append(path.name))
    seen: list[str] = []
    write_whole(tmp_path / "a.png", b"data")
    assert LEFT_OVER.fullmatch(seen[0])
