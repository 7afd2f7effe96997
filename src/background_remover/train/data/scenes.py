"""Scenes of two to four subjects over a background, one of which is meant: samples for a click network."""

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - the customary name

from background_remover.train.config import Augmentation
from background_remover.train.data import augment
from background_remover.train.data.augment import Batch
from background_remover.train.data.dataset import Bank

FEWEST, MOST = 2, 4  # subjects in a scene
_SIDES = 0.45, 0.95  # a subject's longer side, as a share of the scene's shorter one, where there are two subjects
_WIDEST = 1.15  # of a subject's share of the scene's width: so wide may it be
_OUTSIDE = 0.1  # of a subject's side: how far it may stand out of the scene
_SEEN = 0.4  # of a subject's area: one that others hide more of isn't meant
_CANDIDATES = 3  # for each subject: one that the frame of its picture cuts off would give the composite away
_EDGE = 0.5  # an alpha above this is subject


def draw(bank: Bank, count: int, size: tuple[int, int], how: Augmentation) -> Batch:
    """Return `count` random scenes of that size (height, width), by torch's global random numbers.

    Subjects come from pictures with masks and from cutouts, as often as their sources' weights say. They stand side by
    side and may lie a little over each other. The alphas are of one subject, as far as others don't hide it.
    """
    subjects = _subjects(bank, MOST * count).reshape(MOST, count)
    numbers = torch.randint(FEWEST, MOST + 1, (count,), device=subjects.device)
    slots = torch.rand(count, MOST, device=subjects.device)
    slots[torch.arange(MOST, device=subjects.device) >= numbers[:, None]] = 2.0  # those that aren't there come last
    places = slots.argsort(1).argsort(1)
    images = augment.draw_backgrounds(bank, count, size, how).expand(count, 3, *size)
    seen: list[Tensor] = []
    whole: list[Tensor] = []
    for layer in range(MOST):  # the farthest first
        placed = _placed(bank, subjects[layer], places[:, layer], numbers, size)
        colours, alphas = placed[:, :3], placed[:, 3:]
        alphas = alphas * (layer < numbers).view(-1, 1, 1, 1)
        images = images + (colours - images) * alphas
        seen, whole = [*(other * (1 - alphas) for other in seen), alphas], [*whole, alphas]
    meant = _meant(torch.stack(seen), torch.stack(whole))
    return Batch(augment.distort(images, how), meant, torch.ones(count, 1, *size, device=images.device))


def _subjects(bank: Bank, count: int) -> Tensor:
    """Return rows of the bank, (count,): whole subjects, and ones that a frame cuts off where too few are whole."""
    weights = bank.weights() * (bank.of_kind("pairs") | bank.of_kind("cutouts"))
    chosen = torch.multinomial(weights, _CANDIDATES * count, replacement=True)
    alphas = _alphas(bank, chosen)
    cut = torch.stack([alphas[:, 0, :, 0], alphas[:, 0, :, -1], alphas[:, 0, 0]]).amax((0, 2)) > _EDGE
    bad = cut.int() + 2 * (alphas.amax((1, 2, 3)) <= _EDGE).int()  # at the bottom a bust may end
    best = bad.argsort(stable=True)[:count]
    return chosen[best[torch.randperm(count, device=best.device)]]


def _alphas(bank: Bank, rows: Tensor) -> Tensor:
    """Return what is known to be the subject in pictures of the bank, (B, 1, S, S) in [0, 1]."""
    truths = bank.tiles[rows, 3:].float().div_(255)
    return truths[:, :1] * truths[:, 1:]  # the unknown border of a trimap is half background


def _placed(bank: Bank, rows: Tensor, places: Tensor, numbers: Tensor, size: tuple[int, int]) -> Tensor:
    """Return the colours and alphas, (B, 4, H, W), of subjects at their places in scenes, counted from the left."""
    alphas = _alphas(bank, rows)
    left, top, right, bottom = _boxes(alphas)
    height, width = size

    def uniform(low: float, high: float) -> Tensor:
        return torch.rand(len(rows), device=rows.device) * (high - low) + low

    aspects = bank.aspects[rows] * (right - left) / (bottom - top)  # of the subject's own box
    side = min(size) * uniform(*_SIDES) * (FEWEST / numbers).sqrt()
    side = torch.minimum(side, _WIDEST * width / numbers / aspects.clamp(max=1))
    wide, high = side * aspects.clamp(max=1), side / aspects.clamp(min=1)
    x = (places + 0.5 + uniform(-0.3, 0.3)) / numbers * width
    x = _inside(x, wide * (0.5 - _OUTSIDE), width)
    y = _inside(uniform(0, 1) * height, high * (0.5 - _OUTSIDE), height)
    flip = torch.where(torch.rand(len(rows), device=rows.device) < 0.5, -1.0, 1.0)
    # from [-1, 1] over the scene to [-1, 1] over the square in the bank: a slope and an offset for each axis
    along, down = flip * width / wide * (right - left), height / high * (bottom - top)
    offset_x = left + right - 1 + along * (1 - 2 * x / width)
    offset_y = top + bottom - 1 + down * (1 - 2 * y / height)
    zero = torch.zeros_like(along)
    theta = torch.stack([torch.stack([along, zero, offset_x], 1), torch.stack([zero, down, offset_y], 1)], 1)
    layers = torch.cat([bank.tiles[rows, :3].float().div_(255), alphas], dim=1)
    grid = F.affine_grid(theta, [len(rows), 4, height, width], align_corners=False)
    placed = F.grid_sample(layers, grid, align_corners=False)
    return torch.cat([placed[:, :3], augment.soften(placed[:, 3:])], dim=1)


def _inside(centre: Tensor, margin: Tensor, length: int) -> Tensor:
    """Return the centre moved so that `margin` on either side lies in [0, length], or is as far out on both sides."""
    margin = margin.clamp(max=length / 2)
    return torch.minimum(torch.maximum(centre, margin), length - margin)


def _boxes(alphas: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return the left, top, right and bottom of every alpha's subject, each (B,), as shares of the sides."""
    found = []
    for line in (alphas.amax((1, 2)), alphas.amax((1, 3))):  # along the columns, then the rows
        length = line.shape[1]
        inside = line > _EDGE
        inside |= ~inside.any(1, keepdim=True)  # nothing there: the whole
        first = inside.float().argmax(1)
        last = length - inside.flip(1).float().argmax(1)
        found.append((first / length, last / length))
    (left, right), (top, bottom) = found
    return left, top, right, bottom


def _meant(seen: Tensor, whole: Tensor) -> Tensor:
    """Return the alpha of one subject of each scene, (B, 1, H, W), at random among those hidden least.

    Both are (layers, B, 1, H, W): the subjects' alphas as far as nearer ones leave them, and the whole of them.
    """
    areas, most = seen.sum((2, 3, 4)), whole.sum((2, 3, 4))
    weights = ((areas > _SEEN * most) & (most > 0)).float() + 1e-9  # nothing at all may be visible
    chosen = torch.multinomial(weights.T, 1)[:, 0]
    return seen[chosen, torch.arange(seen.shape[1], device=seen.device)]
