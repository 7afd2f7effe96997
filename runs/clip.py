"""Makes docs/video.webp: a clip of a swaying view of scikit-image's astronaut (public domain), beside its cutout."""

import tempfile
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import skimage.data
from PIL import Image

from background_remover import Options, Remover, VideoOptions
from background_remover.compositing.chequerboard import chequerboard
from background_remover.imaging import animation
from background_remover.imaging.animation import Timing
from background_remover.imaging.output_options import OutputOptions
from background_remover.imaging.writer import Result
from background_remover.video.conversion import write_video

SIZE, SQUARE, GAP = (320, 180), 10, 4  # width and height, and the rest, in pixels
FRAMES, RATE, QUALITY = 28, 12, 55


def views() -> Iterator[Image.Image]:
    """Yield the frames: a window that sways over the picture and moves closer, and ends where it began."""
    photo = Image.fromarray(skimage.data.astronaut())
    for angle in 2 * np.pi * np.arange(FRAMES) / FRAMES:
        width = 430 - 40 * np.cos(angle)
        left = (photo.width - width) / 2 + 16 * np.sin(angle)
        height = width * SIZE[1] / SIZE[0]
        top = 10 + 8 * np.sin(2 * angle)
        yield photo.resize(SIZE, Image.Resampling.BICUBIC, box=(left, top, left + width, top + height))


def write_clip(path: Path) -> None:
    """Encode the frames as H.264."""
    with av.open(str(path), "w") as output:
        stream = output.add_stream("libx264", rate=RATE, options={"crf": "12"})
        stream.width, stream.height = SIZE
        stream.pix_fmt = "yuv420p"
        for number, view in enumerate(views()):
            frame = av.VideoFrame.from_image(view)
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))


def pair(before: Image.Image, after: Image.Image) -> Image.Image:
    """Return a frame beside its cutout, which is on a chequerboard."""
    page = Image.new("RGB", (2 * SIZE[0] + GAP, SIZE[1]), "white")
    page.paste(before, (0, 0))
    page.paste(chequerboard(SIZE, SQUARE), (SIZE[0] + GAP, 0))
    page.paste(after, (SIZE[0] + GAP, 0), mask=after.getchannel("A"))
    return page


def main() -> None:
    """Write the animation beside the documents."""
    pages = []
    with tempfile.TemporaryDirectory() as folder:
        clip, cutout = Path(folder) / "clip.mp4", Path(folder) / "cutout.apng"
        write_clip(clip)
        write_video(Remover(), clip, cutout, Options(), VideoOptions(), lambda *_: None)
        with Image.open(cutout) as moving:
            for number, before in enumerate(views()):
                moving.seek(number)
                pages.append(Result(np.asarray(pair(before, moving.convert("RGBA")))))
    timing = Timing((1000 / RATE,) * len(pages), plays=0)
    target = Path(__file__).parent.parent / "docs" / "video.webp"
    target.write_bytes(animation.encode(pages, timing, OutputOptions(quality=QUALITY), "WEBP", target.name))


if __name__ == "__main__":
    main()
