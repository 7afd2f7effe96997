"""Makes the pictures in web/start: photos to try, of scikit-image (CC0 or public domain), and one cut out."""

from pathlib import Path

import skimage.data
from PIL import Image

import background_remover
from background_remover import Remover

PHOTOS = {
    "astronaut": skimage.data.astronaut,  # NASA, public domain
    "cat": skimage.data.chelsea,  # CC0, Stefan van der Walt
    "coffee": skimage.data.coffee,  # CC0, Rachel Michetti
    "photographer": skimage.data.camera,  # CC0, Lav Varshney
}
SHOWN = "astronaut"  # beside its cutout
SIDE, SMALL = 360, 80  # pixels of what is shown, and of the small copies
FOLDER = Path(background_remover.__file__).parent / "web" / "start"


def main() -> None:
    """Write the photos, the small copies side by side, and the two pictures of before and after."""
    small = Image.new("RGB", (SMALL * len(PHOTOS), SMALL))
    for place, (name, load) in enumerate(PHOTOS.items()):
        photo = Image.fromarray(load()).convert("RGB")
        photo.save(FOLDER / f"{name}.webp", quality=88, method=6)
        side = min(photo.size)
        left, top = (photo.width - side) // 2, (photo.height - side) // 2
        square = photo.crop((left, top, left + side, top + side))
        small.paste(square.resize((SMALL, SMALL), Image.Resampling.LANCZOS), (place * SMALL, 0))
        if name == SHOWN:
            shown = (SIDE, SIDE)
            photo.resize(shown, Image.Resampling.LANCZOS).save(FOLDER / "before.webp", quality=60, method=6)
            cutout = Remover().remove(photo).image.resize(shown, Image.Resampling.LANCZOS)
            cutout.save(FOLDER / "after.webp", quality=60, method=6)
    small.save(FOLDER / "all.webp", quality=60, method=6)


if __name__ == "__main__":
    main()
