import dataclasses

import click
import pytest

from background_remover.cli.flags import flags_of
from background_remover.cli.program import cli
from background_remover.imaging.output_options import OutputOptions
from background_remover.options import Options


def test_every_option_of_the_library_is_a_flag_with_the_same_default():
    flags = {flag.name: flag for flag in cli.commands["remove"].params}
    for field in (*dataclasses.fields(Options), *dataclasses.fields(OutputOptions)):
        each = field.metadata.get("each")
        assert flags[field.name].opts == [f"--{each or field.name.replace('_', '-')}"]
        assert flags[field.name].multiple == bool(each)
        assert each or flags[field.name].default == field.default


def test_the_list_of_subjects_has_every_flag_but_those_that_would_do_nothing():
    flags = {flag.name for flag in cli.commands["subjects"].params}
    assert {field.name for field in dataclasses.fields(Options)} - flags == {"allow_empty", "keep_shadow"}


@dataclasses.dataclass(frozen=True)
class Weather:
    degrees: int = dataclasses.field(default=20, metadata={"help": "How warm."})
    very_wet: bool = dataclasses.field(default=False, metadata={"help": "Rain."})


def test_flags_come_back_as_the_dataclass_they_are_made_of():
    given = []

    @click.command()
    @flags_of(Weather, "weather")
    def command(weather: Weather) -> None:
        """Takes note."""
        given.append(weather)

    for line in ([], ["--degrees", "3", "--very-wet"]):
        command.main(line, standalone_mode=False)
    assert given == [Weather(), Weather(3, True)]


def test_a_field_without_a_flag_has_its_default():
    given = []

    @click.command()
    @flags_of(Weather, "weather", without=["very_wet"])
    def command(weather: Weather) -> None:
        """Takes note."""
        given.append(weather)

    command.main(["--degrees", "3"], standalone_mode=False)
    assert given == [Weather(3)]
    with pytest.raises(click.NoSuchOption):
        command.main(["--very-wet"], standalone_mode=False)
