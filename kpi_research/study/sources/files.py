"""From the text of a source to files that exist, and from files to bytes; every failure is a finding."""

from __future__ import annotations

import glob
import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.sources.limits import MAX_FILES, megabytes
from kpi_research.study.suggest import did_you_mean

_BLOCK = 1024**2


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file of a source.

    Attributes
    ----------
    name : str
        The file as the user knows it, with ``/`` between folders.
    path : Path
        Where it is.
    """

    name: str
    path: Path


class FileError(Exception):
    """A file that cannot be used.

    Attributes
    ----------
    found : Finding
        Why.
    """

    def __init__(self, found: Finding) -> None:
        self.found = found
        super().__init__(found.message)


def find_files(source: str, folder: Path, where: Where) -> tuple[SourceFile, ...]:
    """Return the files that a path or glob means, in sorted order.

    Parameters
    ----------
    source : str
        Path or glob, relative to ``folder`` or absolute; ``..`` is allowed. A file whose name is the very text is not taken
        as a glob, and the lock files ``~$...`` of open workbooks are passed over.
    folder : Path
        The study folder.
    where : Where
        Place of the source in the study file.

    Returns
    -------
    tuple of SourceFile
        At least one.

    Raises
    ------
    FileError
        If there is none, more than ``MAX_FILES``, or the text is no path.
    """
    try:
        if os.path.lexists(folder / source) or not glob.has_magic(source):
            return (find_file(source, folder, where),)
        found = sorted(entry.replace(os.sep, "/") for entry in glob.glob(source, root_dir=folder, recursive=True))
    except (OSError, ValueError) as error:
        raise FileError(finding("source-unreadable", where, name=source[:200], reason=reason(error))) from error
    names = [name for name in found if not (folder / name).is_dir() and not name.rpartition("/")[2].startswith("~$")]
    if not names:
        raise FileError(_missing("source-no-match", source, folder, where))
    if len(names) > MAX_FILES:
        raise FileError(finding("source-too-many-files", where, source=source, found=len(names), limit=MAX_FILES))
    return tuple(SourceFile(name, folder / name) for name in names)


def find_file(source: str, folder: Path, where: Where) -> SourceFile:
    """Return the one file that a path means.

    Parameters
    ----------
    source : str
        Path relative to ``folder`` or absolute.
    folder : Path
        The study folder.
    where : Where
        Place of the source in the study file.

    Returns
    -------
    SourceFile

    Raises
    ------
    FileError
        If it is missing, or not a regular file (a folder, a device, a link that leads to itself).
    """
    path = folder / source
    try:
        mode = os.stat(path).st_mode
    except (FileNotFoundError, NotADirectoryError) as error:
        raise FileError(_missing("source-missing", source, folder, where)) from error
    except (OSError, ValueError) as error:
        raise FileError(finding("source-unreadable", where, name=source[:200], reason=reason(error))) from error
    if not stat.S_ISREG(mode):
        raise FileError(finding("source-not-a-file", where, name=source))
    return SourceFile(source.replace(os.sep, "/"), path)


def read_bytes(file: SourceFile, limit: int) -> bytes:
    """Return all bytes of a file.

    Parameters
    ----------
    file : SourceFile
        The file.
    limit : int
        Bytes it may have.

    Returns
    -------
    bytes

    Raises
    ------
    FileError
        If it cannot be read, is not a regular file or is larger than ``limit``.
    """
    try:
        check_size(file, limit)
        with file.path.open("rb") as stream:
            data = stream.read(limit + 1)
    except (OSError, ValueError, MemoryError) as error:
        raise FileError(unreadable(file.name, error)) from error
    if len(data) > limit:
        raise FileError(too_large(file.name, len(data), limit))
    return data


def check_size(file: SourceFile, limit: int) -> None:
    """Raise unless a file is a regular one of at most ``limit`` bytes.

    Parameters
    ----------
    file : SourceFile
        The file.
    limit : int
        Bytes it may have.

    Raises
    ------
    FileError
        If it is not.
    OSError
        If its state cannot be read.
    """
    state = os.stat(file.path)
    if not stat.S_ISREG(state.st_mode):
        raise FileError(finding("source-not-a-file", Where(file=file.name), name=file.name))
    if state.st_size > limit:
        raise FileError(too_large(file.name, state.st_size, limit))


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, read block by block.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    str
        Hexadecimal.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def unreadable(name: str, error: BaseException) -> Finding:
    """Return the finding that a file could not be opened or read.

    Parameters
    ----------
    name : str
        The file.
    error : BaseException
        What stopped the reading.

    Returns
    -------
    Finding
    """
    return finding("source-unreadable", Where(file=name), name=name, reason=reason(error))


def too_large(name: str, size: int, limit: int) -> Finding:
    """Return the finding that a file is larger than allowed.

    Parameters
    ----------
    name : str
        The file.
    size, limit : int
        Bytes found and bytes allowed.

    Returns
    -------
    Finding
    """
    return finding("source-too-large", Where(file=name), found=megabytes(size), limit=megabytes(limit))


def reason(error: BaseException) -> str:
    """Return why an operation failed, in one short line without the paths of this machine.

    Parameters
    ----------
    error : BaseException
        The failure.

    Returns
    -------
    str
    """
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    lines = str(error).splitlines()
    return (lines[0] if lines else type(error).__name__)[:200]


def _missing(code: str, source: str, folder: Path, where: Where) -> Finding:
    parts = source.replace(os.sep, "/").split("/")
    for depth in range(len(parts) - 1, -1, -1):
        known = "/".join(parts[:depth])
        try:
            entries = os.listdir(folder / (known or ("/" if source.startswith("/") else ".")))
        except (OSError, ValueError):
            continue
        prefix = f"{known}/" if depth else ""
        wanted = "/".join(parts[: depth + 1])
        hint = did_you_mean(wanted, [f"{prefix}{entry}" for entry in entries if not entry.startswith(".")])
        return finding(code, where, source=source, hint=hint)
    return finding(code, where, source=source, hint={"en": "", "zh": ""})
