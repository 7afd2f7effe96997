"""`Summary`: what became of many pictures; counts, and the records of those without a sure result."""

from dataclasses import dataclass, field

from background_remover.batch.record import Record
from background_remover.batch.review import needs_review
from background_remover.errors import Error
from background_remover.runtime.progress import duration

NAMED = 10  # pictures of a kind that a message names one by one


@dataclass
class Summary:
    """What became of the pictures: counts, and by source the records of those without a sure result."""

    review_below: float  # the confidence below which a picture is to be reviewed
    worked: int = 0  # by this run, whatever came of it
    done: int = 0  # by this run
    files: int = 0  # of these, where each subject has one
    frames: int = 0  # of these, in videos
    earlier: int = 0  # done by an earlier one
    seconds: float = 0.0
    interrupted: bool = False
    stopped: Error | None = None  # why the run ended before its time
    empty: dict[str, Record] = field(default_factory=dict)
    failed: dict[str, Record] = field(default_factory=dict)
    unsure: dict[str, Record] = field(default_factory=dict)  # done, and so by the model's own threshold
    review: dict[str, Record] = field(default_factory=dict)

    def add(self, record: Record, *, earlier: bool = False) -> None:
        """Take note of a picture; what a watch knew of an older content of its file is forgotten."""
        if earlier:
            self.earlier += record.status == "done"
        else:
            self.worked += 1
            self.done += record.status == "done"
            self.files += len(record.files) * (record.status == "done")
            self.frames += (record.frames or 0) * (record.status == "done")
        for records in (self.empty, self.failed, self.unsure, self.review):
            records.pop(record.source, None)
        if record.status != "done":
            (self.empty if record.status == "empty" else self.failed)[record.source] = record
        if record.unsure:
            self.unsure[record.source] = record
        if needs_review(record, self.review_below):
            self.review[record.source] = record

    def lines(self) -> list[str]:
        """Return the summary: first the pictures without a result, at most `NAMED` of each kind, then the counts."""
        lines = []
        for records in (self.failed, self.empty):
            lines += [record.error or "" for record in list(records.values())[:NAMED]]
            if len(records) > NAMED:
                lines.append(f"... and {len(records) - NAMED:,} more, which --report lists")
        counts = [f"{self.done:,} done in {duration(self.seconds)}"]
        counts += [f"{self.files:,} files"] * bool(self.files)
        counts += [f"{self.frames:,} frames of videos"] * bool(self.frames)
        counts += [f"{self.earlier:,} done earlier"] * bool(self.earlier)
        counts += [f"{len(self.empty):,} without a subject"] * bool(self.empty)
        counts += [f"{len(self.failed):,} failed"] * bool(self.failed)
        counts += [f"{len(self.unsure):,} unsure"] * bool(self.unsure)
        counts += [f"{len(self.review):,} to review"] * bool(self.review)
        counts += ["interrupted: --resume goes on"] * self.interrupted
        return [*lines, ", ".join(counts)]
