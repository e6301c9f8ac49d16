"""The table of pairs of indicators: how alike they are, with intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpi_research.numerics.rank_correlation import clustered_error, fisher_interval, spearman_influence

Array = NDArray[np.float64]
Codes = NDArray[np.intp]
MARGIN = 0.2
"""How far below the threshold the correlation of a pair that is shown may lie."""

MOST_PAIRS = 1000
"""Pairs that are shown at the most, strongest first."""

COLUMNS = ("first", "second", "units", "correlation", "low", "high", "corrected", "within", "verdict", "shown")


@dataclass(frozen=True, slots=True)
class Correlations:
    """Correlations of all pairs of indicators; every array has shape (k, k).

    Attributes
    ----------
    raw, corrected : numpy.ndarray
        Rank correlations of unit means, and these corrected for reliability (NaN where not).
    within : numpy.ndarray or None
        Rank correlations of what remains when unit and period are taken out.
    ranked : numpy.ndarray
        How alike units are ranked, 0 to 1.
    same : numpy.ndarray
        What groups are formed on, 0 to 1.
    sure : numpy.ndarray of bool
        Where the correlation is beyond what chance gives among so many pairs.
    """

    raw: Array
    corrected: Array
    within: Array | None
    ranked: Array
    same: Array
    sure: NDArray[np.bool_]

    def nearest(self) -> Codes:
        """Return the most similar other indicator of each; the indicator itself where none can be compared."""
        k = len(self.same)
        order = np.nan_to_num(self.same, nan=-1.0) + 1e-3 * np.nan_to_num(self.ranked, nan=-1.0)
        order[np.eye(k, dtype=bool)] = -1.001
        return np.asarray(order.argmax(axis=1), dtype=np.intp)


def pair_table(names: list[str], of_units: Array, found: Correlations, threshold: float, level: float) -> pd.DataFrame:
    """Return pairs that are alike or nearly so, and the nearest partner of every indicator.

    Parameters
    ----------
    names : list of str
        The indicators.
    of_units : numpy.ndarray, shape (units, k)
        Means of units; NaN is missing.
    found : Correlations
        Correlations of all pairs.
    threshold, level : float
        Correlation of one and the same thing; coverage of intervals.

    Returns
    -------
    pandas.DataFrame
        Columns of `kpi_research.validity.redundancy.redundancy.Redundancy.pairs` and ``shown`` (False for the partner
        of an indicator that is too far below the threshold to be listed).
    """
    rows = []
    for first, second in _chosen(found, threshold):
        both = np.isfinite(of_units[:, [first, second]]).all(axis=1)
        interval = spearman_interval(of_units[both, first], of_units[both, second], level)
        corrected = float(found.corrected[first, second])
        within = float(found.within[first, second]) if found.within is not None else np.nan
        size = float(found.ranked[first, second])
        same = float(found.same[first, second])
        verdict = _verdict(size, same, interval, threshold) if found.sure[first, second] else _unsure(size, threshold)
        numbers = (int(both.sum()), *interval, corrected, within)
        rows.append((names[first], names[second], *numbers, verdict, size >= threshold - MARGIN))
    kinds = dict.fromkeys(COLUMNS[3:8], "float64") | dict.fromkeys(("first", "second", "verdict"), "str")
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(kinds | {"units": "int64", "shown": "bool"})


def _chosen(found: Correlations, threshold: float) -> list[tuple[int, int]]:
    nearest = found.nearest()
    near = {(min(a, int(b)), max(a, int(b))) for a, b in enumerate(nearest) if a != b and np.isfinite(found.raw[a, b])}
    filled = np.nan_to_num(found.ranked, nan=-1.0)
    first, second = np.nonzero(np.triu(filled >= threshold - MARGIN, 1))
    strongest = np.argsort(-filled[first, second], kind="stable")[:MOST_PAIRS]
    chosen = near | {(int(first[at]), int(second[at])) for at in strongest}
    return sorted(chosen, key=lambda pair: (-filled[pair], pair))


def _verdict(ranked: float, same: float, interval: tuple[float, float, float], threshold: float) -> str:
    estimate, low, high = interval
    if ranked >= threshold:
        return "same" if same >= threshold else "parallel"
    if same < ranked:
        return "different"
    reach = max(abs(low), abs(high)) if np.isfinite(low) else 0.0
    factor = ranked / abs(estimate) if estimate else 1.0
    return "may_be" if reach * factor >= threshold else "different"


def _unsure(ranked: float, threshold: float) -> str:
    """Return the verdict where the correlation is not beyond chance."""
    return "may_be" if ranked >= threshold else "different"


def spearman_interval(x: Array, y: Array, level: float) -> tuple[float, float, float]:
    """Return Spearman's correlation of independent pairs with its interval.

    Parameters
    ----------
    x, y : numpy.ndarray, shape (n,)
        Finite numbers, pairs by position.
    level : float
        Coverage.

    Returns
    -------
    estimate, low, high : float
        Equal to the estimate where it is 1 or -1, NaN where it does not exist.
    """
    estimate, influence = spearman_influence(x, y)
    if not abs(estimate) < 1.0 - 1e-12:
        return estimate, estimate, estimate
    error, units = clustered_error(influence / len(x), np.arange(len(x)))
    low, high = fisher_interval(estimate, error, units - 2, level)
    return estimate, low, high
