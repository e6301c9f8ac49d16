"""The manifest: which inputs, programs and seed gave which files, each with its checksum."""

from __future__ import annotations

import hashlib
import platform
import re
from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Any

from kpi_research.study.findings import Language

if TYPE_CHECKING:
    from kpi_research.result import StudyResult

SCHEMA = "kpi_research/manifest/1"
NAME = "manifest.json"
PACKAGES = (
    "numpy", "pandas", "scipy", "statsmodels", "linearmodels", "scikit-learn", "matplotlib", "PuLP", "highspy",
    "duckdb", "sqlglot", "pydantic", "pandera", "Jinja2", "fonttools",
)  # fmt: skip
"""Packages whose version can change a number or a figure."""

_USER_INFO = re.compile(r"(?<=://)[^/@\s]*@")


def manifest(result: StudyResult, outputs: Mapping[str, bytes], languages: Sequence[Language]) -> dict[str, Any]:
    """Return the manifest of a published study; it holds no clock and no path of the machine.

    Parameters
    ----------
    result : StudyResult
        The published result.
    outputs : mapping of str to bytes
        Every other file of the folder by its path in it.
    languages : sequence of {"en", "zh"}
        Languages of the report.

    Returns
    -------
    dict
        ``schema``, ``study``, ``seed``, ``languages``, ``study_digest``, ``result_digest``, ``versions``,
        ``inputs`` (name, rows, sha256), ``outputs`` (path to bytes and sha256).
    """
    study = result.study
    return {
        "schema": SCHEMA,
        "study": study.spec.study.id,
        "seed": study.spec.study.seed,
        "languages": list(languages),
        "study_digest": study.digest,
        "result_digest": result.digest,
        "versions": versions(),
        "inputs": [{"name": public_name(item.name), "rows": item.rows, "sha256": item.sha256} for item in study.inputs],
        "outputs": {path: {"bytes": len(data), "sha256": sha256(data)} for path, data in outputs.items()},
    }


def versions() -> dict[str, str]:
    """Return the versions of kpi_research, Python and the main packages, by name."""
    found = {"kpi_research": program_version(), "Python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def program_version() -> str:
    """Return the version of kpi_research; looked up late, because the package's front door imports this module."""
    return str(getattr(import_module("kpi_research"), "__version__", "0"))


def sha256(data: bytes) -> str:
    """Return the SHA-256 of bytes in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def public_name(name: str) -> str:
    """Return the name of an input without passwords and without folders of the machine.

    Parameters
    ----------
    name : str
        As the study file names it.

    Returns
    -------
    str

    Examples
    --------
    >>> public_name("postgresql://me:secret@db/bureau#panel"), public_name("/home/me/panel.csv"), public_name("tables/a.csv")
    ('postgresql://db/bureau#panel', 'panel.csv', 'tables/a.csv')
    """
    shown = _USER_INFO.sub("", name)
    for kind in (PurePosixPath, PureWindowsPath):
        if kind(shown).is_absolute():
            return kind(shown).name
    return shown
