"""The second pass in the browser: the mirrored crop that the server takes, and the same mean of both answers."""

import numpy as np
import pytest
from playwright.sync_api import Page

from background_remover.segmentation.second_pass import averaged, crop_for, is_small

NOISE = np.random.default_rng(3)
BOTH = """async ([values, again, coarse, size, shape]) => {
    const pass = await import("/static/local/segmentation/second-pass.js");
    const plane = (data, [height, width]) => ({ data: Float32Array.from(data), height, width, channels: 1 });
    const first = plane(values, coarse);
    const [height, width] = size;
    const box = pass.cropFor(first, { height, width });
    if (!box) return null;
    const mean = pass.averaged(first, plane(again, shape), box, { height, width });
    return { box, isSmall: pass.isSmall(box, { height, width }), mean: [...mean.data] };
}"""
GIVEN = """async ([height, width, longest, side]) => {
    const { coarse, coarseOfCrop, flipAveraged } = await import("/static/local/segmentation/network.js");
    const given = [];
    const ramp = async (pixels, shape) => {
        given.push([...pixels]);
        return Float32Array.from({ length: shape[1] * shape[2] }, (_, at) => (at % shape[2]) / shape[2]);
    };
    const runtime = { model: { multiple: "4", longest_side: longest, crop_side: side }, run: ramp };
    const data = Uint8Array.from({ length: height * width * 4 }, (_, at) => (at * 2654435761) >>> 24);
    const image = { data, height, width, channels: 4 };
    const answers = [await coarse(image, runtime), await coarseOfCrop(image, runtime)];
    answers.push(await flipAveraged(image, runtime));
    return { given, answers: answers.map((one) => [...one.data]) };
}"""


def ellipse(coarse: tuple[int, int], centre: tuple[float, float], axes: tuple[float, float]) -> np.ndarray:
    """A soft ellipse in a coarse alpha, in shares of its sides."""
    rows, columns = np.mgrid[: coarse[0], : coarse[1]].astype(np.float32)
    away = np.hypot((rows / coarse[0] - centre[0]) / axes[0], (columns / coarse[1] - centre[1]) / axes[1])
    return np.clip(3 * (1.1 - away), 0, 1).astype(np.float32)


@pytest.mark.parametrize(
    ("alpha", "size"),
    [
        (ellipse((32, 24), (0.4, 0.5), (0.2, 0.2)), (300, 231)),
        (ellipse((24, 32), (0.5, 0.6), (0.4, 0.35)), (401, 533)),
        (ellipse((24, 32), (0.5, 0.5), (2, 2)), (401, 533)),
        (ellipse((24, 32), (0.5, 0.5), (0.2, 0.2)), (15, 20)),
        (ellipse((24, 32), (0.5, 0.5), (0.2, 0.2)) * np.float32(0.15), (240, 320)),
    ],
    ids=["small", "large", "whole", "enlarged", "nothing"],
)
def test_the_crop_and_the_mean_are_the_servers(blank: Page, alpha: np.ndarray, size: tuple[int, int]) -> None:
    again = NOISE.random((28, 32), np.float32)
    made = blank.evaluate(BOTH, [alpha.ravel().tolist(), again.ravel().tolist(), alpha.shape, size, again.shape])
    box = crop_for(alpha, size)
    if box is None:
        assert made is None
        return
    assert made["box"] == {"top": box.top, "left": box.left, "bottom": box.bottom, "right": box.right}
    assert made["isSmall"] == is_small(box, size)
    wanted = averaged(alpha, again, box, size)
    assert np.allclose(np.reshape(made["mean"], alpha.shape), wanted, rtol=0, atol=1e-5)


@pytest.mark.parametrize("longest", [24, 8], ids=["as it is", "reduced"])
def test_the_network_gets_the_mirror_image_and_its_answer_is_mirrored_back(blank: Page, longest: int) -> None:
    made = blank.evaluate(GIVEN, [12, 24, str(longest), None])
    shape = longest // 2, longest
    pixels = [np.reshape(one, (*shape, 3)) for one in made["given"]]
    assert not np.array_equal(pixels[0], pixels[0][:, ::-1])
    for one, mirrored in zip(pixels[::2], pixels[1::2], strict=True):
        assert np.array_equal(mirrored, one[:, ::-1])
    ramp = np.tile(np.arange(shape[1]) / shape[1], (shape[0], 1))
    wanted = [ramp, ramp[:, ::-1], (ramp + ramp[:, ::-1]) / 2]
    for one, answer in zip(wanted, made["answers"], strict=True):
        assert np.allclose(np.reshape(answer, shape), one, atol=1e-6)


@pytest.mark.parametrize("side", [8, 24], ids=["below", "above"])
def test_a_crop_is_seen_at_a_size_of_its_own(blank: Page, side: int) -> None:
    made = blank.evaluate(GIVEN, [12, 24, "16", str(side)])
    assert [len(one) for one in made["answers"]] == [8 * 16, side // 2 * side, 8 * 16]
