"""Streams that are closed, that never end and that break, by real processes."""

import io
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image as PillowImage

from background_remover.errors import Error, ImageError, OptionError
from background_remover.pipeline.source import opened
from background_remover.runtime import streams

COMMAND = [sys.executable, "-m", "background_remover"]
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no such shell here")


def shell(line: str, folder: Path) -> subprocess.CompletedProcess[bytes]:
    """Runs a line of shell in which IT is the command."""
    words = ["bash", "-o", "pipefail", "-c", line.replace("IT", " ".join(COMMAND))]
    return subprocess.run(words, cwd=folder, capture_output=True)


@pytest.fixture
def folder(tmp_path, photo) -> Path:
    """A folder with a picture."""
    PillowImage.fromarray(photo).save(tmp_path / "photo.png")
    return tmp_path


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize("work", ["remove photo.png o.png", "batch photo.png out"])
def test_work_that_needs_no_stream_is_done_without(folder, bright, closed, work):
    ran = shell(f"IT {work} --model {bright} {closed}", folder)
    assert ran.returncode == 0
    assert b"Traceback" not in ran.stderr
    assert (folder / "o.png").exists() or (folder / "out" / "photo.png").exists()
    for path in folder.rglob("*.png"):
        assert path.read_bytes()[:4] == b"\x89PNG"  # nothing else was written into it


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("remove - o.png <&-", "standard input: closed; name a file"),
        ("remove photo.png - >&-", "standard output: closed; name a file"),
        ("batch - out <&-", "standard input: closed; name a file"),
    ],
)
def test_a_stream_that_is_needed_and_closed_is_one_line(folder, bright, line, message):
    work, _, closed = line.rpartition(" ")
    ran = shell(f"IT {work} --model {bright} {closed}", folder)
    assert ran.returncode == 1
    assert ran.stderr.decode() == f"background-remover: {message}\n"


def test_a_failure_that_nobody_reads_has_its_status(folder, bright):
    assert shell(f"IT remove none.png o.png --model {bright} 2>&-", folder).returncode == 1
    assert shell("IT remove --margin 2>&-", folder).returncode == 2


@pytest.mark.parametrize(
    "arguments", ["remove big.png - --model {}", "--help", "models", "remove none.png o.png --json"]
)
def test_a_pipe_that_breaks_gives_a_status(folder, bright, arguments):
    """The reader is gone before a byte is written."""
    big = "python -c 'from PIL import Image; Image.effect_noise((900, 900), 90).save(\"big.png\")'"
    assert shell(big.replace("python", sys.executable), folder).returncode == 0
    ran = shell(f"{{ sleep 0.2; IT {arguments.format(bright)}; }} | true", folder)
    assert ran.returncode not in (0, 120)
    assert b"Traceback" not in ran.stderr
    assert b"Exception ignored" not in ran.stderr


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no endless device here")
@pytest.mark.parametrize(
    "line", ["remove /dev/zero o.png", "remove - o.png", "remove photo.png o.png --mask /dev/zero"]
)
def test_what_never_ends_is_refused(folder, bright, monkeypatch, line, capsys):
    from background_remover.cli.program import main

    monkeypatch.chdir(folder)
    monkeypatch.setattr(streams, "LONGEST", 2**22)
    with Path("/dev/zero").open("rb") as zero:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(zero))
        assert main([*line.split(), "--model", str(bright)]) == 1
        sys.stdin.detach()
    assert "does not end within 4,194,304 bytes; save it as a file, and name that" in capsys.readouterr().err
    assert not Path("o.png").exists()


def test_all_of_a_stream_is_read():
    data = bytes(range(256)) * 10_000
    assert streams.read_all(io.BytesIO(data), "it") == data
    assert streams.read_all(io.BytesIO(), "it") == b""


def test_a_stream_of_the_longest_length_is_read_and_a_longer_one_is_not(monkeypatch):
    monkeypatch.setattr(streams, "LONGEST", 100)
    assert len(streams.read_all(io.BytesIO(bytes(100)), "it")) == 100
    with pytest.raises(ImageError, match="it: does not end within 100 bytes"):
        streams.read_all(io.BytesIO(bytes(101)), "it")


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no endless device here")
@pytest.mark.parametrize("flag", ["--without", "--behind-only"])
def test_a_list_that_never_ends_is_refused(folder, monkeypatch, capsys, flag):
    from background_remover.cli.program import main

    monkeypatch.setattr(streams, "LONGEST_LIST", 2**21)
    for name in ("image", "mask"):
        (folder / name).mkdir()
        PillowImage.new("L", (8, 8)).save(folder / name / "a.png")
    assert main(["evaluate", str(folder), flag, "/dev/zero"]) == 2
    message = "/dev/zero: does not end within 2,097,152 bytes; give names of pictures, one a line"
    assert capsys.readouterr().err.splitlines()[-1] == f"background-remover: {message}"


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no endless device here")
@pytest.mark.parametrize("buffering", [0, -1])
def test_an_open_file_that_never_ends_is_refused(monkeypatch, buffering):
    monkeypatch.setattr(streams, "LONGEST", 2**22)
    with (
        Path("/dev/zero").open("rb", buffering=buffering) as zero,
        pytest.raises(ImageError, match="/dev/zero: does not end within 4,194,304 bytes"),
    ):
        opened(zero, max_megapixels=1)


def test_a_list_of_the_longest_length_is_read_and_a_longer_one_is_not(monkeypatch, tmp_path):
    monkeypatch.setattr(streams, "LONGEST_LIST", 100)
    file = tmp_path / "names.txt"
    file.write_bytes(b"ab\r\ncd\n" + bytes(b"e" * 93))
    assert streams.read_lines(file, "names") == ["ab", "cd", "e" * 93]
    file.write_bytes(bytes(101))
    with pytest.raises(OptionError, match="does not end within 100 bytes; give names, one a line"):
        streams.read_lines(file, "names")


def test_closed_streams_are_errors(monkeypatch):
    for name, stream in (("stdin", streams.standard_input), ("stdout", streams.standard_output)):
        monkeypatch.setattr(sys, name, None)
        with pytest.raises(Error, match="closed; name a file"):
            stream()
