"""Every way in which a command ends; by the commands themselves in test_cli."""

import errno
import io
import os
import sys

import click
import pytest

from background_remover.errors import ImageError, ModelError, NoSubject, OptionError
from background_remover.runtime.exit_status import leave, run


def ending(error: BaseException | None) -> click.Group:
    @click.group()
    def group() -> None:
        pass

    @group.command()
    def work() -> None:
        if error is not None:
            raise error

    return group


@pytest.mark.parametrize(
    ("error", "status", "message"),
    [
        (None, 0, ""),
        (click.exceptions.Exit(7), 7, ""),
        (ImageError("a.jpg: empty"), 1, "it: a.jpg: empty\n"),
        (ModelError("two\nlines"), 1, "it: two lines\n"),
        (OptionError("grow is much"), 2, "it: grow is much\n"),
        (NoSubject("nothing"), 3, "it: nothing\n"),
        (OSError(errno.ENOSPC, "No space left on device", "a.png"), 1, "it: a.png: No space left on device\n"),
        (MemoryError(), 1, "it: not enough memory for this picture; shrink it first\n"),
        (KeyboardInterrupt(), 130, "it: broken off\n"),
    ],
)
def test_an_end_is_a_status_and_a_line(capsys, error, status, message):
    assert run(ending(error), ["work"], "it", interrupted="broken off") == status
    assert capsys.readouterr().err.lstrip("\n") == message


@pytest.mark.parametrize("call", ["", "python -m "])
def test_a_wrong_command_line_says_where_help_is(capsys, call):
    assert run(ending(None), ["work", "--fast"], "it", call=call) == 2
    assert capsys.readouterr().err.endswith(f" Try: {call}it work --help\n")


def test_a_fault_of_ours_is_not_hidden():
    with pytest.raises(ZeroDivisionError):
        run(ending(ZeroDivisionError()), ["work"], "it")


class Full(io.StringIO):
    """A stream on a full disk."""

    def flush(self) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize(("stream", "left"), [(io.StringIO(), [3]), (None, [3]), (Full(), [])])
def test_a_process_leaves_at_once_but_where_its_output_is_not_written(monkeypatch, stream, left):
    found = []
    monkeypatch.setattr(os, "_exit", found.append)
    monkeypatch.setattr(sys, "stdout", stream)
    leave(3)
    assert found == left
