"""rembg's Python interface, that of version 2.0.86: `remove` and `new_session`, with its parameters and its types."""

import io
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

from background_remover import models
from background_remover.errors import NoPicture, OptionError
from background_remover.options import HARD_EDGE, Options
from background_remover.parameters.values import ColourLike, as_switch, shown
from background_remover.pipeline.cut import Cut
from background_remover.remover import Remover
from background_remover.remover import remove as remove_one
from background_remover.segmentation.device import CPU, DEVICES

Data: TypeAlias = bytes | PillowImage.Image | NDArray[Any]
"""A picture: the bytes of a file, a Pillow image, or an array (H, W), (H, W, 3) or (H, W, 4) uint8."""
SamPrompt: TypeAlias = Mapping[str, Any]
"""A prompt: {"type": "point", "data": [x, y], "label": 1 or 0} or {"type": "rectangle", "data": [x1, y1, x2, y2]}."""

REPLACED = (
    *("bria-rmbg", "u2net", "u2netp", "u2net_human_seg", "silueta", "isnet-general-use", "isnet-anime", "sam"),
    *("birefnet-general", "birefnet-general-fp16", "birefnet-general-lite", "birefnet-portrait", "birefnet-dis"),
    *("birefnet-hrsod", "birefnet-cod", "birefnet-massive"),
)
"""rembg's networks that cut out a subject; the default network here takes their place."""


@dataclass(frozen=True)
class Session:
    """A network kept open, to be given to `remove`; `model_name` is the name that was asked for."""

    model_name: str
    remover: Remover

    def predict(self, img: PillowImage.Image, *, sam_prompt: Iterable[SamPrompt] = ()) -> list[PillowImage.Image]:
        """Return the alpha of a picture, one image of mode "L" and of the upright picture's size."""
        return [self.remover.remove(img, _options(only_mask=True, prompts=sam_prompt)).image]


def new_session(
    model_name: str = models.DEFAULT, providers: Iterable[str | tuple[str, object]] = (), sess_opts: object = None
) -> Session:
    """Return a network to be used for many pictures.

    A name of `models.MODELS`, or a path that ends in .onnx, opens that model. A name of rembg's opens the default
    network, with a warning. The first of `providers` that is known says on which device; `sess_opts` changes
    nothing. Raises `OptionError`, a `ValueError`, at any other name.
    """
    del sess_opts
    name = model_name
    if name in REPLACED:
        warnings.warn(f"{name} isn't among this package's networks; {models.DEFAULT} takes its place", stacklevel=2)
        name = models.DEFAULT
    names = [provider if isinstance(provider, str) else provider[0] for provider in providers or ()]
    return Session(model_name, Remover(name, device=_device(names)))


def remove(
    data: Data,
    alpha_matting: bool = False,
    alpha_matting_foreground_threshold: int = 240,
    alpha_matting_background_threshold: int = 10,
    alpha_matting_erode_size: int = 10,
    session: Session | None = None,
    only_mask: bool = False,
    post_process_mask: bool = False,
    decontaminate: bool = False,
    vitmatte: bool = False,
    vitmatte_model: str | None = None,
    bgcolor: ColourLike | None = None,
    force_return_bytes: bool = False,
    *,
    putalpha: bool = False,
    sam_prompt: Iterable[SamPrompt] = (),
) -> Data:
    """Return the cutout of a picture in the type in which it was given: bytes of a PNG, an "RGBA" image, or an array.

    With `only_mask` it is the alpha, of mode "L" or of shape (H, W). `post_process_mask` leaves no half-transparent
    pixel, `bgcolor` is put behind, `putalpha` keeps the picture's own colours everywhere, and `sam_prompt` says which
    subject is meant, in pixels. Edges and colours are refined anyhow, so `alpha_matting` and its thresholds,
    `decontaminate`, `vitmatte` and `vitmatte_model` change nothing. As with rembg, an array's channels keep their
    order, of an animation the first frame is taken, and a picture without a subject comes back transparent. Raises
    `ImageError` at what is no picture and `OptionError` at a value that is out of range.
    """
    del alpha_matting_foreground_threshold, alpha_matting_background_threshold, alpha_matting_erode_size, vitmatte_model
    for name, value in (("alpha_matting", alpha_matting), ("decontaminate", decontaminate), ("vitmatte", vitmatte)):
        as_switch(name, value)
    options = _options(
        only_mask=as_switch("only_mask", only_mask),
        threshold=HARD_EDGE if as_switch("post_process_mask", post_process_mask) else 0.0,
        background=None if only_mask else bgcolor,
        own_colours=as_switch("putalpha", putalpha) and not only_mask,
        prompts=sam_prompt,
    )
    if not isinstance(data, bytes | PillowImage.Image | np.ndarray):
        raise NoPicture(f"a picture is bytes, a Pillow image or an array, not {type(data).__name__}")
    cut = _run(session, data, options)
    image = cut.image if only_mask else cut.image.convert("RGBA")
    if isinstance(data, np.ndarray) and not force_return_bytes:
        return np.asarray(image)
    if isinstance(data, PillowImage.Image) and not force_return_bytes:
        return image
    written = io.BytesIO()
    image.save(written, "PNG")
    return written.getvalue()


def _device(providers: Iterable[str]) -> str:
    """Return the device of the first provider that is known."""
    devices = {provider: name for name, device in DEVICES.items() for provider in device.providers}
    return next((devices[provider] for provider in providers if provider in devices), CPU)


def _run(session: object, data: Data, options: Options) -> Cut:
    if session is None:
        return remove_one(data, options)
    if not isinstance(session, Session):
        raise OptionError(f"session is {shown(session)}; give what new_session returns")
    return session.remover.remove(data, options)


def _options(
    *,
    only_mask: bool,
    threshold: float = 0.0,
    background: ColourLike | None = None,
    own_colours: bool = False,
    prompts: Iterable[SamPrompt] = (),
) -> Options:
    points, not_points, box = _prompts(prompts)
    return Options(
        allow_empty=True,
        frame=1,
        only_mask=only_mask,
        threshold=threshold,
        background="none" if background is None else background,
        keep_colours=own_colours,
        keep_hidden=own_colours and background is None,
        points=points,
        not_points=not_points,
        box=box,
    )


def _prompts(sam_prompt: Iterable[SamPrompt]) -> tuple[str, str, str]:
    """Return points, points beside the subject, and a box, as `Options` takes them, of rembg's `sam_prompt`."""
    points: dict[int, list[str]] = {1: [], 0: []}
    boxes = []
    for prompt in sam_prompt:
        kind, label = prompt.get("type"), prompt.get("label", 1)
        data = [int(number) for number in prompt.get("data", ())]
        if kind == "point" and len(data) == 2 and label in points:
            points[label].append(f"{data[0]},{data[1]}")
        elif kind == "rectangle" and len(data) == 4:
            left, top, right, bottom = data
            boxes.append(f"{left},{top},{right - left},{bottom - top}")
        else:
            raise OptionError(
                f"sam_prompt has {dict(prompt)!r}; give a point with its label, 1 or 0, or a rectangle of two corners"
            )
    if len(boxes) > 1:
        raise OptionError(f"sam_prompt has {len(boxes)} rectangles; give one")
    return " ".join(points[1]), " ".join(points[0]), "".join(boxes)
