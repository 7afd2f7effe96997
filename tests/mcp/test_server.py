"""The server for assistants, asked by the protocol's own client: in this process, and as the command on streams."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as PillowImage

from background_remover import ModelError, OptionError, Options, Remover
from background_remover.mcp.server import mcp_server
from mcp import Client, StdioServerParameters


@pytest.fixture
def folder(tmp_path, photo) -> Path:
    (tmp_path / "given").mkdir()
    PillowImage.fromarray(photo).save(tmp_path / "given" / "photo.png")
    PillowImage.fromarray(photo).save(tmp_path / "outside.png")
    return tmp_path / "given"


def ask(server: Any, tool: str, **arguments: Any) -> Any:
    """Return a tool's answer, or its error as a text."""

    async def call() -> Any:
        async with Client(server) as client:
            answer = await client.call_tool(tool, arguments)
            text = answer.content[0].text
            return f"error: {text}" if answer.is_error else json.loads(text)

    return asyncio.run(call())


@pytest.fixture
def server(folder, bright) -> Any:
    return mcp_server([folder], model=str(bright))


def test_its_tools_are_described(server):
    async def tools() -> Any:
        async with Client(server) as client:
            return (await client.list_tools()).tools, client.instructions

    found, instructions = asyncio.run(tools())
    assert [tool.name for tool in found] == ["remove", "mask", "subjects", "evaluate"]
    assert all(tool.description and tool.input_schema["required"] for tool in found)
    assert [tool.annotations.read_only_hint for tool in found] == [None, None, True, True]
    assert "offline" in instructions


def test_the_cutout_is_that_of_the_command(server, folder, bright):
    facts = ask(server, "remove", image="photo.png", output="cutout.png", background="#ff8800", crop=True)
    expected = Remover(bright).remove(folder / "photo.png", Options(background="#ff8800", crop=True)).image
    with PillowImage.open(folder / "cutout.png") as cutout:
        assert np.array_equal(np.asarray(cutout), np.asarray(expected))
        assert (facts["width"], facts["height"]) == cutout.size
    assert facts["output"] == str(folder / "cutout.png")
    assert 0 <= facts["confidence"] <= 1


def test_the_mask_is_grey(server, folder):
    ask(server, "mask", image=str(folder / "photo.png"), output="mask.png", threshold=0.5)
    with PillowImage.open(folder / "mask.png") as mask:
        assert mask.mode == "L"
        assert set(np.unique(mask)) <= {0, 255}


def test_subjects_are_listed(server):
    facts = ask(server, "subjects", image="photo.png")
    assert facts["subjects"][0]["number"] == 1
    assert len(facts["subjects"][0]["box"]) == 4


def test_a_folder_is_scored(server, folder, photo):
    for name, picture in (("image", photo), ("mask", (photo[..., 0] > 127).astype(np.uint8) * 255)):
        (folder / "set" / name).mkdir(parents=True)
        PillowImage.fromarray(picture).save(folder / "set" / name / "1.png")
    facts = ask(server, "evaluate", folder="set")
    assert (facts["pictures"], facts["skipped"]) == (1, [])
    assert 0 <= facts["iou"] <= 1


@pytest.mark.parametrize(
    ("tool", "arguments", "message"),
    [
        ("remove", {"image": "../outside.png", "output": "a.png"}, "outside the folders"),
        ("remove", {"image": "link.png", "output": "a.png"}, "outside the folders"),
        ("remove", {"image": "photo.png", "output": "../a.png"}, "outside the folders"),
        ("remove", {"image": "photo.png", "output": "a.png", "background": "../outside.png"}, "outside the folders"),
        ("remove", {"image": "/etc/hostname", "output": "a.png"}, "outside the folders"),
        ("remove", {"image": "photo.png", "output": "photo.png"}, "is there already"),
        ("remove", {"image": "photo.png", "output": "photo.png", "overwrite": True}, "is the picture to be read"),
        ("remove", {"image": "none.png", "output": "a.png"}, "no such file"),
        ("remove", {"image": "photo.png", "output": "a.jpg"}, "transparen"),
        ("remove", {"image": "photo.png", "output": "a.png", "margin": "5%"}, "margin does nothing without"),
        ("mask", {"image": "photo.png", "output": "none/a.png"}, "none"),
        ("subjects", {"image": ".."}, "outside the folders"),
        ("evaluate", {"folder": ".."}, "outside the folders"),
    ],
)
def test_what_cant_be_done_is_said_in_a_line_and_nothing_is_lost(server, folder, tool, arguments, message):
    (folder / "link.png").symlink_to(folder.parent / "outside.png")
    before = {path: path.read_bytes() for path in folder.parent.rglob("*.png")}
    answer = ask(server, tool, **arguments)
    assert answer.startswith("error: ")
    assert message in answer
    assert "\n" not in answer
    assert {path: path.read_bytes() for path in folder.parent.rglob("*.png")} == before


def test_an_existing_file_is_replaced_only_when_asked(server, folder):
    (folder / "cutout.png").write_bytes(b"mine")
    assert "is there already" in ask(server, "remove", image="photo.png", output="cutout.png")
    assert (folder / "cutout.png").read_bytes() == b"mine"
    ask(server, "remove", image="photo.png", output="cutout.png", overwrite=True)
    assert (folder / "cutout.png").read_bytes() != b"mine"


def test_it_needs_folders_a_model_and_a_device(folder, bright, make_model):
    with pytest.raises(OptionError, match="no folder is given"):
        mcp_server([], model=str(bright))
    with pytest.raises(OptionError, match="no such folder"):
        mcp_server([folder / "none"], model=str(bright))
    with pytest.raises(OptionError, match="unknown device 'tpu'"):
        mcp_server([folder], model=str(bright), device="tpu")
    broken = make_model()
    broken.write_bytes(b"no model")
    with pytest.raises(ModelError):
        mcp_server([folder], model=str(broken))


def test_the_command_answers_on_standard_streams(folder, bright):
    arguments = ["-m", "background_remover", "mcp", "--root", str(folder), "--model", str(bright), "--device", "cpu"]
    command = StdioServerParameters(command=sys.executable, args=arguments, env=dict(os.environ))
    assert ask(command, "remove", image="photo.png", output="cutout.png")["output"] == str(folder / "cutout.png")
    assert (folder / "cutout.png").exists()
