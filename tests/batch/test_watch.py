import os
from pathlib import Path, PurePath
from threading import Event

import pytest

from background_remover.batch import watch
from background_remover.batch.discovery import Source
from background_remover.batch.record import Stamp, stamp_of
from background_remover.batch.watch import appearing


class Watched:
    """A watch over a folder whose clock moves by a second at each look."""

    def __init__(self, folder: Path, still: float, known: dict[Path, Stamp], monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        self.stop = Event()
        monkeypatch.setattr(watch, "monotonic", lambda: self.now)
        monkeypatch.setattr(watch, "INTERVAL", 0.0)

        def find() -> list[Source]:
            return [Source(path, PurePath(path.name), str(path)) for path in sorted(folder.iterdir())]

        self._given = appearing(find, known, still, self.stop)

    def look(self) -> list[str]:
        """The names of what one look gives."""
        self.now += 1
        return [source.path.name for source in next(self._given)]


@pytest.fixture
def watched(tmp_path, monkeypatch) -> Watched:
    return Watched(tmp_path, 2, {}, monkeypatch)


def test_a_file_is_given_once_it_is_still(tmp_path, watched):
    assert watched.look() == []
    (tmp_path / "a.jpg").write_bytes(b"1")
    assert [watched.look() for _ in range(5)] == [[], [], ["a.jpg"], [], []]


def test_a_file_that_grows_is_waited_for(tmp_path, watched):
    for length in range(1, 10):
        (tmp_path / "a.jpg").write_bytes(b"1" * length)
        assert watched.look() == []
    assert [watched.look() for _ in range(3)] == [[], ["a.jpg"], []]


def test_a_file_that_changes_is_given_again(tmp_path, watched):
    (tmp_path / "a.jpg").write_bytes(b"1")
    assert [watched.look() for _ in range(3)] == [[], [], ["a.jpg"]]
    os.utime(tmp_path / "a.jpg", ns=(1, 1))
    assert [watched.look() for _ in range(4)] == [[], [], ["a.jpg"], []]


def test_what_is_known_is_not_given(tmp_path, monkeypatch):
    (tmp_path / "a.jpg").write_bytes(b"1")
    (tmp_path / "b.jpg").write_bytes(b"1")
    known = {tmp_path / "a.jpg": stamp_of(tmp_path / "a.jpg")}
    assert Watched(tmp_path, 0, known, monkeypatch).look() == ["b.jpg"]
    assert set(known) == {tmp_path / "a.jpg", tmp_path / "b.jpg"}


def test_a_file_that_goes_away_is_forgotten(tmp_path, watched):
    (tmp_path / "a.jpg").write_bytes(b"1")
    watched.look()
    (tmp_path / "a.jpg").unlink()
    assert [watched.look() for _ in range(3)] == [[], [], []]


def test_a_stop_ends_it(tmp_path, watched):
    watched.look()
    watched.stop.set()
    with pytest.raises(StopIteration):
        watched.look()


def test_a_link_that_leads_nowhere_is_given_once_and_again_when_it_leads_somewhere(tmp_path, watched):
    (tmp_path / "loop.jpg").symlink_to("loop.jpg")
    (tmp_path / "none.jpg").symlink_to(tmp_path / ".none")
    assert [watched.look() for _ in range(5)] == [[], [], ["loop.jpg", "none.jpg"], [], []]
    (tmp_path / ".none").touch()
    assert "none.jpg" in [name for _ in range(4) for name in watched.look()]
