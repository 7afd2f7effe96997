"""What runs on a cluster made, kept beside their results in files of Parquet; and a report of the same rows.

Where results go there may be no locks, and no file that can be added to. So a run writes one new file after another in
the hidden folder `.background-remover` of `OUT`, and each is there whole or not at all:

    RUN-000000.parquet       what the run is about to do: a row for each picture, whose `status` is missing
    RUN-000001.parquet ...   what became of pictures: the fields of their `Record`s

`target` is the place below `OUT`, and the provenance is in the metadata of every file. A run's name begins with its
time, so the order of names is that of the writing. A result that was about to be made, and of which no more is noted,
may be there: a kill came in between.
"""

import dataclasses
import json
import secrets
from datetime import datetime, timezone
from pathlib import Path
from time import monotonic
from typing import Any

from background_remover.batch.journal import Entry, Provenance, with_begin, with_end
from background_remover.batch.ray.address import Address
from background_remover.batch.record import Record, ResultFile, Status
from background_remover.errors import Error, ImageError, OptionError, one_line
from background_remover.imaging.atomic import check_place

try:
    import pyarrow as pa  # type: ignore[import-untyped]
    from pyarrow import parquet
except ImportError as error:
    raise Error(f"a cluster needs pyarrow ({error}): pip install 'background-remover[cluster]'") from error

FOLDER = ".background-remover"
SUFFIX = ".parquet"
ROWS, SECONDS = 10_000, 60.0  # a file is written when so many have come together, or so much time has passed
_PROVENANCE = b"background-remover"  # the key of the metadata
_KINDS: dict[Any, Any] = {
    str: pa.string(),
    str | None: pa.string(),
    Status: pa.string(),
    int | None: pa.int64(),
    float: pa.float64(),
    float | None: pa.float64(),
    bool: pa.bool_(),
    tuple[str, ...]: pa.list_(pa.string()),
    tuple[ResultFile, ...]: pa.list_(pa.struct([("name", pa.string()), ("bytes", pa.int64())])),
}
_FIELDS = dataclasses.fields(Record)
SCHEMA = pa.schema([(field.name, _KINDS[field.type]) for field in _FIELDS])
_NEEDED = {field.name for field in _FIELDS if field.default is dataclasses.MISSING}  # the rest may be newer than a file


class SharedJournal:
    """An `engine.Journal` for a store without locks, whose files can't be added to."""

    def __init__(self, out: Address, provenance: Provenance) -> None:
        """Begin with nothing; `out` is the folder of results."""
        self._folder = out / FOLDER
        self._schema = SCHEMA.with_metadata({_PROVENANCE: json.dumps(provenance)})
        self._run = f"{datetime.now(timezone.utc):%Y%m%dT%H%M%S%f}-{secrets.token_hex(4)}"
        self._files = 0
        self._rows: list[dict[str, Any]] = []
        self._last = monotonic()

    def begin(self, source: str, place: str) -> None:
        """Note what is about to be done, once `flush` is called. Raises `ImageError` as that does."""
        self._rows.append({"source": source, "target": place})
        if len(self._rows) >= 100 * ROWS:
            self.flush()

    def end(self, record: Record, place: str) -> None:
        """Note what became of a picture; it is written some time later. Raises `ImageError` as `flush` does."""
        self._rows.append(dataclasses.asdict(record) | {"target": place})
        if len(self._rows) >= ROWS or monotonic() - self._last >= SECONDS:
            self.flush()

    def flush(self) -> None:
        """Write what has not been written yet. Raises `ImageError` where that fails."""
        if self._rows:
            sink = pa.BufferOutputStream()
            parquet.write_table(pa.Table.from_pylist(self._rows, self._schema), sink, compression="zstd")
            (self._folder / f"{self._run}-{self._files:06}{SUFFIX}").put(sink.getvalue().to_pybytes())
            self._files += 1
            self._rows = []
        self._last = monotonic()

    def close(self) -> None:
        """Write what has not been written yet. Raises `ImageError` where that fails."""
        self.flush()


def read(out: Address) -> dict[str, Entry]:
    """Return what is known of every place below a folder of results: nothing where no cluster was at work in it.

    Raises `ImageError` where a file can't be read.
    """
    entries: dict[str, Entry] = {}
    folder = out / FOLDER
    for name in sorted(name for name, _ in folder.files() if name.endswith(SUFFIX) and not name.startswith(".")):
        data = (folder / name).read()
        try:
            table = parquet.read_table(pa.BufferReader(data))
            provenance = json.loads(table.schema.metadata[_PROVENANCE])
            known = {*table.column_names, *_NEEDED}
            rows = table.select([name for name in SCHEMA.names if name in known]).to_pylist()
        except (pa.ArrowException, KeyError, TypeError, ValueError) as error:
            raise ImageError(f"{folder / name}: can't be read ({one_line(error)}); move it away") from error
        for row in rows:
            place = row["target"]
            if row["status"] is None:
                with_begin(entries, place, row["source"], provenance)
            else:
                record = Record.from_fields(row | {"target": str(out / place)})
                with_end(entries, place, row["source"], provenance, record)
    return entries


def check_report(place: Address) -> None:
    """Raise `OptionError` at a name that isn't such a report's, and `ImageError` where none can be written there.

    What a store other than a disk takes is known only once something is put there, see `ParquetReport`.
    """
    if place.suffix != SUFFIX:
        raise OptionError(f"{place}: a report of --engine ray ends in {SUFFIX}; choose another name")
    if place.filesystem.is_local:
        check_place(Path(place.key))


class ParquetReport:
    """An `engine.Report` with a row for each picture, the fields of its `Record`; it is written when it is closed."""

    def __init__(self, place: Address) -> None:
        """Put a report without rows in its place; raises `ImageError` where that fails."""
        sink = pa.BufferOutputStream()
        parquet.write_table(SCHEMA.empty_table(), sink)
        place.put(sink.getvalue().to_pybytes())
        self._place = place
        self._sink = pa.BufferOutputStream()  # some 30 bytes a row
        self._writer = parquet.ParquetWriter(self._sink, SCHEMA, compression="zstd")
        self._rows: list[dict[str, Any]] = []

    def write(self, record: Record) -> None:
        """Add a row."""
        self._rows.append(dataclasses.asdict(record))
        if len(self._rows) >= ROWS:
            self._flush()

    def close(self) -> None:
        """Put the report in its place. Raises `ImageError` where that fails."""
        self._flush()
        self._writer.close()
        self._place.put(self._sink.getvalue().to_pybytes())

    def _flush(self) -> None:
        self._writer.write_table(pa.Table.from_pylist(self._rows, SCHEMA))
        self._rows = []
