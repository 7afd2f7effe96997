"""Whether a picture has a subject: the thresholds that decide it, and the one error that says there is none."""

from collections.abc import Iterable

from background_remover.errors import NoSubject, OptionError, naming
from background_remover.options import Options
from background_remover.pipeline.cut import Cut
from background_remover.pipeline.keying import Method, needs_network
from background_remover.segmentation import confidence
from background_remover.segmentation.confidence import Matte
from background_remover.segmentation.network import Card
from background_remover.segmentation.subjects import Subject
from background_remover.types import Alpha

_VISIBLE = 0.5 / 255  # an alpha below this is 0 in a file of 8 bits


def assess(alpha: Alpha, coarse: Alpha | None, method: Method, options: Options, card: Card | None) -> Matte:
    """Return the finished alpha (H, W) with its confidence and whether it is empty or unsure.

    The confidence is that of the `coarse` alpha by the curve and thresholds of the model's `card`; an alpha that the
    network had no part in (`coarse` is None, or it was found by colour alone) or that `mask` gave is certain.
    """
    nothing = float(alpha.max()) < _VISIBLE
    if coarse is None or card is None or method == "graphic":
        return Matte(alpha, float(not nothing), nothing, unsure=False)
    sure = 1.0 if options.mask else confidence.confidence(coarse, card.curve)
    empty = sure < card.empty_below or (nothing and bool(options.threshold or options.grow < 0))
    return Matte(alpha, sure, empty, not empty and sure < card.unsure_below)


def check_separable(options: Options) -> None:
    """Raise `OptionError` at options without the network, which alone separates subjects."""
    if not needs_network(options):
        raise OptionError(f"the network separates subjects; leave ground and {naming('remove_colour')} out")


def check_each(options: Options) -> None:
    """Raise `OptionError` at options that can't give every picture of many one cutout for each subject."""
    check_separable(options)
    if options.allow_empty:
        raise OptionError(
            f"each makes a cutout of each subject, so none without one; leave {naming('allow_empty')} out"
        )
    if options.keep_shadow:
        raise OptionError(f"each cuts subjects out by the network, without shadows; leave {naming('keep_shadow')} out")


def cuts_found(subjects: Iterable[tuple[Subject, Cut]], options: Options) -> tuple[Cut, ...]:
    """Return the cut of each subject; raises `NoSubject` where the network is sure of none."""
    cuts = tuple(cut for _, cut in subjects)
    if all(cut.empty for cut in cuts):
        raise no_subject(min((cut.confidence for cut in cuts), default=0.0), options)
    return cuts


def no_subject(confidence: float, options: Options, *, name: str = "", allow: str = "") -> NoSubject:
    """Return the error for a picture without a subject to keep, with the options that may be the reason.

    `name` is the picture's file, where it has one; `allow` is how the caller's users write `allow_empty`, where they
    can: as a flag, an option or a field.
    """
    narrowing = {"threshold": options.threshold, "grow": options.grow < 0}
    given = " and ".join(flag for flag, value in narrowing.items() if value)
    reason = f", or none is left by {given}" if given else ""
    advice = f"; {allow} gives the cutout even so" if allow else ""
    return NoSubject(f"{f'{name}: ' * bool(name)}no subject found{reason} (confidence {confidence:.2f}){advice}")
