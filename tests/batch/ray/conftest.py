"""A folder of files, on a disk and in a store in memory."""

import uuid

import pytest

from background_remover.batch.ray.address import Address, address

NAMES = ("in/a.jpg", "in/b.txt", "in/.hidden.jpg", "in/.cache/c.jpg", "in/sub/d.PNG", "in/out/e.png", "f.jpg")


@pytest.fixture(params=["disk", "memory"])
def tree(request, tmp_path) -> Address:
    """A folder with `NAMES`."""
    folder = address(str(tmp_path) if request.param == "disk" else f"memory://{uuid.uuid4().hex}/tree")
    for name in NAMES:
        (folder / name).put(b"123")
    return folder
