import io

import numpy as np
import pytest
from PIL import Image as PillowImage

from background_remover import Remover
from background_remover.errors import ImageError, NoSubject, OptionError, TooLarge, UnknownFormat
from background_remover.imaging.output_options import OutputOptions
from background_remover.imaging.reader import decode
from background_remover.options import Options
from background_remover.server.request.cutout import CutoutRequest, carry_out
from tests.conftest import CARD, png


@pytest.fixture
def remover(bright):
    return Remover(bright)


def moving(frames: int, size: int) -> bytes:
    first, *rest = [PillowImage.new("L", (size, size), 250 - number) for number in range(frames)]
    buffer = io.BytesIO()
    first.save(buffer, "GIF", save_all=True, append_images=rest)
    return buffer.getvalue()


def test_a_picture_is_cut_out(remover, photo):
    made = carry_out(CutoutRequest(png(photo), Options(), OutputOptions()), remover)
    assert np.array_equal(decode(made.data).image, np.asarray(remover.remove(photo))[..., :3])
    assert (made.kind, made.size, made.frames, made.empty) == ("PNG", (90, 120), 1, False)
    assert set(made.seconds) == {"read", "network", "refine", "compose", "write"}
    assert abs(made.box.left - 41) <= 3
    assert abs(made.box.bottom - 75) <= 3


def test_pictures_beside_it_are_used(remover, photo):
    mask = np.zeros((90, 120), np.uint8)
    mask[10:20, 30:50] = 255
    behind = np.full((9, 12, 3), (200, 0, 0), np.uint8)
    options = Options(mask="sent/mask", background="sent/background")
    made = carry_out(
        CutoutRequest(png(photo), options, OutputOptions(), {"mask": png(mask), "background": png(behind)}), remover
    )
    image = decode(made.data).image
    assert np.array_equal(image[15, 40], photo[15, 40])
    assert tuple(image[45, 70]) == (200, 0, 0)


@pytest.mark.parametrize(("data", "error"), [(b"", ImageError), (b"text", UnknownFormat), (None, ImageError)])
def test_what_cant_be_read_is_an_error(data, error, remover, photo):
    whole = png(photo)
    with pytest.raises(error):
        carry_out(
            CutoutRequest(whole[: len(whole) // 2] if data is None else data, Options(), OutputOptions()), remover
        )


def test_no_subject_is_an_error_unless_it_is_allowed(make_model, scene):
    doubtful = Remover(make_model(metadata=CARD.to_metadata() | {"empty_below": "0.9", "confidence": "0:0 1:0.5"}))
    with pytest.raises(NoSubject, match="allow_empty"):
        carry_out(CutoutRequest(png(scene), Options(), OutputOptions()), doubtful)
    assert carry_out(CutoutRequest(png(scene), Options(allow_empty=True), OutputOptions()), doubtful).empty


def test_the_frames_of_an_animation_count_together(remover):
    data = moving(20, 100)
    assert carry_out(CutoutRequest(data, Options(max_megapixels=0.2), OutputOptions()), remover).frames == 20
    with pytest.raises(TooLarge, match="20 frames"):
        carry_out(CutoutRequest(data, Options(max_megapixels=0.19), OutputOptions()), remover)
    assert carry_out(CutoutRequest(data, Options(max_megapixels=0.19, frame=7), OutputOptions()), remover).frames == 1


def test_closed_form_takes_small_pictures_alone(remover):
    with pytest.raises(OptionError, match="closed-form"):
        carry_out(
            CutoutRequest(png(np.zeros((1001, 1000), np.uint8)), Options(matting="closed-form"), OutputOptions()),
            remover,
        )
