"""`Network`: a model file, opened and run with onnxruntime, and its `Card`.

The contract of a model file, version 1:

    input `image`     uint8 (N, H, W, 3), sRGB; H and W are multiples of `multiple`; a file may fix N at 1
    input `prompts`   uint8 (N, H, W, 4), optional; its planes are 255 around positive clicks, around negative clicks,
                      and in the box, else 0, and 255 times the alpha of an answer to fewer prompts
    output `alpha`    float32 (N, H, W) in [0, 1]
    metadata_props    `contract` = "1", and every field of `Card`; `unsure_below` and `crop_side` may be missing

Scaling, normalisation, transposes and the sigmoid are inside the graph. A file that breaks the contract is refused.
"""

import copy
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from background_remover.errors import ModelError, OptionError, one_line
from background_remover.runtime import cancellation
from background_remover.segmentation.confidence import IDENTITY, Curve, from_text, to_text
from background_remover.segmentation.device import CPU, OUT_OF_MEMORY, check_started, is_gpu, open_session
from background_remover.segmentation.preprocessing import check_side, fit_image, fit_size
from background_remover.types import Alpha, Image

if TYPE_CHECKING:
    from background_remover.runtime.dynamic_batching import DynamicBatcher

CONTRACT = "1"
INPUT, PROMPTS, OUTPUT = "image", "prompts", "alpha"
PROMPT_PLANES = 4
FITS = ("shape",)
_OPTIONAL = "unsure_below", "crop_side"  # files may lack these keys
_GPU_BATCH = 8  # pictures at a time
_OVERSHOOT = 1e-3  # the sigmoid of a quantised network may exceed 1 a little; more than this is no alpha


@dataclass(frozen=True)
class Card:
    """A model file's own description; each field is one key of its metadata.

    `data` names the training data and `commit` the code that made it. A picture is resized so that its sides are
    multiples of `multiple`, the longer one at most `longest_side`; `fit` = "shape" keeps its aspect ratio as well as
    that allows, see `fit_size`. Where the two are equal every picture is stretched to a square of that size.
    `confidence` is the curve for `confidence.confidence`; a cut with less confidence than `empty_below` has no subject,
    and one with less than `unsure_below` is unsure. An `unsure_below` of 0, as in files without that key, makes no cut
    unsure. In a second pass the longer side is at most `crop_side`; 0, as in files without that key, means
    `longest_side`.
    """

    name: str
    version: str
    license: str
    data: str
    commit: str
    parameters: int
    multiple: int = 32
    longest_side: int = 128
    fit: str = "shape"
    confidence: str = to_text(IDENTITY)
    empty_below: float = 0.0
    unsure_below: float = 0.0
    crop_side: int = 0

    def __post_init__(self) -> None:
        check_side("longest_side", self.longest_side, self.multiple)
        if self.crop_side:
            check_side("crop_side", self.crop_side, self.multiple)

    @property
    def curve(self) -> Curve:
        """`confidence` as points."""
        return from_text(self.confidence, self.name)

    @property
    def second_pass_side(self) -> int:
        """The most pixels of the longer side in a second pass: `crop_side`, or `longest_side` where that is 0."""
        return self.crop_side or self.longest_side

    def to_metadata(self) -> dict[str, str]:
        """Return the metadata to be written into the model file."""
        names = [field.name for field in fields(self) if field.name not in _OPTIONAL or getattr(self, field.name)]
        return {"contract": CONTRACT} | {name: str(getattr(self, name)) for name in names}

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, str], file: str) -> "Card":
        """Return the card in a model file's metadata; raises `ModelError`, which names `file`, if it is incomplete."""
        wanted = ["contract", *(field.name for field in fields(cls))]
        missing = [key for key in wanted if not metadata.get(key) and key not in _OPTIONAL]
        if missing:
            raise ModelError(
                f"{file}: not a model of this package, its metadata lack {', '.join(missing)}; "
                "give one made by background_remover.train export"
            )
        if metadata["contract"] != CONTRACT:
            raise ModelError(f"{file}: keeps contract {metadata['contract']!r}, known: {CONTRACT!r}; export it again")
        if metadata["fit"] not in FITS:
            raise ModelError(f"{file}: fit {metadata['fit']!r} is unknown, known: {', '.join(FITS)}; export it again")
        values: dict[str, Any] = {}
        for field in fields(cls):
            if field.name in _OPTIONAL and not metadata.get(field.name):
                continue
            text = metadata[field.name]
            if field.type is int and not (re.fullmatch("[0-9]{1,18}", text) and int(text) > 0):
                raise ModelError(f"{file}: {field.name} {text[:64]!r} is no whole number above 0; export it again")
            if field.type is float and not re.fullmatch(r"0(\.\d+)?|1(\.0+)?", text):
                raise ModelError(f"{file}: {field.name} {text!r} is no number in [0, 1]; export it again")
            values[field.name] = field.type(text) if field.type in (int, float) else text
        from_text(values["confidence"], file)
        if values.get("unsure_below", 1.0) < values["empty_below"]:
            raise ModelError(
                f"{file}: unsure_below {values['unsure_below']} is below empty_below {values['empty_below']}; "
                "calibrate it again"
            )
        try:
            return cls(**values)
        except OptionError as error:
            raise ModelError(f"{file}: {error}, and export it again") from error


class Network:
    """An open model file."""

    def __init__(self, path: Path, *, threads: int | None = None, device: str = CPU) -> None:
        """Open a model file; `threads` is the number of processor threads to use, by default one for each core.

        It runs on the `device` of this name, see `device.DEVICES`; `provider` says where "auto" does. Raises
        `OptionError` where onnxruntime has no such device, and `ModelError` where that can't be started, or where the
        file is missing, damaged, or breaks the contract.
        """
        if threads is not None and threads < 1:
            raise OptionError(f"{threads} threads; give 1 or more")
        self._path = path
        self._session = open_session(path, threads, device)
        check_started(device, self.provider)
        self.card: Card = Card.from_metadata(self._session.get_modelmeta().custom_metadata_map, str(path))
        inputs = [(node.name, node.type, len(node.shape)) for node in self._session.get_inputs()]
        outputs = [(node.name, node.type, len(node.shape)) for node in self._session.get_outputs()]
        wanted = [(name, "tensor(uint8)", 4) for name in (INPUT, PROMPTS)]
        if inputs not in (wanted[:1], wanted) or outputs != [(OUTPUT, "tensor(float)", 3)]:
            raise ModelError(
                f"{path}: takes {inputs} and gives {outputs}; "
                f"wanted {INPUT} uint8 (N, H, W, 3) and {OUTPUT} float32 (N, H, W); export it again"
            )
        self.takes_prompts: bool = len(inputs) > 1
        self._one_by_one = self._session.get_inputs()[0].shape[0] == 1
        self._batcher: DynamicBatcher | None = None

    def batched(self, jobs: int, size: int | None = None) -> "Network":
        """Return this network for `jobs` threads, with dynamic batching of `size` of their pictures.

        By default that is 8 on a GPU and 1 elsewhere; it is never more than `jobs`. A batch that isn't full in time is
        padded, so that a provider compiles for one batch size. A file that fixes N at 1 isn't batched.
        """
        from background_remover.runtime.dynamic_batching import DynamicBatcher  # here, as one picture needs none

        wanted = (_GPU_BATCH if is_gpu(self.provider) else 1) if size is None else size
        number = 1 if self._one_by_one else min(wanted, jobs)
        network = copy.copy(self)
        network._batcher = DynamicBatcher(self._run, number) if number > 1 else None
        return network

    @property
    def provider(self) -> str:
        """The onnxruntime provider that it runs on, such as "CPUExecutionProvider"."""
        return str(self._session.get_providers()[0])

    def predict(self, images: NDArray[np.uint8], prompts: NDArray[np.uint8] | None = None) -> NDArray[np.float32]:
        """Return the alphas of pictures: (N, H, W, 3) uint8 sRGB in, (N, H, W) float32 in [0, 1] out.

        `prompts`, (N, H, W, 4), say which subject is meant, if the file takes them; by default there are none. Raises
        `ValueError` at another shape or type, where H or W is no multiple of `card.multiple`, and at prompts for a file
        that takes none, and `ModelError` where the model fails or its output is no alpha.
        """
        cancellation.check()
        multiple = self.card.multiple
        if images.dtype != np.uint8 or images.ndim != 4 or images.shape[3] != 3:
            raise ValueError(f"images are (N, H, W, 3) of uint8, not {images.shape} of {images.dtype}")
        if not images.size or images.shape[1] % multiple or images.shape[2] % multiple:
            raise ValueError(f"sides are multiples of {multiple}, not {images.shape[1]}x{images.shape[2]}")
        feeds = {INPUT: images} | self._prompts(images, prompts)
        try:
            alphas = self._batcher.run(feeds) if self._batcher and len(images) == 1 else self._run(feeds)
        except Exception as error:  # onnxruntime's errors share no base class
            if OUT_OF_MEMORY in str(error):
                raise MemoryError from error
            raise ModelError(f"{self._path}: fails on {images.shape} ({one_line(error)}); export it again") from error
        if alphas.shape != images.shape[:3]:
            raise ModelError(f"{self._path}: answers {alphas.shape} to {images.shape}; export it again")
        if not (alphas.min() >= -_OVERSHOOT and alphas.max() <= 1 + _OVERSHOOT):  # true of NaN as well
            raise ModelError(f"{self._path}: answers beyond [0, 1], which is no alpha; export it again")
        return np.asarray(np.clip(alphas, 0, 1), dtype=np.float32)

    def _run(self, feeds: Mapping[str, NDArray[np.uint8]]) -> NDArray[np.float32]:
        number = len(feeds[INPUT])
        parts = [np.split(feed, number) if self._one_by_one else [feed] for feed in feeds.values()]
        runs = [self._session.run([OUTPUT], dict(zip(feeds, part, strict=True))) for part in zip(*parts, strict=True)]
        return np.concatenate([outputs[0] for outputs in runs])

    def _prompts(self, images: NDArray[np.uint8], prompts: NDArray[np.uint8] | None) -> dict[str, NDArray[np.uint8]]:
        """Return the input `prompts` by its name; nothing for a file without that input."""
        shape = (*images.shape[:3], PROMPT_PLANES)
        if prompts is None:
            return {PROMPTS: np.zeros(shape, dtype=np.uint8)} if self.takes_prompts else {}
        if not self.takes_prompts:
            raise ValueError(f"{self._path}: takes no prompts; give none, or a model that does")
        if prompts.dtype != np.uint8 or prompts.shape != shape:
            raise ValueError(f"prompts are {shape} of uint8, not {prompts.shape} of {prompts.dtype}")
        return {PROMPTS: prompts}

    def coarse(self, image: Image) -> Alpha:
        """Return the coarse alpha of one picture of any size: (H, W, 3) gives (h, w), the network's own size."""
        return np.asarray(self.predict(self.fitted(image)[None])[0])

    def coarse_of_crop(self, crop: Image) -> Alpha:
        """Return the coarse alpha of a crop in the second pass: (H, W, 3) gives (h, w).

        The network sees the crop flipped, within `card.second_pass_side`, and its alpha is flipped back.
        """
        return self._of_mirror_image(self._within(crop, self.card.second_pass_side))

    def flip_averaged(self, image: Image, longest: int | None = None) -> Alpha:
        """Return the flip average of the coarse alpha of a picture: (H, W, 3) gives (h, w).

        It is the mean of the alphas of the picture and of its mirror image (test-time augmentation). The network sees
        both with a longer side of at most `longest` pixels and `card.longest_side`.
        """
        own = self.card.longest_side
        seen = self._within(image, own if longest is None else min(longest, own))
        return np.asarray((self.predict(seen[None])[0] + self._of_mirror_image(seen)) / 2)

    def fitted(self, image: Image) -> Image:
        """Return one picture of any size resized to the network's input size: (H, W, 3) gives (h, w, 3)."""
        return self._within(image, self.card.longest_side)

    def _within(self, image: Image, longest: int) -> Image:
        return fit_image(image, fit_size((image.shape[0], image.shape[1]), self.card.multiple, longest))

    def _of_mirror_image(self, seen: Image) -> Alpha:
        mirrored = np.ascontiguousarray(seen[:, ::-1])
        return np.ascontiguousarray(self.predict(mirrored[None])[0, :, ::-1])
