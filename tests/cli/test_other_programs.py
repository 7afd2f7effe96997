import click
import pytest

from background_remover.cli.other_programs import COMMANDS, FLAGS
from background_remover.cli.program import cli

OURS = {
    "--bg": "--background COLOUR",
    "-om": "--only-mask",
    "-m": "--model NAME",
    "-a": "--matting closed-form",
    "-af": "--matting",
    "-ab": "--matting",
    "-ae": "--matting",
    "--bgcolor": "--background COLOUR",
    "--background-image": "--background FILE",
    "-ppm": "--threshold 0.5",
    "-i": "remove IN OUT",
    "-if": "batch IN OUT",
}


def refusal(*arguments: str) -> str:
    with pytest.raises(click.UsageError) as caught:
        cli.main(list(arguments), standalone_mode=False)
    return caught.value.format_message()


@pytest.mark.parametrize(("theirs", "ours"), OURS.items())
def test_a_flag_of_others_points_to_ours(theirs, ours):
    for command in ("remove", "batch"):
        message = refusal(command, "a.jpg", theirs, "b.png")
        assert message.startswith(f"No such option {theirs!r}: ")
        assert ours in message


@pytest.mark.parametrize(("theirs", "ours"), COMMANDS.items())
def test_a_command_of_others_points_to_ours(theirs, ours):
    assert refusal(theirs, "a.jpg", "b.png") == f"No such command {theirs!r}: use {ours}."


def test_nothing_of_ours_is_anothers():
    assert not COMMANDS.keys() & cli.commands.keys()
    own = {name for command in ("remove", "batch") for flag in cli.commands[command].params for name in flag.opts}
    assert not FLAGS.keys() & own


def test_what_is_nobodys_is_refused_as_ever():
    assert refusal("remove", "a.jpg", "b.png", "--linear-lights").endswith("'--linear-light'?")
    assert refusal("cut") == "No such command 'cut'."
