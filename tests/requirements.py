"""Programs a test needs from outside Python: found, or the test is skipped; where they are required, it fails."""

from __future__ import annotations

import os
import shutil

import pytest

NAMES = {"chromium": ("chromium", "chromium-browser", "google-chrome")}


def require(program: str, *, present: bool = False) -> str:
    """Return the path of a program; without it skip the test, or fail it where ``KPI_RESEARCH_REQUIRE`` names it.

    Parameters
    ----------
    program : str
        Name of the program, e.g. ``"chromium"``. ``KPI_RESEARCH_REQUIRE`` is a comma-separated list of such names.
    present : bool
        Whether the caller has found it in a place of its own.

    Returns
    -------
    str
        Path of the executable.
    """
    if present:
        return program
    for name in NAMES.get(program, (program,)):
        path = shutil.which(name)
        if path:
            return path
    reason = f"the program '{program}' is not installed (Debian, Ubuntu: apt install {program})"
    if program in os.environ.get("KPI_RESEARCH_REQUIRE", "").replace(" ", "").split(","):
        pytest.fail(f"{reason}, and KPI_RESEARCH_REQUIRE asks for it", pytrace=False)
    pytest.skip(reason)
