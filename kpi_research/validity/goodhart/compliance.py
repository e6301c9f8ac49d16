"""What audits of records found: the share that is right, and how far reports lie from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.results import Result
from kpi_research.validity.frames import check_columns, numbers
from kpi_research.validity.prediction.panel_columns import check_level

Array = NDArray[np.float64]
Codes = NDArray[np.intp]
FEW_UNITS = 12
COLUMNS = ("unit", "records", "right", "low", "high", "reported", "gap", "gap_low", "gap_high", "verdict")


@dataclass(frozen=True)
class Compliance(Result):
    """Audited records.

    ``table`` has a row per unit: ``unit``; ``records`` audited; ``right`` (share found right) with ``low``, ``high``;
    ``reported`` (the share the unit reported, NaN without), ``gap`` (reported less right) with ``gap_low``,
    ``gap_high``; ``verdict`` against ``required``: ``reached`` (interval above it), ``missed`` (below) or
    ``cannot_tell``; empty without.

    Attributes
    ----------
    estimate, low, high : float
        Share right over all units, each unit counted by its weight, with its interval.
    gap, gap_low, gap_high : float
        Mean of reported less right; NaN without reports.
    design_effect : float
        Variance of the estimate over that of as many independent records.
    level : float
        Coverage of the intervals.
    """

    estimate: float
    low: float
    high: float
    gap: float
    gap_low: float
    gap_high: float
    design_effect: float
    level: float


def compliance(
    audits: pd.DataFrame,
    *,
    unit: str,
    right: str,
    weight: str | None = None,
    reported: str | None = None,
    required: float | None = None,
    level: float = 0.95,
) -> Compliance:
    """Estimate from audited records which share is right, per unit and over all.

    Parameters
    ----------
    audits : pandas.DataFrame
        One row per audited record.
    unit : str
        Column of units, drawn independently of each other.
    right : str
        0 to 1: whether the record, or which share of it, was found right.
    weight : str, optional
        Positive weight, e.g. the number of records that one audited record stands for.
    reported : str, optional
        Share right that the unit itself reported, 0 to 1, on every row.
    required : float, optional
        Share that is demanded, e.g. 0.85.
    level : float
        Coverage of the intervals, above 0 and below 1.

    Returns
    -------
    Compliance

    Raises
    ------
    ValueError
        If names or numbers do not fit: values outside 0 to 1, weights that are not positive, no complete row.

    Notes
    -----
    Units: Wilson's (1927) interval with ``(sum w)**2 / sum w**2`` records. Over all: the variance of the weighted share
    with units as clusters gives the number of independent records ``p (1 - p) / v`` (with t instead of normal
    quantiles, at most the records audited), which enters Wilson's formula (Korn & Graubard 1998; Dean & Pagano 2015,
    doi:10.1093/jssam/smv024). Reports are taken as known numbers in a unit's gap.

    Examples
    --------
    >>> audits = pd.DataFrame({"station": ["A"] * 20 + ["B"] * 20, "ok": [1] * 18 + [0] * 2 + [1] * 12 + [0] * 8})
    >>> found = compliance(audits, unit="station", right="ok", required=0.85)
    >>> found.table["verdict"].tolist(), round(found.estimate, 2)
    (['cannot_tell', 'missed'], 0.75)
    """
    check_level(level)
    named = {"unit": unit, "right": right, "weight": weight, "reported": reported}
    check_columns(audits, {name: column for name, column in named.items() if column is not None})
    if required is not None and not 0 < required < 1:
        raise ValueError(f"required is {required}; it must lie between 0 and 1, e.g. 0.85")
    columns = {name: _numbers(audits, name, column) for name, column in named.items() if name != "unit" and column}
    kept = np.isfinite(np.stack(list(columns.values()))).all(axis=0) & audits[unit].notna().to_numpy()
    if not kept.any():
        raise ValueError(f"right: no row of column '{right}' is complete, so there is nothing to estimate")
    codes, labels = pd.factorize(audits[unit][kept], sort=True)
    shares = columns["right"][kept]
    weights = columns["weight"][kept] if weight else np.ones(len(shares))
    told = columns["reported"][kept] if reported else np.full(len(shares), np.nan)
    table = _units(pd.Index(labels), codes, shares, weights, told, required, level)
    estimate, low, high, effect = _overall(shares, weights, codes, level)
    gap = clustered_mean(told - shares, weights, codes, level)
    findings = _findings(len(audits) - int(kept.sum()), len(audits), len(labels))
    return Compliance(table, findings, estimate, low, high, *gap, effect, level)


def _numbers(audits: pd.DataFrame, name: str, column: str) -> Array:
    values: Array = np.asarray(numbers(audits, column), dtype=float)
    known = values[~np.isnan(values)]
    wrong = known[(known <= 0) | np.isinf(known)] if name == "weight" else known[(known < 0) | (known > 1)]
    if wrong.size:
        allowed = "finite and above 0" if name == "weight" else "between 0 and 1"
        raise ValueError(
            f"{name}: column '{column}' holds {wrong.size} values such as {wrong[0]:g}; they must be {allowed}"
        )
    return values


def _units(
    labels: pd.Index, codes: Codes, shares: Array, weights: Array, told: Array, required: float | None, level: float
) -> pd.DataFrame:
    total, squares = np.bincount(codes, weights), np.bincount(codes, weights**2)
    right = np.bincount(codes, weights * shares) / total
    low, high = wilson(right, total**2 / squares, float(stats.norm.isf((1.0 - level) / 2.0)))
    reported = np.bincount(codes, weights * told) / total
    verdict = np.full(len(labels), "", dtype=object)
    if required is not None:
        verdict = np.where(low >= required, "reached", np.where(high < required, "missed", "cannot_tell"))
    columns = (
        labels, np.bincount(codes), right, low, high, reported, reported - right, reported - high, reported - low, verdict,
    )  # fmt: skip
    return pd.DataFrame(dict(zip(COLUMNS, columns, strict=True))).astype({"verdict": "str"})


def wilson(share: Array, records: Array, quantile: float) -> tuple[Array, Array]:
    """Return Wilson's interval of a share.

    Parameters
    ----------
    share, records : numpy.ndarray
        Share found and number of independent records, above 0.
    quantile : float
        Two-sided quantile, 1.96 for 95 %.

    Returns
    -------
    low, high : numpy.ndarray

    Notes
    -----
    Wilson (1927), doi:10.1080/01621459.1927.10502953.

    Examples
    --------
    >>> low, high = wilson(np.array([48 / 50]), np.array([50.0]), stats.norm.isf(0.025))
    >>> round(float(low[0]), 3), round(float(high[0]), 3)
    (0.865, 0.989)
    """
    part = quantile**2 / records
    center = (share + part / 2.0) / (1.0 + part)
    half = quantile * np.sqrt(share * (1.0 - share) / records + part / (4.0 * records)) / (1.0 + part)
    return np.maximum(center - half, 0.0), np.minimum(center + half, 1.0)


def _overall(shares: Array, weights: Array, codes: Codes, level: float) -> tuple[float, float, float, float]:
    estimate, se, freedom = weighted_mean(shares, weights, codes)
    records = float(weights.sum() ** 2 / (weights**2).sum())
    simple = estimate * (1.0 - estimate) / records
    if not np.isfinite(se):
        return estimate, float("nan"), float("nan"), float("nan")
    effect = max(se**2 / simple, 1.0) if simple > 0 else 1.0
    quantile = float(stats.t.isf((1.0 - level) / 2.0, freedom))
    low, high = wilson(np.array([estimate]), np.array([records / effect]), quantile)
    return estimate, float(low[0]), float(high[0]), se**2 / simple if simple > 0 else 1.0


def weighted_mean(values: Array, weights: Array, codes: Codes) -> tuple[float, float, float]:
    """Return a weighted mean with its error for units as clusters.

    Parameters
    ----------
    values, weights : numpy.ndarray, shape (n,)
        Values and positive weights.
    codes : numpy.ndarray, shape (n,)
        Unit of each row, numbered 0, 1, ... without gaps.

    Returns
    -------
    mean, se, freedom : float
        ``se`` and ``freedom`` (effective units less 1) are NaN with a single unit.
    """
    mean = float((weights * values).sum() / weights.sum())
    totals = np.bincount(codes, weights * (values - mean)) / weights.sum()
    share = np.bincount(codes, weights) / weights.sum()
    count = len(totals)
    if count < 2:
        return mean, float("nan"), float("nan")
    se = float(np.sqrt(((totals / (1.0 - share)) ** 2).sum() * (1.0 - (share**2).sum())))
    return mean, se, max(1.0 / float((share**2).sum()) - 1.0, 1.0)


def clustered_mean(values: Array, weights: Array, codes: Codes, level: float) -> tuple[float, float, float]:
    """Return a weighted mean with its t interval for units as clusters.

    Parameters
    ----------
    values, weights, codes
        As in `weighted_mean`.
    level : float
        Coverage of the interval.

    Returns
    -------
    mean, low, high : float
        NaN where a value is missing.
    """
    if not np.isfinite(values).all():
        return (float("nan"),) * 3
    mean, se, freedom = weighted_mean(values, weights, codes)
    half = float(stats.t.isf((1.0 - level) / 2.0, freedom)) * se if np.isfinite(se) else float("nan")
    return mean, mean - half, mean + half


def _findings(left: int, of: int, units: int) -> tuple[Finding, ...]:
    found = []
    if left:
        found.append(finding("audit-rows-left", Where(), rows=left, of=of))
    if units < FEW_UNITS:
        found.append(finding("audit-few-units", Where(), units=units, enough=FEW_UNITS))
    return tuple(found)
