"""`BatchSettings`: what a batch is asked to do, by one machine or by a cluster."""

from dataclasses import dataclass, field
from pathlib import Path

from background_remover import models
from background_remover.batch.clips.options import ClipOptions
from background_remover.batch.naming import FORMAT
from background_remover.batch.review import UNSURE
from background_remover.batch.watch import STILL
from background_remover.errors import OptionError
from background_remover.imaging.formats import SUFFIXES
from background_remover.imaging.output_options import Named, OutputOptions, kind_of
from background_remover.options import Options
from background_remover.parameters.prompts import PicturePrompts
from background_remover.pipeline.subject_check import check_each
from background_remover.segmentation.device import CPU


@dataclass(frozen=True)
class BatchSettings:
    """What is to be done with many pictures, on one machine or on a cluster.

    `inputs`, `out` and `report` are paths, or addresses where the engine reads those. With `resume`, what an earlier
    run did is left as it is, see `plan.plan`; without `overwrite` nothing is replaced that a run didn't make. `jobs` is
    the most pictures worked on at once, None one for each core. `watch` goes on with files that appear, each once it
    has been the same for `still` seconds. `unsure` is the confidence below which a picture is collected in `review`.
    Of a cluster, `address` is Ray's own, None for a small one on this machine alone, and `gpus` the share of a graphics
    processor that each network takes, None for what lets all cores of a machine share those in it. `prompts` are those
    of single pictures, by their names among the inputs. With `each` every separate subject has a result of its own.
    On one machine the networks run on `device`. Videos are cut out as `clips` says.
    """

    inputs: tuple[str, ...]
    out: str
    model: str = models.DEFAULT
    options: Options = field(default_factory=Options)
    saving: OutputOptions = field(default_factory=OutputOptions)
    resume: bool = False
    overwrite: bool = False
    jobs: int | None = None
    report: str | None = None
    review: Path | None = None
    unsure: float = UNSURE
    watch: bool = False
    still: float = STILL
    address: str | None = None
    gpus: float | None = None
    device: str = CPU
    prompts: tuple[tuple[str, PicturePrompts], ...] = ()
    each: bool = False
    clips: ClipOptions = field(default_factory=ClipOptions)

    @property
    def suffixes(self) -> tuple[str, ...]:
        """What the names of files end in that are taken from folders."""
        return (*SUFFIXES, *self.clips.suffixes)

    @property
    def kinds(self) -> str:
        """What messages call the files that are taken."""
        return "pictures or videos" if self.clips.suffixes else "pictures"

    def is_clip(self, source: Named) -> bool:
        """Return whether a file is taken for a video."""
        return source.suffix.lower() in self.clips.suffixes

    @property
    def suffix(self) -> str:
        """What the names of the pictures' results end in."""
        return f".{self.saving.format or FORMAT}"

    def check(self) -> None:
        """Raise `OptionError` at settings that no engine can carry out."""
        if self.jobs is not None and self.jobs < 1:
            raise OptionError(f"{self.jobs} jobs; give 1 or more")
        if self.each:
            check_each(self.options)
        kind_of(None, self.saving, transparent=self.options.transparent)
