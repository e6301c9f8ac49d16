"""The sentences with which checks of an indicator say what they found, in two languages."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

ASPECTS = ("importance", "authenticity", "reliability", "validity", "robustness", "use")
"""The questions that checks of an indicator answer, in their order; ``robustness`` is robustness to gaming."""


@cache
def reasons() -> Mapping[str, Mapping[str, Any]]:
    """Return the texts of every check, read once from ``reasons/*.toml``.

    Returns
    -------
    mapping
        Check to ``name`` and a text per grade that it can give, each in English and Chinese.
    """
    checks: dict[str, Mapping[str, Any]] = {}
    folder = resources.files(__package__) / "reasons"
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        for check, texts in tomllib.loads(file.read_text(encoding="utf-8")).items():
            if check in checks:
                raise KeyError(f"{file.name}: check '{check}' is defined twice")
            checks[check] = texts
    return checks
