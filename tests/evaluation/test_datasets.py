"""Folders of pairs: both layouts, partial copies, parts that don't overlap, and what a truth file says."""

import hashlib
import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage

from background_remover.errors import ImageError, OptionError
from background_remover.evaluation.datasets import (
    Pair,
    find_pairs,
    find_pictures,
    held_out,
    read_names,
    read_pair,
    read_truth,
)
from tests.conftest import STORED


def write_grey(path: Path, values: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    PillowImage.fromarray(values.astype(np.uint8)).save(path)


def pet_folder(folder: Path, trainval: Sequence[str], test: Sequence[str] = (), missing: Sequence[str] = ()) -> Path:
    """Oxford-IIIT Pet in its own layout; the pictures are empty files, for nothing here reads them."""
    for name in {*trainval, *test} - set(missing):
        write_grey(folder / "annotations" / "trimaps" / f"{name}.png", np.array([[1, 2, 3]]))
        (folder / "images").mkdir(exist_ok=True)
        (folder / "images" / f"{name}.jpg").touch()
    for file, names in (("trainval.txt", trainval), ("test.txt", test)):
        lines = ["#Image CLASS-ID SPECIES BREED ID", "", *(f"{name} 1 2 3" for name in names)]
        (folder / "annotations" / file).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def mask_folder(folder: Path, names: Sequence[str]) -> Path:
    for name in names:
        write_grey(folder / "mask" / f"{name}.png", np.array([[0, 255]]))
        (folder / "image").mkdir(exist_ok=True)
        (folder / "image" / f"{name}.webp").touch()
    return folder


def names_of(pairs: list[Pair]) -> list[str]:
    return [pair.name for pair in pairs]


def test_pet_layout_lists_train_and_test_names_sorted(tmp_path):
    pet_folder(tmp_path, trainval=["b_2", "a_1", "c_10"], test=["a_3"])
    assert names_of(find_pairs(tmp_path)) == ["a_1", "a_3", "b_2", "c_10"]
    assert find_pairs(tmp_path, "test") == [
        Pair("a_3", tmp_path / "images/a_3.jpg", tmp_path / "annotations/trimaps/a_3.png", trimap=True)
    ]


def test_a_partial_copy_works_and_counts_what_is_missing(tmp_path, caplog):
    pet_folder(tmp_path, trainval=["a", "b", "c"], test=["d"], missing=["b", "d"])
    (tmp_path / "images" / "c.jpg").unlink()  # a trimap without its picture
    with caplog.at_level(logging.WARNING):
        assert names_of(find_pairs(tmp_path)) == ["a"]
    assert "3 of 4 listed names have no files here" in caplog.text


def test_a_whole_copy_warns_of_nothing(tmp_path, caplog):
    find_pairs(pet_folder(tmp_path, trainval=["a", "b"]))
    assert not caplog.records


def test_a_copy_without_test_list_has_all_but_no_test_part(tmp_path):
    pet_folder(tmp_path, trainval=["a", "b"])
    (tmp_path / "annotations" / "test.txt").unlink()
    assert names_of(find_pairs(tmp_path)) == ["a", "b"]
    with pytest.raises(OptionError, match="no name list for the part 'test'"):
        find_pairs(tmp_path, "test")


def test_image_and_mask_folders_pair_by_name_whatever_the_suffix(tmp_path, caplog):
    mask_folder(tmp_path, ["b", "a"])
    (tmp_path / "image" / "c.JPG").touch()
    write_grey(tmp_path / "mask" / "c.png", np.zeros((1, 1)))
    (tmp_path / "image" / "Thumbs.db").touch()  # not a picture: no partner missed
    with caplog.at_level(logging.WARNING):
        pairs = find_pairs(str(tmp_path))
    assert names_of(pairs) == ["a", "b", "c"]
    assert pairs[2] == Pair("c", tmp_path / "image/c.JPG", tmp_path / "mask/c.png", trimap=False)
    assert not caplog.records


def test_files_without_partner_are_counted(tmp_path, caplog):
    mask_folder(tmp_path, ["a", "b"])
    (tmp_path / "image" / "b.webp").unlink()
    (tmp_path / "image" / "c.png").touch()
    with caplog.at_level(logging.WARNING):
        assert names_of(find_pairs(tmp_path)) == ["a"]
    assert "2 files in image/ or mask/ have no partner" in caplog.text


@pytest.mark.parametrize("layout", [pet_folder, mask_folder])
def test_train_and_validation_share_nothing_and_are_everything(tmp_path, layout):
    names = [f"cat_{number}" for number in range(50)]
    layout(tmp_path, names)
    train, validation = find_pairs(tmp_path, "train"), find_pairs(tmp_path, "validation")
    assert len(validation) == 50 // 6
    assert sorted(names_of(train) + names_of(validation)) == sorted(names)
    assert set(names_of(validation)) == held_out(names)
    assert names_of(train) == sorted(names_of(train))


def test_pet_parts_keep_the_official_test_names_apart(tmp_path):
    names, test = [f"cat_{number}" for number in range(20)], [f"dog_{number}" for number in range(20)]
    pet_folder(tmp_path, names, test)
    assert sorted(names_of([*find_pairs(tmp_path, "train"), *find_pairs(tmp_path, "validation")])) == sorted(names)
    assert names_of(find_pairs(tmp_path, "test")) == sorted(test)


def test_held_out_is_the_sixth_with_the_lowest_hash():
    names = [f"picture {number}" for number in range(31)]
    ranked = sorted(names, key=lambda name: hashlib.sha256(name.encode()).hexdigest())
    assert held_out(names) == set(ranked[:5])
    assert held_out(reversed(names)) == held_out(names)


def test_held_out_is_500_at_most_and_nothing_of_a_handful():
    assert len(held_out(str(number) for number in range(4000))) == 500
    assert held_out(["a", "b", "c", "d", "e"]) == frozenset()


def test_an_unknown_part_names_the_known_ones(tmp_path):
    with pytest.raises(OptionError, match="unknown part 'val'; known: all, train, validation, test"):
        find_pairs(mask_folder(tmp_path, ["a"]), "val")


def test_only_the_pet_layout_has_a_test_part(tmp_path):
    with pytest.raises(OptionError, match="only the Oxford-IIIT Pet layout has a test part"):
        find_pairs(mask_folder(tmp_path, ["a"]), "test")


@pytest.mark.parametrize("folder", [".", "nowhere"])
def test_a_folder_without_layout_says_what_was_wanted(tmp_path, folder):
    with pytest.raises(OptionError, match="wanted image/ beside mask/"):
        find_pairs(tmp_path / folder)


def truth_file(tmp_path: Path, values: np.ndarray, *, trimap: bool) -> Pair:
    write_grey(tmp_path / "truth.png", values)
    return Pair("truth", tmp_path / "truth.jpg", tmp_path / "truth.png", trimap=trimap)


def test_pictures_without_a_truth_have_no_test_part(tmp_path):
    write_grey(tmp_path / "sub" / "wall.png", np.array([[0, 255]]))
    assert find_pictures(tmp_path) == find_pictures(tmp_path, "train") == [tmp_path / "sub" / "wall.png"]
    with pytest.raises(OptionError, match="only the Oxford-IIIT Pet layout has a test part"):
        find_pictures(tmp_path, "test")


def test_a_list_of_names_has_comments(tmp_path):
    (tmp_path / "names.txt").write_text("# not these\na.png  # a train\n\n b c.png\n", encoding="utf-8")
    assert read_names(tmp_path / "names.txt") == {"a.png", "b c.png"}


@pytest.mark.parametrize(("content", "message"), [(b"\xff\xd8\xff", "not a text file"), (None, "can't be read")])
def test_a_list_that_cannot_be_read_is_named(tmp_path, content, message):
    if content is not None:
        (tmp_path / "names.txt").write_bytes(content)
    with pytest.raises(OptionError, match=rf"names\.txt: {message}"):
        read_names(tmp_path / "names.txt")


def test_a_trimap_border_is_subject_and_unknown(tmp_path):
    alpha, known = read_truth(truth_file(tmp_path, np.array([[1, 2, 3]]), trimap=True))
    assert alpha.dtype == np.float32
    assert alpha.tolist() == [[1, 0, 1]]
    assert known.tolist() == [[True, True, False]]


def test_a_palette_trimap_is_read_by_its_numbers_not_its_colours(tmp_path):
    picture = PillowImage.fromarray(np.array([[1, 2, 3]], dtype=np.uint8))
    picture.putpalette([0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255])
    picture.save(tmp_path / "truth.png")
    alpha, _ = read_truth(Pair("truth", tmp_path / "truth.jpg", tmp_path / "truth.png", trimap=True))
    assert alpha.tolist() == [[1, 0, 1]]


def test_a_grey_mask_is_soft_and_known_everywhere(tmp_path):
    alpha, known = read_truth(truth_file(tmp_path, np.array([[0, 51, 255]]), trimap=False))
    assert alpha.dtype == np.float32
    assert alpha == pytest.approx(np.array([[0, 0.2, 1]]))
    assert known.all()


@pytest.mark.parametrize("mode", ["1", "RGB", "P"])
def test_masks_of_other_modes_are_read_as_grey(tmp_path, mode):
    PillowImage.fromarray(np.array([[0, 255]], dtype=np.uint8)).convert(mode).save(tmp_path / "truth.png")
    alpha, known = read_truth(Pair("truth", tmp_path / "truth.jpg", tmp_path / "truth.png", trimap=False))
    assert alpha.tolist() == [[0, 1]]
    assert known.shape == (1, 2)


def test_sixteen_bit_masks_keep_their_grey(tmp_path):
    PillowImage.fromarray(np.array([[0, 13107, 65535]], dtype=np.uint16)).save(tmp_path / "truth.png")
    alpha, _ = read_truth(Pair("truth", tmp_path / "truth.jpg", tmp_path / "truth.png", trimap=False))
    assert alpha == pytest.approx(np.array([[0, 0.2, 1]]), abs=1 / 255)


@pytest.mark.parametrize("content", [b"", b"not a picture", None])
@pytest.mark.parametrize("trimap", [True, False])
def test_an_unreadable_mask_is_named(tmp_path, content, trimap):
    path = tmp_path / "truth.png"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ImageError, match=r"truth\.png: not a readable mask"):
        read_truth(Pair("truth", tmp_path / "truth.jpg", path, trimap=trimap))


def test_a_truncated_mask_is_named(tmp_path):
    pair = truth_file(tmp_path, np.random.default_rng(0).integers(0, 255, (64, 64)), trimap=False)
    pair.truth.write_bytes(pair.truth.read_bytes()[:1000])
    with pytest.raises(ImageError, match=r"truth\.png: not a readable mask"):
        read_truth(pair)


def test_a_colour_trimap_is_refused(tmp_path):
    with pytest.raises(ImageError, match="a trimap has one channel"):
        read_truth(truth_file(tmp_path, np.ones((2, 2, 3)), trimap=True))


def test_two_pictures_of_one_name_are_refused(tmp_path):
    for folder, file in [("image", "a.jpg"), ("image", "a.png"), ("mask", "a.png")]:
        (tmp_path / folder).mkdir(exist_ok=True)
        PillowImage.new("L", (2, 2)).save(tmp_path / folder / file)
    with pytest.raises(OptionError, match=r"a\.jpg have one name|a\.png and a\.jpg"):
        find_pairs(tmp_path)


def test_a_hidden_file_is_no_picture(tmp_path):
    for folder in ("image", "mask"):
        (tmp_path / folder).mkdir()
        for file in ("a.png", "._a.png"):
            PillowImage.new("L", (2, 2)).save(tmp_path / folder / file)
    assert [pair.name for pair in find_pairs(tmp_path)] == ["a"]


def test_a_name_listed_twice_counts_once(tmp_path):
    for folder in ("images", "annotations/trimaps"):
        (tmp_path / folder).mkdir(parents=True)
    PillowImage.new("RGB", (2, 2)).save(tmp_path / "images" / "a.jpg")
    PillowImage.new("L", (2, 2)).save(tmp_path / "annotations" / "trimaps" / "a.png")
    for file in ("trainval.txt", "test.txt"):
        (tmp_path / "annotations" / file).write_text("a 1 1 1\na 1 1 1\n")
    assert [pair.name for pair in find_pairs(tmp_path)] == ["a"]


def test_a_mask_of_another_size_than_its_picture_is_named(tmp_path):
    PillowImage.new("RGB", (4, 6)).save(tmp_path / "a.jpg")
    PillowImage.new("L", (8, 6)).save(tmp_path / "a.png")
    with pytest.raises(ImageError, match=r"a\.jpg: is 4x6 and its truth 8x6; bring .*a\.png to the picture"):
        read_pair(Pair("a", tmp_path / "a.jpg", tmp_path / "a.png", trimap=False))


@pytest.mark.parametrize("trimap", [True, False])
@pytest.mark.parametrize("orientation", STORED)
def test_a_picture_and_its_truth_are_turned_upright_each_as_its_own_orientation_says(tmp_path, orientation, trimap):
    levels = np.array([[1, 2, 3], [2, 2, 1]] if trimap else [[0, 51, 255], [255, 0, 0]], dtype=np.uint8)
    PillowImage.fromarray(np.dstack([levels] * 3)).save(tmp_path / "picture.png")
    turned = np.ascontiguousarray(STORED[orientation](np.dstack([levels] * 3)))
    exif = PillowImage.Exif()
    exif[0x0112] = orientation
    PillowImage.fromarray(turned).save(tmp_path / "turned.png", exif=exif)
    PillowImage.fromarray(levels).save(tmp_path / "truth.png")
    PillowImage.fromarray(np.ascontiguousarray(turned[..., 0])).save(tmp_path / "turned truth.png", exif=exif)
    wanted = read_pair(Pair("a", tmp_path / "picture.png", tmp_path / "truth.png", trimap))
    for image, truth in (("turned", "truth"), ("picture", "turned truth"), ("turned", "turned truth")):
        found = read_pair(Pair("a", tmp_path / f"{image}.png", tmp_path / f"{truth}.png", trimap))
        assert all(np.array_equal(one, other) for one, other in zip(found, wanted, strict=True))


def test_a_mask_of_the_picture_before_it_is_turned_is_named(tmp_path):
    exif = PillowImage.Exif()
    exif[0x0112] = 6
    PillowImage.new("RGB", (8, 6)).save(tmp_path / "a.jpg", exif=exif)
    PillowImage.new("L", (8, 6)).save(tmp_path / "a.png")
    with pytest.raises(ImageError, match=r"a\.jpg: is 6x8 and its truth 8x6; turn .*a\.png upright as well"):
        read_pair(Pair("a", tmp_path / "a.jpg", tmp_path / "a.png", trimap=False))
