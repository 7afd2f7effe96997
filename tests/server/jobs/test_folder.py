import os
import stat
import time

import pytest

from background_remover.errors import Error
from background_remover.server.jobs.folder import PREFIX, STALE, JobFolder


@pytest.fixture(autouse=True)
def _temporary(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


def test_it_is_for_this_user_alone_and_is_removed_with_all_in_it(tmp_path):
    folder = JobFolder()
    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700
    (folder.new("a") / "video").write_bytes(b"x")
    folder.close()
    assert not list(tmp_path.iterdir())


def test_those_of_servers_that_were_killed_are_removed_and_no_others(tmp_path):
    living, killed = JobFolder(), JobFolder()
    (killed.new("a") / "video").write_bytes(b"x")
    other = tmp_path / "another"
    other.mkdir()
    long_ago = time.time() - STALE - 1
    for path in (living.path, killed.path, other):
        os.utime(path, (long_ago, long_ago))
    living.keep()
    new = JobFolder()
    assert {path.name for path in tmp_path.iterdir()} == {living.path.name, new.path.name, "another"}
    assert new.path.name.startswith(PREFIX)


def test_where_none_can_be_made_it_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "missing"))
    with pytest.raises(Error, match="TMPDIR"):
        JobFolder()
