import json
from types import SimpleNamespace

import numpy as np
from PIL import Image as PillowImage

from background_remover.batch.clips.options import ClipOptions
from background_remover.batch.job import do
from background_remover.batch.ray import actors
from background_remover.batch.ray.actors import Order, Tally, Worker, row_of
from background_remover.batch.ray.address import FileSystem, address
from background_remover.batch.ray.job import RemoteJob
from background_remover.imaging.output_options import OutputOptions
from background_remover.options import Options
from background_remover.parameters.prompts import PicturePrompts
from background_remover.version import __version__


def test_a_tally_knows_what_is_in_hand():
    tally = Tally()
    assert [tally.begin("a"), tally.begin("b"), tally.begin("a")] == [1, 1, 2]
    tally.end("a", "{}")
    assert [tally.begin("a"), tally.begin("a"), tally.begin("b")] == ["{}", "{}", 2]
    tally.forget(["a", "never"])
    assert [tally.begin("a"), tally.begin("b")] == [1, 3]


def test_a_worker_gives_each_picture_its_own_prompts(tmp_path, bright, monkeypatch):
    monkeypatch.setattr(actors.ray, "get", lambda value: value)
    tally = SimpleNamespace(
        begin=SimpleNamespace(remote=lambda key: 1), end=SimpleNamespace(remote=lambda key, record: None)
    )
    settings = "bright", Options(), OutputOptions(), False, ClipOptions(), {"model": (".onnx", bright.read_bytes())}
    worker = Worker(Order(FileSystem(), FileSystem(), *settings, tally, False, __version__, do))
    levels = np.zeros((40, 60, 3), np.uint8)
    levels[10:30, 5:20] = levels[10:30, 40:55] = 250
    PillowImage.fromarray(levels).save(tmp_path / "a.png")
    for number, prompts in enumerate((PicturePrompts(), PicturePrompts(box="38,5,20,30"))):
        target = tmp_path / f"{number}.png"
        row = worker(row_of(RemoteJob(address(str(tmp_path / "a.png")), address(str(target)), prompts)))
        assert json.loads(row["record"])["status"] == "done"
        alpha = np.asarray(PillowImage.open(target))[20, :, 3]
        assert [alpha[12] > 200, alpha[47] > 200] == [number == 0, True]
    worker._folder.cleanup()
