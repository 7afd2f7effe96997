"""Animations: every frame, its time and how often all are shown come through, in all formats that can."""

import io
import struct
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image as PillowImage

from background_remover import Options, Remover
from background_remover.errors import ImageError, OptionError
from background_remover.imaging.animation import Timing, encode, frames, is_moving, plays
from background_remover.imaging.file import File, load
from background_remover.imaging.formats import FORMATS
from background_remover.imaging.output_options import OutputOptions
from background_remover.imaging.reader import decode
from background_remover.imaging.writer import Result
from background_remover.pipeline.file_step import make
from tests.conftest import CARD

DURATIONS = (50, 200, 120)
SUFFIX = {one.name: one.written[0][1:] for one in FORMATS if one.frames == "read and written"}
MOVING = tuple(SUFFIX)
LOSSLESS = {"WEBP": OutputOptions(lossless=True)}


@pytest.fixture(scope="module")
def remover(bright):
    return Remover(bright, threads=1)


def scenes() -> list[np.ndarray]:
    """A bright square of few colours that walks over a clear ground: (40, 60, 4), alphas of 0 and 255."""
    result = []
    for number in range(len(DURATIONS)):
        frame = np.zeros((40, 60, 4), np.uint8)
        frame[10:30, 5 + 15 * number : 25 + 15 * number] = (250, 240, 230, 255)
        frame[15:20, 10 + 15 * number : 15 + 15 * number] = (240, 250, 200 + number, 255)
        result.append(frame)
    return result


def film(kind: str, shown: int = 0, pictures: list[np.ndarray] | None = None) -> File:
    results = [Result(picture) for picture in pictures or scenes()]
    return load(
        encode(results, Timing(DURATIONS, shown), LOSSLESS.get(kind, OutputOptions()), kind, "film"), name="film"
    )


@pytest.mark.parametrize("shown", [0, 1, 2, 5])
@pytest.mark.parametrize("kind", MOVING)
def test_frames_durations_and_repeats_come_back(kind, shown):
    file = film(kind, shown)
    assert is_moving(file)
    assert plays(file) == shown
    found = list(frames(file))
    assert [duration for _, duration in found] == list(DURATIONS)
    for (picture, _), wanted in zip(found, scenes(), strict=True):
        clear = wanted[..., 3] == 0
        assert np.array_equal(picture.opacity == 0, clear)
        assert np.array_equal(picture.image[~clear], wanted[..., :3][~clear])


@pytest.mark.parametrize("source", [*MOVING, "AVIF"])
@pytest.mark.parametrize("target", MOVING)
def test_every_frame_is_cut_out(remover, source, target):
    if source == "AVIF":
        images = [PillowImage.fromarray(frame) for frame in scenes()]
        buffer = io.BytesIO()
        images[0].save(buffer, "AVIF", save_all=True, append_images=images[1:], duration=list(DURATIONS), quality=100)
        file = load(buffer.getvalue())
    else:
        file = film(source, 2)
    saving = OutputOptions(format=SUFFIX[target], lossless=target == "WEBP")
    made = make(remover, file, None, Options(keep_colours=True), saving)
    assert (made.frames, made.size) == (3, (40, 60))
    result = load(made.data)
    assert plays(result) == (0 if source == "AVIF" else 2)
    assert [duration for _, duration in frames(result)] == list(DURATIONS)
    for (picture, _), wanted in zip(frames(result), scenes(), strict=True):
        solid = wanted[..., 3] == 255
        assert (picture.opacity[solid] > 0.5).mean() > 0.95
        assert not picture.opacity[~solid].any()
        sure = (picture.opacity == 1) & solid
        assert sure.sum() > 100
        assert np.abs(picture.image[sure].astype(int) - wanted[sure][:, :3]).max() <= (40 if source == "AVIF" else 12)


def test_nothing_of_one_frame_is_left_in_the_next():
    """Where the subject was and is no more, it is clear: a GIF's frames are drawn on what the last one left."""
    for kind in MOVING:
        *_, (last, _) = frames(film(kind))
        assert np.array_equal(last.opacity == 0, scenes()[-1][..., 3] == 0), kind


def gif_of(pieces: list[tuple[int, tuple[int, int], np.ndarray]], size: tuple[int, int]) -> bytes:
    """A GIF (version 89a) by hand: each piece has a disposal method, a place (left, top) and numbers of colours.

    Colour 0 is clear, and the others are grey levels. The pixels aren't packed: the clear code comes so often that a
    code of LZW is never more than a number of 8 bits.
    """
    palette = bytes(level for number in range(128) for level in 3 * (2 * number,))
    data = b"GIF89a" + struct.pack("<HHBBB", *size, 0xF6, 0, 0) + palette
    for disposal, (left, top), numbers in pieces:
        height, width = numbers.shape
        data += b"!\xf9\4" + struct.pack("<BHB", disposal << 2 | 1, 5, 0) + b"\0"
        data += b"," + struct.pack("<HHHHB", left, top, width, height, 0) + b"\7"
        flat = numbers.astype(np.uint8).tobytes()
        codes = b"".join(b"\x80" + flat[start : start + 100] for start in range(0, len(flat), 100)) + b"\x81"
        data += b"".join(bytes([len(part)]) + part for part in (codes[i : i + 200] for i in range(0, len(codes), 200)))
        data += b"\0"
    return data + b";"


@pytest.mark.parametrize("method", [0, 1, 2, 3])
def test_frames_are_drawn_on_what_the_last_one_left(method):
    """Disposal 0 and 1 leave a frame as it is, 2 clears its place, 3 brings back what was there before."""
    ground = np.full((12, 16), 100)
    piece, small = np.full((6, 6), 40), np.full((4, 4), 20)
    piece[2:4, 2:4] = 0  # a hole
    data = gif_of([(1, (0, 0), ground), (method, (2, 2), piece), (1, (8, 7), small)], (16, 12))
    second = ground.copy()
    second[2:8, 2:8] = np.where(piece > 0, piece, second[2:8, 2:8])
    third = {2: ground.copy(), 3: ground.copy()}.get(method, second.copy())
    if method == 2:
        third[2:8, 2:8] = 0
    third[7:11, 8:12] = small
    for (picture, duration), wanted in zip(frames(load(data)), (ground, second, third), strict=True):
        opacity = np.ones(wanted.shape) if picture.opacity is None else picture.opacity
        assert np.array_equal(opacity, wanted > 0)
        assert np.array_equal(picture.image[..., 0][wanted > 0], 2 * wanted[wanted > 0])
        assert duration == 50


def test_a_frame_is_picked(remover):
    file = film("GIF")
    for number in (1, 2, 3):
        made = make(remover, file, None, Options(frame=number, keep_colours=True, keep_hidden=True), OutputOptions())
        assert made.frames == 1
        assert np.array_equal(decode(made.data).image, decode(file.data, frame=number).image)
    with pytest.raises(ImageError, match="film: has no frame 4; give a number up to 3"):
        make(remover, file, None, Options(frame=4), OutputOptions())
    still = load(make(remover, file, None, Options(frame=2), OutputOptions(format="tiff")).data)
    assert not is_moving(still)


def test_a_format_without_motion_is_refused_with_a_way_out(remover, tmp_path):
    with pytest.raises(OptionError, match=r"o\.tiff: TIFF holds no animation; write a \.gif, .* frame=1"):
        make(remover, film("GIF"), tmp_path / "o.tiff", Options(), OutputOptions())


def test_pages_are_no_motion(remover):
    buffer = io.BytesIO()
    images = [PillowImage.fromarray(frame) for frame in scenes()]
    images[0].save(buffer, "TIFF", save_all=True, append_images=images[1:])
    assert make(remover, load(buffer.getvalue()), None, Options(), OutputOptions()).frames == 1


def test_a_picture_for_programs_that_know_no_motion_is_no_frame():
    images = [PillowImage.fromarray(frame) for frame in scenes()]
    buffer = io.BytesIO()
    poster = PillowImage.new("RGBA", images[0].size, "red")
    poster.save(buffer, "PNG", save_all=True, append_images=images, default_image=True, duration=list(DURATIONS))
    found = list(frames(load(buffer.getvalue())))
    assert [duration for _, duration in found] == list(DURATIONS)
    assert found[0][0].image[0, 0, 0] == 0


@pytest.mark.parametrize("kind", MOVING)
def test_before_a_background_frames_are_opaque(remover, kind):
    made = make(remover, film(kind), None, Options(background="#102030"), OutputOptions(format=SUFFIX[kind]))
    found = [picture for picture, _ in frames(load(made.data))]
    assert len(found) == 3
    assert all(picture.opacity is None for picture in found)
    assert np.abs(found[1].image[0, 0].astype(int) - [16, 32, 48]).max() <= 3


@pytest.mark.parametrize("kind", MOVING)
@pytest.mark.parametrize("share", [0.4, 0.8])
def test_a_truncated_film_is_refused(remover, kind, share):
    noise = np.random.default_rng(0).integers(0, 256, (3, 40, 60, 4), dtype=np.uint8)
    noise[..., 3] = 255
    data = film(kind, pictures=list(noise)).data
    with pytest.raises(ImageError, match=r"^film: (truncated or damaged|.*)"):
        make(remover, load(data[: int(len(data) * share)], name="film"), None, Options(), OutputOptions())


def test_metadata_are_carried_where_there_is_room(remover):
    images = [PillowImage.fromarray(frame) for frame in scenes()]
    exif = PillowImage.Exif()
    exif[0x013B] = "Ada"
    buffer = io.BytesIO()
    given = {"save_all": True, "append_images": images[1:], "duration": list(DURATIONS), "exif": exif.tobytes()}
    images[0].save(buffer, "WEBP", xmp=b"<x:xmpmeta/>", lossless=True, **given)
    for kind in ("webp", "png"):
        result = make(remover, load(buffer.getvalue()), None, Options(), OutputOptions(format=kind)).data
        found = decode(result).metadata
        assert found.xmp == b"<x:xmpmeta/>"
        assert b"Ada" in found.exif


def test_an_empty_film_is_empty(make_model):
    choosy = Remover(make_model(metadata=replace(CARD, confidence="0:0 1:0.8", empty_below=0.5).to_metadata()))
    dark = [np.full((40, 60, 4), (10 + number, 0, 0, 255), np.uint8) for number in range(3)]
    made = make(choosy, film("GIF", pictures=dark), None, Options(), OutputOptions())
    assert (made.empty, made.data, made.frames) == (True, b"", 3)
    half = [*scenes()[:2], dark[0]]
    made = make(choosy, film("GIF", pictures=half), None, Options(), OutputOptions(format="webp"))
    assert not made.empty
    assert len(list(frames(load(made.data)))) == 3
    assert list(frames(load(made.data)))[2][0].opacity.max() == 0


DOUBTED = {
    "one frame": ([250, 130, 250], True),
    "none": ([250, 240, 250], False),
    "one, and one empty": ([0, 130], True),
}


@pytest.mark.parametrize(("levels", "unsure"), DOUBTED.values(), ids=DOUBTED)
def test_a_film_is_unsure_where_a_frame_is(make_model, levels, unsure):
    doubtful = Remover(make_model(metadata=replace(CARD, empty_below=0.3, unsure_below=0.8).to_metadata()))
    pictures = [np.full((40, 60, 4), (level, level, level, 255), np.uint8) for level in levels]
    made = make(doubtful, film("PNG", pictures=pictures), None, Options(), OutputOptions(format="webp"))
    assert (made.unsure, made.empty, made.frames) == (unsure, False, len(levels))
    assert made.data
