"""The tools of the MCP server: remove, mask, subjects and evaluate, with the package's own options and errors."""

from dataclasses import dataclass
from typing import Any, TypeAlias

from background_remover.evaluation.datasets import Part, find_pairs
from background_remover.evaluation.evaluate import evaluate as score
from background_remover.mcp.roots import Roots
from background_remover.options import Options, check
from background_remover.parameters.background import read_background
from background_remover.remover import Remover
from background_remover.segmentation.subjects import facts_of

Facts: TypeAlias = dict[str, Any]
"""What an assistant reads of a result, as JSON."""


@dataclass(frozen=True)
class Tools:
    """The tools, which work in the folders of `roots` with one network; their docstrings are for the assistant."""

    roots: Roots
    remover: Remover

    def remove(
        self,
        image: str,
        output: str,
        background: str = str(Options.background),
        crop: bool = Options.crop,
        margin: str = str(Options.margin),
        shadow: bool = Options.shadow,
        points: str = "",
        not_points: str = "",
        box: str = "",
        overwrite: bool = False,
    ) -> Facts:
        """Cut the subject out of a picture and write it; the suffix of `output` names the format (.png keeps alpha).

        `background` is none, a colour, gradient:COLOUR,COLOUR, blur:RADIUS or a picture's file. `points`, `not_points`
        and `box` say which subject is meant. Returns size, confidence, and whether the result is unsure.
        """
        options = Options(
            background=self._background(background),
            crop=crop,
            margin=margin,
            shadow=shadow,
            points=points,
            not_points=not_points,
            box=box,
        )
        check(options)
        return self._write(image, output, options, overwrite=overwrite)

    def mask(self, image: str, output: str, threshold: float = Options.threshold, overwrite: bool = False) -> Facts:
        """Write the subject's alpha as a grey picture, white where the subject is; a `threshold` leaves no grey."""
        return self._write(image, output, Options(only_mask=True, threshold=threshold), overwrite=overwrite)

    def subjects(self, image: str) -> Facts:
        """List the subjects of a picture, the largest first: box (left, top, width, height), area, confidence."""
        found = self.remover.cut_each(self.roots.path(image))
        return {"image": image, "subjects": [facts_of(number, subject) for number, (subject, _) in enumerate(found, 1)]}

    def evaluate(self, folder: str, part: Part = "all") -> Facts:
        """Score the network on a folder with image/ beside mask/: the mean of each measure over its pictures."""
        report = score(self.remover.matte, find_pairs(self.roots.path(folder), part), source=folder)
        means = {measure: round(report.mean(measure), 4) for measure in report.measures}
        return {"folder": folder, "pictures": len(report.scores), "skipped": list(report.skipped)} | means

    def _background(self, given: str) -> str:
        """Return the background, a picture's file as a path within the roots."""
        file = read_background(given).file
        return given if file is None else str(self.roots.path(file))

    def _write(self, image: str, output: str, options: Options, *, overwrite: bool) -> Facts:
        source = self.roots.path(image)
        target = self.roots.target(output, source, transparent=options.transparent, overwrite=overwrite)
        cut = self.remover.remove(source, options)
        cut.save(target)
        width, height = cut.image.size
        facts = {"output": str(target), "width": width, "height": height, "confidence": round(cut.confidence, 4)}
        return facts | {"unsure": cut.unsure, "ground": cut.ground}
