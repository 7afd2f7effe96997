"""rembg's interface: its documented examples run, and its results have the shapes and types of rembg's own.

The tests that run rembg itself are skipped where it isn't installed. It can't stand among the tests' requirements:
it wants a newer scikit-image than another of them. `pip install --no-deps rembg pooch pymatting numba llvmlite`.
"""

import inspect
import io
import re
import warnings
from importlib.metadata import metadata
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage

from background_remover import ImageError, OptionError, Options, Remover
from background_remover.compat import rembg as compat
from background_remover.compat.rembg import REPLACED, Session, new_session, remove

ROOT = Path(__file__).parents[2]
EXAMPLES = re.findall(r"^```python\n(.*?)^```", (ROOT / "docs" / "from-rembg.md").read_text("utf-8"), re.M | re.S)
RED = (255, 0, 0, 255)


@pytest.fixture(scope="module")
def session(bright) -> Session:
    return new_session(str(bright))


@pytest.mark.parametrize("example", EXAMPLES)
def test_its_examples_run(example, photo, tmp_path, monkeypatch):
    if "cv2" in example:
        pytest.importorskip("cv2")
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "path" / "to" / "folder"
    folder.mkdir(parents=True)
    for path in (tmp_path / "input.png", folder / "one.png"):
        PillowImage.fromarray(photo).save(path)
    exec(compile(example, "docs/from-rembg.md", "exec"), {})
    written = [path for path in (tmp_path / "output.png", folder / "one.out.png") if path.exists()]
    assert bool(written) == ("remove(" in example)
    for path in written:
        with PillowImage.open(path) as image:
            assert (image.mode, image.size) == ("RGBA", photo.shape[1::-1])


def test_its_examples_are_those_of_rembg():
    """They stand in rembg's own description, but for the name that is imported and the kind of quotes."""
    pytest.importorskip("rembg")
    theirs = metadata("rembg").get_payload().replace("\r\n", "\n").replace("'", '"')
    for example in EXAMPLES[1:]:
        assert example.replace("background_remover.compat.rembg", "rembg") in theirs


@pytest.mark.parametrize(
    "options",
    [{}, {"only_mask": True}, {"post_process_mask": True}, {"bgcolor": RED}, {"putalpha": True}],
    ids=lambda options: "-".join(options) or "defaults",
)
def test_results_have_the_shape_and_type_of_rembgs(options, photo, session):
    rembg = pytest.importorskip("rembg")
    given = PillowImage.fromarray(photo)
    for data in (given, photo, encoded(given)):
        theirs, ours = (function(data, session=session, **options) for function in (rembg.remove, remove))
        assert type(ours) is type(theirs)
        assert (mode(ours), shape(ours)) == (mode(theirs), shape(theirs))
    their_alpha, our_alpha = (np.asarray(one(given, session=session, **options)) for one in (rembg.remove, remove))
    if "post_process_mask" not in options:  # rembg's smooths the mask's outline as well
        level = their_alpha if their_alpha.ndim == 2 else their_alpha[..., 3]
        assert np.array_equal(our_alpha if our_alpha.ndim == 2 else our_alpha[..., 3], level)


def test_parameters_are_those_of_rembg():
    rembg = pytest.importorskip("rembg")
    theirs = [
        one for one in inspect.signature(rembg.remove).parameters.values() if one.kind == one.POSITIONAL_OR_KEYWORD
    ]
    ours = inspect.signature(remove).parameters
    assert list(ours)[: len(theirs)] == [one.name for one in theirs]
    assert [ours[one.name].default for one in theirs] == [one.default for one in theirs]
    assert {"model_name", "providers", "sess_opts"} <= set(inspect.signature(new_session).parameters)


def test_the_cutout_is_that_of_this_package(photo, session, bright):
    expected = Remover(bright).remove(photo, Options()).image
    assert np.array_equal(np.asarray(remove(photo, session=session)), np.asarray(expected))


def test_prompts_choose_the_subject(photo, session, bright):
    marks = [{"type": "point", "data": [60, 45], "label": 1}, {"type": "point", "data": [2, 3], "label": 0}]
    expected = Remover(bright).remove(photo, Options(points="60,45", not_points="2,3", allow_empty=True)).image
    assert np.array_equal(remove(photo, session=session, sam_prompt=marks), np.asarray(expected))
    box = [{"type": "rectangle", "data": [10, 20, 100, 80]}]
    expected = Remover(bright).remove(photo, Options(box="10,20,90,60", allow_empty=True)).image
    assert np.array_equal(remove(photo, session=session, sam_prompt=box), np.asarray(expected))


@pytest.mark.parametrize(
    "marks",
    [
        [{"type": "circle", "data": [1, 2], "label": 1}],
        [{"type": "point", "data": [1], "label": 1}],
        [{"type": "point", "data": [1, 2], "label": 7}],
        [{"type": "rectangle", "data": [0, 0, 9, 9]}] * 2,
    ],
)
def test_other_prompts_are_refused(marks, photo, session):
    with pytest.raises(OptionError, match="sam_prompt has"):
        remove(photo, session=session, sam_prompt=marks)


def test_rembgs_networks_are_replaced_with_a_warning():
    with pytest.warns(UserWarning, match="u2net isn't among"):
        assert new_session("u2net").model_name == "u2net"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert new_session().model_name == "unet-lite2"


@pytest.mark.parametrize("name", ["withoutbg", "atlascloud", "u2net_cloth_seg", "u2net_custom", "no such"])
def test_other_networks_are_refused(name):
    with pytest.raises(ValueError, match="unknown model"):
        new_session(name)


def test_every_network_of_rembg_is_replaced_or_refused():
    sessions = pytest.importorskip("rembg.sessions")
    refused = {"withoutbg", "atlascloud", "u2net_cloth_seg", "u2net_custom", "dis_custom", "ben_custom"}
    assert {one.name() for one in sessions.sessions_class} == {*REPLACED, *refused}


@pytest.mark.parametrize("given", ["input.png", None, 3, ["input.png"]])
def test_what_is_no_picture_is_refused(given, session):
    with pytest.raises(ImageError, match="a picture is bytes"):
        remove(given, session=session)


def test_wrong_values_are_refused(photo, session):
    for wrong in ({"session": "u2net"}, {"bgcolor": (1, 2)}, {"only_mask": 1}, {"alpha_matting": "yes"}):
        with pytest.raises(ValueError, match=next(iter(wrong)).replace("bgcolor", "background")):
            remove(photo, **({"session": session} | wrong))
    with pytest.raises(TypeError, match="only_masks"):
        remove(photo, only_masks=True)


def test_calls_without_a_session_share_one(photo, monkeypatch):
    opened = []
    monkeypatch.setattr(compat, "remove_one", lambda data, options: opened.append(options) or Remover().remove(data))
    remove(photo)
    assert len(opened) == 1
    assert opened[0].allow_empty


def encoded(image: PillowImage.Image) -> bytes:
    written = io.BytesIO()
    image.save(written, "PNG")
    return written.getvalue()


def mode(result: object) -> str:
    if isinstance(result, bytes):
        return PillowImage.open(io.BytesIO(result)).mode
    return result.mode if isinstance(result, PillowImage.Image) else str(result.dtype)


def shape(result: object) -> tuple[int, ...]:
    image = PillowImage.open(io.BytesIO(result)) if isinstance(result, bytes) else result
    return np.asarray(image).shape
