from dataclasses import replace
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from background_remover.errors import OptionError
from background_remover.train.commands.sources import SourceFlags, with_sources
from background_remover.train.data.decode import Source

NONE = SourceFlags({}, None, None)


@pytest.fixture
def packed(tmp_path) -> Path:
    file = tmp_path / "data.pack"
    file.touch()
    return file


def test_a_folder_has_the_weight_after_its_name(packed):
    given = replace(NONE, folders={"pairs": ("pets=0.5", str(packed)), "cutouts": ("cut outs",)})
    assert given.sources() == [Source(Path("pets"), "pairs", 0.5), packed, Source(Path("cut outs"), "cutouts", 1.0)]


def test_backgrounds_for_behind_only_are_a_source_without_samples(tmp_path):
    for name in ("without", "behind"):
        (tmp_path / name).write_text(f"{name}.png\n", encoding="utf-8")
    given = SourceFlags({"backgrounds": ("walls",)}, tmp_path / "without", tmp_path / "behind")
    left, behind = given.sources()
    assert (left.kind, left.without) == ("backgrounds", ("without.png", "behind.png"))
    assert (behind.kind, behind.weight, behind.only) == ("behind", 0.0, ("behind.png",))


@pytest.mark.parametrize(
    ("value", "message"),
    [("pets=", None), ("pets=x", "must be a number"), ("pets=0", "must be above 0"), ("pets=inf", "must be above 0")],
)
def test_a_weight_is_a_positive_number(value, message):
    given = replace(NONE, folders={"pairs": (value,)})
    if message is None:
        assert given.sources() == [Source(Path("pets"))]
    else:
        with pytest.raises(OptionError, match=message):
            given.sources()


def test_a_packed_file_has_its_own_weights(packed):
    with pytest.raises(OptionError, match="has the weights it was packed with; give none"):
        replace(NONE, folders={"pairs": (f"{packed}=2",)}).sources()


def test_no_source_is_an_error():
    with pytest.raises(OptionError, match="no data; give --data DIR"):
        NONE.sources()


def test_a_command_gets_every_flag():
    got = []

    @click.command()
    @with_sources
    @click.option("--size", type=int)
    def command(size: int, given: SourceFlags, teacher: str | None) -> None:
        got.append((size, given, teacher))

    line = "--data a --data b=2 --backgrounds c --without d --teacher unet --size 3"
    assert CliRunner().invoke(command, line.split()).exit_code == 0
    folders = {"pairs": ("a", "b=2"), "cutouts": (), "backgrounds": ("c",), "unlabelled": ()}
    assert got == [(3, SourceFlags(folders, Path("d"), None), "unet")]
