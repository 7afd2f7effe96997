"""Oxford-IIIT Pet from its home page: fetched resumably, checked against known hashes, unpacked safely."""

import gzip
import hashlib
import http.client
import tarfile
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import IO

from tqdm import tqdm

from background_remover.errors import Error

_CHUNK = 1 << 20
_TIMEOUT = 60.0  # seconds without a byte


class DownloadError(Error):
    """A file that can't be fetched, isn't what was published, or won't unpack."""


@dataclass(frozen=True)
class Archive:
    """A published tar archive."""

    url: str
    sha256: str

    @property
    def name(self) -> str:
        """The file's own name."""
        return self.url.rsplit("/", 1)[-1]


OXFORD_IIIT_PET = (
    Archive(
        "https://www.robots.ox.ac.uk/~vgg/data/pets/data/images.tar.gz",
        "67195c5e1c01f1ab5f9b6a5d22b8c27a580d896ece458917e61d459337fa318d",
    ),
    Archive(
        "https://www.robots.ox.ac.uk/~vgg/data/pets/data/annotations.tar.gz",
        "52425fb6de5c424942b7626b428656fcbd798db970a937df61750c0f1d358e91",
    ),
)


def download(folder: Path, archives: Sequence[Archive] = OXFORD_IIIT_PET) -> None:
    """Fetch the archives into `folder` and unpacks them there.

    What an earlier, broken-off call fetched is kept and gone on from; an archive that is there whole isn't fetched
    again. Raises `DownloadError` where the server doesn't answer, a hash differs or an archive is malicious.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DownloadError(f"{folder}: can't be made ({error.strerror}); choose another folder") from error
    for archive in archives:
        target = folder / archive.name
        if not (target.is_file() and _sha256(target) == archive.sha256):
            _fetch(archive, target)
        _unpack(target, folder)


def _fetch(archive: Archive, target: Path) -> None:
    partial = target.with_name(target.name + ".partial")
    have = partial.stat().st_size if partial.is_file() else 0
    headers = {"Range": f"bytes={have}-"} if have else {}
    request = urllib.request.Request(archive.url, headers=headers)  # noqa: S310 - the addresses are ours
    total = 0
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:  # noqa: S310
            resumed = answer.status == HTTPStatus.PARTIAL_CONTENT
            total = int(answer.headers.get("Content-Length", 0)) + (have if resumed else 0)
            bar = tqdm(total=total, initial=have if resumed else 0, unit="B", unit_scale=True, desc=archive.name)
            with partial.open("ab" if resumed else "wb") as file, bar:
                while chunk := answer.read(_CHUNK):
                    _add(file, partial, chunk)
                    bar.update(len(chunk))
    except urllib.error.HTTPError as error:
        if error.code != HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:  # the partial file is whole already
            raise DownloadError(f"{archive.url}: the server says {error.code} {error.reason}") from error
    except (OSError, http.client.HTTPException) as error:
        raise DownloadError(f"{archive.url}: {error}; call again to go on") from error
    if total and partial.stat().st_size < total:
        raise DownloadError(f"{archive.url}: the connection broke off; call again to go on")
    found = _sha256(partial)
    if found != archive.sha256:
        partial.unlink()
        raise DownloadError(f"{archive.url}: SHA-256 is {found}, published was {archive.sha256}; call again")
    partial.replace(target)


def _add(file: IO[bytes], path: Path, chunk: bytes) -> None:
    """Add to a partial file, which stays for the next call to go on from."""
    try:
        file.write(chunk)
        file.flush()
    except OSError as error:
        raise DownloadError(
            f"{path}: can't be written ({error.strerror}); make room, and call again to go on"
        ) from error


def _unpack(path: Path, folder: Path) -> None:
    """Unpack with tarfile's "data" filter: no absolute path, no link or name that leaves the folder (PEP 706)."""
    try:
        with tarfile.open(path) as archive:
            archive.extractall(folder, filter="data")
    except OSError as error:
        if isinstance(error, gzip.BadGzipFile) or error.errno is None:
            raise DownloadError(f"{path}: won't unpack: {error}") from error
        place = error.filename or folder
        raise DownloadError(f"{place}: can't be written ({error.strerror}); make room, and call again") from error
    except (tarfile.TarError, EOFError) as error:
        raise DownloadError(f"{path}: won't unpack: {error}") from error


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
