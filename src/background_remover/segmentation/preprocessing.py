"""The preprocessing conventions of third parties' networks: input size, normalisation, layout, kind of answer."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias, get_args

from background_remover.errors import OptionError

Answer: TypeAlias = Literal["probabilities", "logits"]
Layout: TypeAlias = Literal["nchw", "nhwc"]
PerChannel: TypeAlias = tuple[float, float, float]
"""A number each for red, green and blue."""

UNSTATED = "not stated"  # in a card, of a licence or data that nobody named


@dataclass(frozen=True)
class Convention:
    """The input that a network takes, and the answer that it gives.

    The input is levels in [0, 1], less `mean`, divided by `std` (red, green, blue), at sides that are multiples of
    `multiple`, the longer one at most `size`; None stands for `size` itself, so that pictures are stretched to a
    square. The answer is the output of the name `output`, or the first.
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
        if self.size < 1 or not 1 <= self.sides <= self.size:
            raise OptionError(f"size {self.size}, multiple {self.sides}; give a size above 0 and no larger multiple")
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
