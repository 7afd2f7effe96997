"""`Passes`: the network's answers to a picture, to the whole and to a crop, of which the alpha at full size is made."""

from typing import NamedTuple

from background_remover.arrays.box import Box
from background_remover.imaging.picture import Picture
from background_remover.matting import given_mask
from background_remover.options import Options
from background_remover.parameters.prompts import read_subjects
from background_remover.pipeline.edges import full_size
from background_remover.pipeline.keying import KeyedAlpha, by_network, needs_network
from background_remover.pipeline.session import Session
from background_remover.pipeline.source import NO_FILES, Files, side_picture
from background_remover.segmentation import confidence
from background_remover.segmentation.network import Network
from background_remover.segmentation.second_pass import SecondPass, averaged, crop_for, is_small, part_of
from background_remover.types import Alpha, Image


class Passes(NamedTuple):
    """The coarse alpha of a whole picture, (h, w), and the second pass of a crop, where there is one.

    A second pass whose crop is the whole picture stands in place of the first, which then gives the confidence alone.
    `seen` is the picture as the network was given it, (h, w, 3), where it alone made the first pass.
    """

    first: Alpha
    second: SecondPass | None = None
    seen: Image | None = None


def run_passes(picture: Picture, session: Session, options: Options, files: Files = NO_FILES) -> Passes | None:
    """Return the network's answers to a picture; None where options leave it out. Raises as `first_pass` does."""
    if not needs_network(options):
        return None
    if options.mask or options.chosen:
        return Passes(first_pass(picture, session, options, files))  # a second one would bring back what wasn't chosen
    network = session.network
    seen = network.fitted(picture.image)
    first = network.coarse(seen)
    return Passes(first, _second_pass(picture.image, seen, first, network, options), seen)


def first_pass(picture: Picture, session: Session, options: Options, files: Files) -> Alpha:
    """Return the alpha to begin with: the network's own, of the chosen subject, or that of `mask`.

    Raises as `select` and `given_mask.alpha_of` do.
    """
    if not options.mask and not options.chosen:
        return session.network.flip_averaged(picture.image)
    from background_remover.pipeline import subject_selection  # here, as few pictures need it, and it needs much

    if not options.mask:
        return subject_selection.select(picture.image, session, options)
    name = str(options.mask)
    size = picture.image.shape[0], picture.image.shape[1]
    coarse = given_mask.alpha_of(side_picture(name, options, files), size, name)
    return subject_selection.keep_largest(coarse, read_subjects(options.subjects))


def _second_pass(image: Image, seen: Image, coarse: Alpha, network: Network, options: Options) -> SecondPass | None:
    """Return the network's answer to a crop around the subject, or None where there is no second pass.

    That of a large subject is averaged with the first pass's, and is one of the whole picture. The network gets the
    crop mirrored, so that even the whole picture is a second view. `seen` is what it made `coarse` of.
    """
    if options.second_look == "off":
        return None
    size = image.shape[0], image.shape[1]
    box = crop_for(coarse, size)
    if box is None or (options.second_look == "small" and not is_small(box, size)):
        return None
    card = network.card
    is_seen = box.size == size and card.second_pass_side == card.longest_side  # reducing a large picture takes time
    again = network.coarse_of_crop(seen if is_seen else part_of(image, box))
    if is_small(box, size):
        return SecondPass(box, again)
    return SecondPass(Box(0, 0, *size), averaged(coarse, again, box, size))


def keyed(picture: Picture, passes: Passes | None, session: Session, options: Options) -> KeyedAlpha:
    """Return the alpha at the picture's own size, by the network, by colour or by both."""
    if passes is None:
        from background_remover.pipeline.plain_ground import key_by_colour  # here, as few pictures need keying

        return key_by_colour(picture, options)
    alpha = full_size(picture, passes.first, passes.second, options)
    card = session.network.card
    empty = confidence.confidence(passes.first, card.curve) < card.empty_below
    found = by_network(picture, alpha, options, empty=empty)
    if found is not None:
        return found
    from background_remover.pipeline.plain_ground import by_ground

    return by_ground(picture.colours, alpha, empty=empty)
