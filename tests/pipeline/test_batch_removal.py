import threading
from itertools import count

import numpy as np
import pytest
from PIL import Image as PillowImage

from background_remover import Cut, ImageError, OptionError, Options, Remover, UnknownFormat, remove, remove_batch
from background_remover.pipeline.batch_removal import in_order
from background_remover.runtime.parallel import cores, threads
from background_remover.segmentation.network import Network
from tests.conftest import png


@pytest.fixture(scope="module")
def remover(bright):
    return Remover(bright, threads=1)


@pytest.mark.parametrize("jobs", [None, 1, 3])
def test_the_cutouts_come_in_the_order_of_the_pictures(bright, remover, photo, jobs):
    pictures = [np.roll(photo, shift, axis=1) for shift in range(0, 50, 5)]
    wanted = [remover.remove(picture).encode() for picture in pictures]
    assert [removal.cut.encode() for removal in remover.remove_batch(pictures, jobs=jobs)] == wanted
    assert [removal.cut.encode() for removal in remove_batch(iter(pictures), model=bright, jobs=jobs)] == wanted


def test_options_count_for_all(remover, photo):
    masks = remover.remove_batch([photo, png(photo)], Options(only_mask=True))
    assert [removal.cut.image.mode for removal in masks] == ["L", "L"]


def test_one_that_fails_doesnt_end_the_others(remover, photo, tmp_path):
    sources = [photo, b"text", tmp_path / "none.png", photo]
    removals = list(remover.remove_batch(sources, jobs=2))
    assert [type(removal.error) for removal in removals] == [type(None), UnknownFormat, ImageError, type(None)]
    assert [removal.source for removal in removals] == sources
    with pytest.raises(UnknownFormat, match="not a picture of a known format"):
        _ = removals[1].cut
    assert isinstance(removals[3].cut, Cut)


def test_one_of_a_wrong_type_doesnt_end_the_others(remover, photo):
    removals = list(remover.remove_batch([photo, 7, None, photo], jobs=2))
    assert [removal.error is None for removal in removals] == [True, False, False, True]
    assert isinstance(removals[1].error, ImageError)
    with pytest.raises(TypeError, match=r"a picture is a path, the bytes of a file, .* not int"):
        _ = removals[1].cut


def test_one_that_is_too_large_for_memory_doesnt_end_the_others(photo, remover):
    cut = remover.cut(photo)

    def work(source: str) -> tuple[Cut, ...]:
        if source == "large.png":
            raise MemoryError
        return (cut,)

    removals = list(in_order(work, ["a.png", "large.png", "b.png"], 2))
    assert [removal.error is None for removal in removals] == [True, False, True]
    assert isinstance(removals[1].error, ImageError)
    assert str(removals[1].error).startswith("large.png: not enough memory for this picture; ")
    assert isinstance(removals[1].error.__cause__, MemoryError)


def test_what_the_callers_own_iterator_or_a_fault_of_ours_raises_comes_through(photo, remover):
    def sources():
        yield photo
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        list(remover.remove_batch(sources(), jobs=1))
    with pytest.raises(ZeroDivisionError):
        list(in_order(lambda source: 1 // source, [0], 1))


def test_several_are_at_work_at_once_and_no_more(photo, remover):
    cut, meeting = remover.cut(photo), threading.Barrier(3, timeout=30)
    taken = []

    def work(source: int) -> tuple[Cut, ...]:
        assert threads() == max(1, cores() // 3)
        if source < 3:
            meeting.wait()  # three have to be here
        return (cut,)

    def sources():
        for number in count():
            taken.append(number)
            yield number

    removals = in_order(work, sources(), 3)
    assert not taken
    assert next(removals).source == 0
    assert len(taken) == 4  # three in hand, and the one that is given out
    removals.close()


def test_one_picture_is_not_many(remover, photo):
    for one in ("photo.jpg", b"data", photo, PillowImage.fromarray(photo)):
        with pytest.raises(TypeError, match="many pictures are a list or an iterator of them"):
            remover.remove_batch(one)
    assert len(list(remover.remove_batch(np.stack([photo, photo])))) == 2


@pytest.mark.parametrize("jobs", [0, -1, 1.5, "2"])
def test_the_number_at_once_is_checked_before_any_work(remover, photo, jobs):
    with pytest.raises(OptionError, match="jobs is"):
        remover.remove_batch([photo], jobs=jobs)


def test_an_option_without_its_partner_is_refused_wherever_options_are_used(remover, photo):
    uses = remover.remove, remover.cut, remover.alpha, remover.matte, remover.passes, remove, remover.remove_batch
    for work in (*uses, lambda image, options: list(remover.cut_each(image, options))):
        with pytest.raises(OptionError, match="margin does nothing without crop or canvas; add that, or leave margin"):
            work(photo, Options(margin="5%"))


def test_a_dictionary_is_refused_by_name(remover, photo):
    for work in (remover.remove, remover.cut, remover.alpha, remove, remover.remove_batch):
        with pytest.raises(OptionError, match=r"options are of type dict; give Options, as in Options\(crop=True\)"):
            work(photo, {"crop": True})


# Batches through the network


@pytest.fixture
def shapes(monkeypatch):
    """The shapes of the arrays that networks are run on."""
    seen, run = [], Network._run
    monkeypatch.setattr(Network, "_run", lambda self, feeds: seen.append(feeds["image"].shape) or run(self, feeds))
    return seen


def test_batches_give_what_single_pictures_give(photo, shapes):
    remover, options = Remover("unet"), Options(matting="none", second_look="off")
    small = photo[::2, ::2]
    pictures = [np.roll(small, 5 * shift, axis=1)[: 60 if shift % 2 else None] for shift in range(5)]
    wanted = [remover.alpha(picture, options) for picture in pictures]
    assert {shape[0] for shape in shapes} == {1}
    shapes.clear()
    removals = remover.remove_batch(pictures, options, jobs=4, batch_size=3)
    for removal, one in zip(removals, wanted, strict=True):
        np.testing.assert_allclose(removal.cut.alpha, one, atol=1e-4)
    assert {shape[0] for shape in shapes} == {3}  # the last ones too


def test_subjects_of_many_pictures_go_in_batches_as_well(remover, photo, shapes):
    removals = remover.remove_batch([photo[::2, ::2]] * 2, jobs=2, each=True, batch_size=2)
    assert [len(removal.cuts) for removal in removals] == [1, 1]
    assert {shape[0] for shape in shapes} == {2}


def test_a_gpu_gets_batches_by_itself_and_never_more_pictures_than_are_at_work(remover, photo, shapes, monkeypatch):
    monkeypatch.setattr(Network, "provider", "CUDAExecutionProvider")
    for jobs, size in ((3, 3), (10, 8), (1, 1)):
        shapes.clear()
        assert [removal.error for removal in remover.remove_batch([photo] * 2, jobs=jobs)] == [None] * 2
        assert {shape[0] for shape in shapes} == {size}


@pytest.mark.parametrize("size", [0, -1, 1.5, "2"])
def test_a_batch_size_that_is_no_number_above_zero_is_refused(remover, photo, size):
    with pytest.raises(OptionError, match="batch_size is"):
        remover.remove_batch([photo], batch_size=size)
