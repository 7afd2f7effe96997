"""The schedule of a training run: its progress by samples or time, and the learning rate at each point."""

import math
import time
from collections.abc import Callable

from background_remover.train.config import Recipe

Clock = Callable[[], float]  # seconds, from any moment on
_RESERVE_AT_MOST = 0.5  # of a run's time, for what comes after its last step


class Schedule:
    """A run's progress from 0 to 1: the share of its samples, or of its time where the recipe has minutes."""

    def __init__(self, recipe: Recipe, *, spent: float = 0.0, begun: float | None = None, clock: Clock | None = None):
        """Begin now, or at the time `begun` of the clock; `spent` are the seconds of the same run before that."""
        self._recipe, self._spent = recipe, spent
        self._clock = clock or time.monotonic
        self._begun = self._clock() if begun is None else begun
        self.reserve = 0.0  # seconds, of a run's time, that the last checkpoint and the last validation will take

    @property
    def seconds(self) -> float:
        """The time that the run has taken so far, over all its sessions."""
        return self._spent + self._clock() - self._begun

    def progress(self, samples: int) -> float:
        """Return the share of the run, in [0, 1], that is done after this number of samples."""
        if self._recipe.minutes is None:
            return min(samples / self._recipe.samples, 1.0)
        span = 60 * self._recipe.minutes
        return min(self.seconds / (span - min(self.reserve, _RESERVE_AT_MOST * span)), 1.0)


def learning_rate(recipe: Recipe, progress: float) -> float:
    """Return the learning rate: warm-up, then half a cosine to 1 % of it (Loshchilov and Hutter, arXiv 1608.03983)."""
    if progress < recipe.warmup:
        return recipe.learning_rate * max(progress / recipe.warmup, 0.01)
    cosine = math.cos(math.pi * (progress - recipe.warmup) / (1 - recipe.warmup))
    return recipe.learning_rate * (0.01 + 0.99 * (1 + cosine) / 2)
