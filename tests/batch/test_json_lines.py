import json
import os
from contextlib import closing
from pathlib import Path

import pytest

from background_remover.batch.json_lines import JsonLines
from background_remover.errors import ImageError


def test_a_line_is_in_the_file_at_once(tmp_path):
    path = tmp_path / "x.jsonl"
    for emptied, wanted in ((False, [1, 2]), (False, [1, 2, 1, 2]), (True, [1, 2])):
        with closing(JsonLines(path, emptied=emptied)) as lines:
            lines.write({"number": 1})
            lines.write({"number": 2})
            assert [json.loads(line)["number"] for line in path.read_text().splitlines()] == wanted


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full disk here")
def test_a_full_disk_is_told():
    told = r"^/dev/full: can't be written \(No space left on device\); make room or"
    with closing(JsonLines(Path("/dev/full"), emptied=False)) as lines, pytest.raises(ImageError, match=told):
        lines.write({})


def test_half_a_line_is_told(tmp_path, monkeypatch):
    with closing(JsonLines(tmp_path / "x.jsonl", emptied=True)) as lines:
        monkeypatch.setattr(os, "write", lambda number, data: len(data) // 2)
        with pytest.raises(ImageError, match=r"can't be written \(no space left\); make room"):
            lines.write({"number": 1})


def test_what_does_not_reach_the_disk_is_told(tmp_path, monkeypatch):
    def refuse(number: int) -> None:
        raise OSError(5, "Input/output error")

    with closing(JsonLines(tmp_path / "x.jsonl", emptied=True)) as lines:
        lines.to_disk()
        monkeypatch.setattr(os, "fsync", refuse)
        with pytest.raises(ImageError, match=r"x\.jsonl: can't be written \(Input/output error\)"):
            lines.to_disk()


def test_a_file_that_cannot_be_opened_is_told(tmp_path):
    with pytest.raises(ImageError, match="can't be written"):
        JsonLines(tmp_path, emptied=False)
