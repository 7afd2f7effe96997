import numpy as np
import pytest
from PIL import Image as PillowImage

import cluster
from background_remover.batch.record import Record


@pytest.fixture
def folder(tmp_path, photo):
    (tmp_path / "in").mkdir()
    for number in range(5):
        PillowImage.fromarray(photo).save(tmp_path / "in" / f"{number}.png")
    return tmp_path


def test_photos_are_taken_as_they_are(folder):
    cluster.photos(folder / "in", 3, 0, folder / "out")
    taken = sorted((folder / "out").iterdir())
    assert len(taken) == 3
    assert taken[0].read_bytes() == (folder / "in" / "0.png").read_bytes()


def test_photos_are_stretched(folder):
    cluster.photos(folder / "in", 2, 0.5, folder / "out")
    for path in (folder / "out").iterdir():
        with PillowImage.open(path) as picture:
            assert picture.format == "JPEG"
            assert picture.width * picture.height == pytest.approx(5e5, rel=0.01)
            assert picture.width / picture.height == pytest.approx(120 / 90, rel=0.01)


def test_the_rate_is_that_of_what_came_after_the_first_task(folder, monkeypatch):
    """Records come in tables of four; the clock begins with the first of these."""
    moments = iter(np.repeat([10.0, 12.0, 14.0], 4))
    monkeypatch.setattr(cluster, "perf_counter", lambda: next(moments))

    def records(*given):
        for number in range(12):
            yield Record(
                f"{number}.jpg",
                f"{number}.png",
                "done",
                "m",
                0.5,
                width=1000,
                height=500,
                source_bytes=2_000_000,
                target_bytes=3_000_000,
            )
            yield None

    def run(settings, store, work, stop):
        list(cluster.executor.records())
        return cluster.run.Summary(0.8)

    monkeypatch.setattr(cluster.executor, "records", records)
    monkeypatch.setattr(cluster.run, "run", run)
    numbers = cluster.measure(folder, folder, "m", 1)
    assert numbers == {
        "pictures": 12,
        "networks": 1,
        "rate": 2.0,
        "seconds": 0.5,
        "megapixels": 0.5,
        "in": 2.0,
        "out": 3.0,
    }


def test_what_leading_costs_is_measured():
    numbers = cluster.lead(200)
    assert numbers.keys() == {"planned", "read", "memory", "notes"}
    assert all(value > 0 for name, value in numbers.items() if name != "memory")
