"""Draws the scenes that the page offers as backgrounds.

    python runs/backdrops.py src/background_remover/web/scenes

Each is drawn by arithmetic alone, from no photograph, so that nobody else has rights to it. They are WebP files of
1600 x 1200 pixels in the best quality that takes less than 40 kB, and `all.webp` with small copies of all side by side.
Light comes from the upper left, and what is a floor begins at two thirds of the height or above, where the feet of a
subject in the middle are.
"""

import io
import math
from collections.abc import Callable
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage
from PIL import ImageDraw, ImageFilter

WIDTH, HEIGHT = 1600, 1200
LARGEST = 40_000  # bytes of a scene
THUMB = 160, 120
Plane = NDArray[np.float64]  # (HEIGHT, WIDTH), or one that broadcasts to that

Y, X = np.mgrid[:HEIGHT, :WIDTH] / np.array([[[HEIGHT]], [[WIDTH]]])  # in [0, 1], from the upper left corner


def colour(text: str) -> NDArray[np.float64]:
    """Return the levels of #rrggbb, (3,), in [0, 1]."""
    return np.array([int(text[at : at + 2], 16) for at in (1, 3, 5)]) / 255


def mixed(start: str | NDArray[np.float64], end: str | NDArray[np.float64], share: Plane) -> NDArray[np.float64]:
    """Return two colours or pictures mixed: (HEIGHT, WIDTH, 3), `end` where the share is 1."""
    one, other = (colour(each) if isinstance(each, str) else each for each in (start, end))
    share = np.clip(share, 0, 1)[..., None]
    return one * (1 - share) + other * share


def step(values: Plane, start: float, end: float) -> Plane:
    """Return a smooth step from 0 at `start` to 1 at `end`."""
    share = np.clip((values - start) / (end - start), 0, 1)
    return share * share * (3 - 2 * share)


def pool(x: float, y: float, wide: float, high: float) -> Plane:
    """Return a pool of light: 1 in its middle, falling off as a Gaussian does."""
    return np.exp(-(((X - x) / wide) ** 2 + ((Y - y) / high) ** 2) / 2)


def noise(seed: int, across: int, down: int, octaves: int = 5, fading: float = 0.5) -> Plane:
    """Return fractal noise with a mean of 0 and a deviation of 1, whose largest spots number `across` by `down`."""
    random, total = np.random.default_rng(seed), np.zeros((HEIGHT, WIDTH))
    for octave in range(octaves):
        shape = min(down << octave, HEIGHT) + 1, min(across << octave, WIDTH) + 1
        grid = PillowImage.fromarray(random.normal(size=shape).astype(np.float32))
        total += fading**octave * np.asarray(grid.resize((WIDTH, HEIGHT), PillowImage.Resampling.BICUBIC))
    return (total - total.mean()) / total.std()


def soft(shape: PillowImage.Image, radius: float) -> Plane:
    """Return a grey picture blurred, in [0, 1]."""
    return np.asarray(shape.filter(ImageFilter.GaussianBlur(radius)), dtype=np.float64) / 255


def studio() -> NDArray[np.float64]:
    """Return a seamless grey sweep, lit from above."""
    wall = mixed("#c9cbcf", "#eceded", pool(0.48, 0.42, 0.42, 0.42))
    floor = mixed("#dcddde", "#f6f6f5", pool(0.5, 0.86, 0.5, 0.2))
    sweep = mixed(wall, floor, step(Y, 0.6, 0.84))
    return sweep * (1 - 0.09 * pool(0.5, 0.7, 0.9, 0.05))[..., None]


def wall() -> NDArray[np.float64]:
    """Return a warm plastered wall with a skirting board and a floor."""
    light = mixed("#c99f82", "#efd0b6", 0.9 * pool(0.3, 0.25, 0.55, 0.5)) * (1 + 0.012 * noise(3, 5, 4, 6))[..., None]
    floor = mixed("#a98567", "#c7a483", pool(0.42, 0.95, 0.5, 0.25)) * (1 + 0.02 * noise(4, 3, 40, 3))[..., None]
    edge = 0.76
    board = mixed("#d9c4b0", "#f4e7d9", pool(0.3, edge, 0.6, 0.4))
    picture = mixed(light, board, step(Y, edge - 0.052, edge - 0.0505))
    picture *= (1 - 0.22 * np.exp(-np.maximum(edge - 0.052 - Y, 0) / 0.006) * (edge - 0.052 > Y))[..., None]
    picture = mixed(picture, floor, step(Y, edge, edge + 0.0015))
    return picture * (1 - 0.35 * np.exp(-np.maximum(Y - edge, 0) / 0.035) * (edge < Y))[..., None]


def table() -> NDArray[np.float64]:
    """Return a wooden table before a room that is out of focus."""
    room = mixed("#8e8a80", "#e6dfd2", pool(0.25, 0.2, 0.3, 0.45))
    room = mixed(room, "#5f6a5c", 0.5 * pool(0.85, 0.3, 0.13, 0.4))
    edge = 0.62
    depth = 0.35 / np.maximum(Y - edge + 0.12, 0.02)  # how far away a row of the table is
    across = (X - 0.5) * depth
    planks = np.floor(across * 3.1 + 40).astype(int)
    shades = np.random.default_rng(8).normal(size=100)[planks % 100]
    grain = sampled(noise(9, 90, 3, 5), across * 3.1, depth * 0.16 + planks * 0.37)
    wood = mixed("#8a5a36", "#c08a5a", 0.5 + 0.2 * grain + 0.12 * shades)
    gap = np.abs(across * 3.1 - np.round(across * 3.1))
    wood *= (1 - 0.5 * np.exp(-((gap / 0.012) ** 2)) * step(Y, edge, edge + 0.1))[..., None]
    wood = mixed(wood, "#fff0dc", 0.42 * pool(0.33, edge + 0.02, 0.35, 0.12))
    picture = mixed(room, wood, step(Y, edge - 0.004, edge + 0.004))
    return picture * (0.82 + 0.18 * pool(0.45, 0.6, 0.6, 0.6))[..., None]


def sampled(texture: Plane, right: Plane, down: Plane) -> Plane:
    """Return a texture where its coordinates, in heights of it, are these; it repeats."""
    columns = (right * WIDTH / 2).astype(int) % WIDTH
    rows = (down * HEIGHT / 2).astype(int) % HEIGHT
    return texture[rows, columns]


def lights() -> NDArray[np.float64]:
    """Return lights of a town at night, out of focus."""
    random = np.random.default_rng(21)
    picture = mixed("#0f1226", "#2c2350", pool(0.5, 0.75, 0.6, 0.4))
    hues = ("#ffb35c", "#ff7d5e", "#ffd89a", "#7fa8ff", "#c58bff", "#ff9ec0")
    for number in range(85):
        x, y, radius = random.uniform(0, WIDTH), random.normal(0.56, 0.17) * HEIGHT, random.uniform(16, 62)
        disc = PillowImage.new("L", (WIDTH, HEIGHT))
        draw = ImageDraw.Draw(disc)
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), 205)
        draw.ellipse((x - 0.9 * radius, y - 0.9 * radius, x + 0.9 * radius, y + 0.9 * radius), 165)
        share = soft(disc, 2.5 + radius / 18) * random.uniform(0.12, 0.62)
        picture = 1 - (1 - picture) * (1 - share[..., None] * colour(hues[number % len(hues)]))
    return picture * (0.7 + 0.3 * pool(0.5, 0.55, 0.5, 0.5))[..., None]


def sky() -> NDArray[np.float64]:
    """Return a light blue sky with soft clouds."""
    blue = mixed("#5f9fdc", "#d5eafa", step(Y, -0.1, 1.05))
    clouds = noise(33, 3, 5, 7, 0.55) + 1.1 * (Y - 0.55)
    thick = step(clouds, 0.1, 1.9)
    shaded = mixed("#ffffff", "#d3dfec", step(noise(34, 4, 5, 5) + 2 * (Y - 0.6), 0, 3))
    return mixed(blue, shaded, 0.88 * thick)


def paper() -> NDArray[np.float64]:
    """Return a sheet of thick white paper, a little uneven."""
    grain = noise(41, 220, 165, 2)
    waves = noise(42, 3, 3, 3)
    light = 0.945 + 0.03 * (pool(0.3, 0.25, 0.55, 0.6) - 0.5) + 0.0065 * grain + 0.005 * waves
    return light[..., None] * colour("#fffcf6")


def concrete() -> NDArray[np.float64]:
    """Return a wall of smooth concrete with a floor of the same."""
    cast = 0.028 * noise(51, 4, 4, 6, 0.6) + 0.008 * noise(52, 120, 90, 2)
    light = 0.62 + 0.13 * pool(0.32, 0.25, 0.45, 0.45) + cast
    edge = 0.74
    floor = 0.66 + 0.1 * pool(0.42, 0.92, 0.45, 0.15) + 0.8 * cast
    light = np.where(edge > Y, light, floor)
    light *= 1 - 0.2 * np.exp(-np.abs(Y - edge) / np.where(edge > Y, 0.02, 0.035))
    for right in (0.333, 0.7):  # joints of the formwork
        light *= 1 - 0.16 * np.exp(-(((X - right) / 0.0011) ** 2)) * (edge > Y)
    return light[..., None] * colour("#fbfaf7")


def leaves() -> NDArray[np.float64]:
    """Return a light wall with the soft shadows of palm leaves."""
    plaster = mixed("#e3d9cb", "#faf4ea", pool(0.6, 0.4, 0.5, 0.6)) * (1 + 0.006 * noise(62, 5, 4, 6))[..., None]
    far, near = (PillowImage.new("L", (WIDTH, HEIGHT)) for _ in range(2))
    for x, y, length, angle in ((-60, 90, 950, 22), (-120, 520, 820, -6), (520, -150, 720, 74)):
        frond(far, (x, y), length, angle)
    for x, y, length, angle in ((-160, -60, 1050, 40), (1720, 1290, 900, 212)):
        frond(near, (x, y), length, angle)
    shade = np.maximum(0.3 * soft(far, 13), 0.42 * soft(near, 6))
    return mixed(plaster, "#6d6151", shade)


def frond(shape: PillowImage.Image, start: tuple[float, float], length: float, angle: float) -> None:
    """Draw a palm leaf, bent downwards, from its stalk in a direction in degrees."""
    draw = ImageDraw.Draw(shape)
    x, y = start
    number = 22
    for index in range(number):
        share = index / number
        heading = math.radians(angle + 28 * share * share)
        ahead = x + math.cos(heading) * length / number, y + math.sin(heading) * length / number
        draw.line([(x, y), ahead], 255, width=max(2, round(9 * (1 - share))))
        (x, y) = ahead
        size = length * 0.36 * math.sin(math.pi * min(0.14 + 0.86 * share, 0.985)) ** 0.7
        for side in (-1, 1):
            leaflet(draw, (x, y), size, heading + side * math.radians(58 - 26 * share))


def leaflet(draw: ImageDraw.ImageDraw, start: tuple[float, float], size: float, heading: float) -> None:
    """Draw one narrow leaf with a pointed end."""
    along, beside = np.array((math.cos(heading), math.sin(heading))), np.array((-math.sin(heading), math.cos(heading)))
    outline = [(0, 0), (0.2, 0.03), (0.45, 0.036), (0.8, 0.018), (1, 0), (0.8, -0.018), (0.45, -0.036), (0.2, -0.03)]
    draw.polygon([tuple(np.array(start) + size * (far * along + off * beside)) for far, off in outline], fill=255)


SCENES: dict[str, Callable[[], NDArray[np.float64]]] = {
    "studio": studio,
    "wall": wall,
    "table": table,
    "concrete": concrete,
    "paper": paper,
    "leaves": leaves,
    "sky": sky,
    "lights": lights,
}


def levels(picture: NDArray[np.float64]) -> PillowImage.Image:
    """Return a picture of levels in [0, 1] as one of 8 bits, dithered."""
    dither = np.random.default_rng(1).uniform(-0.5, 0.5, (HEIGHT, WIDTH, 1))
    return PillowImage.fromarray(np.rint(np.clip(picture * 255 + dither, 0, 255)).astype(np.uint8))


def encoded(picture: PillowImage.Image) -> bytes:
    """Return the WebP file of a picture in the best quality that takes less than `LARGEST` bytes."""
    for quality in range(94, 0, -2):
        buffer = io.BytesIO()
        picture.save(buffer, "WEBP", quality=quality, method=6)
        if buffer.tell() < LARGEST:
            break
    return buffer.getvalue()


@click.command()
@click.argument("out", type=click.Path(file_okay=False, path_type=Path))
def main(out: Path) -> None:
    """Draw all scenes into a folder."""
    out.mkdir(parents=True, exist_ok=True)
    small = PillowImage.new("RGB", (THUMB[0] * len(SCENES), THUMB[1]))
    for index, (name, draw) in enumerate(SCENES.items()):
        picture = levels(draw())
        data = encoded(picture)
        (out / f"{name}.webp").write_bytes(data)
        small.paste(picture.resize(THUMB, PillowImage.Resampling.LANCZOS), (index * THUMB[0], 0))
        click.echo(f"{name} {len(data)} bytes")
    small.save(out / "all.webp", quality=80, method=6)


if __name__ == "__main__":
    main()
