"""Work on a picture by addresses: the same as on files of this machine."""

import io
import uuid

import numpy as np
import pytest
from PIL import Image as PillowImage

from background_remover import Options, Remover
from background_remover.batch.job import do
from background_remover.batch.ray.address import Address, address
from background_remover.batch.ray.job import RemoteJob
from background_remover.errors import ImageError
from background_remover.imaging.output_options import OutputOptions


@pytest.fixture(params=["disk", "memory"])
def folder(request, tmp_path) -> Address:
    """An empty folder on a disk, or in memory."""
    return address(str(tmp_path) if request.param == "disk" else f"memory://{uuid.uuid4().hex}/sub")


def test_the_work_is_that_on_a_file(folder, bright, photo):
    """`do` by addresses: the result and the record are those of a file, and a picture that isn't one is told."""
    source = folder / "in/photo.png"
    remover = Remover(bright, threads=1)
    stream = io.BytesIO()
    PillowImage.fromarray(photo).save(stream, "PNG")
    source.put(stream.getvalue())
    record = do(RemoteJob(source, folder / "out/photo.png"), remover, "bright", Options(), OutputOptions())
    assert (record.status, record.error) == ("done", None)
    assert (record.source, record.target) == (str(source), str(folder / "out/photo.png"))
    assert record.stamp == source.stamp()
    made = (folder / "out/photo.png").read()
    assert record.target_bytes == len(made)
    with PillowImage.open(io.BytesIO(made)) as picture:
        assert np.array_equal(np.asarray(picture), np.asarray(remover.remove(photo)))

    (folder / "in/broken.jpg").put(b"no picture")
    record = do(
        RemoteJob(folder / "in/broken.jpg", folder / "out/b.png"), remover, "bright", Options(), OutputOptions()
    )
    assert (record.status, record.code) == ("failed", "image")
    assert record.error.startswith(f"{folder / 'in/broken.jpg'}: not a picture of a known format")
    record = do(RemoteJob(folder / "in/none.jpg", folder / "out/n.png"), remover, "bright", Options(), OutputOptions())
    assert (record.code, record.error) == ("image", f"{folder / 'in/none.jpg'}: no such file; check the name")
    assert (folder / "out/n.png").stamp() is None


def test_of_several_files_all_are_put_or_none(folder, monkeypatch):
    job = RemoteJob(folder / "in/a.jpg", folder / "out/a.png", each=True)
    put = Address.put

    def fail(file: Address, data: bytes) -> None:
        if file.name == "a-3.png":
            raise ImageError("no room")
        put(file, data)

    files = {f"a-{number}.png": b"12345"[:number] for number in (1, 2, 3)}
    job.write(files, OutputOptions(), transparent=True)
    assert [job.length(name) for name in files] == [1, 2, 3]
    monkeypatch.setattr(Address, "put", fail)
    with pytest.raises(ImageError, match="no room"):
        job.write(files, OutputOptions(), transparent=True)
    assert [job.length(name) for name in files] == [None, None, 3]
