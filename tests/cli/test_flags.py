import dataclasses
import re
from pathlib import Path

import click
import pytest

from background_remover.cli.flags import GroupedCommand, flags_of
from background_remover.cli.program import cli
from background_remover.imaging.output_options import OutputOptions
from background_remover.options import Options
from background_remover.parameters.groups import CHOICE, EDGES, GROUPS

GROUPED = ("remove", "batch", "video", "serve", "subjects", "page")
PAGE = (Path(__file__).parents[2] / "docs" / "command-line.md").read_text("utf-8")


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


def sections_of(name: str) -> dict[str, str]:
    """Return the parts of a command's help by their headings."""
    command = cli.commands[name]
    help_text = command.get_help(click.Context(command, info_name=name, **cli.context_settings))
    parts = re.split(r"^(\w[\w ]*):$", help_text, flags=re.MULTILINE)[1:]
    assert len(set(parts[::2])) == len(parts[::2])
    return dict(zip(parts[::2], parts[1::2], strict=True))


@pytest.mark.parametrize("name", GROUPED)
def test_every_flag_of_a_command_stands_under_one_heading(name):
    sections = sections_of(name)
    assert re.findall(r"^ +(-.*?)  ", sections.pop("Options"), flags=re.MULTILINE) == ["-h, --help"]
    titles = [group.title for group in cli.commands[name].headings]
    assert list(sections) == sorted(sections, key=titles.index)
    listed = {title: re.findall(r"^  (--[\w-]+)", text, flags=re.MULTILINE) for title, text in sections.items()}
    for flag in (one for one in cli.commands[name].params if isinstance(one, click.Option)):
        assert [title for title, flags in listed.items() if flag.opts[0] in flags] == [flag.group.title]


def test_the_flags_of_videos_come_first_where_a_command_is_for_videos():
    assert list(sections_of("video"))[:2] == ["Videos", "Choosing the subject"]
    assert next(iter(sections_of("batch"))) == "Choosing the subject"


def test_groups_are_named_once_and_every_one_has_flags():
    titles = [group.title for group in GROUPS]
    assert len({*titles}) == len(titles)
    assert {title for name in GROUPED for title in sections_of(name)} == {*titles, "Options"}


def test_what_lists_a_commands_parameters_gets_them_in_the_order_of_the_help():
    """So do the man pages."""
    for name in GROUPED:
        help_text = "".join(sections_of(name).values())
        flags = [one.opts[0] for one in cli.commands[name].params if isinstance(one, click.Option)]
        assert re.findall(r"^  (--[\w-]+)", help_text, flags=re.MULTILINE) == flags


def test_the_page_lists_the_flags_of_each_group():
    rows = {}
    for name in ("remove", "batch", "video"):
        for flag in cli.commands[name].params:
            if isinstance(flag, click.Option):
                own = rows.setdefault(flag.group, {})
                own[flag.opts[0]] = None
    for group in sorted(rows, key=GROUPS.index):
        assert f"| {group.title} | {', '.join(f'`{flag}`' for flag in rows[group])} |" in PAGE


@dataclasses.dataclass(frozen=True)
class Tea:
    hot: bool = EDGES(False, "Heat it.")
    milk: int = CHOICE(1, "How much.")


def test_a_command_without_a_group_for_a_flag_lists_it_last():
    @click.command(cls=GroupedCommand)
    @click.option("--slowly", is_flag=True, help="Take your time.")
    @flags_of(Tea, "tea")
    @click.argument("cup")
    def command(cup: str, slowly: bool, tea: Tea) -> None:
        """Makes tea."""

    assert [parameter.name for parameter in command.params] == ["cup", "milk", "hot", "slowly"]
    lines = command.get_help(click.Context(command)).splitlines()
    headings = [line for line in lines if line.endswith(":")]
    assert headings == ["Choosing the subject:", "Edges:", "Options:"]
