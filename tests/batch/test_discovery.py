import errno
import os
from pathlib import Path

import pytest

from background_remover.batch.discovery import find, whole_path, with_prompts
from background_remover.errors import OptionError
from background_remover.imaging.formats import SUFFIXES
from background_remover.parameters.prompts import NO_PROMPTS, PicturePrompts


@pytest.fixture
def tree(tmp_path, monkeypatch) -> Path:
    """in/ with pictures, hidden files and others; the working folder is the one above."""
    names = "a.jpg b.PNG notes.txt sub/c.webp sub/deep/d.tiff .hidden.jpg .cache/e.jpg x.jpg/f.gif"
    for name in names.split():
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def places(*inputs: str, leave_out: tuple[str, ...] = ()) -> dict[str, str]:
    """Place -> path of what is found."""
    found = find(inputs, [Path(folder) for folder in leave_out])
    return {source.place.as_posix(): source.path.as_posix() for source in found.sources}


def unread(reason: str) -> str:
    """Why a folder isn't among the pictures."""
    return f"can't be read ({reason}); check its permissions"


WHOLE = ["a.jpg", "b.PNG", "sub/c.webp", "sub/deep/d.tiff", "x.jpg/f.gif"]


def test_a_folder_gives_the_pictures_of_its_tree(tree):
    assert places("in") == {name: f"in/{name}" for name in WHOLE}
    assert find(["in"]).others == 1


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_folder_gives_files_of_every_name_that_is_read(tmp_path, suffix):
    (tmp_path / f"photo{suffix.upper()}").touch()
    (source,) = find([str(tmp_path)]).sources
    assert source.path.name == f"photo{suffix.upper()}"


@pytest.mark.parametrize(
    ("inputs", "wanted"),
    {
        "a file alone": ("in/a.jpg", ["a.jpg"]),
        "a file of another name": ("in/notes.txt", ["notes.txt"]),
        "files of two folders": ("in/a.jpg in/sub/c.webp", ["a.jpg", "sub/c.webp"]),
        "two folders": ("in/sub in/x.jpg", ["sub/c.webp", "sub/deep/d.tiff", "x.jpg/f.gif"]),
        "a folder and one in it": ("in/sub in/sub/deep", ["c.webp", "deep/d.tiff"]),
        "a folder twice": ("in/sub ./in/../in/sub/", ["c.webp", "deep/d.tiff"]),
        "a folder and its file": ("in/sub in/sub/c.webp", ["c.webp", "deep/d.tiff"]),
        "a glob": ("in/*.jpg", ["a.jpg", "x.jpg/f.gif"]),
        "a glob through folders": ("in/**/*.[wt]*", ["notes.txt", "sub/c.webp", "sub/deep/d.tiff"]),
        "a missing file": ("in/none.jpg in/a.jpg", ["a.jpg", "none.jpg"]),
    }.values(),
)
def test_inputs_share_the_deepest_folder_above_them(tree, inputs, wanted):
    assert sorted(places(*inputs.split())) == wanted


def test_a_name_with_a_star_in_it_is_a_name(tree):
    Path("in/a*.jpg").touch()
    assert places("in/a*.jpg") == {"a*.jpg": "in/a*.jpg"}


@pytest.mark.parametrize("inputs", ["nowhere", "in/none.jpg", "nowhere in/none.jpg"])
def test_names_of_which_none_is_there_are_refused(tree, inputs):
    with pytest.raises(OptionError, match=r"^(nowhere|in/none\.jpg): no such file or folder; check the name$"):
        find(inputs.split())


def test_a_glob_that_nothing_matches_is_refused(tree):
    with pytest.raises(OptionError, match=r"in/\*\.bmp: no such file or folder, and nothing matches; check the name"):
        find(["in/*.bmp"])


@pytest.mark.parametrize(
    "inputs", ["in", "in/sub/*", "in/sub in/x.jpg", "in/x.jpg/f.gif in/sub/c.webp", "in/sub/c.webp"]
)
def test_what_lies_in_a_folder_of_results_is_left_out(tree, inputs):
    given = places(*inputs.split(), leave_out=("in/sub", "none")).values()
    assert not any(path.startswith("in/sub") for path in given)
    assert ("in/x.jpg/f.gif" in given) == (inputs == "in" or "x.jpg" in inputs)


def test_links_in_a_circle_end(tree):
    Path("in/sub/loop").symlink_to(tree / "in")
    Path("in/again").symlink_to(tree / "in" / "sub")
    assert sorted(places("in")) == WHOLE
    assert sorted(places("in/**/*.jpg")) == ["a.jpg", "x.jpg/f.gif"]


def test_linked_folders_and_files_are_taken(tree):
    (tree / "elsewhere").mkdir()
    (tree / "elsewhere" / "g.jpg").touch()
    Path("in/a-link").symlink_to(tree / "elsewhere")
    Path("in/h.jpg").symlink_to(tree / "elsewhere" / "g.jpg")
    Path("in/nowhere.jpg").symlink_to(tree / "none.jpg")
    assert {"a-link/g.jpg", "h.jpg", "nowhere.jpg"} <= set(places("in"))


def test_a_link_that_loops_is_a_picture_that_fails_or_told(tree):
    """Neither ends the search: what cannot be looked at may be a picture, or a folder of them."""
    for name in ("loop.jpg", "loop"):
        Path(f"in/{name}").symlink_to(name)
    found = find(["in"])
    assert {source.place.as_posix() for source in found.sources} == {*WHOLE, "loop.jpg"}
    assert found.unreadable == [(Path("in/loop"), "folder", unread(os.strerror(errno.ELOOP)))]
    assert found.others == 1
    for given in ("in/loop", "in/loop/a.jpg", "in/loop*"):
        assert find([given]).sources


def test_what_may_not_be_looked_at_does_not_end_the_search(tree, monkeypatch):
    real = os.stat

    def refuse(path, **options):
        if "hidden" in str(path):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return real(path, **options)

    monkeypatch.setattr(os, "stat", refuse)
    assert sorted(places("in", "/hidden/a.jpg", "/hidden")) == [
        "hidden",
        "hidden/a.jpg",
        *(f"{tree.relative_to('/')}/in/{name}" for name in WHOLE),
    ]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_not_waited_for(tree):
    os.mkfifo("in/pipe.jpg")
    assert sorted(places("in")) == WHOLE


def test_a_folder_that_cannot_be_read_is_told(tree, monkeypatch):
    scandir = os.scandir

    def refuse(folder):
        if Path(folder).name == "sub":
            raise PermissionError(13, "Permission denied", str(folder))
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", refuse)
    found = find(["in"])
    assert found.unreadable == [(Path("in/sub"), "folder", unread("Permission denied"))]
    assert len(found.sources) == 3


@pytest.mark.parametrize("place", ["in", "in/sub"])
def test_a_fault_while_a_glob_is_expanded_is_told(tree, monkeypatch, place):
    """Of a network drive that is gone, say; Python's glob passes over folders that may not be read, and no others."""
    scandir = os.scandir

    def refuse(folder):
        if Path(folder) == Path(place):
            raise OSError(errno.EIO, os.strerror(errno.EIO), str(folder))
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", refuse)
    found = find(["in/**/*.tiff", "in/a.jpg"])
    assert found.unreadable == [(Path(place), "folder", unread(os.strerror(errno.EIO)))]
    assert Path("in/a.jpg") in {source.path for source in found.sources}


def test_no_inputs_are_no_pictures():
    assert find([]).sources == []


def test_each_picture_has_the_prompts_that_are_listed_by_its_name(tree):
    box, point = PicturePrompts(box="1,1,2,2"), PicturePrompts(points="3,4")
    sources = find(["in/a.jpg", "in/sub"]).sources
    listed = [(whole_path(name), prompts) for name, prompts in (("in/a.jpg", box), ("in/sub/c.webp", point))]
    own = {source.place.as_posix(): source.prompts for source in with_prompts(sources, [*listed, listed[0]])}
    assert own == {"a.jpg": box, "sub/c.webp": point, "sub/deep/d.tiff": NO_PROMPTS}
    with pytest.raises(OptionError, match=r"in/a\.jpg: listed twice with different prompts"):
        with_prompts(sources, [*listed, (whole_path("in/a.jpg"), NO_PROMPTS)])
    with pytest.raises(OptionError, match=r"in/sub: listed with prompts, and no picture of this run"):
        with_prompts(sources, [(whole_path("in/sub"), point)])


def test_a_whole_path_keeps_links(tree):
    Path("in/link.jpg").symlink_to(tree / "in" / "a.jpg")
    assert whole_path("in/sub/../link.jpg") == str(tree / "in" / "link.jpg")


def test_the_page_tells_what_names_pictures_have():
    page = (Path(__file__).parents[2] / "docs" / "batches.md").read_text(encoding="utf-8")
    assert all(f"`{suffix}`" in page for suffix in SUFFIXES)
