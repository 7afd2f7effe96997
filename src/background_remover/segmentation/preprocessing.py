"""What is done to a picture before a network: its size, and for third parties' networks their conventions."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias, get_args

from background_remover.arrays.resample import resize
from background_remover.errors import OptionError
from background_remover.types import Image, Size

Answer: TypeAlias = Literal["probabilities", "logits"]
Layout: TypeAlias = Literal["nchw", "nhwc"]
PerChannel: TypeAlias = tuple[float, float, float]
"""A number each for red, green and blue."""

LONGEST = 4096  # pixels of a side of a network's input: shipped networks take a twelfth of that, others up to a half
UNSTATED = "not stated"  # in a card, of a licence or data that nobody named


def check_side(name: str, side: int, multiple: int) -> None:
    """Raise `OptionError` where the longer side of a network's input, of this name, is no multiple or is too long."""
    if not 1 <= side <= LONGEST:
        raise OptionError(f"{name} {side}; give a number from 1 to {LONGEST}")
    if multiple < 1 or side % multiple:
        raise OptionError(f"{name} {side} is no multiple of {multiple}; give one that is")


def fit_size(size: Size, multiple: int, longest: int) -> Size:
    """Return the network's input size for a picture of `size`, both (height, width).

    The longer side becomes `longest`, or the multiple of `multiple` below it: small pictures are enlarged, because
    the network was trained at that scale. The other side becomes the multiple that changes the aspect ratio least; that
    of extremely long pictures changes more, as no side is below `multiple`.
    """
    long = max(longest // multiple, 1) * multiple
    exact = long * min(size) / max(size)
    short = min(range(multiple, long + 1, multiple), key=lambda side: abs(math.log(side / exact)))
    return (short, long) if size[0] < size[1] else (long, short)


def fit_image(image: Image, size: Size) -> Image:
    """Return a picture of any size, (H, W, 3), resized to `size` for the network: (h, w, 3)."""
    return resize(image, size, "bilinear", gap=4.0)  # in one step from up to eight times the network's size


@dataclass(frozen=True)
class Convention:
    """The input that a network takes, and the answer that it gives.

    The input is the picture in [0, 1], minus `mean`, divided by `std` (red, green, blue). Its sides are multiples of
    `multiple`, the longer one at most `size`; a `multiple` of None means `size`, so that pictures are stretched to a
    square. The answer is the output named `output`, or the first one.
    """

    size: int
    mean: PerChannel
    std: PerChannel
    answer: Answer
    multiple: int | None = None
    layout: Layout = "nchw"
    output: str | None = None

    def __post_init__(self) -> None:
        for given, known in ((self.answer, get_args(Answer)), (self.layout, get_args(Layout))):
            if given not in known:
                raise OptionError(f"{given!r} is unknown, known: {', '.join(known)}")
        check_side("size", self.size, self.sides)
        if not all(math.isfinite(value) for value in (*self.mean, *self.std)) or not all(self.std):
            raise OptionError(f"mean {self.mean}, std {self.std}; give numbers, and none of std may be 0")

    @property
    def sides(self) -> int:
        """The number that every side is a multiple of."""
        return self.size if self.multiple is None else self.multiple


_IMAGENET: tuple[PerChannel, PerChannel] = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
_U2NET = Convention(320, *_IMAGENET, "probabilities")
_BIREFNET = Convention(1024, *_IMAGENET, "logits")
KNOWN: Mapping[str, Convention] = {
    "u2net": _U2NET,
    "u2netp": _U2NET,
    "u2net_human_seg": _U2NET,
    "silueta": _U2NET,
    "isnet-general-use": Convention(1024, (0.5, 0.5, 0.5), (1, 1, 1), "probabilities"),
    "isnet-anime": Convention(1024, _IMAGENET[0], (1, 1, 1), "probabilities"),
    "birefnet-general": _BIREFNET,
    "birefnet-general-lite": _BIREFNET,
    "birefnet-portrait": _BIREFNET,
    "modnet": Convention(512, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5), "probabilities", multiple=32),
}
"""The networks whose convention is known, from rembg's and MODNet's own code.

MODNet's own code resizes a picture's shorter side to 512; here it is the longer one.
"""


def convention(
    name: str,
    *,
    size: int | None = None,
    mean: PerChannel | None = None,
    std: PerChannel | None = None,
    answer: Answer | None = None,
    multiple: int | None = None,
    layout: Layout | None = None,
    output: str | None = None,
) -> Convention:
    """Return the convention of a known network, with the values that are given in place of its own.

    Raises `OptionError` where the name is unknown and `size`, `mean`, `std` or `answer` isn't given.
    """
    values: dict[str, Any] = {"size": size, "mean": mean, "std": std, "answer": answer}
    missing = [key for key, value in values.items() if value is None]
    if missing and name not in KNOWN:
        raise OptionError(
            f"{name!r} is no network whose convention is known: give its {', '.join(missing)}, "
            f"or one of the names {', '.join(KNOWN)}"
        )
    values |= {"multiple": multiple, "layout": layout, "output": output}
    given = {key: value for key, value in values.items() if value is not None}
    return replace(KNOWN[name], **given) if name in KNOWN else Convention(**given)
