import io
import pickle

import numpy as np
import pytest
from PIL import Image as PillowImage

from background_remover import ImageError, OptionError, Options, OutputOptions, Remover
from background_remover.imaging.animation import Timing
from background_remover.imaging.writer import Result
from background_remover.pipeline.cut import Cut, of_frames
from tests.conftest import png, wide_profile


@pytest.fixture(scope="module")
def remover(bright):
    return Remover(bright, threads=1)


@pytest.fixture
def cut(remover, photo) -> Cut:
    return remover.cut(photo)


def opened(data: bytes) -> PillowImage.Image:
    image = PillowImage.open(io.BytesIO(data))
    image.load()
    return image


@pytest.mark.parametrize("suffix", ["png", "webp", "tiff", "gif"])
def test_a_path_an_open_file_and_bytes_get_the_same(cut, suffix, tmp_path):
    saving, stream = OutputOptions(format=suffix), io.BytesIO()
    cut.save(tmp_path / f"cutout.{suffix}")
    cut.save(str(tmp_path / "again"), saving)
    cut.save(stream, saving)
    data = cut.encode(saving)
    assert data == stream.getvalue()
    assert {path.read_bytes() for path in tmp_path.iterdir()} == {data}
    assert opened(data).format == suffix.upper()


def test_without_a_format_it_is_a_png_and_settings_are_followed(cut):
    assert cut.encode().startswith(b"\x89PNG")
    assert len(cut.encode(OutputOptions(format="WEBP", quality=10))) < len(
        cut.encode(OutputOptions(format="webp", quality=100))
    )


def test_what_a_format_cant_hold_is_refused(cut, tmp_path):
    with pytest.raises(OptionError, match="a picture with transparency ends in"):
        cut.save(tmp_path / "cutout.jpg")
    with pytest.raises(OptionError, match="ends in"):
        cut.save(tmp_path / "cutout.psd")
    with pytest.raises(ImageError, match="there is no folder"):
        cut.save(tmp_path / "none" / "cutout.png")
    for saving in ("PNG", {"format": "png"}, None):
        for save in (cut.encode, lambda saving: cut.save(tmp_path / "cutout.png", saving)):
            with pytest.raises(OptionError, match=r"saving is .*; give OutputOptions, as in OutputOptions\("):
                save(saving)
    assert not list(tmp_path.iterdir())


def test_the_image_has_8_bits_and_what_is_told_and_the_file_has_all(remover):
    levels = np.full((20, 30, 3), 60000, np.uint16)
    levels[:, :10] = 0
    levels[0, 0] = 1
    whole = remover.cut(levels)
    assert whole.image.mode == "RGBA"
    assert whole.encode()[24] == 16
    buffer = io.BytesIO()
    PillowImage.fromarray(levels.astype(np.uint8)).save(buffer, "PNG", icc_profile=wide_profile(), dpi=(300, 300))
    told = remover.cut(buffer.getvalue(), Options(allow_empty=True))
    for image in (told.image, opened(told.encode())):
        assert image.info["icc_profile"] == wide_profile()
        assert image.info["dpi"] == pytest.approx((300, 300), abs=1)


def test_numpy_takes_it_for_its_image(cut):
    image = np.asarray(cut.image)
    assert np.array_equal(np.asarray(cut), image)
    assert np.array(cut, np.float32).dtype == np.float32
    np.asarray(cut)[:] = 0
    assert np.array_equal(np.asarray(cut), image)
    with pytest.raises(ValueError, match="leave copy=False out"):
        cut.__array__(copy=False)


def test_a_notebook_shows_it_over_a_chequerboard(cut):
    shown = opened(cut._repr_png_())
    assert (shown.mode, shown.size) == ("RGB", cut.image.size)
    alpha = np.asarray(cut.image)[..., 3]
    pixels = np.asarray(shown)
    assert set(pixels[alpha == 0].ravel()) <= {204, 255}
    assert np.array_equal(pixels[alpha == 255], np.asarray(cut.image)[alpha == 255][:, :3])


def test_before_stands_beside_after(cut, photo, tmp_path):
    (tmp_path / "photo.png").write_bytes(png(photo))
    height, width = photo.shape[:2]
    for before in (PillowImage.fromarray(photo), tmp_path / "photo.png", str(tmp_path / "photo.png")):
        page = cut.compare(before)
        assert (page.mode, page.size) == ("RGB", (2 * width, height))
        assert np.array_equal(np.asarray(page)[:, :width], photo)
        assert np.array_equal(np.asarray(page)[:, width:], np.asarray(opened(cut._repr_png_())))
    assert cut.compare(PillowImage.fromarray(photo), 60).size == (120, 45)
    with pytest.raises(ImageError, match="no such file"):
        cut.compare(tmp_path / "none.png")


def test_what_an_image_has_is_said_to_be_there(cut):
    with pytest.raises(AttributeError, match=r"'Cut' object has no attribute 'getchannel'; its image has: \.image\."):
        cut.getchannel("A")
    with pytest.raises(AttributeError, match=r"no attribute 'nothing'$"):
        cut.nothing  # noqa: B018
    assert not hasattr(cut, "paste")


def test_it_can_be_sent_to_another_process(cut):
    again = pickle.loads(pickle.dumps(cut))
    assert again.encode() == cut.encode()
    assert (again.confidence, again.empty) == (cut.confidence, cut.empty)


def piece(level: int, sure: float, empty: bool, unsure: bool = False) -> Cut:
    pixels = np.full((4, 6, 4), level, np.uint8)
    return Cut(
        (Result(pixels),), np.full((4, 6), level / 255, np.float32), sure, empty, unsure, {"read": 1.0, "network": 2.0}
    )


def test_a_film_is_one_cut_of_all_its_frames():
    film = of_frames([(piece(250, 0.5, True), 40.0), (piece(99, 1.0, False), 60.0)], 3)
    assert (film.confidence, film.empty, film.unsure, film.moving) == (0.75, False, False, True)
    assert film.timing == Timing((40.0, 60.0), 3)
    assert film.seconds == {"read": 2.0, "network": 4.0}
    assert film.alpha[0, 0] == pytest.approx(250 / 255)
    assert film.image.getpixel((0, 0)) == (250, 250, 250, 250)
    assert of_frames([(piece(9, 0.1, True), 1.0), (piece(9, 0.1, True), 1.0)], 0).empty
    assert of_frames([(piece(9, 0.5, False, True), 1.0), (piece(9, 1.0, False), 1.0)], 0).unsure


def test_all_frames_are_saved_where_the_format_holds_them(remover, tmp_path):
    first, *rest = [PillowImage.new("RGB", (40, 30), (level, 255, 255)) for level in (250, 200, 150)]
    first.save(tmp_path / "film.gif", save_all=True, append_images=rest, duration=40)
    film = remover.remove(tmp_path / "film.gif")
    film.save(tmp_path / "film.webp")
    with PillowImage.open(tmp_path / "film.webp") as written:
        assert written.n_frames == 3
    with pytest.raises(OptionError, match="TIFF holds no animation"):
        film.save(tmp_path / "film.tiff")
    still = remover.remove(tmp_path / "film.gif", Options(frame=2))
    assert not still.moving
    still.save(tmp_path / "film.tiff")


def test_an_empty_cut_can_be_saved_all_the_same(remover):
    assert opened(remover.cut(png(np.zeros((9, 9, 3), np.uint8))).encode()).getextrema()[3] == (0, 0)
