from dataclasses import replace

import numpy as np
import pytest

from background_remover import Options
from background_remover.arrays.box import Box
from background_remover.imaging.picture import of_array
from background_remover.pipeline.edges import with_edges
from background_remover.pipeline.passes import Passes, keyed, run_passes
from background_remover.pipeline.session import Session
from background_remover.segmentation import network
from background_remover.segmentation.preprocessing import fit_image
from background_remover.segmentation.second_pass import SecondPass, averaged
from background_remover.video.steady import frame_passes
from tests.conftest import CARD, bright_alpha

PHOTO = Options(ground="photo")


@pytest.fixture
def session(bright):
    return Session(bright, threads=None, device="cpu")


@pytest.mark.parametrize(
    ("options", "second"),
    [(PHOTO, True), (Options(second_look="off"), False), (Options(subjects="largest"), False)],
    ids=["two", "off", "chosen"],
)
def test_a_small_subject_has_a_second_pass_where_it_isnt_chosen(session, photo, options, second):
    picture = np.zeros((270, 360, 3), np.uint8)
    picture[:90, :120] = photo
    found = run_passes(of_array(picture), session, options)
    assert (found.second is not None) == second


def test_a_large_subject_has_the_mean_of_two_passes(session):
    picture = np.zeros((270, 360, 3), np.uint8)
    picture[100:250, 30:300] = 230
    alone, small, auto = (
        run_passes(of_array(picture), session, Options(ground="photo", second_look=word))
        for word in ("off", "small", "auto")
    )
    assert alone.second is small.second is None
    assert auto.second.box.size == picture.shape[:2]
    assert np.array_equal(auto.first, alone.first)
    assert auto.second.alpha.shape == auto.first.shape
    assert not np.array_equal(auto.second.alpha, auto.first)


@pytest.mark.parametrize(("corner", "size"), [((0, 0), (90, 120)), ((90, 120), (270, 360))], ids=["whole", "crop"])
def test_the_second_pass_sees_the_mirror_image(session, photo, monkeypatch, corner, size):
    picture = np.zeros((*size, 3), np.uint8)
    picture[corner[0] : corner[0] + 90, corner[1] : corner[1] + 120] = photo
    given, predict = [], session.network.predict
    monkeypatch.setattr(session.network, "predict", lambda images: given.append(images[0]) or predict(images))
    second = run_passes(of_array(picture), session, PHOTO).second
    part = picture[second.box.top : second.box.bottom, second.box.left : second.box.right]
    assert np.array_equal(given[1], session.network.fitted(part)[:, ::-1])


def test_passes_keep_the_picture_as_the_network_was_given_it(session, photo):
    found = run_passes(of_array(photo), session, PHOTO)
    assert found.seen.shape == (*found.first.shape, 3)
    assert (session.network.coarse(found.seen) == found.first).all()
    assert (frame_passes(photo, found, photo.shape[:2]).guide == fit_image(photo, found.first.shape)).all()


@pytest.mark.parametrize(("side", "reductions"), [(0, 1), (128, 1), (64, 2)], ids=["none", "same", "other"])
def test_a_second_pass_of_the_whole_picture_at_the_same_size_reduces_it_once(make_model, monkeypatch, side, reductions):
    session = Session(make_model(metadata=replace(CARD, crop_side=side).to_metadata()), threads=None, device="cpu")
    picture = np.random.default_rng(0).integers(0, 256, (270, 360, 3), np.uint8)
    whole = Box(0, 0, 270, 360)
    again = session.network.coarse_of_crop(picture)
    reduced = []

    def counted(image, size):
        if image.shape[:2] != size:
            reduced.append(image.shape)
        return fit_image(image, size)

    monkeypatch.setattr(network, "fit_image", counted)
    found = run_passes(of_array(picture), session, PHOTO)
    assert reduced == [picture.shape] * reductions
    assert found.second.box == whole
    assert np.array_equal(found.second.alpha, averaged(found.first, again, whole, whole.size))


@pytest.mark.parametrize("options", [Options(ground="plain"), Options(remove_colour="white")], ids=["ground", "colour"])
def test_there_are_no_passes_where_the_network_isnt_run(session, photo, options):
    assert run_passes(of_array(photo), session, options) is None


def test_a_second_pass_of_the_whole_picture_stands_in_place_of_the_first(session, photo):
    picture, alpha = of_array(photo), bright_alpha(photo[::2, ::2]).astype(np.float32)
    passes = Passes(np.zeros((96, 128), np.float32), SecondPass(Box(0, 0, 90, 120), alpha))
    found = keyed(picture, passes, session, PHOTO)
    assert (found.alpha == with_edges(picture, alpha, PHOTO)).all()
