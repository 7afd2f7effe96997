"""The cuts of a clip, steady and frame by frame."""

import itertools
import sys
import weakref
from fractions import Fraction

import numpy as np
import pytest

from background_remover import Error, Options, Remover, VideoOptions, remove_video
from background_remover.video import removal
from background_remover.video.reader import Clip, Frame
from tests.video import clips

PHOTO = Options(ground="photo")


def alphas(model, source, options=PHOTO, **video):
    return [one.cut.alpha for one in remove_video(source, options, VideoOptions(**video), model=model)]


def test_without_steadying_each_frame_is_cut_as_a_picture(bright, tmp_path):
    source = clips.clip(tmp_path / "in.mp4")
    remover = Remover(bright)
    with Clip(source, max_megapixels=1) as clip:
        wanted = [remover.cut(frame.pixels, PHOTO).alpha for frame in clip.frames()]
    assert all((one == other).all() for one, other in zip(alphas(bright, source, steady="off"), wanted, strict=True))


@pytest.mark.parametrize("number", [1, 2, 3, 8])
def test_steady_cuts_keep_number_and_times(bright, tmp_path, number):
    stamps = clips.UNEVEN[:number]
    source = clips.clip(tmp_path / "in.mp4", stamps=stamps)
    found = list(remove_video(source, PHOTO, model=bright))
    assert [one.time for one in found] == [stamp * clips.BASE for stamp in stamps]
    for one, other in zip(found, alphas(bright, source, steady="off"), strict=True):
        assert np.abs(one.cut.alpha - other).mean() < 0.03


def test_an_alpha_that_flickers_is_steadied(bright, tmp_path, monkeypatch):
    source = clips.clip(tmp_path / "in.mkv", codec="ffv1", kind="bgr0", size=(96, 160))

    def flickering(number, pixels):
        return np.clip(pixels.astype(int) + (12 if number % 2 else -12), 0, 255).astype(np.uint8)

    read = Clip.frames

    def frames(self):
        for number, frame in enumerate(read(self)):
            yield type(frame)(flickering(number, frame.pixels), frame.time)

    monkeypatch.setattr(Clip, "frames", frames)
    soft = Options(ground="photo", matting="none", second_look="off")
    changes = [
        np.mean([np.abs(b - a).mean() for a, b in itertools.pairwise(found)])
        for found in (alphas(bright, source, soft, steady="off"), alphas(bright, source, soft))
    ]
    assert changes[1] < changes[0]


def test_colour_alone_isnt_steadied(bright, tmp_path):
    source = clips.clip(tmp_path / "in.mp4", stamps=(0, 3000))
    plain = Options(remove_colour="white")
    for one, other in zip(alphas(bright, source, plain), alphas(bright, source, plain, steady="off"), strict=True):
        assert (one == other).all()


def test_at_most_five_frames_are_in_memory(bright, tmp_path, monkeypatch):
    source = clips.clip(tmp_path / "in.mp4", stamps=range(0, 36000, 3000))
    alive, most = weakref.WeakSet(), []

    original = removal.of_array

    def counted(pixels):
        picture = original(pixels)
        alive.add(picture)
        most.append(len(alive))
        return picture

    monkeypatch.setattr(removal, "of_array", counted)
    list(remove_video(source, PHOTO, model=bright))
    assert len(most) == 12
    assert max(most) <= 5


@pytest.mark.parametrize("steady", ["on", "off"])
def test_a_long_clip_holds_no_more_frames_and_cuts_than_a_short_one(bright, steady):
    shown, cut, most = [], [], [0, 0]

    def alive(references):
        return sum(one() is not None for one in references)

    def generated(number):
        for place in range(number):
            pixels = clips.picture(place % 8)
            shown.append(weakref.ref(pixels))
            most[0] = max(most[0], alive(shown))
            yield Frame(pixels, Fraction(place, 25))
            del pixels

    for one in removal.cuts(Remover(bright), generated(40), PHOTO, VideoOptions(steady=steady)):
        cut.append(weakref.ref(one.cut.alpha))
        most[1] = max(most[1], alive(cut))
    assert len(cut) == 40
    assert most[0] <= 5
    assert most[1] <= 4


def test_without_opencv_the_error_says_what_to_install(bright, tmp_path, monkeypatch):
    source = clips.clip(tmp_path / "in.mp4", stamps=(0, 3000))
    for name in ("steady", "optical_flow"):
        monkeypatch.delitem(sys.modules, f"background_remover.video.{name}", raising=False)
        monkeypatch.delattr(f"background_remover.video.{name}", raising=False)
    monkeypatch.setitem(sys.modules, "cv2", None)
    with pytest.raises(Error, match=r"^a steady video needs an extra \(.*cv2.*\): pip install 'background-remover"):
        next(remove_video(source, PHOTO, model=bright))
    assert len(alphas(bright, source, steady="off")) == 2
