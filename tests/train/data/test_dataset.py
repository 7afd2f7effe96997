import errno
import json
import logging
import math
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image as PillowImage

from background_remover.errors import ImageError, OptionError
from background_remover.evaluation.datasets import held_out
from background_remover.train.data import dataset
from background_remover.train.data.dataset import Bank, load, pack
from background_remover.train.data.decode import Source
from tests.train.conftest import bank, longest_file, pair_folder, save, square

LEVELS = np.arange(0, 256, 255 // 63, dtype=np.uint8)[:64].reshape(8, 8)  # a soft mask of 64 levels


def pet_folder(folder: Path, names: list[str], *, listed: list[str] = ()) -> Path:
    """Oxford-IIIT Pet in its own layout: a grey picture of 8x8 with two rows each of subject, border and background."""
    trimap = np.repeat(np.uint8([1, 1, 3, 3, 2, 2, 2, 2])[:, None], 8, axis=1)
    for name in names:
        save(folder / "images" / f"{name}.jpg", np.full((8, 8, 3), 100, np.uint8))
        save(folder / "annotations" / "trimaps" / f"{name}.png", trimap)
    lines = [f"{name} 1 1 1" for name in [*names, *listed]]
    (folder / "annotations" / "trainval.txt").write_text("\n".join(lines), encoding="utf-8")
    return folder


def layers(loaded: Bank, index: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """One tile as picture (S, S, 3), alpha (S, S) and known (S, S), uint8."""
    pixels = loaded.tiles[index].permute(1, 2, 0).numpy()
    return pixels[..., :3], pixels[..., 3], pixels[..., 4]


def test_a_trimaps_border_is_subject_but_not_known(tmp_path):
    image, alpha, known = layers(load([Source(pet_folder(tmp_path, ["cat_1"]))], "train", 4))
    assert np.abs(image.astype(int) - 100).max() <= 1  # a JPEG
    assert alpha[:, 0].tolist() == [255, 255, 0, 0]
    assert known[:, 0].tolist() == [255, 0, 255, 255]


def test_a_pixel_that_covers_some_border_is_known_in_part(tmp_path):
    _, _, known = layers(load([Source(pet_folder(tmp_path, ["cat_1"]))], "train", 2))
    assert known[:, 0].tolist() == [128, 255]


def test_a_partial_copy_works_and_counts_what_is_missing(tmp_path, caplog):
    folder = pet_folder(tmp_path, ["cat_1", "cat_2"], listed=["cat_3", "cat_4", "cat_5"])
    assert len(load([Source(folder)], "train", 8)) == 2
    assert "3 of 5 listed names have no files here" in caplog.text


def test_soft_masks_stay_soft(tmp_path):
    save(tmp_path / "image" / "a.png", np.zeros((8, 8, 3), np.uint8))
    save(tmp_path / "mask" / "a.png", LEVELS)
    _, alpha, known = layers(load([Source(tmp_path)], "train", 8))
    assert np.array_equal(alpha, LEVELS)
    assert (known == 255).all()


def test_a_tile_is_the_mean_of_the_pixels_it_covers(tmp_path):
    picture = np.random.default_rng(0).integers(0, 256, (12, 24, 3), dtype=np.uint8)
    save(tmp_path / "image" / "wide.png", picture)
    save(tmp_path / "mask" / "wide.png", picture[..., 0])
    loaded = load([Source(tmp_path)], "train", 4)
    image, alpha, _ = layers(loaded)
    means = picture.reshape(4, 3, 4, 6, 3).mean(axis=(1, 3))
    np.testing.assert_allclose(image, means, atol=1)
    np.testing.assert_allclose(alpha, means[..., 0], atol=1)
    assert loaded.aspects.tolist() == [2]


@pytest.mark.parametrize(
    ("kind", "mode", "expected"),
    [
        ("GIF", "P", (200, 100, 0)),
        ("PNG", "RGBA", (200, 100, 0)),
        ("PNG", "P", (200, 100, 0)),
        ("PNG", "L", (118, 118, 118)),
        ("WEBP", "RGB", (200, 100, 0)),
        ("JPEG", "CMYK", (200, 100, 0)),
    ],
)
def test_a_picture_is_what_it_holds_not_what_it_is_called(tmp_path, caplog, kind, mode, expected):
    folder = pair_folder(tmp_path, ["a", "b"], size=8)
    (folder / "image" / "a.png").unlink()
    PillowImage.new("RGB", (8, 8), (200, 100, 0)).convert(mode, palette=PillowImage.Palette.ADAPTIVE).save(
        folder / "image" / "a.jpg", kind
    )
    image, _, _ = layers(load([Source(folder)], "train", 8))
    np.testing.assert_allclose(image, np.broadcast_to(expected, image.shape), atol=3)
    assert not caplog.records


def damage_picture(folder: Path) -> Path:
    path = folder / "image" / "b.png"
    path.write_bytes(b"<html>404</html>")
    return path


def truncate_picture(folder: Path) -> Path:
    path = folder / "image" / "b.png"
    path.write_bytes(path.read_bytes()[:-200])
    return path


def damage_mask(folder: Path) -> Path:
    (folder / "mask" / "b.png").write_bytes(b"")
    return folder / "mask" / "b.png"


def shrink_mask(folder: Path) -> Path:
    return save(folder / "mask" / "b.png", np.zeros((32, 16), np.uint8))


def bloat_mask(folder: Path) -> Path:
    """More pixels than Pillow believes in."""
    return save(folder / "mask" / "b.png", np.zeros((64, 64), np.uint8))


@pytest.mark.parametrize("damage", [damage_picture, truncate_picture, damage_mask, shrink_mask, bloat_mask])
def test_a_broken_file_is_named_and_left_out(tmp_path, caplog, monkeypatch, damage):
    monkeypatch.setattr(PillowImage, "MAX_IMAGE_PIXELS", 32 * 32)
    folder = pair_folder(tmp_path, ["a", "b", "c"])
    broken = damage(folder)
    with caplog.at_level(logging.WARNING):
        loaded = load([Source(folder)], "train", 32)
    assert len(loaded) == 2
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert str(broken) in caplog.text
    assert np.array_equal(layers(loaded, 1)[0], square(seed=2)[0])  # the third picture took the second place


def test_nothing_left_is_an_error(tmp_path):
    folder = pair_folder(tmp_path, ["b"])
    damage_picture(folder)
    with pytest.raises(OptionError, match="no pictures in the train part"):
        load([Source(folder)], "train", 8)


def test_a_cutout_gets_room_about_its_subject(tmp_path):
    cutout = np.zeros((8, 4, 4), np.uint8)
    cutout[:4, :, :] = (10, 20, 30, 255)
    cutout[4:, :, 3] = 128
    save(tmp_path / "cutout.png", cutout)
    loaded = load([Source(tmp_path, "cutouts")], "train", 24)  # a canvas of 12 rows and 8 columns, each pixel 2x3
    image, alpha, known = layers(loaded)
    expected = np.zeros((24, 24))
    expected[4:12, 6:18], expected[12:20, 6:18] = 255, 128
    assert np.array_equal(alpha, expected)
    assert (image[4:12, 6:18] == (10, 20, 30)).all()
    assert (known == 255).all()
    assert loaded.aspects[0].item() == pytest.approx(8 / 12)


def test_a_background_has_no_subject_and_may_lie_deeper(tmp_path):
    save(tmp_path / "here.png", np.full((4, 6, 3), 50, np.uint8))
    save(tmp_path / "deeper" / "there.png", np.full((4, 6, 3), 90, np.uint8))
    (tmp_path / "README.txt").touch()
    loaded = load([Source(tmp_path, "backgrounds")], "train", 4)
    assert sorted(layers(loaded, i)[0].mean() for i in range(len(loaded))) == [50, 90]
    assert (loaded.tiles[:, 3] == 0).all()
    assert (loaded.tiles[:, 4] == 255).all()


def test_of_a_source_only_the_named_pictures_are_taken(tmp_path):
    levels = range(10, 15)
    folder = grey_pictures(tmp_path, levels, "backgrounds").folder
    taken = load([Source(folder, "behind", 0.0, without=("11.png",), only=("10.png", "11.png", "14.png"))], "train", 4)
    assert middle_levels(taken) == [10, 14]
    assert taken.weights().tolist() == [0, 0]


def test_processes_give_what_threads_give(tmp_path, monkeypatch, caplog):
    sources = [Source(pair_folder(tmp_path / "more", ["a", "b", "c"])), *mixture(tmp_path)]
    broken = damage_picture(tmp_path / "more")
    by_threads = load(sources, "train", 24)
    monkeypatch.setattr(dataset, "_MANY", 1)
    by_processes = load(sources, "train", 24)
    assert torch.equal(by_processes.tiles, by_threads.tiles)
    assert torch.equal(by_processes.aspects, by_threads.aspects)
    assert torch.equal(by_processes.sources, by_threads.sources)
    assert caplog.text.count(f"left out {broken}") == 2


def test_the_squares_lie_in_a_file_without_a_name(tmp_path):
    pair_folder(tmp_path / "data", ["a", "b"])
    (tmp_path / "run").mkdir()
    loaded = load([Source(tmp_path / "data")], "train", 32, folder=tmp_path / "run")
    assert not list((tmp_path / "run").iterdir())
    small = loaded.resized(16)
    assert not list((tmp_path / "run").iterdir())
    if Path("/proc/self/maps").exists():
        mapped = [
            line for line in Path("/proc/self/maps").read_text().splitlines() if f"{tmp_path}/run/squares-" in line
        ]
        assert len(mapped) == 2, (len(loaded), len(small))


def test_a_folder_without_room_is_named(tmp_path, monkeypatch):
    def full(*_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(dataset.os, "posix_fallocate", full, raising=False)
    pair_folder(tmp_path / "data", ["a"])
    with pytest.raises(OptionError, match=rf"{tmp_path}: no room for 0.0 GB of pictures \(.*No space left"):
        load([Source(tmp_path / "data")], "train", 32, folder=tmp_path)


def unlabelled(folder: Path) -> Source:
    """Two pictures whose left half is white."""
    picture = np.zeros((6, 8, 3), np.uint8)
    picture[:, :4] = 255
    for name in ("a", "b"):
        save(folder / f"{name}.png", picture)
    return Source(folder, "unlabelled")


def test_a_teacher_labels_what_has_no_mask(tmp_path):
    asked = []

    def half_white(image: np.ndarray) -> np.ndarray:
        asked.append(image.shape)
        return image[..., 0].astype(np.float32) / 255 * 0.5

    loaded = load([unlabelled(tmp_path)], "train", 8, half_white)
    image, alpha, known = layers(loaded)
    assert asked == [(6, 8, 3)] * 2  # the whole picture at its own size
    assert np.array_equal(alpha, np.where(image[..., 0] > 0, 128, 0))
    assert (known == 255).all()


def test_without_a_teacher_there_is_nothing_to_learn_from_them(tmp_path):
    with pytest.raises(OptionError, match="unlabelled pictures need a teacher"):
        load([unlabelled(tmp_path)], "train", 8)


def grey_pictures(folder: Path, levels: range, kind: str) -> Source:
    """A source whose pictures are told apart by their grey level, which is also their name."""
    for level in levels:
        picture, alpha = np.full((4, 4, 3), level, np.uint8), np.full((4, 4), 255, np.uint8)
        if kind == "pairs":
            save(folder / "image" / f"{level}.png", picture)
            save(folder / "mask" / f"{level}.png", alpha)
        else:
            save(folder / f"{level}.png", np.dstack([picture, alpha]))
    return Source(folder, kind)


def middle_levels(loaded: Bank) -> list[int]:
    side = loaded.size // 2
    return loaded.tiles[:, 0, side, side].tolist()


@pytest.mark.parametrize("kind", ["pairs", "cutouts", "backgrounds", "unlabelled"])
def test_train_and_validation_share_nothing_and_are_everything(tmp_path, kind):
    levels = range(10, 40)
    source = grey_pictures(tmp_path, levels, kind)
    train, validation = (
        middle_levels(load([source], part, 4, teacher=lambda image: np.zeros(image.shape[:2], np.float32)))
        for part in ("train", "validation")
    )
    assert sorted(train + validation) == list(levels)
    suffix = "" if kind == "pairs" else ".png"
    assert {f"{level}{suffix}" for level in validation} == held_out(f"{level}{suffix}" for level in levels)


def mixture(folder: Path) -> list[Source]:
    pairs = grey_pictures(folder / "pairs", range(10, 40), "pairs")
    cutouts = grey_pictures(folder / "cutouts", range(50, 62), "cutouts")
    backgrounds = grey_pictures(folder / "backgrounds", range(100, 106), "backgrounds")
    return [pairs, Source(cutouts.folder, "cutouts", 2.0), Source(backgrounds.folder, "backgrounds", 0.5)]


def test_a_sources_pictures_share_its_weight(tmp_path):
    sources = mixture(tmp_path)
    loaded = load(sources, "train", 4)
    weights = loaded.weights()
    for number, source in enumerate(sources):
        own = weights[loaded.sources == number]
        assert own.sum().item() == pytest.approx(source.weight)
        assert (own == own[0]).all()
        assert torch.equal(loaded.of_kind(source.kind), loaded.sources == number)


def test_several_sources_keep_their_order(tmp_path):
    loaded = load(mixture(tmp_path), "train", 4)
    levels = np.array(middle_levels(loaded))
    assert loaded.mixture == tuple(mixture(tmp_path))
    assert np.array_equal(loaded.sources, np.digitize(levels, [50, 100]))


@pytest.mark.parametrize("part", ["train", "validation"])
def test_a_pack_is_read_like_the_folders_it_was_made_of(tmp_path, part):
    sources = [*mixture(tmp_path), Source(pet_folder(tmp_path / "pets", [f"cat_{i}" for i in range(12)]))]
    count = pack(sources, 24, tmp_path / "data.pack")
    folders, packed = load(sources, part, 24), load([tmp_path / "data.pack"], part, 24)
    assert count == 30 + 12 + 6 + 12
    assert torch.equal(packed.tiles[:, 3:], folders.tiles[:, 3:])
    assert (packed.tiles[:, :3].float() - folders.tiles[:, :3].float()).abs().mean() < 4
    assert torch.equal(packed.sources, folders.sources)
    assert torch.equal(packed.aspects, folders.aspects)
    assert torch.equal(packed.weights(), folders.weights())
    described = [(source.name, source.kind, source.weight) for source in packed.mixture]
    assert described == [(source.name, source.kind, source.weight) for source in sources]


def test_a_pack_names_no_folder_of_the_machine_it_was_made_on(tmp_path):
    pack([grey_pictures(tmp_path / "secret" / "cats", range(3), "pairs")], 8, tmp_path / "data.pack")
    with zipfile.ZipFile(tmp_path / "data.pack") as archive:
        assert json.loads(archive.read("index.json"))["sources"] == [{"folder": "cats", "kind": "pairs", "weight": 1.0}]


def test_a_pack_reads_at_a_smaller_size(tmp_path):
    folder = pair_folder(tmp_path / "data", ["a"], size=32)
    pack([Source(folder)], 32, tmp_path / "data.pack")
    _, alpha, _ = layers(load([tmp_path / "data.pack"], "train", 16))
    np.testing.assert_allclose(alpha, square(32)[1].reshape(16, 2, 16, 2).mean(axis=(1, 3)), atol=0.5)


def test_packs_and_folders_mix(tmp_path):
    pack([grey_pictures(tmp_path / "one", range(10, 13), "pairs")], 4, tmp_path / "one.pack")
    pack([grey_pictures(tmp_path / "two", range(50, 53), "cutouts")], 4, tmp_path / "two.pack")
    three = grey_pictures(tmp_path / "three", range(100, 103), "pairs")
    loaded = load([tmp_path / "one.pack", three, tmp_path / "two.pack"], "train", 4)
    assert [source.name for source in loaded.mixture] == ["one", "three", "two"]
    assert loaded.sources.tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2]
    assert loaded.of_kind("cutouts").tolist() == [False] * 6 + [True] * 3


def test_a_broken_file_does_not_reach_the_pack(tmp_path, caplog):
    folder = pair_folder(tmp_path / "data", ["a", "b", "c"])
    broken = damage_picture(folder)
    assert pack([Source(folder)], 32, tmp_path / "data.pack") == 2
    assert str(broken) in caplog.text
    loaded = load([tmp_path / "data.pack"], "train", 32)
    assert np.array_equal(layers(loaded, 1)[1], square(seed=2)[1])


@pytest.mark.skipif(sys.platform == "win32", reason="no limit of a file's length here")
def test_a_pack_that_finds_no_room_is_named_and_leaves_what_was_there(tmp_path):
    source = grey_pictures(tmp_path / "data", range(3), "pairs")
    (tmp_path / "data.pack").write_bytes(b"old")
    with longest_file(1000), pytest.raises(ImageError, match=r"data\.pack: can't be written \(File too large\)"):
        pack([source], 8, tmp_path / "data.pack")
    assert (tmp_path / "data.pack").read_bytes() == b"old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "data.pack"]


def test_an_interrupted_pack_leaves_nothing(tmp_path, monkeypatch):
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(dataset, "_add", interrupt)
    with pytest.raises(KeyboardInterrupt):
        pack([grey_pictures(tmp_path / "data", range(3), "pairs")], 8, tmp_path / "data.pack")
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_a_pack_names_the_folder_that_it_cannot_read_and_not_its_own(tmp_path, monkeypatch):
    source = grey_pictures(tmp_path / "data", range(3), "pairs")

    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(tmp_path / "data"))

    monkeypatch.setattr(dataset, "find_entries", refuse)
    with pytest.raises(PermissionError, match=r"data'$"):
        pack([source], 8, tmp_path / "data.pack")


def zip_with(path: Path, **files: str) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name.replace("_", "."), text)


@pytest.mark.parametrize(
    "write",
    [
        lambda path: path.write_bytes(b""),
        lambda path: path.write_text("name,width\n", encoding="utf-8"),
        lambda path: path.mkdir(),
        lambda path: zip_with(path, photos_txt="cat"),
        lambda path: zip_with(path, index_json="[]"),
        lambda path: zip_with(path, index_json="not JSON"),
        lambda path: zip_with(path, index_json='{"size": 8, "sources": [], "pictures": [{"part": "train"}]}'),
    ],
    ids=["empty", "text", "folder", "other zip", "list", "no JSON", "no pictures"],
)
def test_another_file_is_no_pack(tmp_path, write):
    write(tmp_path / "data.pack")
    with pytest.raises(OptionError, match=r"data\.pack: not a file that `pack` wrote"):
        load([tmp_path / "data.pack"], "train", 8)


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(OptionError, match="nowhere: no such folder"):
        load([Source(tmp_path / "nowhere", "backgrounds")], "train", 8)


@pytest.mark.parametrize(("side", "size"), [(12, 4), (12, 8), (10, 7), (9, 9)])
def test_resized_is_the_mean_of_the_pixels_covered(side, size):
    random = np.random.default_rng(0)
    count = 300  # more than are resized at once
    images = random.integers(0, 256, (count, side, side, 3), dtype=np.uint8)
    masks, known = random.integers(0, 256, (2, count, side, side), dtype=np.uint8)
    whole = bank(images, masks, known=list(known), aspects=random.uniform(0.5, 2, count).tolist())
    small = whole.resized(size)

    edges = [(math.floor(i * side / size), math.ceil((i + 1) * side / size)) for i in range(size)]
    tiles = whole.tiles.numpy().astype(float)
    rows = [tiles[..., top:bottom, :].mean(axis=-2) for top, bottom in edges]
    means = np.stack([np.stack([row[..., left:right].mean(axis=-1) for left, right in edges], -1) for row in rows], -2)
    assert small.size == size
    assert small.tiles.dtype == torch.uint8
    np.testing.assert_allclose(small.tiles.numpy(), means, atol=0.501)
    assert torch.equal(small.aspects, whole.aspects)


def test_resized_does_not_enlarge():
    image, mask = square(16)
    assert bank([image], [mask]).resized(32).size == 16
