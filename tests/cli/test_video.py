import sys

import pytest

from background_remover.cli.program import main
from tests.video import clips


def run(*arguments):
    return main([str(argument) for argument in ("video", *arguments)])


@pytest.fixture
def source(tmp_path):
    return clips.clip(tmp_path / "in.mp4", sound="aac")


def test_a_part_is_written_without_a_word(bright, source, tmp_path, capsys):
    part = ("--from", "0:00.1", "--to", "0.2", "--no-audio", "--ground", "photo")
    assert run(source, tmp_path / "out.mkv", "--model", bright, *part) == 0
    assert capsys.readouterr() == ("", "")
    assert len(clips.frames(tmp_path / "out.mkv")[0]) == 3


def test_a_run_by_segments_leaves_its_target_alone(bright, source, tmp_path, capsys):
    assert run(source, tmp_path / "out.mkv", "--model", bright, "--ground", "photo", "--resume") == 0
    assert capsys.readouterr() == ("", "")
    assert {path.name for path in tmp_path.iterdir()} >= {"in.mp4", "out.mkv"}
    assert not (tmp_path / ".out.mkv.segments").exists()
    assert len(clips.frames(tmp_path / "out.mkv")[0]) == len(clips.UNEVEN)
    assert run(source, tmp_path / "out.gif", "--model", bright, "--resume") == 2
    assert "are made of segments" in capsys.readouterr().err


def test_what_was_changed_is_a_line_each(bright, source, tmp_path, capsys):
    assert run(source, tmp_path / "out.webm", "--model", bright, "--ground", "photo") == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == [
        f"background-remover: {tmp_path / 'out.webm'}: the sound was encoded again as libopus, "
        "for webm doesn't take the source's"
    ]


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (("in.mp4", "out.mp4"), 2, "H.264 holds no transparency"),
        (("in.mp4", "out.avi"), 2, "a video ends in .webm"),
        (("in.mp4", "out.webm", "--crop"), 2, "crop follows the subject's box"),
        (("in.mp4", "out.webm", "--from", "soon"), 2, "from is 'soon'; give seconds"),
        (("in.mp4", "out.webm", "--margin", "3"), 2, "margin does nothing without crop or canvas"),
        (("https://example.org/a.mp4", "out.webm"), 2, "an address, and videos are files here"),
        (("none.mp4", "out.webm"), 1, "no such file; check the name"),
        (("in.mp4", "none/out.webm"), 1, "there is no folder none"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_a_refusal_is_one_line(bright, source, monkeypatch, capsys, arguments, status, message):
    monkeypatch.chdir(source.parent)
    assert run(*arguments, "--model", bright) == status
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("background-remover: ")
    assert message in err
    assert err.count("\n") == 1
    assert [path.name for path in source.parent.iterdir()] == ["in.mp4"]


def test_the_missing_extra_is_named(bright, source, tmp_path, monkeypatch, capsys):
    for name in [name for name in sys.modules if name.startswith("background_remover.video.")]:
        if name.rsplit(".", 1)[1] in ("conversion", "reader", "sound", "writer"):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "av", None)
    assert run(source, tmp_path / "out.webm", "--model", bright) == 1
    assert "pip install 'background-remover[video]'" in capsys.readouterr().err
