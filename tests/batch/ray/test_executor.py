"""What the workers of a cluster get; `test_run.py` has them work."""

import pytest

from background_remover.batch.ray.executor import _share, carried
from background_remover.errors import ImageError, TooLarge
from background_remover.models import MODELS
from background_remover.options import Options
from background_remover.runtime import streams

SHARES = {
    "none": ([{"CPU": 8.0}], 0.0),
    "one for eight cores": ([{"CPU": 8.0, "GPU": 1.0}], 0.125),
    "of two kinds of machines those with one count": ([{"CPU": 64.0}, {"CPU": 30.0, "GPU": 4.0}], 0.1333),
    "more than cores": ([{"CPU": 2.0, "GPU": 8.0}], 1.0),
    "no cores": ([{"GPU": 1.0}], 1.0),
}


@pytest.mark.parametrize(("nodes", "share"), SHARES.values(), ids=SHARES)
def test_the_cores_of_a_machine_share_its_graphics_processors(nodes, share):
    assert _share(nodes) == share
    for node in nodes:
        if "GPU" in node and node.get("CPU", 0) >= node["GPU"]:
            assert node["CPU"] * share <= node["GPU"]


def test_workers_get_the_files_that_the_command_names(tmp_path, bright):
    for name in ("mask.png", "wall.jpg"):
        (tmp_path / name).write_bytes(name.encode())
    options = Options(mask=str(tmp_path / "mask.png"), background=str(tmp_path / "wall.jpg"))
    assert carried(str(bright), options) == {
        "model": (".onnx", bright.read_bytes()),
        "mask": (".png", b"mask.png"),
        "background": (".jpg", b"wall.jpg"),
    }
    assert carried("unet", Options(background="red")) == {"model": (".onnx", MODELS["unet"].path.read_bytes())}


@pytest.mark.parametrize("name", ["mask", "background"])
def test_files_that_are_too_long_are_not_read(tmp_path, bright, monkeypatch, name):
    """Neither is one that is sparse, and takes no room on the disk."""
    file = tmp_path / "long.png"
    with file.open("wb") as stream:
        stream.truncate(2**40)
    with pytest.raises(TooLarge, match=r"long\.png: is 1,099,511,627,776 bytes long, and the most is 2,000,000,000;"):
        carried(str(bright), Options(**{name: str(file)}))
    monkeypatch.setattr(streams, "LONGEST", 10)
    file.write_bytes(b"1" * 10)
    options = Options(max_megapixels=1e-6, **{name: str(file)})
    assert carried(str(bright), options)[name] == (".png", b"1" * 10)
    file.write_bytes(b"1" * 11)
    with pytest.raises(TooLarge, match="is 11 bytes long, and the most is 10;"):
        carried(str(bright), options)


def test_files_that_cannot_be_read_are_named(tmp_path, bright):
    with pytest.raises(ImageError, match=r"none\.png: can't be read \(No such file"):
        carried(str(bright), Options(mask=str(tmp_path / "none.png")))
