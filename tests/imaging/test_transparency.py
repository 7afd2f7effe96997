"""A picture's own transparency: what it hides changes nothing, what it shows stays as it is."""

import io
from collections.abc import Callable

import numpy as np
import png
import pytest
import skimage.data
from PIL import Image as PillowImage

from background_remover import Options, Remover
from background_remover.imaging.file import load
from background_remover.imaging.output_options import OutputOptions
from background_remover.imaging.picture import Picture, resized
from background_remover.imaging.transparency import GROUNDS, continued, shown
from background_remover.pipeline.file_step import make
from background_remover.types import Alpha, Cutout, Image

EVEN_IF_EMPTY = Options(allow_empty=True)


@pytest.fixture(scope="module")
def shipped() -> Remover:
    return Remover(threads=1)


def photograph(name: str) -> Image:
    """Half the size, for time's sake."""
    return np.ascontiguousarray(getattr(skimage.data, name)()[::2, ::2])


def cut_out(remover: Remover, name: str) -> Cutout:
    return np.asarray(remover.remove(photograph(name)))


def before(remover: Remover, texture: str) -> Cutout:
    """What is cut out of a picture that shows a cat before a texture."""
    cat = cut_out(remover, "chelsea")
    height, width = cat.shape[0], cat.shape[1]
    behind = getattr(skimage.data, texture)()[:height, :width, None]
    share = cat[..., 3:] / 255
    return np.asarray(remover.remove(np.rint(share * cat[..., :3] + (1 - share) * behind).astype(np.uint8)))


def beside(first: Cutout, second: Cutout) -> Cutout:
    """Two cutouts on one transparent picture."""
    height = max(first.shape[0], second.shape[0])
    padded = [np.pad(one, ((height - one.shape[0], 0), (0, 0), (0, 0))) for one in (first, second)]
    return np.concatenate(padded, axis=1)


def with_scrap(cutout: Cutout, opacity: float) -> Cutout:
    """A cutout with a piece of what was behind left in a corner, a twentieth of it, as a network leaves pieces."""
    side = int(np.sqrt((cutout[..., 3] > 127).sum() / 20))
    result = cutout.copy()
    corner = result[:side, -side:]
    corner[..., :3] = skimage.data.gravel()[:side, :side, None]
    corner[..., 3] = np.maximum(corner[..., 3], round(255 * opacity))
    return result


SCENES: dict[str, Callable[[Remover], Cutout]] = {
    "astronaut": lambda remover: cut_out(remover, "astronaut"),
    "cat": lambda remover: cut_out(remover, "chelsea"),
    "coffee": lambda remover: cut_out(remover, "coffee"),
    "cat before bricks": lambda remover: before(remover, "brick"),
    "cat before grass": lambda remover: before(remover, "grass"),
    "two": lambda remover: beside(cut_out(remover, "astronaut"), cut_out(remover, "coffee")),
    "a scrap, opaque": lambda remover: with_scrap(cut_out(remover, "coffee"), 1),
    "a scrap, half transparent": lambda remover: with_scrap(cut_out(remover, "coffee"), 0.6),
    "half transparent": lambda remover: np.uint8(cut_out(remover, "astronaut") * [1, 1, 1, 0.7]),
}


@pytest.fixture(scope="module", params=SCENES)
def cutout(request, shipped) -> Cutout:
    """A photograph's subject, or one of what tests put together."""
    return SCENES[request.param](shipped)


def disc(height: int = 96, width: int = 128, colour: tuple[int, int, int] = (200, 40, 60)) -> Cutout:
    """A disc with an edge three pixels soft, and all else hidden."""
    rows, columns = np.mgrid[:height, :width]
    distance = np.hypot(rows - height / 2, columns - width / 2)
    result = np.zeros((height, width, 4), np.uint8)
    result[..., 3] = np.rint(np.clip((30 - distance) / 3 + 0.5, 0, 1) * 255)
    result[result[..., 3] > 0, :3] = colour
    return result


def hiding(cutout: Cutout, what: str) -> Cutout:
    """The cutout with other colours where nothing of them can be seen."""
    result, hidden = cutout.copy(), cutout[..., 3] == 0
    full = np.iinfo(cutout.dtype).max
    noise = np.random.default_rng(1).integers(0, full, (*hidden.shape, 3), dtype=cutout.dtype)
    result[hidden, :3] = {"white": np.full_like(noise, full), "black": np.zeros_like(noise), "noise": noise}[what][
        hidden
    ]
    return result


def opacity_of(cutout: Cutout) -> Alpha:
    return cutout[..., 3].astype(np.float32) / np.float32(np.iinfo(cutout.dtype).max)


def picture_of(cutout: Cutout) -> Picture:
    return Picture(np.ascontiguousarray(cutout[..., :3]), opacity_of(cutout))


def still(cutout: Cutout) -> bytes:
    """A PNG file, by a writer that isn't Pillow."""
    buffer = io.BytesIO()
    height, width = cutout.shape[:2]
    writer = png.Writer(width, height, greyscale=False, alpha=True, bitdepth=8 * cutout.itemsize)
    writer.write(buffer, cutout.reshape(height, -1).tolist())
    return buffer.getvalue()


def moving(cutout: Cutout) -> bytes:
    first, second = (PillowImage.fromarray(np.ascontiguousarray(one)) for one in (cutout, cutout[:, ::-1]))
    buffer = io.BytesIO()
    first.save(buffer, "WEBP", save_all=True, append_images=[second], duration=40, lossless=True, exact=True)
    return buffer.getvalue()


def intersection_over_union(first: Cutout, second: Cutout) -> float:
    one, other = first[..., 3] > 127, second[..., 3] > 127
    return float((one & other).sum() / (one | other).sum())


@pytest.mark.parametrize("file", [still, lambda cutout: still(cutout.astype(np.uint16) * 257), moving])
@pytest.mark.parametrize("options", [EVEN_IF_EMPTY, Options(background="blur:4"), Options(longest=64)])
def test_what_is_hidden_changes_nothing(shipped, file, options):
    results = {
        make(
            shipped,
            load(file(hiding(disc(), what))),
            None,
            options,
            OutputOptions(format="webp" if file is moving else "png"),
        ).data
        for what in ("white", "black", "noise")
    }
    assert len(results) == 1


def test_what_is_hidden_does_not_bleed_when_a_picture_shrinks():
    small = [resized(picture_of(hiding(disc(), what)), (48, 62)) for what in ("white", "black")]
    visible = small[0].opacity > 0.02
    assert np.array_equal(small[0].image[visible], small[1].image[visible])


def test_a_cutout_that_is_cut_again_stays_what_it_is(shipped, cutout):
    again = np.asarray(shipped.remove(PillowImage.fromarray(cutout), EVEN_IF_EMPTY))
    assert intersection_over_union(cutout, again) >= 0.97
    both = (cutout[..., 3] > 0) & (again[..., 3] > 0)
    assert np.abs(cutout[..., :3].astype(int) - again[..., :3])[both].mean() < 1


@pytest.mark.parametrize("colour", [(0, 0, 0), (255, 255, 255), (128, 128, 128)])
def test_a_subject_of_any_grey_is_kept_whatever_is_hidden(shipped, colour):
    given = disc(colour=colour)
    assert (
        intersection_over_union(given, np.asarray(shipped.remove(PillowImage.fromarray(given), EVEN_IF_EMPTY))) > 0.97
    )


@pytest.mark.parametrize("alpha", [64, 128, 254])
def test_half_transparent_pictures_keep_the_colours_of_opaque_ones(shipped, alpha):
    opaque = PillowImage.fromarray(np.ascontiguousarray(skimage.data.chelsea()[::2, ::2]))
    veiled = opaque.copy()
    veiled.putalpha(alpha)
    wanted, result = (np.asarray(shipped.remove(image)) for image in (opaque, veiled))
    seen = result[..., 3] > 0
    assert np.array_equal(result[..., :3][seen], wanted[..., :3][seen])
    assert np.abs(result[..., 3] - wanted[..., 3] * (alpha / 255)).max() <= 1


def test_the_ground_that_is_shown_is_unlike_the_edge():
    for level in (0, 90, 128, 160, 255):
        given = disc(colour=(level, level, level))
        seen = shown(picture_of(hiding(given, "noise"))).image
        ground = seen[given[..., 3] == 0]
        assert ground.min() == ground.max()
        assert ground[0, 0] in GROUNDS
        assert abs(int(ground[0, 0]) - level) >= 95
        assert np.array_equal(seen[given[..., 3] >= 32], given[given[..., 3] >= 32, :3])


def test_an_opaque_picture_is_shown_as_it_is(photo):
    picture = Picture(photo)
    assert shown(picture) is picture
    assert continued(photo, None) is photo
    assert continued(photo, np.full(photo.shape[:2], 0.5, np.float32)) is photo


def test_a_picture_that_is_hidden_whole_is_plain():
    picture = Picture(np.random.default_rng(0).integers(0, 255, (40, 50, 3), np.uint8), np.zeros((40, 50), np.float32))
    assert np.ptp(shown(picture).image) == 0
    assert np.ptp(continued(picture.image, picture.opacity)) == 0


@pytest.mark.parametrize("size", [(96, 128), (1200, 900)])
@pytest.mark.parametrize("deep", [False, True])
def test_visible_colours_go_on_where_others_are_hidden(size, deep):
    given = hiding(disc(*size), "noise")
    given = given.astype(np.uint16) * np.uint16(257) if deep else given
    result = continued(np.ascontiguousarray(given[..., :3]), opacity_of(given))
    assert result.dtype == given.dtype
    assert np.array_equal(result[given[..., 3] > 0], given[given[..., 3] > 0, :3])
    assert np.abs(result / (257 if deep else 1) - [200, 40, 60]).max() <= 8  # levels; means of few pixels are rounded


def scattered(size: tuple[int, int], share: float) -> np.ndarray:
    """A mask of single pixels, as a colour key hides them: that share of a picture."""
    return np.random.default_rng(4).random(size) < share


@pytest.mark.parametrize("share", [0.02, 0.2])
@pytest.mark.parametrize("deep", [False, True])
def test_single_hidden_pixels_get_the_colours_beside_them(share, deep):
    """At the picture's own size: the picture is far larger than the sample of which wide gaps are filled."""
    rows, columns = np.mgrid[:1200, :1200]
    stripes = np.repeat(np.where(columns // 6 % 2, 180, 40)[..., None], 3, axis=2)
    colours = (stripes * 257).astype(np.uint16) if deep else stripes.astype(np.uint8)
    hidden = scattered((1200, 1200), share)
    given = np.where(hidden[..., None], np.iinfo(colours.dtype).max, colours).astype(colours.dtype)
    result = continued(given, (~hidden).astype(np.float32))
    assert np.array_equal(result[~hidden], colours[~hidden])
    inner = hidden & (columns % 6 > 0) & (columns % 6 < 5) & (rows % 600 > 0)
    near = np.abs(result.astype(int) - colours)[inner].max(axis=1)
    assert np.median(near) == 0
    assert (near > 0).mean() < 0.01  # those with no visible pixel beside them


def test_where_single_pixels_are_hidden_no_ground_is_shown(photo):
    hidden = scattered(photo.shape[:2], 0.05)
    picture = Picture(np.where(hidden[..., None], np.uint8(255), photo), (~hidden).astype(np.float32))
    seen = shown(picture).image
    assert np.array_equal(seen[~hidden], photo[~hidden])
    assert np.array_equal(seen[hidden], continued(picture.image, picture.opacity)[hidden])


def framed(size: tuple[int, int], how: str) -> np.ndarray:
    """The opacity (H, W) of a photograph in a thin transparent frame, or with rounded corners."""
    rows, columns = (np.minimum(np.arange(side), np.arange(side)[::-1]).astype(np.float32) for side in size)
    if how == "frame":
        return (np.minimum(rows[:, None], columns) >= min(size) // 100).astype(np.float32)
    radius = min(size) / 8
    beyond = np.hypot(np.maximum(radius - rows[:, None], 0), np.maximum(radius - columns, 0))
    return np.clip(radius - beyond + 0.5, 0, 1).astype(np.float32)


@pytest.mark.parametrize("how", ["frame", "rounded corners"])
def test_the_frame_of_a_photograph_shows_no_ground(shipped, how):
    """A grey corner would be an object beside others: the cut is the photograph's own, within the frame."""
    photo = np.ascontiguousarray(skimage.data.astronaut()[::2, ::2])
    opacity = framed(photo.shape[:2], how)
    picture = Picture(photo, opacity)
    hidden = opacity == 0
    assert 0 < hidden.mean() < 0.05
    assert np.array_equal(shown(picture).image[hidden], continued(photo, opacity)[hidden])
    levels = np.rint(opacity * 255).astype(np.uint8)
    found = shipped.cut(np.dstack([photo, levels])).alpha
    wanted = shipped.cut(photo).alpha * opacity
    assert np.minimum(found, wanted).sum() / np.maximum(found, wanted).sum() >= 0.98


@pytest.mark.parametrize("kind", ["PNG", "GIF"])
def test_a_colour_key_in_single_pixels_smears_nothing(shipped, kind):
    """The subject's own colours beside the pixels that a file hides by a colour or an index stay what they are."""
    photo = skimage.data.astronaut()[::2, ::2]
    hidden = scattered(photo.shape[:2], 0.03)
    indexed = PillowImage.fromarray(np.ascontiguousarray(photo)).quantize(200)
    levels = np.where(hidden, 255, np.asarray(indexed)).astype(np.uint8)
    keyed = PillowImage.fromarray(levels, "P")
    keyed.putpalette(indexed.getpalette()[:600] + [255] * 168)
    buffer = io.BytesIO()
    keyed.save(buffer, kind, transparency=255)
    cut = shipped.cut(buffer.getvalue())
    opaque = shipped.cut(np.asarray(indexed.convert("RGB")))
    solid = ~hidden & (cut.alpha == 1)
    assert solid.mean() > 0.1
    levels = np.abs(np.asarray(cut.image)[..., :3].astype(int) - np.asarray(opaque.image)[..., :3])[solid]
    assert (levels > 1).mean() < 0.001  # beside the edge, whose alphas differ a little
    assert levels.max() <= 4
    assert not cut.alpha[hidden].any()
    assert np.abs(cut.alpha - opaque.alpha)[~hidden].mean() < 0.01
