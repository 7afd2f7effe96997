"""Systems against numpy's, functions against the sums they stand for, parts against the whole."""

import numpy as np

from background_remover.matting.local_linear import apply, centred, of_levels, solved, write


def test_systems_are_solved_as_numpy_solves_them():
    rng = np.random.default_rng(1)
    factors = rng.normal(size=(50, 3, 3))
    matrices = factors @ factors.transpose(0, 2, 1) + 0.1 * np.eye(3)
    right = rng.normal(size=(50, 3))
    entries = [matrices[:, i, j].astype(np.float32)[None] for i in range(3) for j in range(i, 3)]
    result = solved(*entries, right.T.astype(np.float32)[:, None])
    wanted = np.linalg.solve(matrices, right[..., None])[..., 0]
    np.testing.assert_allclose(result[:, 0].T, wanted, rtol=2e-3, atol=2e-3)


def case(height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """A picture, and functions of its centred colours at its own size whose alpha stays in [0, 1]."""
    rng = np.random.default_rng(2)
    image = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    functions = rng.uniform(-0.3, 0.3, (4, height, width)).astype(np.float32)
    functions[3] += 0.5
    return image, functions


def test_a_function_is_a_sum_over_colours_and_clipped():
    image, functions = case(7, 9)
    colours = image / 255 - 0.5
    wanted = np.einsum("chw,hwc->hw", functions[:3], colours) + functions[3]
    np.testing.assert_allclose(apply(functions, centred(image)), np.clip(wanted, 0, 1), atol=1e-6)
    functions[3] += 3
    assert (apply(functions, centred(image)) == 1).all()


def test_functions_of_levels_say_the_same_of_levels():
    image, functions = case(7, 9)
    levels = image.transpose(2, 0, 1)
    np.testing.assert_allclose(apply(of_levels(functions), levels), apply(functions, centred(image)), atol=1e-6)


def test_only_what_is_unsure_is_written():
    image, functions = case(20, 30)
    unsure = np.random.default_rng(3).random((20, 30)) > 0.5
    result = np.full((20, 30), 7, np.float32)
    for tile in ((slice(0, 11), slice(0, 30)), (slice(11, 20), slice(0, 30))):
        write(of_levels(functions), image, tile, unsure[tile], result)
    assert (result[~unsure] == 7).all()
    wanted = apply(of_levels(functions), image.transpose(2, 0, 1))
    np.testing.assert_array_equal(result[unsure], wanted[unsure])
