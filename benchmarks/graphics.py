"""Plain grounds: the alpha and the colours of drawn pictures, and of products on white paper: prints tables in Markdown.

    python benchmarks/graphics.py drawn
    python benchmarks/graphics.py products FOLDER --model unet-lite2
    python benchmarks/graphics.py choice FOLDER --limit 500

`drawn` needs no data: it draws 40 pictures whose alpha is known. FOLDER holds image/ beside mask/; of `products` each
held-out subject is put on white paper with a soft shadow.
"""

import io
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

import click
import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage
from PIL import ImageDraw, ImageFont

from background_remover.matting.plain_ground import find_ground
from background_remover.matting.unmix import Unmixed, unmix
from background_remover.types import Alpha, Image

SIDE, FINE = 512, 4  # pixels of a picture, and how many times as many it is drawn with
QUALITY = 60  # of the JPEGs
Draw = Callable[[np.random.Generator, int], PillowImage.Image]


class Drawn(NamedTuple):
    """A picture with its truth."""

    kind: str
    image: Image
    alpha: Alpha
    colours: NDArray[np.float32]  # (H, W, 3) in [0, 255], of the subject alone


def _canvas(side: int) -> tuple[PillowImage.Image, ImageDraw.ImageDraw]:
    canvas = PillowImage.new("RGBA", (side, side), (0, 0, 0, 0))
    return canvas, ImageDraw.Draw(canvas)


def _vivid(random: np.random.Generator) -> tuple[int, int, int]:
    """A colour far from white."""
    colour = random.integers(0, 200, 3)
    colour[random.integers(3)] = random.integers(0, 60)
    return int(colour[0]), int(colour[1]), int(colour[2])


def _pastel(random: np.random.Generator) -> tuple[int, int, int]:
    colour = random.integers(215, 250, 3)
    colour[random.integers(3)] = random.integers(180, 205)
    return int(colour[0]), int(colour[1]), int(colour[2])


def letters(random: np.random.Generator, side: int) -> PillowImage.Image:
    """Words in several sizes, each of one colour."""
    canvas, draw = _canvas(side)
    y = side * 0.08
    for word in ("Bag 80", "Roads & eggs", "abdegopq 4689"):
        size = side * random.uniform(0.08, 0.2)
        draw.text((side * 0.1, y), word, fill=_vivid(random), font=ImageFont.load_default(size))
        y += size * 1.3
    return canvas


def lines(random: np.random.Generator, side: int) -> PillowImage.Image:
    """Strokes of one colour, from one pixel to six in width."""
    canvas, draw = _canvas(side)
    colour = _vivid(random)
    for _ in range(12):
        width = round(random.uniform(1, 6) * FINE)
        points = [tuple(point) for point in random.uniform(0.12, 0.88, (4, 2)) * side]
        draw.line(points, fill=colour, width=width, joint="curve")
    for _ in range(5):
        x, y, radius = (
            random.uniform(0.3, 0.7, 2)[0] * side,
            random.uniform(0.3, 0.7) * side,
            random.uniform(0.05, 0.2) * side,
        )
        draw.ellipse(
            (x - radius, y - radius, x + radius, y + radius), outline=colour, width=round(random.uniform(2, 5) * FINE)
        )
    return canvas


def icons(
    random: np.random.Generator, side: int, colour: Callable[[np.random.Generator], tuple[int, int, int]] = _vivid
) -> PillowImage.Image:
    """Rings, frames and polygons with holes, some one over another."""
    canvas, draw = _canvas(side)
    clear = (0, 0, 0, 0)
    for row in range(3):
        for column in range(3):
            x, y = side * (0.1 + 0.28 * column), side * (0.1 + 0.28 * row)
            r = side * random.uniform(0.16, 0.24)
            hole = r * random.uniform(0.15, 0.3)
            box, inner = (x, y, x + r, y + r), (x + hole, y + hole, x + r - hole, y + r - hole)
            if (row + column) % 3 == 0:
                draw.ellipse(box, fill=colour(random))
                draw.ellipse(inner, fill=clear)
            elif (row + column) % 3 == 1:
                draw.rounded_rectangle(box, r / 5, fill=colour(random))
                draw.regular_polygon((x + r / 2, y + r / 2, hole * 1.2), 3, fill=clear)
            else:
                draw.regular_polygon((x + r / 2, y + r / 2, r / 2), int(random.integers(5, 9)), fill=colour(random))
                draw.ellipse((x + r * 0.35, y + r * 0.35, x + r * 0.65, y + r * 0.65), fill=colour(random))
    return canvas


def blends(random: np.random.Generator, side: int) -> PillowImage.Image:
    """Shapes filled with a gradient of two colours."""
    canvas = icons(random, side)
    one, two = np.array(_vivid(random)), np.array(_vivid(random))
    along = np.linspace(0, 1, side)[:, None, None] * np.ones((1, side, 1))
    filled = np.rint(one + along * (two - one)).astype(np.uint8)
    return PillowImage.fromarray(np.dstack([filled, np.asarray(canvas)[..., 3]]))


def pastels(random: np.random.Generator, side: int) -> PillowImage.Image:
    """The shapes of `icons`, in pale colours."""
    return icons(random, side, _pastel)


SUBJECTS: Mapping[str, Draw] = {
    "letters": letters,
    "lines": lines,
    "icons": icons,
    "blends": blends,
    "pastels": pastels,
}


def grounds(random: np.random.Generator, pale: bool) -> Iterator[NDArray[np.float32]]:
    """White, another light colour, a gradient across and one around a point: (H, W, 3) in [0, 255] each."""
    y, x = np.mgrid[:SIDE, :SIDE] / np.float32(SIDE)
    white, light = np.full(3, 255.0), np.array([250.0, 248.0, 243.0])
    other = light - (4 if pale else 60) * random.random(3)
    angle = random.uniform(0, 2 * np.pi)
    across = np.clip(0.5 + (x - 0.5) * np.cos(angle) * 0.7 + (y - 0.5) * np.sin(angle) * 0.7, 0, 1)[..., None]
    around = np.clip(np.hypot(x - 0.5, y - 0.5) * 1.4, 0, 1)[..., None] ** 2
    for share in (np.zeros_like(across), np.ones_like(across), across, around):
        start = white if share.max() == 0 else light
        yield (start + share * (other - start)).astype(np.float32)


def drawn() -> Iterator[Drawn]:
    """40 pictures: five subjects on four grounds, each without loss and as a JPEG."""
    for number, (kind, draw) in enumerate(SUBJECTS.items()):
        random = np.random.default_rng(number)
        for ground in grounds(random, kind == "pastels"):
            alpha, colours = _reduced(np.asarray(draw(random, SIDE * FINE), dtype=np.float32))
            share = alpha[..., None]
            image = np.rint(share * colours + (1 - share) * ground).astype(np.uint8)
            yield Drawn(kind, image, alpha, colours)
            yield Drawn(f"{kind}, JPEG", as_jpeg(image), alpha, colours)


def _reduced(fine: NDArray[np.float32]) -> tuple[Alpha, NDArray[np.float32]]:
    """The alpha and the colours of a drawing with FINE times the pixels."""
    share = fine[..., 3:] / 255
    blocks = np.concatenate([fine[..., :3] * share, share], axis=2)
    blocks = blocks.reshape(SIDE, FINE, SIDE, FINE, 4).mean(axis=(1, 3))
    alpha = blocks[..., 3]
    return alpha, blocks[..., :3] / np.maximum(alpha, 1e-6)[..., None]


def as_jpeg(image: Image) -> Image:
    """What a JPEG leaves of a picture."""
    file = io.BytesIO()
    PillowImage.fromarray(image).save(file, "JPEG", quality=QUALITY)
    return np.asarray(PillowImage.open(file).convert("RGB"))


def colour_error(found: Unmixed, truth: Drawn) -> float:
    """How far the colours of the edge are from the true ones: levels of 255, weighted by the true alpha."""
    edge = (truth.alpha > 0) & (truth.alpha < 1)
    wrong = np.abs(found.colours[edge] - truth.colours[edge]).mean(axis=1)
    return float((wrong * truth.alpha[edge]).sum() / truth.alpha[edge].sum())


@click.group()
def main() -> None:
    """Measure plain grounds."""


@main.command("drawn")
def measure_drawn() -> None:
    """Print the errors of drawn pictures."""
    rows: dict[str, list[tuple[float, float]]] = {}
    for picture in drawn():
        ground = find_ground(picture.image)
        found = unmix(picture.image, ground)
        errors = float(np.abs(found.alpha - picture.alpha).mean()), colour_error(found, picture)
        rows.setdefault(picture.kind, []).append(errors)
    click.echo(
        "| pictures | mean error of alpha | most | colours of the edge, levels | most |\n| --- | --- | --- | --- | --- |"
    )
    everything = [errors for kind in rows.values() for errors in kind]
    for kind, errors in {**rows, "all": everything}.items():
        alphas, colours = np.array(errors).T
        click.echo(
            f"| {len(errors)} of {kind} | {alphas.mean():.4f} | {alphas.max():.4f} | {colours.mean():.1f} | {colours.max():.1f} |"
        )


if __name__ == "__main__":
    main()
