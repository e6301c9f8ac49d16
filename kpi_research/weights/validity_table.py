"""How well scores go with the outcome: under optimized weights in and out of sample, and under fixed ones."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy import stats

from kpi_research.weights.evidence import Evidence, correlation
from kpi_research.weights.limits import Floats
from kpi_research.weights.resample import Resampled

COLUMNS = ("weights", "units", "correlation", "low", "high", "gain", "gain_low", "gain_high")
FEWEST = 3
"""Smallest number of units outside a bootstrap sample whose correlation counts."""


def empty_validity() -> pd.DataFrame:
    """Return the table without rows, for weights without scores and outcome.

    Returns
    -------
    pandas.DataFrame
    """
    return pd.DataFrame({name: pd.Series(dtype="str" if name == "weights" else float) for name in COLUMNS})


def validity_table(
    evidence: Evidence,
    optimized: Floats,
    fixed: Mapping[str, Floats],
    drawn: Resampled,
    level: float,
    others: Mapping[str, float],
) -> pd.DataFrame:
    """Correlate scores with the outcome.

    Parameters
    ----------
    evidence : Evidence
        Scores and outcome.
    optimized : ndarray of shape (indicators,)
        The weights found, points.
    fixed : mapping of str to ndarray
        Weights that were not chosen on these data: ``current``, ``equal``, ``experts``.
    drawn : Resampled
        Weights of bootstrap samples with the samples; without draws nothing is said out of sample.
    level : float
        Level of the intervals.
    others : mapping of str to float
        Further correlations without interval, by name.

    Returns
    -------
    pandas.DataFrame
        ``weights``; ``units``; ``correlation`` with ``low``, ``high``; ``gain``: by how much optimized weights do better
        than these on units outside the bootstrap sample they were optimized on, mean over samples, with ``gain_low``,
        ``gain_high``.

    Notes
    -----
    Fixed weights: Fisher's z. Out of bag: t interval with the variance of Nadeau & Bengio 2003,
    doi:10.1023/A:1024068626366, which counts that samples share units.
    """
    rows = [_fixed_row("optimized", evidence, optimized, level)]
    apart = _outside(evidence, drawn, fixed)
    units = len(evidence.outcome)
    if apart is not None:
        own, rest, ratio = apart
        rows.append(("optimized_out_of_bag", units, *_mean_interval(own, ratio, level), *[np.nan] * 3))
    rows += [(name, units, value, *[np.nan] * 5) for name, value in others.items()]
    for name, weights in fixed.items():
        row = _fixed_row(name, evidence, weights, level)
        gain = (np.nan,) * 3 if apart is None else _mean_interval(own - rest[name], ratio, level)
        rows.append((*row[:5], *gain))
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype({"weights": "str"})


def _fixed_row(name: str, evidence: Evidence, weights: Floats, level: float) -> tuple[object, ...]:
    found, units = evidence.correlation(weights), len(evidence.outcome)
    return (name, units, found, *fisher_interval(found, units, level), np.nan, np.nan, np.nan)


def fisher_interval(found: float, units: int, level: float) -> tuple[float, float]:
    """Return the interval of a correlation by Fisher's z.

    Parameters
    ----------
    found : float
        Correlation.
    units : int
        Number of units.
    level : float
        Confidence level.

    Returns
    -------
    low, high : float
        NaN with fewer than 4 units.
    """
    if units < 4 or np.isnan(found):
        return float("nan"), float("nan")
    half = float(stats.norm.isf((1 - level) / 2)) / np.sqrt(units - 3)
    middle = np.arctanh(np.clip(found, -1 + 1e-15, 1 - 1e-15))
    return float(np.tanh(middle - half)), float(np.tanh(middle + half))


def _outside(
    evidence: Evidence, drawn: Resampled, fixed: Mapping[str, Floats]
) -> tuple[Floats, dict[str, Floats], float] | None:
    """Return correlations on the units outside each sample, and the mean ratio of units outside to units inside."""
    out = drawn.counts == 0
    kept = np.flatnonzero(out.sum(axis=1) >= FEWEST)
    if len(kept) < 2:
        return None
    own, rest, ratios = [], {name: [] for name in fixed}, []  # type: ignore[var-annotated]
    scores = {name: evidence.scores @ weights for name, weights in fixed.items()}
    for number in kept:
        held = out[number]
        own.append(correlation(evidence.scores[held] @ drawn.weights[number], evidence.outcome[held]))
        for name in fixed:
            rest[name].append(correlation(scores[name][held], evidence.outcome[held]))
        ratios.append(held.sum() / (~held).sum())
    return np.array(own), {name: np.array(values) for name, values in rest.items()}, float(np.mean(ratios))


def _mean_interval(values: Floats, ratio: float, level: float) -> tuple[float, float, float]:
    known = values[~np.isnan(values)]
    if len(known) < 2:
        return (float("nan"),) * 3
    error = float(known.std(ddof=1) * np.sqrt(1.0 / len(known) + ratio))
    half = float(stats.t.isf((1 - level) / 2, len(known) - 1)) * error
    middle = float(known.mean())
    return middle, middle - half, middle + half
