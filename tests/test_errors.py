import ast
import dataclasses
import pickle
import re
from pathlib import Path

import click
import pytest

import background_remover
from background_remover.cli.program import cli
from background_remover.errors import Error, OptionError, TooLarge, flag_of, naming, one_line
from background_remover.imaging.output_options import OutputOptions
from background_remover.options import Options, check

SOURCE = Path(background_remover.__file__).parent
KINDS = (Options, OutputOptions)
FOR_A_TERMINAL = ("cli", "batch", "train", "export", "static_site", "_pyinstaller", "mcp/roots.py")
"""Where every reader of an error has typed a command."""
FOR_WHO_STARTED_IT = ("server", "runtime/exit_status.py")
"""Where errors may name a flag of `serve`: they are for who started it."""


def test_a_named_option_is_spelled_as_its_reader_wrote_it() -> None:
    error = OptionError(f"{naming('max_megapixels')} is 0; as in {naming('frame=1')}")
    assert str(error) == f"{error}" == one_line(error) == "max_megapixels is 0; as in frame=1"
    assert error.spelled(flag_of) == one_line(error, flag_of) == "max-megapixels is 0; as in --frame 1"


def test_an_error_keeps_the_options_it_names_on_its_way_between_processes() -> None:
    error = pickle.loads(pickle.dumps(TooLarge(f"raise {naming('max_megapixels')}")))
    assert isinstance(error, TooLarge)
    assert error.spelled(flag_of) == "raise max-megapixels"


def test_only_a_named_option_is_spelled_anew() -> None:
    """A file may have the name of an option."""
    assert OptionError("only_mask: no such file; check the name").spelled(flag_of).startswith("only_mask: ")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("command", ["remove", "batch"])
def test_every_options_flag_is_the_commands_own(kind: type, command: str) -> None:
    found = cli.get_command(click.Context(cli), command)
    assert found is not None
    flags = {parameter.name: parameter.opts[0] for parameter in found.params}
    for field in dataclasses.fields(kind):
        assert f"--{flag_of(field.name)}" == flags[field.name]
        assert flag_of(f"{field.name}=3") == f"{flags[field.name]} 3"


def test_the_names_of_a_videos_part_are_its_flags() -> None:
    found = cli.get_command(click.Context(cli), "video")
    assert found is not None
    flags = {parameter.name: parameter.opts[0] for parameter in found.params}
    assert [flags["start"], flags["end"]] == [f"--{flag_of('start')}", f"--{flag_of('end')}"]


@pytest.mark.parametrize("field", [field for kind in KINDS for field in dataclasses.fields(kind)], ids=lambda f: f.name)
def test_python_is_told_an_options_name_and_a_terminal_its_flag(field: "dataclasses.Field[object]") -> None:
    kind = Options if field in dataclasses.fields(Options) else OutputOptions
    with pytest.raises(OptionError) as caught:
        kind(**{field.name: object()})  # type: ignore[arg-type]
    assert str(caught.value).startswith(f"{field.name} is of type object; ")
    assert caught.value.spelled(flag_of).startswith(f"{flag_of(field.name)} is of type object; ")


def test_options_without_their_partner_are_named_so_too() -> None:
    with pytest.raises(OptionError, match=r"^shadow_blur does nothing without shadow") as caught:
        check(Options(shadow_blur=9))
    assert caught.value.spelled(flag_of).startswith("shadow-blur does nothing without shadow; ")


def test_no_text_for_others_than_a_terminals_users_names_a_flag() -> None:
    names = [field.name for kind in KINDS for field in dataclasses.fields(kind)]
    dashed = "|".join(sorted(name.replace("_", "-") for name in names if "_" in name))
    flags = re.compile(rf"(?<![\w-])(--[a-z]|(?:{dashed})(?![\w-]))")
    found = []
    for path in sorted(SOURCE.rglob("*.py")):
        place = path.relative_to(SOURCE).as_posix()
        if not place.startswith(FOR_A_TERMINAL):
            named = {text for text in _texts(ast.parse(path.read_text("utf-8"))) if flags.search(text)}
            own = place.startswith(FOR_WHO_STARTED_IT)
            found += [(place, text) for text in named if not own or re.search(dashed, text)]
    assert found == []


def test_every_error_is_spelled_by_its_own_class() -> None:
    for kind in Error.__subclasses__():
        assert kind.__str__ is Error.__str__


def _texts(tree: ast.Module) -> list[str]:
    """Return the texts that are parts of errors raised, and of what functions return to be part of one."""
    raised = [node for node in ast.walk(tree) if isinstance(node, ast.Raise) and node.exc is not None]
    called = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [
        part.value
        for node in [*raised, *called]
        for part in ast.walk(node)
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    ]
