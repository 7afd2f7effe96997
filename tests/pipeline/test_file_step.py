"""Fidelity: what goes in as a file of any kind comes out as it was, but for the alpha. And what is refused."""

import io
import itertools

import numpy as np
import png
import pytest
import tifffile
from PIL import ExifTags
from PIL import Image as PillowImage
from PIL.PngImagePlugin import PngInfo
from PIL.TiffImagePlugin import IFDRational

from background_remover import Options, Remover
from background_remover.errors import ImageError, OptionError
from background_remover.imaging.file import load
from background_remover.imaging.output_options import OutputOptions
from background_remover.pipeline.file_step import make
from tests.conftest import STORED, grey_profile, wide_profile

PLAIN = Options(keep_colours=True, keep_hidden=True)  # colours are left alone
HEIGHT, WIDTH = 24, 32
BRIGHT = 200  # levels of the subject; the rest is dark


@pytest.fixture(scope="module")
def remover(bright):
    return Remover(bright, threads=1)


def scene(deep: bool = False) -> np.ndarray:
    """A bright block, the subject, on a dark ground, with noise in all bits: (H, W, 3)."""
    rng = np.random.default_rng(3)
    levels = rng.integers(0, 40 * 257, (HEIGHT, WIDTH, 3))
    levels[6:18, 8:24] += BRIGHT * 257
    return levels.astype(np.uint16) if deep else (levels // 257).astype(np.uint8)


def file_of(image: PillowImage.Image, kind: str, **saving: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **saving)
    return buffer.getvalue()


def tiff_of(levels: np.ndarray, **saving: object) -> bytes:
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, levels, metadata=None, **saving)
    return buffer.getvalue()


def png_of(levels: np.ndarray, *, interlaced: bool = False, clear: np.ndarray | None = None) -> bytes:
    """A PNG file of 16 bits by a writer that isn't Pillow; `clear` is the colour that isn't to be seen."""
    height, width, channels = levels.shape
    buffer = io.BytesIO()
    kind = {"greyscale": channels < 3, "alpha": channels in (2, 4), "bitdepth": 16, "interlace": interlaced}
    if clear is not None:
        kind["transparent"] = int(clear[0]) if channels == 1 else tuple(clear.tolist())
    png.Writer(width, height, **kind).write(buffer, levels.reshape(height, -1).tolist())
    return buffer.getvalue()


def cut(remover, data: bytes, kind: str = "png", options: Options = PLAIN, **saving: object) -> bytes:
    return make(remover, load(data), None, options, OutputOptions(format=kind, **saving)).data


def pixels(data: bytes) -> np.ndarray:
    """What a reader that isn't Pillow makes of a PNG or TIFF file of 16 bits; it is Pillow otherwise."""
    if data[:2] in (b"II", b"MM"):
        return tifffile.imread(io.BytesIO(data))
    if data[:4] == b"\x89PNG" and data[24] == 16:
        width, height, rows, facts = png.Reader(bytes=data).read()
        return np.array([list(row) for row in rows], np.uint16).reshape(height, width, facts["planes"])
    with PillowImage.open(io.BytesIO(data)) as image:
        return np.asarray(image)


# Modes: a file of each, and the colours its cutout must have

GREY8, GREY16 = scene()[..., 0], scene(deep=True)[..., 0]
RGB8, RGB16 = scene(), scene(deep=True)
ALPHA16 = (np.arange(HEIGHT * WIDTH) * 85 % 65536).reshape(HEIGHT, WIDTH).astype(np.uint16)
RGBA16 = np.dstack([RGB16, ALPHA16])
LA16 = np.dstack([GREY16, ALPHA16])
ONE_BIT = GREY8 > 100
PALETTE = PillowImage.fromarray(RGB8).quantize(64)
ALPHA8 = (ALPHA16 >> 8).astype(np.uint8)
RGBA8, LA8 = np.dstack([RGB8, ALPHA8]), np.dstack([GREY8, ALPHA8])
FLOATS = GREY16.astype(np.float32) / np.float32(65535)


def grey(levels: np.ndarray) -> np.ndarray:
    return np.repeat(levels[..., None], 3, axis=2)


MODES: dict[str, tuple[bytes, np.ndarray]] = {
    "1-bit PNG": (file_of(PillowImage.fromarray(ONE_BIT), "PNG"), grey(np.uint8(255) * ONE_BIT)),
    "1-bit TIFF": (
        file_of(PillowImage.fromarray(ONE_BIT), "TIFF", compression="group4"),
        grey(np.uint8(255) * ONE_BIT),
    ),
    "grey PNG": (file_of(PillowImage.fromarray(GREY8), "PNG"), grey(GREY8)),
    "grey BMP": (file_of(PillowImage.fromarray(GREY8), "BMP"), grey(GREY8)),
    "palette PNG": (file_of(PALETTE, "PNG"), np.asarray(PALETTE.convert("RGB"))),
    "palette GIF": (file_of(PALETTE, "GIF"), np.asarray(PALETTE.convert("RGB"))),
    "palette BMP": (file_of(PALETTE, "BMP"), np.asarray(PALETTE.convert("RGB"))),
    "RGB PNG": (file_of(PillowImage.fromarray(RGB8), "PNG"), RGB8),
    "RGB BMP": (file_of(PillowImage.fromarray(RGB8), "BMP"), RGB8),
    "RGB TIFF": (file_of(PillowImage.fromarray(RGB8), "TIFF", compression="tiff_lzw"), RGB8),
    "RGB WebP": (file_of(PillowImage.fromarray(RGB8), "WEBP", lossless=True), RGB8),
    "CMYK TIFF": (
        file_of(PillowImage.fromarray(RGB8).convert("CMYK"), "TIFF"),
        np.asarray(PillowImage.fromarray(RGB8).convert("CMYK").convert("RGB")),
    ),
    "RGBA PNG": (file_of(PillowImage.fromarray(RGBA8), "PNG"), RGB8),
    "grey PNG with alpha": (file_of(PillowImage.fromarray(LA8), "PNG"), grey(GREY8)),
    "RGBA WebP": (file_of(PillowImage.fromarray(RGBA8), "WEBP", lossless=True, exact=True), RGB8),
    "RGB BMP, 32 bits": (file_of(PillowImage.fromarray(RGBA8), "BMP"), RGB8),
    "RGBA TIFF": (file_of(PillowImage.fromarray(RGBA8), "TIFF", compression="tiff_adobe_deflate"), RGB8),
    "RGBA TIFF, planes": (
        tiff_of(np.moveaxis(RGBA8, -1, 0), photometric="rgb", planarconfig="separate", extrasamples=["unassalpha"]),
        RGB8,
    ),
    "grey TIFF with alpha": (tiff_of(LA8, photometric="minisblack", extrasamples=["unassalpha"]), grey(GREY8)),
    "RGB TIFF, tiles": (tiff_of(RGB8, photometric="rgb", tile=(16, 16), compression="zlib"), RGB8),
    "grey TIFF, white is 0": (tiff_of(255 - GREY8, photometric="miniswhite"), grey(GREY8)),
    "palette TIFF": (file_of(PALETTE, "TIFF"), np.asarray(PALETTE.convert("RGB"))),
    "RGB PNG, a clear colour": (
        file_of(PillowImage.fromarray(RGB8), "PNG", transparency=tuple(RGB8[0, 0].tolist())),
        RGB8,
    ),
    "grey PNG, a clear level": (
        file_of(PillowImage.fromarray(GREY8), "PNG", transparency=int(GREY8[0, 0])),
        grey(GREY8),
    ),
    "palette PNG, a clear colour": (
        file_of(PALETTE, "PNG", transparency=PALETTE.getpixel((0, 0))),
        np.asarray(PALETTE.convert("RGB")),
    ),
    "palette GIF, a clear colour": (
        file_of(PALETTE, "GIF", transparency=PALETTE.getpixel((0, 0))),
        np.asarray(PALETTE.convert("RGB")),
    ),
    "16-bit grey PNG": (file_of(PillowImage.fromarray(GREY16), "PNG"), grey(GREY16)),
    "16-bit grey PNG, interlaced": (png_of(GREY16[..., None], interlaced=True), grey(GREY16)),
    "16-bit grey PNG with alpha": (png_of(LA16), grey(GREY16)),
    "16-bit grey PNG with alpha, interlaced": (png_of(LA16, interlaced=True), grey(GREY16)),
    "16-bit RGB PNG": (png_of(RGB16), RGB16),
    "16-bit RGB PNG, interlaced": (png_of(RGB16, interlaced=True), RGB16),
    "16-bit RGBA PNG": (png_of(RGBA16), RGB16),
    "16-bit RGBA PNG, interlaced": (png_of(RGBA16, interlaced=True), RGB16),
    "16-bit RGB PNG, a clear colour": (png_of(RGB16, clear=RGB16[0, 0]), RGB16),
    "16-bit grey PNG, a clear level": (png_of(GREY16[..., None], clear=GREY16[0, :1]), grey(GREY16)),
    "16-bit grey TIFF": (tiff_of(GREY16), grey(GREY16)),
    "16-bit grey TIFF, white is 0": (tiff_of(65535 - GREY16, photometric="miniswhite"), grey(GREY16)),
    "float TIFF": (tiff_of(FLOATS), grey(GREY16)),
    "float TIFF, compressed": (tiff_of(FLOATS, compression="zlib"), grey(GREY16)),
}
for compression, order, layout in itertools.product(("", "zlib"), "<>", ("strip", "tile", "rows")):
    how = {"strip": {}, "tile": {"tile": (16, 16)}, "rows": {"rowsperstrip": 5}}[layout]
    how |= {"byteorder": order} | ({"compression": "zlib", "predictor": True} if compression else {})
    name = f"{compression or 'raw'} {order} {layout}"
    MODES[f"16-bit RGB TIFF {name}"] = (tiff_of(RGB16, photometric="rgb", **how), RGB16)
    MODES[f"16-bit RGBA TIFF {name}"] = (tiff_of(RGBA16, photometric="rgb", extrasamples=["unassalpha"], **how), RGB16)
for order in "<>":
    planes = np.moveaxis(RGBA16, -1, 0)
    how = {"photometric": "rgb", "planarconfig": "separate", "byteorder": order}
    MODES[f"16-bit RGB TIFF, planes {order}"] = (tiff_of(planes[:3], **how), RGB16)
    MODES[f"16-bit RGBA TIFF, planes {order}"] = (tiff_of(planes, extrasamples=["unassalpha"], **how), RGB16)


def bridged(colours: np.ndarray, hidden: np.ndarray) -> np.ndarray:
    """Colours of 8 bits with each hidden pixel as the mean of those around it that can be seen."""
    result = colours.copy()
    for row, column in np.argwhere(hidden):
        around = np.s_[max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2]
        result[row, column] = np.rint(colours[around][~hidden[around]].mean(axis=0))
    return result


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("kind", ["png", "tiff"])
def test_the_colours_of_every_mode_are_kept(remover, mode, kind):
    data, wanted = MODES[mode]
    result = pixels(cut(remover, data, kind))
    assert result.dtype == wanted.dtype
    assert np.array_equal(result[..., :3], wanted)
    full = np.iinfo(wanted.dtype).max
    given = np.full((HEIGHT, WIDTH), full)
    if "RGBA" in mode or "with alpha" in mode:
        given = ALPHA16 if full == 65535 else ALPHA8
    elif "a clear" in mode:
        given = full * np.any(wanted != wanted[0, 0], axis=-1)
    seen = bridged((wanted // (full // 255)).astype(np.uint8), given == 0)
    opaque = pixels(cut(remover, file_of(PillowImage.fromarray(seen), "PNG")))
    expected = opaque[..., 3] / 255 * (given / full)  # the network sees 8 bits, so its alpha differs by a little
    assert np.abs(result[..., 3] / full - expected).max() < 0.06
    assert not result[..., 3][given == 0].any()


@pytest.mark.parametrize("kind", ["webp", "bmp"])
@pytest.mark.parametrize("mode", ["RGB PNG", "16-bit RGB PNG"])
def test_formats_of_8_bits_get_the_nearest_level(remover, mode, kind):
    data, colours = MODES[mode]
    options = Options(background="white", keep_colours=True) if kind == "bmp" else PLAIN
    result = pixels(cut(remover, data, kind, options, lossless=kind == "webp"))
    wanted = np.rint(colours / (np.iinfo(colours.dtype).max / 255))
    solid = pixels(cut(remover, data))[..., 3] == np.iinfo(colours.dtype).max
    assert result.dtype == np.uint8
    assert solid.any()
    assert np.array_equal(result[..., :3][solid], wanted[solid])


LOSSY_KINDS = ("JPEG", "AVIF")
LOSSY = [("JPEG", "CMYK"), *((kind, mode) for kind in (*LOSSY_KINDS, "WEBP") for mode in ("RGB", "L"))]


@pytest.mark.parametrize(("kind", "mode"), LOSSY)
def test_lossy_sources_come_out_as_they_are_decoded(remover, kind, mode):
    data = file_of(PillowImage.fromarray(scene()).convert(mode), kind, quality=95)
    with PillowImage.open(io.BytesIO(data)) as image:
        wanted = np.asarray(image.convert("RGB"))
    assert np.array_equal(pixels(cut(remover, data))[..., :3], wanted)


@pytest.mark.parametrize("kind", ["webp", "avif", "jpeg"])
def test_lossy_results_are_close(remover, kind):
    smooth = np.clip(np.mgrid[:64, :64].sum(axis=0)[..., None] + np.array([120, 100, 90]), 0, 255).astype(np.uint8)
    options = Options(background="white") if kind == "jpeg" else Options()
    data = file_of(PillowImage.fromarray(smooth), "PNG")
    exact = pixels(cut(remover, data, "png", options)).astype(int)
    near = pixels(cut(remover, data, kind, options)).astype(int)
    solid = exact[..., 3] == 255 if exact.shape[2] == 4 else np.ones(exact.shape[:2], bool)
    assert solid.any()
    assert np.abs(near - exact)[..., :3][solid].mean() < 3
    smaller = cut(remover, data, kind, options, quality=20)
    assert len(smaller) < len(cut(remover, data, kind, options))


HIDING = [("png", {}), ("tiff", {}), ("webp", {"lossless": True}), ("webp", {})]


@pytest.mark.parametrize(
    ("mode", "kind", "saving"),
    [(mode, *how) for mode in ("RGB PNG", "RGBA PNG", "16-bit RGBA PNG", "16-bit RGB PNG") for how in HIDING],
)
def test_hidden_pixels_are_zero_or_kept(remover, mode, kind, saving):
    data, colours = MODES[mode]
    shown = pixels(cut(remover, data, kind, Options(), **saving))
    clear = shown[..., 3] == 0
    assert clear.any() or (mode, shown.dtype) == ("16-bit RGB PNG", np.uint16)  # in so many levels nothing is clear
    if kind == "webp" and not saving:
        return  # its encoder is free where nothing is seen
    assert not shown[clear].any()
    kept = pixels(cut(remover, data, kind, **saving))
    assert np.array_equal(kept[..., 3], shown[..., 3])
    wanted = colours if kept.dtype == colours.dtype else np.rint(colours / 257)
    assert np.array_equal(kept[clear][:, :3], wanted[clear])


# What stands beside the pixels


XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF tiff:Orientation="6" dc:creator="Ada"/></x:xmpmeta>'
PLACE = (IFDRational(52), IFDRational(31), IFDRational(1234, 100))


def exif_data(orientation: int = 1) -> PillowImage.Exif:
    exif = PillowImage.Exif()
    exif[ExifTags.Base.Make] = "Lens & Co"
    exif[ExifTags.Base.Orientation] = orientation
    exif[ExifTags.Base.Copyright] = "Ada"
    exif.get_ifd(ExifTags.IFD.Exif).update(
        {0x829A: IFDRational(1, 60), 0x9003: "2024:05:06 07:08:09", 0x927C: b"maker"}
    )
    exif.get_ifd(ExifTags.IFD.GPSInfo).update({1: "N", 2: PLACE})
    return exif


def told(data: bytes) -> dict[str, object]:
    """What a file says, as Pillow reads it."""
    with PillowImage.open(io.BytesIO(data)) as image:
        image.load()
        exif = image.getexif()
        inner, place = exif.get_ifd(ExifTags.IFD.Exif), exif.get_ifd(ExifTags.IFD.GPSInfo)
        dpi = image.info.get("dpi") or tuple(exif.get(tag, 0) for tag in (0x011A, 0x011B))
        return {
            "icc": image.info.get("icc_profile"),
            "make": (exif.get(ExifTags.Base.Make), exif.get(ExifTags.Base.Copyright)),
            "orientation": exif.get(ExifTags.Base.Orientation, 1),
            "exposure": (float(inner.get(0x829A, 0)), inner.get(0x9003), inner.get(0x927C)),
            "place": (place.get(1), tuple(float(value) for value in place.get(2, ()))),
            "xmp": image.info.get("xmp") or image.info.get("XML:com.adobe.xmp"),
            "dpi": tuple(round(float(dots)) for dots in dpi) if max(dpi) > 1 else None,
        }


def source(kind: str, orientation: int = 1, image: PillowImage.Image | None = None) -> bytes:
    image = PillowImage.fromarray(scene()) if image is None else image
    saving: dict[str, object] = {"icc_profile": wide_profile(), "exif": exif_data(orientation)}
    if kind == "TIFF":
        saving["exif"][700] = XMP
        return file_of(image, kind, dpi=(300, 300), **saving | {"exif": saving["exif"].tobytes()})
    if kind == "PNG":
        text = PngInfo()
        text.add_itxt("XML:com.adobe.xmp", XMP.decode())
        return file_of(image, kind, pnginfo=text, dpi=(300, 300), **saving)
    if kind != "JPEG":
        for tag, value in ((0x011A, 300), (0x011B, 300), (0x0128, 2)):
            saving["exif"][tag] = value
    lossless = {"WEBP": {"lossless": True}}.get(kind, {"quality": 95, "dpi": (300, 300)})
    return file_of(image, kind, xmp=XMP, **saving, **lossless)


READ = ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"]


@pytest.mark.parametrize("target", ["png", "webp", "tiff", "avif", "jpeg"])
@pytest.mark.parametrize("kind", READ)
def test_metadata_are_carried_from_every_format_to_every_other(remover, kind, target):
    options = Options(background="white") if target == "jpeg" else PLAIN
    found = told(cut(remover, source(kind), target, options))
    xmp = found.pop("xmp")
    assert found == {
        "icc": wide_profile(),
        "make": ("Lens & Co", "Ada"),
        "orientation": 1,
        "exposure": (pytest.approx(1 / 60), "2024:05:06 07:08:09", b"maker"),
        "place": ("N", pytest.approx([float(value) for value in PLACE])),
        "dpi": (300, 300),
    }
    assert b'dc:creator="Ada"' in (xmp.encode() if isinstance(xmp, str) else xmp)
    assert b'tiff:Orientation="6"' not in (xmp.encode() if isinstance(xmp, str) else xmp)


@pytest.mark.parametrize("target", ["png", "webp", "tiff", "avif"])
def test_what_is_stripped_is_gone_and_the_colours_look_the_same(remover, target):
    result = cut(remover, source("PNG"), target, strip=True)
    assert told(result) == told(file_of(PillowImage.new("RGB", (1, 1)), "PNG"))
    if target in ("png", "tiff"):
        assert np.abs(pixels(result)[..., :3].astype(int) - scene()[..., [1, 0, 2]]).max() <= 3


def test_formats_without_a_profile_get_srgb(remover):
    data = source("PNG", image=PillowImage.new("RGB", (20, 10), (250, 200, 220)))
    for kind, options in (("bmp", Options(background="white")), ("gif", Options())):
        with PillowImage.open(io.BytesIO(cut(remover, data, kind, options))) as result:
            assert np.abs(np.asarray(result.convert("RGB"))[5, 5].astype(int) - [200, 250, 220]).max() <= 3


@pytest.mark.parametrize("deep", [False, True])
def test_wide_colours_keep_their_space_and_a_background_comes_to_it(remover, deep):
    levels, full = scene(deep), 65535 if deep else 255
    data = (
        tiff_of(levels, photometric="rgb", iccprofile=wide_profile())
        if deep
        else file_of(PillowImage.fromarray(levels), "PNG", icc_profile=wide_profile())
    )
    result = cut(remover, data)
    assert np.array_equal(pixels(result)[..., :3], levels)
    assert told(result)["icc"] == wide_profile()
    behind = pixels(cut(remover, data, options=Options(background="#e06040")))
    assert np.abs(behind[0, 0] / full - np.array([0x60, 0xE0, 0x40]) / 255).max() < 0.015
    assert told(cut(remover, data, options=Options(only_mask=True)))["icc"] is None


def test_a_profile_of_other_colours_is_not_carried_to_rgb(remover):
    cmyk = PillowImage.fromarray(scene()).convert("CMYK")
    for image in (cmyk, cmyk.convert("L")):
        data = file_of(image, "TIFF", icc_profile=grey_profile())
        assert told(cut(remover, data))["icc"] is None


@pytest.mark.parametrize("deep", [False, True])
def test_grey_levels_are_taken_from_their_profile_to_srgb(remover, deep):
    grey_levels = np.full((10, 10), 0x8000, np.uint16)
    image = PillowImage.fromarray(grey_levels if deep else (grey_levels >> 8).astype(np.uint8))
    result = pixels(cut(remover, file_of(image, "TIFF", icc_profile=grey_profile())))
    full = np.iinfo(result.dtype).max
    assert result.dtype == (np.uint16 if deep else np.uint8)
    assert result[5, 5, 0] / full == pytest.approx(1.055 * 0.25 ** (1 / 2.4) - 0.055, abs=0.01)


# Orientation


@pytest.mark.parametrize("orientation", STORED)
@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP", "JPEG", "AVIF"])
def test_the_result_is_upright_and_says_so(remover, kind, orientation):
    stored = PillowImage.fromarray(np.ascontiguousarray(STORED[orientation](scene())))
    data = source(kind, orientation, stored)
    result = cut(remover, data)
    if kind in LOSSY_KINDS:  # the stored pixels, which are no longer those of the scene, turned by hand
        with PillowImage.open(io.BytesIO(data)) as image:
            back = {5: 5, 6: 8, 7: 7, 8: 6}.get(orientation, orientation)
            wanted = STORED[back](np.asarray(image))
    else:
        wanted = scene()
    assert np.array_equal(pixels(result)[..., :3], wanted)
    assert told(result)["orientation"] == 1
    assert told(result)["make"] == ("Lens & Co", "Ada")


@pytest.mark.parametrize("orientation", STORED)
@pytest.mark.parametrize("compression", ["", "zlib"])
def test_deep_pictures_are_turned_upright(remover, orientation, compression):
    stored = np.ascontiguousarray(STORED[orientation](RGB16))
    data = tiff_of(
        stored, photometric="rgb", compression=compression or None, extratags=[(274, 3, 1, orientation, True)]
    )
    assert np.array_equal(pixels(cut(remover, data, "tiff"))[..., :3], RGB16)


# Refusals, and a file that changes


def test_names_and_formats_that_differ_are_refused(remover, tmp_path):
    file = load(MODES["RGB PNG"][0])
    with pytest.raises(OptionError, match=r"its name says PNG and format says WEBP; leave format out"):
        make(remover, file, tmp_path / "o.png", Options(), OutputOptions(format="webp"))
    with pytest.raises(OptionError, match="a picture with transparency ends in"):
        make(remover, file, None, Options(), OutputOptions(format="jpg"))
    assert make(remover, file, tmp_path / "o.tif", Options(), OutputOptions(format="tiff")).data[:2] in (b"II", b"MM")


def test_float_colours_are_refused_with_a_way_out(remover):
    data = tiff_of(np.zeros((9, 9, 3), np.float32), photometric="rgb")
    with pytest.raises(
        ImageError, match=r"of a kind that isn't read \(TIFF with an unknown pixel mode\); save it as PNG"
    ):
        load(data)
    planes = tiff_of(np.moveaxis(RGB16, -1, 0), photometric="rgb", planarconfig="separate", compression="zlib")
    with pytest.raises(ImageError, match=r"of a kind that isn't read \(16-bit planes, each compressed by itself"):
        cut(remover, planes)


@pytest.mark.parametrize("kind", ["webp", "gif", "avif"])
def test_a_canvas_that_a_format_cannot_hold_is_named_before_the_work(remover, kind, monkeypatch):
    monkeypatch.setattr(Remover, "cut", lambda *_: pytest.fail("worked"))
    data = file_of(PillowImage.fromarray(scene()), "PNG")
    with pytest.raises(ImageError, match=rf"^canvas 70000x9: {kind.upper()} holds at most \d+ pixels a side"):
        cut(remover, data, kind, Options(canvas="70000x9"))
