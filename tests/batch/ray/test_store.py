"""What a run asks of addresses, on a disk and in memory: the plan is that of `batch` on one machine."""

import dataclasses
from pathlib import PurePath

import pytest

from background_remover.batch.discovery import Source
from background_remover.batch.engine import Store
from background_remover.batch.journal import Entry, Provenance
from background_remover.batch.plan import Plan, plan
from background_remover.batch.ray.address import Address
from background_remover.batch.ray.job import RemoteJob
from background_remover.batch.ray.store import shared_store
from background_remover.batch.record import Record
from background_remover.batch.settings import BatchSettings

PROVENANCE: Provenance = {"model": "bright", "suffix": ".png"}


def store_at(out: Address) -> Store[Address, RemoteJob]:
    return shared_store(BatchSettings(("in",), str(out)))


def planned(
    tree: Address, names: str, entries: dict[str, Entry], *, allow_empty: bool = False, overwrite: bool = False
) -> Plan:
    store = store_at(tree / "out")
    given = sorted(store.find([str(tree / name) for name in names.split()]).sources, key=lambda picture: picture.place)
    return plan(given, store, PROVENANCE, entries, allow_empty=allow_empty, overwrite=overwrite)


def record(tree: Address, name: str, place: str) -> Record:
    """That of a picture that was done, and whose result is there."""
    (tree / "out" / place).put(b"1234")
    size, changed = (tree / name).stamp()
    done = Record(str(tree / name), str(tree / "out" / place), "done", "bright", 0.5, source_bytes=size)
    return dataclasses.replace(done, source_changed_ns=changed, target_bytes=4)


def test_each_picture_has_its_place(tree):
    (tree / "in/a.png").put(b"")
    tasks = planned(tree, "in", {}).tasks
    wanted = ["a.jpg.png", "a.png.png", "out/e.png", "sub/d.png"]
    assert [task.place for task in tasks] == wanted
    assert [task.job.target for task in tasks] == [tree / "out" / place for place in wanted]


def test_what_is_done_is_left(tree):
    done = record(tree, "in/a.jpg", "a.png")
    entries = {"a.png": Entry(str(tree / "in/a.jpg"), PROVENANCE, done)}
    now = planned(tree, "in/a.jpg", entries)
    assert (now.tasks, now.earlier, now.refused) == ([], [done], [])
    (tree / "in/a.jpg").put(b"changed")
    now = planned(tree, "in/a.jpg", entries)
    assert ([task.job.source for task in now.tasks], now.earlier, now.refused) == ([tree / "in/a.jpg"], [], [])


def test_what_was_in_hand_is_done_again(tree):
    record(tree, "in/a.jpg", "a.png")
    now = planned(tree, "in/a.jpg", {"a.png": Entry(str(tree / "in/a.jpg"), PROVENANCE, None)})
    assert (len(now.tasks), now.refused) == (1, [])


REFUSED = {
    "is there already; --overwrite": lambda source, done: {},
    "was made with another feather;": lambda source, done: {
        "a.png": Entry(source, PROVENANCE | {"feather": 1.0}, done)
    },
    "was changed since it was made;": lambda source, done: {
        "a.png": Entry(source, PROVENANCE, dataclasses.replace(done, target_bytes=9))
    },
}


@pytest.mark.parametrize("reason", REFUSED)
def test_what_nobody_may_replace_is_refused(tree, reason):
    done = record(tree, "in/a.jpg", "a.png")
    entries = REFUSED[reason](str(tree / "in/a.jpg"), done)
    now = planned(tree, "in/a.jpg", entries)
    assert now.tasks == []
    ((_, message),) = now.refused
    assert message.startswith(f"{tree / 'out/a.png'}: {reason}")
    assert len(planned(tree, "in/a.jpg", entries, overwrite=True).tasks) == 1


def test_a_picture_is_never_replaced(tree):
    store = store_at(tree / "in")
    picture = Source(tree / "in/a.jpg", PurePath("a.jpg"), str(tree / "in/a.jpg"))
    for overwrite in (False, True):
        now = plan([picture], store, {"suffix": ".jpg"}, {}, allow_empty=False, overwrite=overwrite)
        assert now.refused == [
            (RemoteJob(picture.path, picture.path), f"{picture.path}: is one of the pictures; choose another OUT")
        ]


def test_files_are_removed_where_they_are(tree):
    store = store_at(tree / "in")
    store.remove(["sub/d.PNG", "none.png"])
    assert not {"sub/d.PNG", "none.png"} & set(store.lengths([]))
    assert "a.jpg" in store.lengths([])


def test_left_overs_are_removed_and_nothing_else_is(tree):
    store = store_at(tree / "out")
    for name in ("s/.0123456789abcdef.part", ".mine.part"):
        (tree / "out" / name).put(b"half")
    store.remove_left_overs(store.lengths([]))
    assert list(store.lengths([])) == [".mine.part"]
