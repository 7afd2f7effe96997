import numpy as np
import pytest
import torch
from torch import Tensor, nn

from background_remover.arrays.box import Box
from background_remover.segmentation.prompts import Prompts
from background_remover.train.config import Clicks
from background_remover.train.data import clicks
from background_remover.train.data.augment import Batch
from tests.train.conftest import CALM, squares

KNOWN = np.ones((40, 48), dtype=bool)


class Fixed(nn.Module):
    """A network that answers the same alpha, of 0 and 1, to everything, and notes what it was given."""

    def __init__(self, alpha: np.ndarray) -> None:
        super().__init__()
        self.alpha, self.seen = torch.from_numpy(alpha), []

    def forward(self, x: Tensor) -> Tensor:
        self.seen.append((x, self.training))
        return (self.alpha.float() * 40 - 20).expand(len(x), 1, *self.alpha.shape)


def subject(top: int = 10, bottom: int = 31, left: int = 10, right: int = 31) -> np.ndarray:
    mask = np.zeros(KNOWN.shape, dtype=bool)
    mask[top:bottom, left:right] = True
    return mask


def batch(masks: list[np.ndarray]) -> Batch:
    alphas = torch.from_numpy(np.stack(masks))[:, None].float()
    return Batch(torch.zeros(len(masks), 3, *KNOWN.shape), alphas, torch.ones_like(alphas))


def test_planes_hold_discs_the_box_and_the_answer_before():
    before = np.full((40, 48), 0.5, np.float32)
    prompts = Prompts(points=((20, 20), (0, 47)), not_points=((39, 0),), box=Box(5, 6, 30, 40))
    inside, outside, box, answer = np.moveaxis(clicks.planes(prompts, (40, 48), before), 2, 0)
    rows, columns = np.mgrid[:40, :48]
    near = (rows - 20) ** 2 + (columns - 20) ** 2 <= clicks.RADIUS**2
    corner = rows**2 + (columns - 47) ** 2 <= clicks.RADIUS**2
    assert np.array_equal(inside, np.where(near | corner, 255, 0))
    assert np.array_equal(outside > 0, (rows - 39) ** 2 + columns**2 <= clicks.RADIUS**2)
    assert np.array_equal(box > 0, (rows >= 5) & (rows < 30) & (columns >= 6) & (columns < 40))
    assert set(np.unique(answer)) == {128}


def test_no_prompts_are_planes_of_zeros():
    assert not clicks.planes(Prompts(), (40, 48)).any()


@pytest.mark.parametrize("seed", range(20))
def test_clicks_at_first_are_on_their_side_of_the_edge(seed):
    random = np.random.default_rng(seed)
    known = KNOWN.copy()
    known[:, 40:] = False
    given = clicks.first_prompts(subject(), known, Clicks(box=0.0), random)
    assert given.box is None
    assert len(given.points) >= 1
    assert all(subject()[point] for point in given.points)
    assert all(known[point] and not subject()[point] for point in given.not_points)
    (row, column) = given.points[0]
    assert abs(row - 20) < 8  # about the middle
    assert abs(column - 20) < 8


def test_some_samples_begin_with_one_click_some_with_more_and_some_with_a_box():
    random = np.random.default_rng(0)
    found = [clicks.first_prompts(subject(), KNOWN, Clicks(box=0.5, only_box=0.5), random) for _ in range(200)]
    assert any(len(given.points) == 1 and not given.not_points for given in found)
    assert any(len(given.points) > 1 for given in found)
    assert any(given.not_points for given in found)
    assert any(given.box and not given.points for given in found)
    assert any(given.box and given.points for given in found)


@pytest.mark.parametrize("seed", range(10))
def test_a_box_is_off_by_no_more_than_it_may_be(seed):
    box = clicks.first_prompts(subject(), KNOWN, Clicks(box=1.0, loose=0.1), np.random.default_rng(seed)).box
    sides = np.array([box.top, box.left, box.bottom, box.right])
    assert np.abs(sides - [10, 10, 31, 31]).max() <= 0.1 * 21 + 0.5


def test_a_picture_without_a_subject_gets_nothing_and_one_that_is_all_subject_nothing_beside_it():
    random = np.random.default_rng(0)
    assert clicks.first_prompts(~KNOWN, KNOWN, Clicks(), random) == Prompts()
    assert not any(clicks.first_prompts(KNOWN, KNOWN, Clicks(), random).not_points for _ in range(20))


@pytest.mark.parametrize("seed", range(10))
def test_a_correction_is_in_the_inner_half_of_the_deepest_error(seed):
    random, wanted = np.random.default_rng(seed), subject()
    given = Prompts(points=((1, 1),), not_points=((2, 2),), box=Box(0, 0, 5, 5))
    missing = clicks.corrected(given, np.zeros(KNOWN.shape, np.float32), wanted, KNOWN, random)
    assert missing.points[:-1] == given.points
    assert (missing.not_points, missing.box) == (given.not_points, given.box)
    assert subject(15, 26, 15, 26)[missing.points[-1]]
    alpha = wanted | subject(0, 8, 0, 48)
    surplus = clicks.corrected(given, alpha.astype(np.float32), wanted, KNOWN, random)
    assert surplus.points == given.points
    assert subject(2, 6, 2, 46)[surplus.not_points[-1]]


def test_nothing_is_corrected_where_nothing_known_is_wrong():
    random, given = np.random.default_rng(0), Prompts(points=((20, 20),))
    assert clicks.corrected(given, subject().astype(np.float32), subject(), KNOWN, random) == given
    wrong = subject(10, 31, 10, 40)
    assert clicks.corrected(given, wrong.astype(np.float32), subject(), ~(wrong & ~subject()), random) == given


def test_samples_are_corrected_by_the_networks_own_errors():
    """The network always answers the left square; what is wanted is the right one."""
    left, right = subject(10, 31, 2, 20), subject(10, 31, 26, 46)
    module = Fixed(left)
    torch.manual_seed(4)
    how = Clicks(corrections=2, box=0.0)
    while len(module.seen) < 2:  # a random number of times
        module.seen.clear()
        inputs = clicks.simulate(module, torch.zeros(2, 3, *KNOWN.shape), batch([right, right]), how)
    assert module.training
    assert not any(training for _, training in module.seen)
    first, second = (seen[:, 3:] for seen, _ in module.seen)
    assert first[:, 3].max() == 0
    for earlier, later in ((first, second), (second, inputs[:, 3:])):
        assert torch.equal(later[:, 3] > 0.5, torch.from_numpy(np.stack([left, left])))
        gained = (later[:, :2] > earlier[:, :2]).flatten(1).any(1)
        assert gained.all()


def test_the_same_seed_gives_the_same_prompts():
    found = []
    for _ in range(2):
        torch.manual_seed(3)
        found.append(clicks.simulate(Fixed(subject()), torch.zeros(2, 3, 40, 48), batch([subject()] * 2), Clicks()))
    assert torch.equal(*found)


def test_a_network_is_judged_by_one_click_in_the_middle():
    inputs = clicks.one_click(torch.zeros(2, 3, 40, 48), batch([subject(), ~KNOWN]).alphas)
    wanted = clicks.planes(Prompts(points=((20, 20),)), (40, 48))
    assert np.array_equal(inputs[0, 3:].permute(1, 2, 0).numpy() * 255, wanted)
    assert not inputs[1, 3:].any()


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_scenes_have_their_share_of_the_samples(share, monkeypatch):
    counts = {"scenes": 0, "augment": 0}
    for name in counts:
        true = getattr(clicks, name).draw

        def counted(bank, count, *rest, name=name, true=true):
            counts[name] += count
            return true(bank, count, *rest)

        monkeypatch.setattr(getattr(clicks, name), "draw", counted)
    torch.manual_seed(0)
    drawn = clicks.draw(squares(8), 40, (32, 32), CALM, Clicks(scenes=share))
    assert drawn.images.shape == (40, 3, 32, 32)
    assert counts["scenes"] + counts["augment"] == 40
    assert counts["scenes"] == pytest.approx(40 * share, abs=10 if share == 0.5 else 0)
