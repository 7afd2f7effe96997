"""A picture in, its subject out: the one file that knows the order of the steps."""

import functools
import os
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from types import MappingProxyType
from typing import TypeAlias

import numpy as np

from background_remover import animation, composite, confidence, frame, look, mask, models, retouch, transparency, veil
from background_remover.choice import chosen, largest
from background_remover.closed_form import GUESSED, REFINED, closed_form
from background_remover.compositing.outline import outline
from background_remover.confidence import Matte
from background_remover.cut import Cut, of_frames
from background_remover.errors import ImageError, NoSubject, OptionError
from background_remover.foreground import foreground
from background_remover.formats import profile
from background_remover.ground import Keyed, Way, by_colour, needs_network, settled
from background_remover.image import File, decode, read
from background_remover.levels import as_deep, to_levels, white
from background_remover.network import Network
from background_remover.options import (
    Colour,
    Options,
    check,
    read_background,
    read_canvas,
    read_fit,
    read_length,
    read_offset,
    read_outline,
    read_position,
    read_subjects,
)
from background_remover.picture import Picture, shrunk
from background_remover.pixels import resize
from background_remover.processor import at_most
from background_remover.refine import refine
from background_remover.removal import Removal, each
from background_remover.result import Result
from background_remover.segmentation.subjects import Subject, separate
from background_remover.session import Session
from background_remover.source import Source, opened
from background_remover.trimap import solve
from background_remover.types import Alpha, Colours, Cutout, Image, Levels, Size
from background_remover.values import as_file

Files: TypeAlias = Mapping[str, bytes]
"""The name of a picture's file -> its bytes."""

DEFAULTS = Options()
NONE: Files = MappingProxyType({})
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
        them and doubt decided (see `veil`; `matting` = "none" leaves both out), never stretched to fill the range: a
        picture without a subject gives an alpha near 0. What is clear in the picture stays clear. Raises `ImageError`.
        """
        return self.matte(image, options).alpha

    def matte(self, image: Source, options: Options = DEFAULTS) -> Matte:
        """The alpha of a picture as `alpha` gives it, and how sure it is. Raises `ImageError`."""
        check(options)
        with at_most(self.threads):
            picture = _picture(opened(image, max_megapixels=options.max_megapixels), options)
            seen = transparency.shown(picture)
            given = self._given(seen, options) if needs_network(options) else None
            found = self._found(seen, given, self._again(seen, given, options), options)
            return self._judged(_less(_adjusted(found.alpha, options), picture.opacity), given, found.way, options)

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
                return self._cut(_picture(given, options), start, options, files)
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
            picture = _picture(opened(image, max_megapixels=options.max_megapixels), options)
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
        alpha = _adjusted(found.alpha, options)
        times.append(perf_counter())
        colours = picture.colours if options.only_mask else _colours(picture, alpha, found.colours, options)
        alpha = _less(alpha, picture.opacity)
        matte = self._judged(alpha, given, found.way, options)
        if options.only_mask:
            # Grey levels of 8 bits, which are in no space of colours.
            told = replace(picture.metadata.of_size((alpha.shape[0], alpha.shape[1])), icc=b"")
            result = Result(to_levels(alpha, np.dtype(np.uint8)), told)
        else:
            pixels = _composite(picture, colours, alpha, found.shade, options, files)
            result = Result(pixels, picture.metadata.of_size((pixels.shape[0], pixels.shape[1])))
        times.append(perf_counter())
        seconds = {step: end - start for step, start, end in zip(STEPS, times, times[1:], strict=False)}
        return Cut((result,), alpha, matte.confidence, matte.empty, matte.unsure, seconds, ground=found.way)

    def _found(self, picture: Picture, given: Alpha | None, again: look.Look | None, options: Options) -> Keyed:
        """The alpha at the picture's own size, by the network or by colour or by both."""
        if given is None:
            return by_colour(picture, options)
        alpha = _alpha(picture, given, again, options)
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
        given = mask.alpha_of(_side(name, options, files), size, name)
        return largest(given, read_subjects(options.subjects))

    def _again(self, picture: Picture, given: Alpha | None, options: Options) -> look.Look | None:
        """What the network says where it looks a second time; None where it doesn't."""
        if given is None or options.mask or options.chosen or options.second_look == "off":
            return None  # that look would show again what wasn't chosen
        box = look.closer(given, (picture.image.shape[0], picture.image.shape[1]))
        return None if box is None else look.Look(box, self._network.coarse(look.part_of(picture.image, box)))

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


def _alpha(picture: Picture, given: Alpha, again: look.Look | None, options: Options) -> Alpha:
    """The alpha at the picture's own size, from the one to begin with and what a second look says."""
    alpha = _matted(picture.image, given, options)
    if again is not None:
        look.blend(alpha, _matted(look.part_of(picture.image, again.box), again.alpha, options), again.box)
    return alpha


def _adjusted(alpha: Alpha, options: Options) -> Alpha:
    """The alpha with the changes that are asked for."""
    if options.threshold:
        alpha = retouch.threshold(alpha, options.threshold)
    if options.grow:
        alpha = retouch.grow(alpha, options.grow)
    if options.feather:
        alpha = retouch.feather(alpha, options.feather)
    return alpha


def _less(alpha: Alpha, opacity: Alpha | None) -> Alpha:
    """The alpha that was found times that of the file, if it brings one along; in place."""
    if opacity is not None:
        alpha *= opacity  # at 50 megapixels a copy takes half a second
    return alpha


def _colours(picture: Picture, alpha: Alpha, found: Colours | None, options: Options) -> Colours:
    """The subject's own colours, for the alpha that was found: that of the file has nothing to do with them.

    `found` are those that colour found with its alpha.
    """
    if options.keep_colours:
        return picture.colours
    if found is not None:
        return found
    colours = foreground(transparency.continued(picture.colours, picture.opacity), alpha)
    if options.keep_hidden and picture.opacity is not None:
        np.copyto(colours, picture.colours, where=(picture.opacity == 0)[..., None])
    return colours


def _matted(image: Image, given: Alpha, options: Options) -> Alpha:
    """An alpha at a picture's own size, with the edges that `matting` finds."""
    trimap = mask.trimap_of(given) if options.mask else None
    if trimap is not None:
        alpha = solve(image, trimap)
    elif options.matting == "none":
        alpha = np.clip(resize(given, (image.shape[0], image.shape[1]), "bicubic"), 0, 1)
    else:
        alpha = refine(image, given if options.mask else veil.lifted(given))
    if options.matting == "closed-form":
        alpha = closed_form(image, alpha, REFINED if trimap is None else GUESSED)
    return alpha


def _composite(
    picture: Picture, colours: Colours, alpha: Alpha, shade: Alpha | None, options: Options, files: Files
) -> Levels:
    """The subject on its frame, before its background: (H, W, 4), or (H, W, 3) where that fills the frame.

    `colours` are its own, and `shade`, (h, w), is that on the ground; the result is as deep as the colours are, and in
    their space.
    """
    result = _with_band(composite.cutout(colours, alpha), alpha, shade, picture.metadata.icc, options)
    canvas = read_canvas(options.canvas)
    box = frame.Box(0, 0, *alpha.shape)
    if options.crop or canvas is not None:
        box = frame.subject_box(_opacity(result) if options.outline else alpha)
        box = frame.widened(
            box, read_length("margin", options.margin).pixels(max(box.size)), (alpha.shape[0], alpha.shape[1])
        )
        result = result[box.top : box.bottom, box.left : box.right]
    if canvas is not None:
        place = frame.place(box.size, canvas, options.scale, read_position(options.position))
        result = frame.on_canvas(result, canvas, place)
    size = result.shape[0], result.shape[1]
    if options.shadow:
        right, down = (length.pixels(max(size)) for length in read_offset("shadow-offset", options.shadow_offset))
        radius = read_length("shadow-blur", options.shadow_blur).pixels(max(size))
        dropped = composite.shadow(result[..., 3], (right, down), radius, options.shadow_opacity)
        result = composite.over(result, dropped, linear_light=options.linear_light)
    backdrop = _backdrop(picture, box, size, options, files)
    if backdrop is not None:
        result = composite.over(result, backdrop, linear_light=options.linear_light)
    if not options.transparent:
        return np.ascontiguousarray(result[..., :3])
    if not options.keep_hidden:
        composite.hide(result)
    return result


def _with_band(cutout: Cutout, alpha: Alpha, shade: Alpha | None, icc: bytes, options: Options) -> Cutout:
    """The cutout before its outline, and that before the shadow that it throws in the picture."""
    wanted = read_outline(options.outline)
    if wanted is not None:
        width, colour = wanted[0].pixels(max(frame.subject_box(alpha).size)), _levels(wanted[1], cutout, icc)
        cutout = composite.over(cutout, outline(cutout[..., 3], width, colour), linear_light=options.linear_light)
    if options.keep_shadow and shade is not None:
        cutout = composite.over(cutout, composite.shaded(shade, cutout), linear_light=options.linear_light)
    return cutout


def _opacity(cutout: Cutout) -> Alpha:
    return np.asarray(cutout[..., 3] / np.float32(white(cutout)), dtype=np.float32)


def _levels(colour: Colour, like: Levels, icc: bytes) -> Levels:
    """A colour's four levels in a picture's depth and space."""
    levels = np.array([[colour]], dtype=np.uint8)
    levels[..., :3] = profile.from_srgb(levels[..., :3], icc)
    return as_deep(levels[0, 0], like)


def _backdrop(picture: Picture, box: frame.Box, size: Size, options: Options, files: Files) -> Cutout | None:
    """What is put behind, on a frame of `size`; the picture's own blur is cut to the same box as the subject."""
    wanted, fit = read_background(options.background), read_fit(options.background_fit)
    colours, icc = picture.colours, picture.metadata.icc
    if wanted.colour is not None:
        return composite.plain(_levels(wanted.colour, colours, icc), size)
    if wanted.blur is not None:
        visible = transparency.continued(colours, picture.opacity)
        own = composite.blurred(visible, wanted.blur)[box.top : box.bottom, box.left : box.right]
        return composite.fitted(own, size, fit)
    if wanted.file is not None:
        behind = _side(wanted.file, options, files)
        if behind.opacity is not None:
            raise ImageError(f"{wanted.file}: a background with clear pixels; give an opaque picture")
        return as_deep(composite.fitted(profile.from_srgb(behind.image, icc), size, fit), colours)
    return None


def _side(name: str, options: Options, files: Files) -> Picture:
    """A picture beside the one that is cut out: its mask, or what is put behind it."""
    source = files.get(name, Path(name))
    return decode(source, name=name, max_megapixels=options.max_megapixels)


def _picture(given: File | Picture, options: Options) -> Picture:
    """The picture that is given, or is in a file that is: of several frames the one that is asked for, or the first."""
    if isinstance(given, Picture):
        return shrunk(given, options.longest)
    frame = max(options.frame, 1)
    return read(given, max_megapixels=options.max_megapixels, frame=frame, longest=options.longest)


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
