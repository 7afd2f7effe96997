import math

import numpy as np
import pytest
import torch
from torch import Tensor

from background_remover.train import losses

TERMS = list(losses.TERMS.values())
PLAIN = [losses.cross_entropy, losses.soft_iou, losses.absolute]  # every known pixel weighs the same
CERTAIN = 30.0  # a logit whose sigmoid is 1 in single precision


def pixels(*rows: list[float]) -> Tensor:
    """One picture for every row: (B, 1, 1, W)."""
    return torch.tensor(rows)[:, None, None, :]


def certain(mask: Tensor) -> Tensor:
    return (mask * 2 - 1) * CERTAIN


def everywhere(tensor: Tensor) -> Tensor:
    return torch.ones_like(tensor)


def example() -> tuple[Tensor, Tensor, Tensor]:
    """Random logits, soft truths, and what is known of them."""
    random = torch.Generator().manual_seed(0)
    logits = torch.randn(3, 1, 8, 12, generator=random) * 3
    return (
        logits,
        torch.rand(logits.shape, generator=random),
        (torch.rand(logits.shape, generator=random) < 0.7).float(),
    )


def test_cross_entropy_against_its_definition():
    logits, alphas, known = (tensor.double().numpy() for tensor in example())
    p = 1 / (1 + np.exp(-logits))
    entropies = -(alphas * np.log(p) + (1 - alphas) * np.log(1 - p))
    assert losses.cross_entropy(*example()).item() == pytest.approx(entropies[known > 0].mean(), rel=1e-5)


def test_soft_iou_against_its_definition():
    distances = []
    for logits, alphas, known in zip(*(tensor.double().numpy() for tensor in example()), strict=True):
        p, truth = (1 / (1 + np.exp(-logits)))[known > 0], alphas[known > 0]
        distances.append(1 - (np.sum(p * truth) + 1) / (np.sum(p + truth - p * truth) + 1))
    assert losses.soft_iou(*example()).item() == pytest.approx(np.mean(distances), rel=1e-5)


def test_absolute_against_its_definition():
    logits, alphas, known = (tensor.double().numpy() for tensor in example())
    differences = np.abs(1 / (1 + np.exp(-logits)) - alphas)
    assert losses.absolute(*example()).item() == pytest.approx(differences[known > 0].mean(), rel=1e-5)


def test_edge_weights_against_their_definition():
    _, alphas, _ = example()
    alphas = alphas.repeat(1, 1, 4, 3)  # (3, 1, 32, 36): a pixel's surroundings reach two pixels far
    weights = losses.edge_weights(alphas)
    truth = alphas[:, 0].double().numpy()
    for row, column in [(0, 0), (1, 35), (31, 20), (16, 1), (17, 18)]:
        around = truth[:, max(row - 2, 0) : row + 3, max(column - 2, 0) : column + 3]
        expected = 1 + 5 * np.abs(around.mean(axis=(1, 2)) - truth[:, row, column])
        np.testing.assert_allclose(weights[:, 0, row, column], expected, rtol=1e-5)


def test_edge_weights_are_one_far_from_any_edge():
    half = torch.zeros(1, 1, 32, 32)
    half[..., 16:] = 1
    weights = losses.edge_weights(half)[0, 0, 0]
    assert (weights[:13] == 1).all()
    assert (weights[-13:] == 1).all()
    assert weights[15] > 2
    assert weights[16] > 2


def test_structure_terms_are_the_plain_ones_weighted_near_edges():
    logits, alphas, known = example()
    entropy = torch.nn.functional.binary_cross_entropy_with_logits(logits, alphas, reduction="none")
    weights = losses.edge_weights(alphas) * known
    expected = (entropy * weights).sum() / weights.sum()
    assert losses.structure_cross_entropy(logits, alphas, known).item() == pytest.approx(expected.item())
    assert losses.structure_iou(logits, alphas, known).item() == losses.soft_iou(logits, alphas, weights).item()


@pytest.mark.parametrize(
    ("logits", "truth", "expected"),
    [
        ([0, 0, 0, 0], [1, 1, 0, 0], math.log(2)),
        ([math.log(3)], [1], math.log(4 / 3)),  # the odds of 3 to 1 are a probability of 3/4
        ([math.log(3)], [0.5], (math.log(4 / 3) + math.log(4)) / 2),
    ],
)
def test_cross_entropy_by_hand(logits, truth, expected):
    truth = pixels(truth)
    assert losses.cross_entropy(pixels(logits).float(), truth.float(), everywhere(truth)).item() == pytest.approx(
        expected
    )


@pytest.mark.parametrize(
    ("predicted", "truth", "distance"),
    [
        ([1, 1, 0, 0], [1, 0, 1, 0], 1 - (1 + 1) / (3 + 1)),
        ([1, 1, 1, 1], [1, 1, 0, 0], 1 - (2 + 1) / (4 + 1)),
        ([0, 0, 0, 0], [1, 1, 1, 0], 1 - 1 / (3 + 1)),
        ([0, 0, 0, 0], [0, 0, 0, 0], 0),  # nothing there, and nothing seen
        ([1, 1, 1, 0], [0, 0, 0, 0], 1 - 1 / (3 + 1)),  # nothing there: the false area counts
    ],
)
def test_soft_iou_by_hand(predicted, truth, distance):
    truth = pixels(truth).float()
    loss = losses.soft_iou(certain(pixels(predicted)), truth, everywhere(truth))
    assert loss.item() == pytest.approx(distance, abs=1e-6)


def test_soft_iou_is_the_mean_over_pictures_not_over_pixels():
    truth = pixels([1.0] * 10, [1.0] + [0.0] * 9)
    seen = pixels([1.0] * 10, [0.0] * 10)
    assert losses.soft_iou(certain(seen), truth, everywhere(truth)).item() == pytest.approx((0 + 1 / 2) / 2)


@pytest.mark.parametrize("term", TERMS)
@pytest.mark.parametrize("truth", [[1, 0, 1, 1], [0, 0, 0, 0], [1, 1, 1, 1]])
def test_perfection_costs_nothing(term, truth):
    truth = pixels(truth).float()
    assert term(certain(truth), truth, everywhere(truth)).item() == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("term", TERMS)
def test_unknown_pixels_teach_nothing(term):
    logits, alphas, known = example()
    logits.requires_grad_()
    term(logits, alphas, known).backward()
    assert (logits.grad[known == 0] == 0).all()
    assert (logits.grad[known == 1] != 0).all()


@pytest.mark.parametrize("term", PLAIN)
def test_unknown_pixels_count_nothing(term):
    logits, alphas, known = example()
    other = torch.where(known == 1, alphas, 1 - alphas)
    assert term(logits, other, known).item() == term(logits, alphas, known).item()


@pytest.mark.parametrize("term", TERMS)
def test_a_batch_of_which_nothing_is_known_costs_nothing(term):
    logits, alphas, _ = example()
    logits.requires_grad_()
    loss = term(logits, alphas, torch.zeros_like(alphas))
    loss.backward()
    assert loss.item() == 0
    assert (logits.grad == 0).all()


@pytest.mark.parametrize("term", TERMS)
@pytest.mark.parametrize("logit", [-1000.0, 1000.0])
def test_a_network_that_is_certain_and_wrong_still_has_a_finite_loss(term, logit):
    logits = torch.full((1, 1, 4, 4), logit, requires_grad=True)
    truth = torch.full_like(logits, float(logit < 0))
    loss = term(logits, truth, everywhere(truth))
    loss.backward()
    assert loss.isfinite()
    assert logits.grad.isfinite().all()


@pytest.mark.parametrize("names", [("soft_iou",), ("cross_entropy", "soft_iou"), tuple(losses.TERMS)])
def test_the_total_is_the_sum_of_the_named_terms(names):
    total = losses.total(*example(), names)
    assert total.item() == pytest.approx(sum(getattr(losses, name)(*example()).item() for name in names))
