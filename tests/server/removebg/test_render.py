import io
import zipfile

import numpy as np
import pytest
from PIL import Image as PillowImage

from background_remover import Remover
from background_remover.errors import ImageError, NoSubject, OptionError
from background_remover.options import Options
from background_remover.parameters.lengths import Length
from background_remover.pipeline.file_step import CutoutFile
from background_remover.server.removebg.parameters import RemoveBgOptions
from background_remover.server.removebg.render import Rendering
from tests.conftest import CARD, png


@pytest.fixture
def remover(bright):
    return Remover(bright)


@pytest.fixture
def ask(remover, photo):
    def ask(wanted: RemoveBgOptions, image: np.ndarray | None = None, background: bytes | None = None) -> CutoutFile:
        return Rendering(png(photo if image is None else image), background, wanted, 50).run(remover)

    return ask


def opened(data: bytes) -> PillowImage.Image:
    image = PillowImage.open(io.BytesIO(data))
    image.load()
    return image


def pixels(made: CutoutFile) -> np.ndarray:
    return np.asarray(opened(made.data))


def test_by_itself_it_is_the_cutout(ask, remover, photo):
    made = ask(RemoveBgOptions())
    assert made.kind == "PNG"
    assert np.array_equal(pixels(made), np.asarray(remover.remove(photo)))


def test_the_size_is_brought_down_but_never_up(ask):
    large = np.full((1000, 2000, 3), 250, np.uint8)
    assert ask(RemoveBgOptions(megapixels=0.25), large).size == (353, 707)
    assert ask(RemoveBgOptions(megapixels=4), large).size == (1000, 2000)


def test_the_formats(ask):
    made = {name: ask(RemoveBgOptions(format=name)) for name in ("auto", "png", "jpg", "webp", "zip")}
    assert {name: one.kind for name, one in made.items()} == {
        "auto": "PNG",
        "png": "PNG",
        "jpg": "JPEG",
        "webp": "WEBP",
        "zip": "ZIP",
    }
    assert opened(made["webp"].data).mode == "RGBA"
    paper = pixels(made["jpg"])
    assert paper[0, 0].min() > 250
    assert ask(RemoveBgOptions(format="auto", colour=(0, 0, 255, 255))).kind == "JPEG"


def test_a_zip_holds_colours_and_alpha_which_make_the_picture(ask, photo):
    with zipfile.ZipFile(io.BytesIO(ask(RemoveBgOptions(format="zip")).data)) as archive:
        assert archive.namelist() == ["color.jpg", "alpha.png"]
        colour, alpha = (opened(archive.read(name)) for name in archive.namelist())
    assert (colour.format, colour.mode, alpha.format, alpha.mode) == ("JPEG", "RGB", "PNG", "L")
    assert np.array_equal(np.asarray(alpha), pixels(ask(RemoveBgOptions()))[..., 3])
    assert abs(np.asarray(colour).astype(int) - photo)[45, 70].max() < 10


def test_only_the_alpha(ask):
    made = ask(RemoveBgOptions(only_alpha=True))
    assert opened(made.data).mode == "L"
    assert np.array_equal(pixels(made), pixels(ask(RemoveBgOptions()))[..., 3])


def test_nothing_outside_the_region_is_the_subject(ask):
    made = ask(RemoveBgOptions(roi=(Length(70, False), Length(0, False), Length(100, True), Length(50, True))))
    alpha = pixels(made)[..., 3]
    assert alpha[:45, 70:].max() == 255
    assert not alpha[45:].any()
    assert not alpha[:, :70].any()
    assert made.box.left >= 70
    assert made.box.bottom <= 45


def test_an_empty_region_is_refused(ask):
    for roi in ((Length(50, False),) * 4, tuple(Length(n, False) for n in (500, 0, 900, 90))):
        with pytest.raises(OptionError, match="roi"):
            ask(RemoveBgOptions(roi=roi))


def test_the_crop_and_its_margins(ask):
    plain = ask(RemoveBgOptions(crop=True))
    assert plain.size == plain.box.size
    height, width = plain.size
    margins = (Length(5, False), Length(10, True), Length(0, False), Length(7, False))
    wide = ask(RemoveBgOptions(crop=True, margins=margins))
    assert wide.size == (height + 5, width + round(width / 10) + 7)
    assert np.array_equal(pixels(wide)[5:, 7 : 7 + width], pixels(plain))


def test_the_scale_and_the_position(ask, photo):
    made = ask(RemoveBgOptions(scale=0.5, position=(0.5, 0.5)))
    assert made.size == photo.shape[:2]
    rows, columns = np.nonzero(pixels(made)[..., 3] > 128)
    assert abs(np.ptp(rows) - 45) <= 3  # the disc is as high as wide, so the height bounds it
    assert abs((rows.min() + rows.max()) / 2 - 45) <= 2
    assert abs((columns.min() + columns.max()) / 2 - 60) <= 2
    corner = pixels(ask(RemoveBgOptions(position=(0.0, 1.0))))[..., 3]
    assert corner[-3:, 20:40].any()
    assert corner[:, :3].any()
    assert not corner[:20].any()


def test_something_behind(ask):
    blue = pixels(ask(RemoveBgOptions(colour=(0, 0, 255, 255), format="png")))
    assert tuple(blue[0, 0]) == (0, 0, 255)
    behind = png(np.full((9, 12, 3), (200, 0, 0), np.uint8))
    assert tuple(pixels(ask(RemoveBgOptions(format="png"), background=behind))[0, 0]) == (200, 0, 0)
    half = pixels(ask(RemoveBgOptions(colour=(0, 0, 255, 128))))
    assert tuple(half[0, 0]) == (0, 0, 255, 128)
    with pytest.raises(ImageError, match="opaque"):
        ask(RemoveBgOptions(), background=png(np.zeros((4, 4, 4), np.uint8)))


def test_a_shadow(ask):
    dark = pixels(ask(RemoveBgOptions(shadow=1.0)))[..., 3].astype(int)
    assert (dark - pixels(ask(RemoveBgOptions()))[..., 3]).max() > 50


def test_nothing_half_transparent(ask):
    assert set(np.unique(pixels(ask(RemoveBgOptions(semitransparency=False)))[..., 3])) == {0, 255}


def test_no_subject(make_model, scene):
    doubtful = Remover(make_model(metadata=CARD.to_metadata() | {"empty_below": "0.9", "confidence": "0:0 1:0.5"}))
    with pytest.raises(NoSubject):
        Rendering(png(scene), None, RemoveBgOptions(), 50).run(doubtful)


def test_an_unsure_cutout_is_made_even_so(make_model, scene):
    doubtful = Remover(make_model(metadata=CARD.to_metadata() | {"unsure_below": "0.9", "confidence": "0:0 1:0.5"}))
    assert Rendering(png(scene), None, RemoveBgOptions(), 50).run(doubtful).unsure


def test_depth_and_transparency_stay(remover):
    deep = io.BytesIO()
    PillowImage.fromarray(np.full((600, 900), 60_000, np.uint16)).save(deep, "PNG")
    assert opened(Rendering(deep.getvalue(), None, RemoveBgOptions(format="png"), 50).run(remover).data).size == (
        612,
        408,
    )
    clear = np.full((600, 900, 4), 255, np.uint8)
    clear[:, :450, 3] = 0
    alpha = pixels(Rendering(png(clear), None, RemoveBgOptions(), 50).run(remover))[..., 3]
    assert not alpha[:, :300].any()
    assert alpha[:, 320:].min() == 255


# What is composed is what `POST /remove` composes


@pytest.mark.parametrize(
    ("wanted", "options"),
    [
        ({"shadow": 0.8}, {"shadow": True, "shadow_opacity": 0.8}),
        ({"shadow": 0.333, "colour": (0, 0, 255, 128)}, {"shadow": True, "shadow_opacity": 0.333}),
        ({"colour": (0, 0, 255, 128)}, {}),
    ],
)
def test_shadow_and_colour_are_those_of_the_options(ask, remover, photo, wanted, options):
    expected = remover.remove(photo, Options(background=wanted.get("colour", "none"), **options))
    assert np.array_equal(pixels(ask(RemoveBgOptions(format="png", **wanted))), np.asarray(expected))


def test_a_background_is_that_of_the_options(ask, remover, photo, tmp_path):
    behind = png(np.random.default_rng(1).integers(0, 255, (33, 44, 3), dtype=np.uint8))
    (tmp_path / "behind.png").write_bytes(behind)
    expected = remover.remove(photo, Options(background=tmp_path / "behind.png"))
    assert np.array_equal(pixels(ask(RemoveBgOptions(format="png"), background=behind)), np.asarray(expected))


def test_resizing_weighs_colours_by_their_opacity(ask):
    """What a transparent pixel hides doesn't bleed into the edge of what is seen beside it."""
    hidden = np.full((1000, 1000, 4), (255, 255, 255, 255), np.uint8)
    hidden[:, ::2] = (0, 255, 0, 0)  # green, and every second column, so that every pixel of the result mixes both
    seen = pixels(ask(RemoveBgOptions(megapixels=0.25, format="png"), hidden)).astype(int)
    shown = seen[seen[..., 3] > 20]
    assert len(shown) > 100_000
    assert np.ptp(shown[:, :3], axis=1).max() <= 3


def test_the_opacity_of_a_picture_counts_in_every_kind_of_file(ask):
    half = np.full((80, 100, 4), 255, np.uint8)
    half[:, :50, 3] = 128
    kinds = {"png": RemoveBgOptions(format="png"), "alpha": RemoveBgOptions(only_alpha=True)}
    alphas = {kind: pixels(ask(wanted, half)) for kind, wanted in kinds.items()}
    assert np.array_equal(alphas["png"][..., 3], alphas["alpha"])
    assert set(np.unique(alphas["alpha"])) == {128, 255}
    blue = pixels(ask(RemoveBgOptions(format="png", colour=(0, 0, 255, 255)), half))
    assert abs(blue[40, 20].astype(int) - (127, 127, 255)).max() <= 1
