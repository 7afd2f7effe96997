"""Plain grounds: drawn pictures, products on white paper, and photographs; prints tables in Markdown.

    python benchmarks/graphics.py drawn
    python benchmarks/graphics.py products FOLDER
    python benchmarks/graphics.py choice FOLDER

`drawn` needs no data: it draws 40 pictures whose alpha is known. FOLDER holds image/ beside mask/, of which held-out
pictures are used. `products` puts each subject on white paper with a soft shadow; its mask is narrowed first, for where
a mask is too wide, what it takes from the picture is old paper. `choice` leaves the pictures as they are.
"""

import io
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import click
import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage
from PIL import ImageDraw, ImageFont

from background_remover import models
from background_remover.arrays.box_filter import blur, box_max
from background_remover.arrays.resample import resize
from background_remover.evaluation.datasets import find_pairs, read_pair
from background_remover.evaluation.evaluate import thin
from background_remover.evaluation.metrics import iou, mae
from background_remover.evaluation.tables import markdown
from background_remover.matting.guided_filter import refine
from background_remover.matting.keying.cast_shadow import find_shade
from background_remover.matting.keying.decision import Method, choose, combine
from background_remover.matting.keying.ground import find_ground
from background_remover.matting.keying.unmix import Unmixed, unmix
from background_remover.matting.sharpen import sharpen_uncertain
from background_remover.segmentation.confidence import confidence
from background_remover.segmentation.network import Network
from background_remover.types import Alpha, Image

SIDE, FINE = 512, 4  # pixels of a picture, and how many times as many it is drawn with
QUALITY = 60  # of the JPEGs
SHADE = 0.4  # of the products' shadows, at their darkest
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
    """Return a colour far from white."""
    colour = random.integers(0, 200, 3)
    colour[random.integers(3)] = random.integers(0, 60)
    return int(colour[0]), int(colour[1]), int(colour[2])


def _pastel(random: np.random.Generator) -> tuple[int, int, int]:
    colour = random.integers(215, 250, 3)
    colour[random.integers(3)] = random.integers(180, 205)
    return int(colour[0]), int(colour[1]), int(colour[2])


def letters(random: np.random.Generator, side: int) -> PillowImage.Image:
    """Draw words in several sizes, each of one colour."""
    canvas, draw = _canvas(side)
    y = side * 0.08
    for word in ("Bag 80", "Roads & eggs", "abdegopq 4689"):
        size = side * random.uniform(0.08, 0.2)
        draw.text((side * 0.1, y), word, fill=_vivid(random), font=ImageFont.load_default(size))
        y += size * 1.3
    return canvas


def lines(random: np.random.Generator, side: int) -> PillowImage.Image:
    """Draw strokes of one colour, from one pixel to six in width."""
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
    """Draw shapes filled with a gradient of two colours."""
    canvas = icons(random, side)
    one, two = np.array(_vivid(random)), np.array(_vivid(random))
    along = np.linspace(0, 1, side)[:, None, None] * np.ones((1, side, 1))
    filled = np.rint(one + along * (two - one)).astype(np.uint8)
    return PillowImage.fromarray(np.dstack([filled, np.asarray(canvas)[..., 3]]))


def pastels(random: np.random.Generator, side: int) -> PillowImage.Image:
    """Draw the shapes of `icons`, in pale colours."""
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
    """Draw 40 pictures: five subjects on four grounds, each without loss and as a JPEG."""
    for number, (kind, draw) in enumerate(SUBJECTS.items()):
        random = np.random.default_rng(number)
        for ground in grounds(random, kind == "pastels"):
            alpha, colours = _reduced(np.asarray(draw(random, SIDE * FINE), dtype=np.float32))
            share = alpha[..., None]
            image = np.rint(share * colours + (1 - share) * ground).astype(np.uint8)
            yield Drawn(kind, image, alpha, colours)
            yield Drawn(f"{kind}, JPEG", as_jpeg(image), alpha, colours)


def _reduced(fine: NDArray[np.float32]) -> tuple[Alpha, NDArray[np.float32]]:
    """Return the alpha and the colours of a drawing with FINE times the pixels."""
    share = fine[..., 3:] / 255
    blocks = np.concatenate([fine[..., :3] * share, share], axis=2)
    blocks = blocks.reshape(SIDE, FINE, SIDE, FINE, 4).mean(axis=(1, 3))
    alpha = blocks[..., 3]
    return alpha, blocks[..., :3] / np.maximum(alpha, 1e-6)[..., None]


def as_jpeg(image: Image) -> Image:
    """Return what a JPEG leaves of a picture."""
    file = io.BytesIO()
    PillowImage.fromarray(image).save(file, "JPEG", quality=QUALITY)
    return np.asarray(PillowImage.open(file).convert("RGB"))


def colour_error(found: Unmixed, truth: Drawn) -> float:
    """Return the error of the colours of the edge: levels of 255, weighted by the true alpha."""
    edge = (truth.alpha > 0) & (truth.alpha < 1)
    wrong = np.abs(found.colours[edge] - truth.colours[edge]).mean(axis=1)
    return float((wrong * truth.alpha[edge]).sum() / truth.alpha[edge].sum())


class Answers(NamedTuple):
    """The alphas of one picture, by the network alone and by the chosen method, and the shade that was found."""

    network: Alpha
    chosen: Alpha
    method: Method
    shade: Alpha


def answers(image: Image, network: Network) -> Answers:
    """Return what the network says of a picture, and what the choice makes of that."""
    coarse = network.coarse(image)
    alpha = refine(image, sharpen_uncertain(coarse))
    ground = find_ground(image)
    if not ground.plain:
        return Answers(alpha, alpha, "photo", np.zeros((1, 1), dtype=np.float32))
    shade = find_shade(image, ground, alpha)
    found = unmix(image, ground, shade=shade)
    empty = confidence(coarse, network.card.curve) < network.card.empty_below
    method = choose(image, ground, found, alpha, empty=empty)
    chosen = {"photo": alpha, "graphic": found.alpha}.get(method)
    return Answers(alpha, combine(image, found, alpha).alpha if chosen is None else chosen, method, shade)


class Product(NamedTuple):
    """A subject on white paper, with its truth."""

    image: Image
    alpha: Alpha
    shade: Alpha


def product(image: Image, truth: Alpha) -> Product:
    """Draw a subject narrowed by two pixels, with a soft edge, on white paper on which it throws a soft shadow."""
    pad = max(image.shape) // 8
    narrow = np.pad(1 - box_max((truth < 0.5).astype(np.float32), 2), pad)
    alpha = np.clip(blur(narrow, 0.7), 0, 1)
    right, down, radius = (round(share * max(alpha.shape)) for share in (0.01, 0.02, 0.02))
    shade = np.roll(SHADE * blur(narrow, radius), (down, right), (0, 1))
    share, colours = alpha[..., None], np.pad(image, ((pad, pad), (pad, pad), (0, 0)), mode="edge")
    return Product(np.rint(share * colours + (1 - share) * 255 * (1 - shade[..., None])).astype(np.uint8), alpha, shade)


@click.group()
def main() -> None:
    """Measure plain grounds."""


@main.command("drawn")
def measure_drawn() -> None:
    """Print the errors of drawn pictures."""
    rows: dict[str, list[tuple[float, float]]] = {}
    for picture in drawn():
        found = unmix(picture.image, find_ground(picture.image))
        errors = float(np.abs(found.alpha - picture.alpha).mean()), colour_error(found, picture)
        rows.setdefault(picture.kind, []).append(errors)
    lines = []
    rows["all"] = [errors for kind in rows.values() for errors in kind]
    for kind, all_errors in rows.items():
        alphas, colours = np.array(all_errors).T
        cells = [f"{alphas.mean():.4f}", f"{alphas.max():.4f}", f"{colours.mean():.1f}", f"{colours.max():.1f}"]
        lines.append([f"{len(all_errors)} of {kind}", *cells])
    click.echo(markdown(["pictures", "error of alpha", "most", "colours of the edge, levels", "most"], lines))


FOLDER = click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
MODEL = click.option("--model", default=models.DEFAULT, show_default=True, help="A shipped model's name, or its file.")
LIMIT = click.option("--limit", type=click.IntRange(min=1), default=500, show_default=True, help="Pictures at most.")


@main.command()
@FOLDER
@MODEL
@LIMIT
def products(folder: Path, model: str, limit: int) -> None:
    """Print the errors of products on white paper, and that of the shade where there is any."""
    network, rows = Network(models.locate(model)), []
    for pair in thin(find_pairs(folder, "validation"), limit):
        image, alpha, _ = read_pair(pair)
        truth = product(image, alpha)
        given = answers(truth.image, network)
        shaded = (truth.alpha < 0.02) & (truth.shade > 0.02)
        shade = resize(given.shade, truth.alpha.shape, "bilinear")
        scores = [of(alpha, truth.alpha) for alpha in given[:2] for of in (mae, iou)]
        rows.append([*scores, float(np.abs(shade - truth.shade)[shaded].mean())])
    means = np.mean(rows, axis=0)
    click.echo(f"\n{len(rows)} products; the shade is off by {means[4]:.4f}\n")
    cells = [f"{mean:.4f}" for mean in means[:4]]
    click.echo(markdown(["", "MAE", "IoU"], [["the network", *cells[:2]], ["**`auto`**", *cells[2:]]]))


@main.command()
@FOLDER
@MODEL
@LIMIT
def choice(folder: Path, model: str, limit: int) -> None:
    """Print how often each method is chosen, and the mean IoU with the network alone and with the choice."""
    network, rows, methods = Network(models.locate(model)), [], Counter[str]()
    for pair in thin(find_pairs(folder, "validation"), limit):
        image, truth, known = read_pair(pair)
        given = answers(image, network)
        rows.append([iou(given.network, truth, known), iou(given.chosen, truth, known)])
        methods[given.method] += 1
    alone, chosen = np.mean(rows, axis=0)
    click.echo(", ".join(f"{count} {method}" for method, count in methods.most_common()))
    click.echo("\n" + markdown(["", "IoU"], [["the network", f"{alone:.5f}"], ["**`auto`**", f"{chosen:.5f}"]]))


if __name__ == "__main__":
    main()
