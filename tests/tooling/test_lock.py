"""The lock installs what the project asks for, from anywhere, unchanged."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
TEXT = "".join((ROOT / name).read_text(encoding="utf-8") for name in ("requirements.lock", "requirements-spark.lock"))
PYTHONS = ("3.11.2", "3.12.0", "3.13.0")


def entries() -> list[tuple[Requirement, list[str]]]:
    """Return each locked requirement with its hashes."""
    joined = TEXT.replace("\\\n", " ")
    lines = [line for line in joined.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    parts = [line.split("--hash=") for line in lines]
    return [(Requirement(head.strip()), [item.strip() for item in hashes]) for head, *hashes in parts]


def wanted() -> list[Requirement]:
    """Return what the project, all its extras and its build ask for."""
    project = PROJECT["project"]
    extras = [item for extra in project["optional-dependencies"].values() for item in extra]
    return [Requirement(item) for item in [*project["dependencies"], *extras, *PROJECT["build-system"]["requires"]]]


def locked(python: str) -> dict[str, Version]:
    """Return name and version of each package that is installed on Linux under a Python version."""
    place = {
        "python_version": python.rpartition(".")[0],
        "python_full_version": python,
        "sys_platform": "linux",
        "os_name": "posix",
    }
    place |= {"platform_python_implementation": "CPython", "implementation_name": "cpython"}
    found = [item for item, _ in entries() if item.marker is None or item.marker.evaluate(place)]
    names = [canonicalize_name(item.name) for item in found]
    assert len(names) == len(set(names)), "one package is locked twice"
    return {name: Version(next(iter(item.specifier)).version) for name, item in zip(names, found, strict=True)}


@pytest.mark.parametrize("python", PYTHONS)
def test_every_requirement_is_locked_within_its_bounds(python: str) -> None:
    versions = locked(python)
    wrong = [
        str(item)
        for item in wanted()
        if not item.specifier.contains(versions.get(canonicalize_name(item.name), "0"), prereleases=True)
    ]
    assert wrong == []


def test_every_entry_is_one_version_with_hashes() -> None:
    for item, hashes in entries():
        assert [part.operator for part in item.specifier] == ["=="], item
        assert item.url is None
        assert hashes, f"{item} has no hash"
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", value) for value in hashes)


def test_a_result_does_not_depend_on_the_python_version() -> None:
    numeric = ("numpy", "scipy", "pandas", "statsmodels", "scikit-learn", "linearmodels", "highspy", "pulp", "duckdb")
    chosen = [{name: locked(python)[name] for name in numeric} for python in PYTHONS]
    assert chosen[0] == chosen[1] == chosen[2]


def test_the_lock_names_no_place() -> None:
    assert "://" not in TEXT
    assert not re.search(r"^\s*-(?!-hash=)", TEXT, re.MULTILINE), "an option of the installer stands in the lock"
    assert not (ROOT / "uv.lock").exists() or "uv.lock" in (ROOT / ".gitignore").read_text(encoding="utf-8").split()
