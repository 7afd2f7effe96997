"""A picture in, its subject out: the one file that knows the order of the steps."""

import functools
import os
import threading
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import numpy as np

from background_remover import models
from background_remover.arrays.bit_depth import to_levels
from background_remover.errors import NoSubject, OptionError
from background_remover.imaging import animation, transparency
from background_remover.imaging.file import File
from background_remover.imaging.picture import Picture
from background_remover.imaging.writer import Result
from background_remover.matting import given_mask
from background_remover.options import Options, check
from background_remover.parameters.prompts import read_subjects
from background_remover.parameters.values import as_file
from background_remover.pipeline.compose import composed, own_colours
from background_remover.pipeline.cut import Cut, of_frames
from background_remover.pipeline.edges import adjusted, full_size, times_opacity
from background_remover.pipeline.keyed import KeyedAlpha, Way, key_by_colour, needs_network, settled
from background_remover.pipeline.prompted import chosen, largest
from background_remover.pipeline.removal import Removal, each
from background_remover.pipeline.session import Session
from background_remover.pipeline.source import NONE, Files, Source, opened, picture_of, side_picture
from background_remover.runtime.parallel import at_most
from background_remover.segmentation import confidence, second_pass
from background_remover.segmentation.confidence import Matte
from background_remover.segmentation.network import Network
from background_remover.segmentation.subjects import Subject, separate
from background_remover.types import Alpha

DEFAULTS = Options()
STEPS = ("read", "network", "refine", "compose")
_NOTHING = 0.5 / 255  # an alpha below this is 0 in a file of 8 bits


class Remover:
    """Removes backgrounds with one model, which it keeps open. Threads may share it, and it can be pickled."""

    def __init__(
        self, model: str | Path = models.DEFAULT, *, threads: int | None = None, gpu: bool = False, wait: bool = True
    ) -> None:
        """Opens a shipped model by its name, or any other by a path that ends in .onnx.

        `threads` is the number of processor threads to use for a picture, by default one for each core; with `gpu` the
        network runs on a graphics processor where onnxruntime finds one. Raises `OptionError` at an unknown model and
        `ModelError` at a file that is missing, damaged or breaks the contract. Without `wait` a thread opens the file
        while the caller goes on, to decode a picture, say; a damaged one is then found by the first use.
        """
        self._session = Session(model, threads=threads, gpu=gpu)
        self.threads = threads
        if wait:
            _ = self._network

    @property
    def _network(self) -> Network:
        return self._session.network

    @property
    def provider(self) -> str:
        """Where the network runs, see `Network.provider`."""
        return self._network.provider

    def alpha(self, image: Source, options: Options = DEFAULTS) -> Alpha:
        """How much of each pixel is the subject: (H, W) float32 in [0, 1], at the upright picture's own size.

        With `longest` it is that of the shrunk picture. It is what the network says, with edges where the picture has
        them and doubt decided (see `sharpen`; `matting` = "none" leaves both out), never stretched to fill the range: a
        picture without a subject gives an alpha near 0. What is clear in the picture stays clear. Raises `ImageError`.
        """
        return self.matte(image, options).alpha

    def matte(self, image: Source, options: Options = DEFAULTS) -> Matte:
        """The alpha of a picture as `alpha` gives it, and how sure it is. Raises `ImageError`."""
        check(options)
        with at_most(self.threads):
            picture = picture_of(opened(image, max_megapixels=options.max_megapixels), options)
            seen = transparency.shown(picture)
            given = self._given(seen, options) if needs_network(options) else None
            found = self._found(seen, given, self._again(seen, given, options), options)
            return self._judged(
                times_opacity(adjusted(found.alpha, options), picture.opacity), given, found.way, options
            )

    def cut(self, image: Source, options: Options = DEFAULTS, files: Files = NONE) -> Cut:
        """The cutout of a picture, and how sure it is. Raises as `remove` does, but never `NoSubject`.

        An alpha that was given by `mask` is not doubted. A file that `mask` or `background` names is looked for in
        `files` before it is on disk.
        """
        check(options)
        with at_most(self.threads):
            start = perf_counter()
            given = opened(image, max_megapixels=options.max_megapixels)
            if isinstance(given, Picture) or options.frame or not animation.is_moving(given):
                return self._cut(picture_of(given, options), start, options, files)
            return of_frames(self._frames(given, start, options, files), animation.plays(given))

    def cut_each(
        self, image: Source, options: Options = DEFAULTS, files: Files = NONE
    ) -> Iterator[tuple[Subject, Cut]]:
        """Each separate subject of a picture, the largest first, with its own cutout; of the first frame of several.

        A subject's box is in pixels of the picture, its alpha at the network's size. Raises as `cut` does.
        """
        check(options)
        with at_most(self.threads):
            start = perf_counter()
            if not needs_network(options):
                raise OptionError("subjects are told apart by the network; leave ground and remove-colour out")
            picture = picture_of(opened(image, max_megapixels=options.max_megapixels), options)
            given = self._given(transparency.shown(picture), options, files)
            for subject in separate(given, self._network.card.curve):
                yield (
                    subject.scaled((picture.image.shape[0], picture.image.shape[1])),
                    self._cut(picture, start, options, files, subject.alpha),
                )
                start = perf_counter()

    def _frames(self, file: File, start: float, options: Options, files: Files) -> Iterator[tuple[Cut, float]]:
        for picture, duration in animation.frames(file):
            yield self._cut(picture, start, options, files), duration
            start = perf_counter()

    def _cut(self, picture: Picture, start: float, options: Options, files: Files, given: Alpha | None = None) -> Cut:
        """The cut of a picture that was begun to be read at `start`; by the coarse alpha `given`, if there is one."""
        times = [start, perf_counter()]
        seen = transparency.shown(picture)
        again = None
        if given is not None:
            options = replace(options, ground="photo")  # colour would bring back what wasn't chosen
        elif needs_network(options):
            given = self._given(seen, options, files)
            again = self._again(seen, given, options)
        times.append(perf_counter())
        found = self._found(seen, given, again, options)
        alpha = adjusted(found.alpha, options)
        times.append(perf_counter())
        colours = picture.colours if options.only_mask else own_colours(picture, alpha, found.colours, options)
        alpha = times_opacity(alpha, picture.opacity)
        matte = self._judged(alpha, given, found.way, options)
        if options.only_mask:
            # Grey levels of 8 bits, which are in no space of colours.
            told = replace(picture.metadata.of_size((alpha.shape[0], alpha.shape[1])), icc=b"")
            result = Result(to_levels(alpha, np.dtype(np.uint8)), told)
        else:
            pixels = composed(picture, colours, alpha, found.shade, options, files)
            result = Result(pixels, picture.metadata.of_size((pixels.shape[0], pixels.shape[1])))
        times.append(perf_counter())
        seconds = {step: end - start for step, start, end in zip(STEPS, times, times[1:], strict=False)}
        return Cut((result,), alpha, matte.confidence, matte.empty, matte.unsure, seconds, ground=found.way)

    def _found(
        self, picture: Picture, given: Alpha | None, again: second_pass.SecondPass | None, options: Options
    ) -> KeyedAlpha:
        """The alpha at the picture's own size, by the network or by colour or by both."""
        if given is None:
            return key_by_colour(picture, options)
        alpha = full_size(picture, given, again, options)
        card = self._network.card
        return settled(picture, alpha, options, empty=confidence.confidence(given, card.curve) < card.empty_below)

    def _judged(self, alpha: Alpha, given: Alpha | None, way: Way, options: Options) -> Matte:
        """The alpha with what the one to begin with says of it. One that was given, or that colour found, is sure."""
        nothing = float(alpha.max()) < _NOTHING
        if given is None or way == "graphic":
            return Matte(alpha, float(not nothing), nothing, unsure=False)
        card = self._network.card
        sure = 1.0 if options.mask else confidence.confidence(given, card.curve)
        empty = sure < card.empty_below or (nothing and bool(options.threshold or options.grow < 0))
        return Matte(alpha, sure, empty, not empty and sure < card.unsure_below)

    def _given(self, picture: Picture, options: Options, files: Files = NONE) -> Alpha:
        """The alpha to begin with: the network's own, of the subject that is chosen, or that of `mask`."""
        if not options.mask:
            return chosen(picture.image, self._network, options)
        name, size = str(options.mask), (picture.image.shape[0], picture.image.shape[1])
        given = given_mask.alpha_of(side_picture(name, options, files), size, name)
        return largest(given, read_subjects(options.subjects))

    def _again(self, picture: Picture, given: Alpha | None, options: Options) -> second_pass.SecondPass | None:
        """What the network says where it looks a second time; None where it doesn't."""
        if given is None or options.mask or options.chosen or options.second_look == "off":
            return None  # that look would show again what wasn't chosen
        box = second_pass.crop_for(given, (picture.image.shape[0], picture.image.shape[1]))
        return (
            None
            if box is None
            else second_pass.SecondPass(box, self._network.coarse(second_pass.part_of(picture.image, box)))
        )

    def remove(self, image: Source, options: Options = DEFAULTS) -> Cut:
        """The cutout of a picture: `save` writes its file, `image` is a Pillow image, and `alpha` and so on beside it.

        Of a moving picture all frames are cut out, but for `frame`. Raises `ImageError` at what can't be read,
        `OptionError` where something else than `Options` is given for them, and `NoSubject` where there is none and
        `allow_empty` doesn't say that this is fine.
        """
        cut = self.cut(image, options)
        if cut.empty and not options.allow_empty:
            raise NoSubject(f"no subject found (confidence {cut.confidence:.2f}); allow-empty gives the cutout even so")
        return cut

    def remove_batch(
        self, images: Iterable[Source], options: Options = DEFAULTS, *, jobs: int | None = None
    ) -> Iterator[Removal]:
        """What `remove` gives for each of many pictures, in their order, with `jobs` at work at once; see `each`.

        A picture that fails doesn't end the others: its `Removal` has the error.
        """
        check(options)
        return each(lambda image: self.remove(image, options), images, jobs)


def remove(source: Source, options: Options = DEFAULTS, *, model: str | Path = models.DEFAULT) -> Cut:
    """The cutout of one picture as `Remover.remove` gives it; the last model used stays open for the next call."""
    return _shared(model).remove(source, options)


def remove_batch(
    sources: Iterable[Source],
    options: Options = DEFAULTS,
    *,
    model: str | Path = models.DEFAULT,
    jobs: int | None = None,
) -> Iterator[Removal]:
    """The cutouts of many pictures as `Remover.remove_batch` gives them; the model is that of `remove`."""
    return _shared(model).remove_batch(sources, options, jobs=jobs)


@functools.lru_cache(maxsize=1)
def _remover(model: str) -> Remover:
    return Remover(model)


_one_at_a_time = threading.RLock()
if hasattr(os, "register_at_fork"):  # a child must not find it held by a thread that it hasn't
    os.register_at_fork(
        before=_one_at_a_time.acquire,
        after_in_parent=_one_at_a_time.release,
        after_in_child=_one_at_a_time.release,
    )


def _shared(model: str | Path) -> Remover:
    """The remover of `remove`: threads that come at once wait for one to open it."""
    with _one_at_a_time:
        return _remover(as_file("model", model))
