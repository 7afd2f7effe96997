"""`Remover`: a picture in, its cutout out; the one file that knows the order of the steps."""

import copy
import functools
import os
import threading
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from time import perf_counter

from background_remover import models
from background_remover.errors import OptionError, naming
from background_remover.imaging import animation, transparency
from background_remover.imaging.file import File
from background_remover.imaging.picture import Picture
from background_remover.options import Options, check
from background_remover.parameters.values import as_file
from background_remover.pipeline.batch_removal import Removal, batch_size_of, in_order, jobs_of
from background_remover.pipeline.compose import own_colours, result_of
from background_remover.pipeline.cut import Cut, of_frames
from background_remover.pipeline.edges import adjusted, times_opacity
from background_remover.pipeline.keying import Method
from background_remover.pipeline.passes import Passes, first_pass, keyed, run_passes
from background_remover.pipeline.session import Session
from background_remover.pipeline.source import NO_FILES, Files, Source, opened, picture_of
from background_remover.pipeline.subject_check import assess, check_each, check_separable, cuts_found, no_subject
from background_remover.runtime.parallel import at_most
from background_remover.segmentation.confidence import Matte
from background_remover.segmentation.device import CPU
from background_remover.segmentation.network import Network
from background_remover.segmentation.subjects import Subject, separate
from background_remover.types import Alpha

DEFAULTS = Options()
STEPS = ("read", "network", "refine", "compose")


class Remover:
    """An open model that removes backgrounds. Threads may share it, and it can be pickled."""

    def __init__(
        self, model: str | Path = models.DEFAULT, *, threads: int | None = None, device: str = CPU, wait: bool = True
    ) -> None:
        """Open a shipped model by its name, or any other by a path that ends in .onnx.

        `threads` is the number of processor threads for a picture, by default one for each core; `device` one of
        `segmentation.device.NAMES`. Raises `OptionError` at an unknown model or device and `ModelError` at a file that
        is missing, damaged or breaks the contract. Without `wait` a thread opens it; errors are raised at first use.
        """
        self._session = Session(model, threads=threads, device=device)
        self.threads = threads
        if wait:
            _ = self._network

    @property
    def _network(self) -> Network:
        return self._session.network

    @property
    def provider(self) -> str:
        """Where the network runs; see `Network.provider`."""
        return self._network.provider

    def alpha(self, image: Source, options: Options = DEFAULTS) -> Alpha:
        """Return how much of each pixel is the subject: (H, W) float32 in [0, 1], at the upright picture's own size.

        With `longest` it has the size of the shrunk picture. Edges are refined and uncertain areas sharpened, unless
        `matting` is "none". The alpha is never stretched to fill the range: without a subject it is near 0. What is
        transparent in the picture stays so. Raises `ImageError`.
        """
        return self.matte(image, options).alpha

    def matte(self, image: Source, options: Options = DEFAULTS) -> Matte:
        """Return the alpha of a picture as `alpha` does, with its confidence. Raises `ImageError`."""
        check(options)
        with at_most(self.threads):
            picture = picture_of(opened(image, max_megapixels=options.max_megapixels), options)
            visible = transparency.shown(picture)
            passes = run_passes(visible, self._session, options)
            found = keyed(visible, passes, self._session, options)
            alpha = times_opacity(adjusted(found.alpha, options), picture.opacity)
            return self._assessed(alpha, passes, found.method, options)

    def passes(self, image: Source, options: Options = DEFAULTS) -> Passes:
        """Return the network's answers to a picture, or to its first frame; `cut` can then be called with them.

        Raises `ImageError`, and `OptionError` at options by which the network isn't run.
        """
        check(options)
        with at_most(self.threads):
            picture = picture_of(opened(image, max_megapixels=options.max_megapixels), options)
            passes = run_passes(transparency.shown(picture), self._session, options)
        if passes is None:
            raise OptionError(f"no network is run on a plain ground; leave ground and {naming('remove_colour')} out")
        return passes

    def cut(
        self,
        image: Source,
        options: Options = DEFAULTS,
        files: Files = NO_FILES,
        *,
        passes: Passes | None = None,
        whole: bool = True,
    ) -> Cut:
        """Return the cutout of a picture and its confidence. Raises as `remove` does, but never `NoSubject`.

        An alpha that `mask` gives has a confidence of 1. A file that `mask` or `background` names is taken from `files`
        if it is there, else from disk. With the `passes` of a still picture the network isn't run again. Without
        `whole` the pixels of a still picture may be computed as they are read or written; keep the alpha until then.
        """
        check(options)
        with at_most(self.threads):
            start = perf_counter()
            given = opened(image, max_megapixels=options.max_megapixels)
            if isinstance(given, Picture) or options.frame or not animation.is_moving(given):
                picture, own = picture_of(given, options), isinstance(given, File)
                return self._cut(picture, start, options, files, passes, own=own, whole=whole)
            return of_frames(self._frames(given, start, options, files), animation.plays(given))

    def cut_each(
        self, image: Source, options: Options = DEFAULTS, files: Files = NO_FILES
    ) -> Iterator[tuple[Subject, Cut]]:
        """Yield each separate subject of a picture, or of its first frame, with its own cutout, the largest first.

        A subject's box is in pixels of the picture, its alpha at the network's size. Raises as `cut` does.
        """
        check(options)
        with at_most(self.threads):
            start = perf_counter()
            check_separable(options)
            picture = picture_of(opened(image, max_megapixels=options.max_megapixels), options)
            coarse = first_pass(transparency.shown(picture), self._session, options, files)
            options = replace(options, ground="photo")  # keying would bring back subjects that weren't chosen
            for subject in separate(coarse, self._network.card.curve):
                cut = self._cut(picture, start, options, files, Passes(subject.alpha))
                yield subject.scaled((picture.image.shape[0], picture.image.shape[1])), cut
                start = perf_counter()

    def _frames(self, file: File, start: float, options: Options, files: Files) -> Iterator[tuple[Cut, float]]:
        for picture, duration in animation.frames(file):
            yield self._cut(picture, start, options, files), duration
            start = perf_counter()

    def _cut(
        self,
        picture: Picture,
        start: float,
        options: Options,
        files: Files,
        passes: Passes | None = None,
        *,
        own: bool = False,
        whole: bool = True,
    ) -> Cut:
        """Return the cut of a picture, which began to be read at `start`; with `own` its arrays may be changed."""
        times = [start, perf_counter()]
        visible = transparency.shown(picture)
        passes = passes or run_passes(visible, self._session, options, files)
        times.append(perf_counter())
        found = keyed(visible, passes, self._session, options)
        alpha = adjusted(found.alpha, options)
        times.append(perf_counter())
        colours = own_colours(picture, alpha, found.colours, options, in_place=own)
        alpha = times_opacity(alpha, picture.opacity)
        matte = self._assessed(alpha, passes, found.method, options)
        result = result_of(picture, colours, alpha, found.shade, options, files, whole=whole)
        times.append(perf_counter())
        seconds = {step: end - start for step, start, end in zip(STEPS, times, times[1:], strict=False)}
        return Cut((result,), alpha, matte.confidence, matte.empty, matte.unsure, seconds, ground=found.method)

    def _assessed(self, alpha: Alpha, passes: Passes | None, method: Method, options: Options) -> Matte:
        if passes is None:
            return assess(alpha, None, method, options, None)
        return assess(alpha, passes.first, method, options, self._network.card)

    def remove(self, image: Source, options: Options = DEFAULTS) -> Cut:
        """Return the cutout of a picture: `save` writes its file, `image` is a Pillow image, `alpha` its alpha.

        All frames of an animation are cut out, unless `frame` chooses one. Raises `ImageError` where the picture can't
        be read, `OptionError` where `options` are no `Options` or don't go together, and `NoSubject` where there is no
        subject and `allow_empty` is off.
        """
        cut = self.cut(image, options)
        if cut.empty and not options.allow_empty:
            raise no_subject(cut.confidence, options, allow=naming("allow_empty"))
        return cut

    def remove_batch(
        self,
        images: Iterable[Source],
        options: Options = DEFAULTS,
        *,
        jobs: int | None = None,
        each: bool = False,
        batch_size: int | None = None,
    ) -> Iterator[Removal]:
        """Yield what `remove` gives for each of many pictures, in their order, `jobs` at a time; see `in_order`.

        A picture that fails doesn't end the others: its `Removal` has the error. With `each`, `Removal.cuts` has a
        cutout of every separate subject, see `cut_each`. `batch_size` pictures go through the network at once, see
        `Network.batched`.
        """
        check(options)
        remover = copy.copy(self)
        remover._session = self._session.batched(jobs_of(jobs), batch_size_of(batch_size))
        if not each:
            return in_order(lambda image: (remover.remove(image, options),), images, jobs)
        check_each(options)
        return in_order(lambda image: cuts_found(remover.cut_each(image, options), options), images, jobs)


def remove(source: Source, options: Options = DEFAULTS, *, model: str | Path = models.DEFAULT) -> Cut:
    """Return the cutout of one picture as `Remover.remove` does; the last model used stays open for the next call."""
    return _shared(model).remove(source, options)


def remove_batch(
    sources: Iterable[Source],
    options: Options = DEFAULTS,
    *,
    model: str | Path = models.DEFAULT,
    jobs: int | None = None,
    each: bool = False,
) -> Iterator[Removal]:
    """Yield the cutouts of many pictures as `Remover.remove_batch` does; the model is shared with `remove`."""
    return _shared(model).remove_batch(sources, options, jobs=jobs, each=each)


@functools.lru_cache(maxsize=1)
def _remover(model: str) -> Remover:
    return Remover(model)


_opening_lock = threading.RLock()
if hasattr(os, "register_at_fork"):  # a forked child must not find it held by a thread of the parent
    os.register_at_fork(
        before=_opening_lock.acquire,
        after_in_parent=_opening_lock.release,
        after_in_child=_opening_lock.release,
    )


def _shared(model: str | Path) -> Remover:
    """Return the remover that `remove` uses; one thread opens it, and others wait meanwhile."""
    with _opening_lock:
        return _remover(as_file("model", model))
