"""`RemoteJob`: the work on a picture at one address whose cutout goes to another, for the workers of a cluster."""

import posixpath
from collections.abc import Mapping

from background_remover.batch.job import Work
from background_remover.batch.ray.address import Address
from background_remover.batch.record import Stamp
from background_remover.imaging.file import File, load
from background_remover.imaging.output_options import OutputOptions


class RemoteJob(Work[Address]):
    """A picture at one address, whose cutout is put at another."""

    @property
    def name(self) -> str:
        """See `job.Work`."""
        return self.target.name

    def stamp(self) -> Stamp | None:
        """See `job.Work`."""
        return self.source.stamp()

    def load(self, max_megapixels: float) -> File:
        """See `job.Work`."""
        return load(self.source.read(), name=str(self.source), max_megapixels=max_megapixels)

    def file(self, name: str) -> Address:
        """See `job.Work`."""
        return Address(self.target.filesystem, posixpath.join(posixpath.dirname(self.target.key), name))

    def write(self, files: Mapping[str, bytes], saving: OutputOptions, *, transparent: bool) -> None:  # noqa: ARG002 - as `job.Work` has it
        """See `job.Work`."""
        put: list[Address] = []
        try:
            for name, data in files.items():
                self.file(name).put(data)
                put.append(self.file(name))
        except BaseException:
            for file in put:
                file.delete()
            raise

    def length(self, name: str) -> int | None:
        """See `job.Work`."""
        stamp = self.file(name).stamp()
        return None if stamp is None else stamp[0]
