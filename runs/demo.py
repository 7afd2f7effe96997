"""Makes docs/demo.webp: scikit-image's cat, astronaut and coffee (CC0 or public domain), each beside its cutout."""

from pathlib import Path

import skimage.data
from PIL import Image

from background_remover import Remover
from background_remover.compositing.chequerboard import chequerboard

HEIGHT, GAP, SQUARE = 200, 8, 10  # pixels


def main() -> None:
    """Write the picture beside the documents."""
    remover = Remover()
    cells = []
    for photo in (skimage.data.chelsea(), skimage.data.astronaut(), skimage.data.coffee()):
        cutout = remover.remove(photo).image
        size = (round(cutout.width * HEIGHT / cutout.height), HEIGHT)
        behind = chequerboard(size, SQUARE)
        behind.paste(cutout.resize(size), mask=cutout.resize(size).getchannel("A"))
        cells += [Image.fromarray(photo).resize(size), behind]
    page = Image.new("RGB", (sum(cell.width + GAP for cell in cells) - GAP, HEIGHT), "white")
    left = 0
    for cell in cells:
        page.paste(cell, (left, 0))
        left += cell.width + GAP
    page.save(Path(__file__).parent.parent / "docs" / "demo.webp", quality=85, method=6)


if __name__ == "__main__":
    main()
