"""What the numbers before and after a target amount to."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

Numbers = Mapping[tuple[str, str], Mapping[str, float]]


def target_signs(table: pd.DataFrame, better: tuple[float, float], size: float) -> tuple[str, ...]:
    """Return what was seen.

    Parameters
    ----------
    table : pandas.DataFrame
        The table of `kpi_research.validity.goodhart.goodhart.Goodhart`.
    better : tuple of float
        +1 where higher values are better, -1 otherwise: of the indicator and of the outcome.
    size : float
        Size of the tests.

    Returns
    -------
    tuple of str
        See `kpi_research.validity.goodhart.goodhart.Goodhart.signs`.
    """
    rows = as_numbers(table)
    sign = better[0] * better[1]
    found = []
    if any(_lost(rows, part, sign, size / 2.0) for part in ("within", "between")):
        found.append("relation_lost")
    if rows["dispersion", "ratio"]["high"] < 1.0:
        found.append("dispersion_collapsed")
    if ("pile_up", "difference") in rows and rows["pile_up", "difference"]["low"] > 0:
        found.append("piled_up")
    if _level_only(rows, better):
        found.append("level_only")
    return tuple(found)


def as_numbers(table: pd.DataFrame) -> Numbers:
    """Return the table as numbers by part and quantity.

    Parameters
    ----------
    table : pandas.DataFrame
        The table.

    Returns
    -------
    mapping of (part, quantity) to mapping of str to float
    """
    columns = ("estimate", "se", "low", "high", "p", "freedom")
    keys = zip(table["part"], table["quantity"], strict=True)
    rows = table[list(columns)].to_numpy(dtype=float)
    return {key: dict(zip(columns, map(float, row), strict=True)) for key, row in zip(keys, rows, strict=True)}


def _lost(rows: Numbers, part: str, sign: float, size: float) -> bool:
    before, difference = rows[part, "before"], rows[part, "difference"]
    there = before["estimate"] * sign > 0 and before["p"] < size
    return there and difference["estimate"] * sign < 0 and difference["p"] < size


def _level_only(rows: Numbers, better: tuple[float, float]) -> bool:
    """Return whether the indicator became better while the outcome did not, nor by as much."""
    mine, outcome = rows["level", "indicator"], rows["level", "outcome"]
    rise = mine["low"] > 0 if better[0] > 0 else mine["high"] < 0
    flat = outcome["low"] <= 0 if better[1] > 0 else outcome["high"] >= 0
    gap = mine["estimate"] * better[0] - outcome["estimate"] * better[1]
    return rise and flat and gap > 2.0 * float(np.hypot(mine["se"], outcome["se"]))
