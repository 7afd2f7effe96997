from itertools import islice
from pathlib import PurePath, PurePosixPath

import pytest

from background_remover.batch.naming import file_names, folds_case, name_places, numbered, numbered_files, unnumbered
from background_remover.errors import OptionError


def named(
    text: str,
    *,
    taken: dict[str, str] | None = None,
    folds_case: bool = False,
    suffix: str = ".png",
    each: bool = False,
) -> dict[str, str]:
    """The name of a picture in /in -> the place of its result."""
    names = text.split()
    sources = [(f"/in/{name}", PurePath(name)) for name in names]
    places = name_places(sources, lambda source: suffix, taken=taken or {}, folds_case=folds_case, each=each)
    return dict(zip(names, places, strict=True))


NAMES = {
    "the same tree": ("a.jpg sub/a.jpg", "a.png sub/a.png"),
    "one name": ("a.jpg a.bmp b.jpg", "a.jpg.png a.bmp.png b.png"),
    "its own suffix": ("a.png a.jpg", "a.png.png a.jpg.png"),
    "a full name in the way": ("a.jpg.gif a.jpg a.bmp", "a.jpg.gif.png a.jpg.png a.bmp.png"),
    "a folder in the way": ("a.png/b.jpg a.jpg", "a.png/b.png a.jpg.png"),
    "no suffix": ("a b.c.d", "a.png b.c.png"),
    "case differs": ("a.jpg A.jpg", "a.png A.png"),
}


def test_a_source_has_the_suffix_of_its_kind():
    sources = [(f"/in/{name}", PurePath(name)) for name in ("a.jpg", "a.mp4", "a.mov", "b.mp4")]
    taken = {"b.webm": "/in/b.mp4", "a.webm": "/in/a.mov", "a.gif": "/in/a.jpg"}
    places = name_places(
        sources,
        lambda source: ".png" if source.suffix == ".jpg" else ".webm",
        taken=taken,
        folds_case=False,
        each=False,
    )
    assert places == ["a.png", "a.mp4.webm", "a.webm", "b.webm"]


@pytest.mark.parametrize(("sources", "wanted"), NAMES.values(), ids=NAMES)
def test_results_have_a_name_each(sources, wanted):
    assert list(named(sources).values()) == wanted.split()


@pytest.mark.parametrize("sources", ["a.jpg A.bmp", "\u00e9.jpg e\u0301.bmp"])
def test_names_may_differ_in_case_only_where_the_file_system_tells_them_apart(sources):
    first, second = sources.split()
    assert named(sources, folds_case=True) == {first: f"{first}.png", second: f"{second}.png"}


def test_full_names_that_are_one_name_are_refused():
    with pytest.raises(
        OptionError, match=r"/in/A\.jpg: its result A\.jpg\.png would be in the place of /in/a\.jpg; ren"
    ):
        named("a.jpg A.jpg", folds_case=True)


def test_a_folder_in_place_of_a_full_name_is_refused():
    with pytest.raises(OptionError, match="would be in the place of a folder; rename one"):
        named("a.png/b.jpg a.jpg.png/b.jpg a.jpg")


def test_a_picture_keeps_the_place_that_it_had():
    assert named("a.jpg a.bmp", taken={"a.png": "/in/a.bmp"}) == {"a.jpg": "a.jpg.png", "a.bmp": "a.png"}
    assert named("a.jpg", taken={"a.jpg.png": "/in/a.jpg"}) == {"a.jpg": "a.jpg.png"}
    assert named("a.jpg", taken={"a.png": "/in/a.jpg"}, suffix=".webp") == {"a.jpg": "a.webp"}


def test_the_place_of_another_is_not_given_away():
    assert named("a.jpg", taken={"a.png": "/elsewhere/a.jpg"}) == {"a.jpg": "a.jpg.png"}


def test_whether_case_counts_is_found_out(tmp_path):
    (tmp_path / "Folder").mkdir()
    (tmp_path / "Folder" / "a").touch()
    tells_apart = not (tmp_path / "Folder" / "A").exists()
    assert folds_case(tmp_path / "Folder") is not tells_apart
    assert folds_case(tmp_path / "Folder" / "none" / "below") is not tells_apart


def test_two_folders_whose_names_differ_in_case_are_two(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "FOLDER").mkdir(exist_ok=True)
    (tmp_path / "folder" / "a").touch()
    assert folds_case(tmp_path / "folder") is (tmp_path / "FOLDER" / "a").exists()


@pytest.mark.parametrize("name", ["a.png", "sub/a-1.webp", "a.jpg.png", "-.png", "a-0.png"])
def test_a_subjects_file_has_its_number_behind_the_name(name):
    for number in (1, 10):
        file = numbered(PurePosixPath(name), number)
        assert file.as_posix() == f"{name.rpartition('.')[0]}-{number}.{name.rpartition('.')[2]}"
        assert unnumbered(file) == PurePosixPath(name)


@pytest.mark.parametrize("name", ["a.png", "a-0.png", "a-01.png", "-1.png", "a-1b.png", "a-.png", "a-\u0661.png"])
def test_other_names_are_of_no_subject(name):
    assert unnumbered(PurePosixPath(name)) is None


def test_a_result_has_one_file_or_as_many_as_there_are_subjects():
    assert list(file_names("a.png", each=False)) == ["a.png"]
    assert list(islice(file_names("a.png", each=True), 2)) == ["a-1.png", "a-2.png"]


def test_numbered_files_are_found_by_the_name_that_they_have_in_common():
    places = ["a-1.png", "a-2.png", "A-1.png", "a.png", "sub/a-1.png"]
    assert numbered_files(places, folds_case=False) == {
        "a.png": ["a-1.png", "a-2.png"],
        "A.png": ["A-1.png"],
        "sub/a.png": ["sub/a-1.png"],
    }
    assert numbered_files(places, folds_case=True)["a.png"] == ["a-1.png", "a-2.png", "A-1.png"]


def test_a_folder_may_have_the_name_of_a_subjects_file():
    names = "a-2.png/b.jpg a.jpg"
    assert named(names) == {"a-2.png/b.jpg": "a-2.png/b.png", "a.jpg": "a.png"}
    assert named(names, each=True) == {"a-2.png/b.jpg": "a-2.png/b.png", "a.jpg": "a.jpg.png"}
