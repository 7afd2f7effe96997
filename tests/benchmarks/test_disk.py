import os

import click.testing

import disk


def test_a_table_is_printed_and_nothing_is_left(tmp_path, monkeypatch):
    flushed = []
    fsync = os.fsync
    monkeypatch.setattr(os, "fsync", lambda file: flushed.append(file) or fsync(file))
    monkeypatch.setattr(disk, "SIZES", (1000, 2000))
    ran = click.testing.CliRunner().invoke(disk.main, [str(tmp_path), "--repeat", "2"])
    assert ran.exit_code == 0, ran.output
    assert [line.split("|")[1].strip() for line in ran.output.splitlines()[4:]] == ["0.001", "0.002"]
    assert len(flushed) == 2 * 2  # twice, for two sizes; without the wait none
    assert not list(tmp_path.iterdir())
