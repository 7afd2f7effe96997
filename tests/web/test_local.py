"""The plain functions of web/local in a browser, against Pillow and NumPy."""

import base64
import zlib

import numpy as np
import pytest
from PIL import Image as PillowImage
from PIL.Image import Resampling
from playwright.sync_api import Page

from background_remover.arrays.box_filter import box_any
from background_remover.arrays.resample import resize, shrink
from tests.web.conftest import decoded

KERNELS = {"box": Resampling.BOX, "hamming": Resampling.HAMMING, "bicubic": Resampling.BICUBIC}
SIZES = [
    ((37, 53), (11, 20)),
    ((11, 20), (37, 53)),
    ((40, 40), (40, 13)),
    ((16, 9), (16, 9)),
    ((33, 31), (20, 36)),
    ((50, 20), (21, 15)),
]
NOISE = np.random.default_rng(1)


def resized(blank: Page, samples: np.ndarray, size: tuple[int, int], kernel: str, box: list[float]) -> np.ndarray:
    height, width, channels = samples.shape
    made = blank.evaluate(
        """async ([values, bytes, from, to, kernel, box]) => {
            const { resize } = await import("/static/local/arrays/resample.js");
            const samples = bytes ? Uint8Array.from(values) : Float32Array.from(values);
            return [...resize({ data: samples, ...from }, to, kernel, box).data];
        }""",
        [
            samples.ravel().tolist(),
            samples.dtype == np.uint8,
            {"height": height, "width": width, "channels": channels},
            {"height": size[0], "width": size[1]},
            kernel,
            box,
        ],
    )
    return np.array(made, samples.dtype).reshape(*size, channels)


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize(("size", "wanted"), SIZES)
def test_resizing_agrees_with_pillow(blank: Page, kernel: str, size: tuple[int, int], wanted: tuple[int, int]) -> None:
    box = [0.0, 0.0, size[1] - 0.25, size[0] - 0.5]
    colours = NOISE.integers(0, 256, (*size, 3), np.uint8)
    plane = NOISE.random(size, np.float32)
    with PillowImage.fromarray(colours) as image, PillowImage.fromarray(plane) as floats:
        bytes_wanted = np.asarray(image.resize(wanted[::-1], KERNELS[kernel], tuple(box)))
        floats_wanted = np.asarray(floats.resize(wanted[::-1], KERNELS[kernel], tuple(box)))
    assert np.array_equal(resized(blank, colours, wanted, kernel, box), bytes_wanted)
    assert np.allclose(resized(blank, plane[..., None], wanted, kernel, box)[..., 0], floats_wanted, atol=1e-6)


def shrink_rgba(samples: np.ndarray, wanted: tuple[int, int]) -> np.ndarray:
    return np.dstack([shrink(samples[..., :3], wanted), shrink(samples[..., 1:], wanted)[..., 2]])


@pytest.mark.parametrize("wanted", [(40, 57), (11, 16), (7, 5), (2, 3)])
def test_reducing_agrees_with_the_servers(blank: Page, wanted: tuple[int, int]) -> None:
    for samples, far in (
        (NOISE.integers(0, 256, (45, 64, 3), np.uint8), 0),
        (np.full((45, 64, 4), 255, np.uint8), 0),
        (NOISE.integers(0, 256, (45, 64, 4), np.uint8), 0),
        (NOISE.random((45, 64), np.float32), 1e-6),
    ):
        made = blank.evaluate(
            """async ([values, bytes, from, to]) => {
                const { shrink } = await import("/static/local/arrays/reduce.js");
                const data = bytes ? Uint8Array.from(values) : Float32Array.from(values);
                return [...shrink({ data, ...from }, to).data];
            }""",
            [
                samples.ravel().tolist(),
                samples.dtype == np.uint8,
                {"height": 45, "width": 64, "channels": samples.size // (45 * 64)},
                {"height": wanted[0], "width": wanted[1]},
            ],
        )
        reduced = shrink(samples, wanted) if samples.shape[2:] != (4,) else shrink_rgba(samples, wanted)
        assert np.allclose(np.reshape(made, reduced.shape), reduced, rtol=0, atol=far)


@pytest.mark.parametrize(("size", "wanted"), [((131, 97), (12, 8)), ((90, 257), (10, 8)), ((20, 30), (13, 17))])
def test_the_networks_input_agrees_with_pillow(blank: Page, size: tuple[int, int], wanted: tuple[int, int]) -> None:
    colours = NOISE.integers(0, 256, (*size, 3), np.uint8)
    made = blank.evaluate(
        """async ([values, from, to]) => {
            const { resizeWithGap } = await import("/static/local/arrays/reduce.js");
            return [...resizeWithGap({ data: Uint8Array.from(values), ...from }, to, 2).data];
        }""",
        [
            colours.ravel().tolist(),
            {"height": size[0], "width": size[1], "channels": 3},
            {"height": wanted[0], "width": wanted[1]},
        ],
    )
    assert np.array_equal(np.reshape(made, (*wanted, 3)), resize(colours, wanted, "bilinear", gap=2.0))


@pytest.mark.parametrize("size", [(40, 57), (1, 9), (9, 1)])
def test_whatever_is_set_in_the_squares_around_is_found(blank: Page, size: tuple[int, int]) -> None:
    mask = NOISE.random(size) < 0.03
    mask[0, 0] = True
    anywhere, radii = blank.evaluate(
        """async ([values, height, width]) => {
            const { boxAny, boxRadius } = await import("/static/local/arrays/box-filter.js");
            const mask = { data: Uint8Array.from(values), height, width, channels: 1 };
            return [[1, 2, 3].map((radius) => [...boxAny(mask, radius).data]), [...boxRadius(mask, 4).data]];
        }""",
        [mask.astype(int).ravel().tolist(), *size],
    )
    wanted = [box_any(mask, radius) for radius in (1, 2, 3)]
    assert np.array_equal(np.reshape(anywhere, (3, *size)), wanted)
    assert np.array_equal(np.reshape(radii, size), np.where(mask, 0, 4 - np.sum(wanted, axis=0)))


@pytest.mark.parametrize("size", [(13, 17), (20, 30), (120, 7)])
def test_a_part_of_an_enlarged_plane_is_that_of_the_whole(blank: Page, size: tuple[int, int]) -> None:
    plane = NOISE.random((20, 12), np.float32)
    left, right = size[1] // 3, size[1] - 2
    made = blank.evaluate(
        """async ([values, from, to, left, right]) => {
            const { enlargement } = await import("/static/local/arrays/enlarge.js");
            const row = enlargement(from, to);
            const line = new Float32Array(right - left);
            return Array.from({ length: to.height }, (_, y) => {
                row([Float32Array.from(values)], y, left, right, [line]);
                return [...line];
            });
        }""",
        [
            plane.ravel().tolist(),
            {"height": 20, "width": 12},
            {"height": size[0], "width": size[1]},
            left,
            right,
        ],
    )
    down, along = (
        np.clip((np.arange(full) + 0.5) * length / full - 0.5, 0, length - 1)
        for full, length in zip(size, plane.shape, strict=True)
    )
    columns = np.array([np.interp(along, range(12), line) for line in plane])
    whole = np.array([np.interp(down, range(20), line) for line in columns.T]).T
    assert np.allclose(made, whole[:, left:right], rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    "numbers", [[3.0], [2.0, 1.0], [5.0] * 40, NOISE.integers(0, 9, 1000).tolist(), NOISE.random(777).tolist()]
)
def test_quantiles_are_those_of_numpy(blank: Page, numbers: list[float]) -> None:
    shares = [0, 0.1, 0.5, 0.9, 0.97, 1]
    made = blank.evaluate(
        """async ([numbers, shares]) => {
            const { quantile } = await import("/static/local/arrays/statistics.js");
            return shares.map((share) => quantile(Float32Array.from(numbers), share));
        }""",
        [numbers, shares],
    )
    assert np.allclose(made, np.quantile(np.float32(numbers).astype(float), shares), rtol=1e-12)


def test_a_png_keeps_the_colours_of_transparent_pixels(blank: Page) -> None:
    pixels = NOISE.integers(0, 256, (19, 31, 4), np.uint8)
    made = blank.evaluate(
        """async ([values, width, height]) => {
            const { png } = await import("/static/local/imaging/png.js");
            const file = await png({ data: Uint8Array.from(values), height, width, channels: 4 });
            return btoa(String.fromCharCode(...new Uint8Array(await file.arrayBuffer())));
        }""",
        [pixels.ravel().tolist(), 31, 19],
    )
    assert np.array_equal(decoded(base64.b64decode(made)), pixels)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"a",
        bytes(700_000),
        NOISE.integers(0, 256, 300_000, np.uint8).tobytes(),
        NOISE.geometric(0.3, 70_000).astype(np.uint8).repeat(np.arange(70_000) % 9).tobytes(),
        b"".join(bytes([value]) * 2**value for value in range(20)),
    ],
    ids=["nothing", "one", "zeros", "noise", "runs", "steep"],
)
def test_packed_bytes_are_a_zlib_stream(blank: Page, data: bytes) -> None:
    made = blank.evaluate(
        """async (text) => {
            const { BEGINNING, ending, packedPart } = await import("/static/local/imaging/deflate.js");
            const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
            const middle = Math.floor(bytes.length / 3);
            const parts = [packedPart(bytes.subarray(0, middle)), packedPart(bytes.subarray(middle))];
            const end = ending(parts.map(({ sum }) => sum));
            const made = [BEGINNING, ...parts.map((one) => one.bytes), end].flatMap((one) => [...one]);
            let letters = "";
            for (const byte of made) letters += String.fromCharCode(byte);
            return btoa(letters);
        }""",
        base64.b64encode(data).decode(),
    )
    assert zlib.decompress(base64.b64decode(made)) == data
