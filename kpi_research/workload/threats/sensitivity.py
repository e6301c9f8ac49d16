"""How far coefficients move when rows in doubt are left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpi_research.workload.coefficients.result import Coefficients

Fit = Callable[[pd.DataFrame], Coefficients]
KEYS = ["factor", "level"]


def sensitivity(
    coefficients: Coefficients, log: pd.DataFrame, kept: Mapping[str, NDArray[np.bool_]], fit: Fit
) -> pd.DataFrame:
    """Fit the coefficients again without rows in doubt.

    Parameters
    ----------
    coefficients : Coefficients
        Coefficients of all rows.
    log : pandas.DataFrame
        The rows.
    kept : mapping of str to numpy.ndarray of bool, shape (n,)
        What is doubted -> rows that stay.
    fit : callable
        From rows to coefficients, with the options of the first fit.

    Returns
    -------
    pandas.DataFrame
        One row per doubt, factor and level: ``doubt``; ``factor``, ``level``; ``measured`` (all rows), ``without``;
        ``change`` (relative, both with the same weighted mean); ``inside`` (whether it lies in the interval of all rows); ``rows`` (that stay). A doubt
        without enough rows left for a fit has no rows here.
    """
    whole = coefficients.table[[*KEYS, "raw", "raw_low", "raw_high", "share"]].dropna(subset=["raw"])
    parts = []
    for doubt, rows in kept.items():
        if rows.all():
            continue
        try:
            again = fit(log[rows]).table[[*KEYS, "raw"]].rename(columns={"raw": "without"})
        except ValueError:
            continue
        part = _on_one_scale(whole.merge(again.dropna(), on=KEYS, how="inner"))
        part["change"] = part["without"] / part["raw"] - 1.0
        part["inside"] = part["without"].between(part["raw_low"], part["raw_high"])
        parts.append(part.assign(doubt=doubt, rows=int(rows.sum())))
    columns = ["doubt", *KEYS, "measured", "without", "change", "inside", "rows"]
    if not parts:
        return pd.DataFrame(columns=columns)
    return pd.concat(parts, ignore_index=True).rename(columns={"raw": "measured"})[columns]


def _on_one_scale(part: pd.DataFrame) -> pd.DataFrame:
    """Return the new coefficients with the weighted mean of the old ones, so that another mix of work moves none."""
    weights = part["share"].to_numpy(dtype=float)
    sums = [part[name].mul(weights).groupby(part["factor"]).transform("sum") for name in ("raw", "without")]
    return part.assign(without=part["without"] * sums[0] / sums[1])


def faster_units(coefficients: Coefficients, log: pd.DataFrame) -> NDArray[np.bool_]:
    """Return the rows of units that are at least as fast as the median unit.

    Parameters
    ----------
    coefficients : Coefficients
        With effects of units.
    log : pandas.DataFrame
        Rows with the column of the unit.

    Returns
    -------
    numpy.ndarray of bool, shape (n,)
        All rows where no units were told apart.

    Notes
    -----
    Coefficients that rest on what is pay slow habits: where slow units have slow ways of one task only, their effect
    cannot take it out. What half of all units need less time for is open to question.
    """
    if "unit" not in coefficients.columns or coefficients.units.empty:
        return np.ones(len(log), dtype=bool)
    speed = coefficients.units.set_index("unit")["speed"]
    of_row = log[coefficients.columns["unit"]].astype("str").map(speed)
    return np.asarray(of_row <= speed.median(), dtype=bool)
