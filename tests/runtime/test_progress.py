import pytest

from background_remover.runtime import progress
from background_remover.runtime.progress import Progress, duration, line


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ((37, 2, 200, 10.0), "37 of 200 pictures, 3.7 a second, 0:44 left, 2 failed"),
        ((0, 0, 200, 0.0), "0 of 200 pictures, 0.0 a second"),
        ((1500, 0, None, 1000.0), "1,500 pictures, 1.5 a second"),
    ],
)
def test_a_line_tells_rate_time_left_and_failures(given, wanted):
    assert line(*given) == wanted


@pytest.mark.parametrize(("seconds", "wanted"), [(0.4, "0:00"), (59.6, "1:00"), (3599, "59:59"), (7239, "2:00:39")])
def test_a_duration_has_hours_only_where_there_are_some(seconds, wanted):
    assert duration(seconds) == wanted


@pytest.fixture
def clock(monkeypatch):
    """The seconds of the clock that `Progress` sees, in a list of one."""
    now = [0.0]
    monkeypatch.setattr(progress, "monotonic", lambda: now[0])
    return now


@pytest.mark.parametrize(("terminal", "pause"), [(True, progress.IN_TERMINAL), (False, progress.ELSEWHERE)])
def test_nothing_is_said_before_its_time(clock, capsys, monkeypatch, terminal, pause):
    monkeypatch.setattr("sys.stderr.isatty", lambda: terminal)
    shown = Progress(10)
    clock[0] = pause / 2
    shown.update(1, 0)
    assert capsys.readouterr().err == ""
    clock[0] = pause
    shown.update(2, 0)
    text = capsys.readouterr().err
    assert "2 of 10 pictures" in text
    assert text.endswith("\n") is not terminal


def test_other_words_get_a_line_of_their_own(clock, capsys, monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    shown = Progress(10)
    clock[0] = 1
    shown.update(1, 0)
    shown.say("hello")
    shown.clear()
    assert capsys.readouterr().err.endswith("\r\x1b[Khello\n")
