"""The recipes: every number of a training run, saved in every checkpoint."""

from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from background_remover.errors import OptionError


@dataclass(frozen=True)
class Stage:
    """A share of the run at one size."""

    size: int  # pixels, a multiple of 32
    share: float  # of all samples, in (0, 1]
    batch: int  # samples a step, over all processes
    squares: bool = False  # only, and no batches of 4:3: a GPU takes seconds to prepare for each new shape


@dataclass(frozen=True)
class Augmentation:
    """How far a sample may go from its picture; see `augment`."""

    whole: float = 0.3  # probability of the whole picture instead of a crop
    area: tuple[float, float] = (0.25, 1.0)  # of the picture, kept by a crop
    aspect: float = 1.33  # a crop's aspect differs from the sample's by a factor of up to this
    rotation: float = 12.0  # degrees, either way
    brightness: float = 0.3
    contrast: float = 0.3
    saturation: float = 0.4
    tint: float = 0.1  # gain of each channel, either way
    grey: float = 0.03  # probability of no colour at all
    blur: float = 0.1  # probability
    noise: float = 0.1  # probability
    jpeg: float = 0.1  # probability
    compose: float = 0.12  # probability of another background behind the subject


@dataclass(frozen=True)
class Clicks:
    """How the clicks and boxes are simulated from which a click network learns; see `data.clicks`."""

    scenes: float = 0.6  # probability of a scene of several subjects, one of which is meant, instead of a picture
    corrections: int = 2  # clicks, at most, in the middle of what the network gets wrong
    box: float = 0.25  # probability of a box around the subject
    only_box: float = 0.5  # probability that there is no click at first where there is a box
    loose: float = 0.05  # of the box's sides: how far each of them may be off


@dataclass(frozen=True)
class Recipe:
    """Everything about a training run but its data."""

    name: str
    module: str  # the network's name in `checkpoint.MODULES`
    samples: int  # in the whole run, where `minutes` doesn't say how long it is
    stages: tuple[Stage, ...]
    losses: tuple[str, ...] = ("cross_entropy", "soft_iou")  # their sum goes down
    dropout: float = 0.0
    frozen: int = 0  # stages of a pretrained encoder that don't learn
    learning_rate: float = 1e-3
    encoder_rate: float = 1.0  # the learning rate of a pretrained encoder, as a share of it
    weight_decay: float = 0.02
    warmup: float = 0.02  # share of the run
    ema: float = 0.999  # decay a step, once the run is long enough for it
    epoch: int = 10_000  # samples between two validations; 0 leaves it to the end
    sharpness: float = 1.5  # a picture is kept as a square of this many times a sample's side
    seed: int = 0
    augmentation: Augmentation = field(default_factory=Augmentation)
    minutes: float | None = None  # the length of the run in time: stages and learning rate follow the clock
    clicks: Clicks | None = None  # for a network that takes prompts

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values, for a checkpoint."""
        return asdict(self)

    @staticmethod
    def from_dict(values: dict[str, Any]) -> "Recipe":
        """Return the recipe that `to_dict` wrote; `OptionError` for a field this version doesn't know."""
        unknown = values.keys() - {item.name for item in fields(Recipe)}
        if unknown:
            raise OptionError(f"a recipe has no {', '.join(sorted(unknown))}")
        values = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
        stages = tuple(Stage(**stage) for stage in values["stages"])
        augmentation: dict[str, Any] = {
            k: tuple(v) if isinstance(v, list) else v for k, v in values["augmentation"].items()
        }
        clicks = None if values.get("clicks") is None else Clicks(**values["clicks"])
        return Recipe(**{**values, "stages": stages, "augmentation": Augmentation(**augmentation), "clicks": clicks})

    def stage_at(self, progress: float) -> Stage:
        """Return the stage at a share of the run, in [0, 1]."""
        end = 0.0
        for stage in self.stages:
            end += stage.share
            if progress < end:
                return stage
        return self.stages[-1]


_SALIENT = ("structure_cross_entropy", "structure_iou", "absolute")
_UNET = Recipe(
    name="unet",
    module="unet",
    samples=130_000,
    stages=(Stage(64, 0.7, 64), Stage(96, 0.18, 32), Stage(128, 0.12, 32)),
)
_UNET_LITE2 = Recipe(
    name="unet-lite2",
    module="unet-lite2",
    samples=60_000,
    stages=(Stage(128, 0.5, 16), Stage(192, 0.3, 12), Stage(256, 0.2, 8)),
    losses=_SALIENT,
    learning_rate=8e-4,
    frozen=2,
    encoder_rate=0.4,
    epoch=15_000,
    sharpness=1.25,
    augmentation=Augmentation(whole=0.4, area=(0.36, 1.0)),
)
_UNET_LATE = replace(  # for weights that are to be averaged with those it begins from
    _UNET,
    name="unet-late",
    samples=26_000,
    stages=(Stage(128, 1.0, 16),),
    learning_rate=2e-4,
    warmup=0.03,
    epoch=13_000,
    seed=5,
)
_UNET_LITE2_LARGE = replace(
    _UNET_LITE2,
    name="unet-lite2-large",
    samples=13_000,
    stages=(Stage(256, 0.46, 8), Stage(320, 0.54, 8)),
    learning_rate=5e-4,
    warmup=0.05,
    epoch=5_000,
    seed=1,
)
_UNET_LITE2_LATE = replace(  # for weights that are to be averaged with those it begins from
    _UNET_LITE2,
    name="unet-lite2-late",
    samples=18_000,
    stages=(Stage(256, 1.0, 8),),
    learning_rate=2.5e-4,
    warmup=0.03,
    epoch=6_000,
    seed=5,
)
_UNET_GPU = Recipe(  # for minutes of a GPU, from random weights
    name="unet-gpu",
    module="unet",
    samples=770_432,
    stages=(Stage(64, 0.2, 256), Stage(96, 0.25, 192), Stage(128, 0.55, 128)),
    losses=_SALIENT,
    dropout=0.05,
    learning_rate=1.5e-3,
    weight_decay=0.03,
    warmup=0.03,
    ema=0.998,
    epoch=0,
    seed=11,
    augmentation=Augmentation(area=(0.2, 1.0), compose=0.15),
)
_UNET_LITE2_GPU = Recipe(  # for minutes of a GPU, from trained weights
    name="unet-lite2-gpu",
    module="unet-lite2",
    samples=374_144,
    stages=(Stage(224, 0.25, 96, squares=True), Stage(320, 0.75, 64)),
    losses=_SALIENT,
    learning_rate=8e-4,
    encoder_rate=0.4,
    weight_decay=0.03,
    warmup=0.03,
    ema=0.998,
    epoch=0,
    sharpness=1.25,
    seed=11,
    augmentation=Augmentation(whole=0.35, compose=0.15),
)
_UNET_LITE2_FURTHER = replace(  # for weights that are to be averaged with those it begins from
    _UNET_LITE2,
    name="unet-lite2-further",
    samples=20_000,
    stages=(Stage(320, 1.0, 8),),
    learning_rate=1e-4,
    warmup=0.03,
    epoch=20_000,
    seed=12,
    augmentation=Augmentation(whole=0.35, area=(0.25, 1.0), compose=0.15),
)
_UNET_LITE2_CLICKS = replace(  # from the weights of `unet-lite2`
    _UNET_LITE2_LARGE,
    name="unet-lite2-clicks",
    module="unet-lite2-clicks",
    stages=(Stage(192, 0.6, 8), Stage(256, 0.4, 8)),
    learning_rate=4e-4,
    encoder_rate=0.3,
    epoch=0,
    augmentation=Augmentation(whole=0.5, area=(0.36, 1.0), compose=0.3),
    clicks=Clicks(),
)
_TINY = Recipe(  # seconds on a CPU: for trying a set-up, and for the tests
    name="tiny",
    module="unet",
    samples=32,
    stages=(Stage(32, 0.5, 4), Stage(64, 0.5, 4)),
    dropout=0.1,
    epoch=16,
)
_ALL = (
    _UNET,
    _UNET_LATE,
    _UNET_LITE2,
    _UNET_LITE2_LARGE,
    _UNET_LITE2_LATE,
    _UNET_GPU,
    _UNET_LITE2_GPU,
    _UNET_LITE2_FURTHER,
    _UNET_LITE2_CLICKS,
    _TINY,
)
RECIPES = {recipe.name: recipe for recipe in _ALL}


def recipe(name: str) -> Recipe:
    """Return the recipe of that name; `OptionError` for an unknown one."""
    if name not in RECIPES:
        raise OptionError(f"unknown recipe {name!r}; known: {', '.join(RECIPES)}")
    return RECIPES[name]
