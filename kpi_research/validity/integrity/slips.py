"""Tenfold slips: values that lie a factor of ten, or a hundred, from the unit's own others."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from kpi_research.numerics.false_discovery import q_values
from kpi_research.validity.frames import check_columns, check_unit_period, numbers, unit_period_table

Array = NDArray[np.float64]
LEAST_PERIODS = 4
NEAR = 0.2
"""Largest distance of a log10 ratio from a whole power of ten: a factor of 1.6."""
WIDEST = 0.2
"""Standard deviation of log10 values within a unit above which factors of ten are nothing special."""
FREEDOM = 30
COLUMNS = ("column", "unit", "period", "value", "reference", "power", "p", "q")


def tenfold_slips(
    frame: pd.DataFrame, *, unit: str, period: str, value: str, false_discovery: float = 0.05
) -> pd.DataFrame:
    r"""List values that look like a slip of the decimal point or a digit too many.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per unit and period.
    unit, period, value : str
        Names of the columns.
    false_discovery : float
        Expected share of wrong flags among flags.

    Returns
    -------
    pandas.DataFrame
        One row per flagged value: ``column``, ``unit``, ``period``, ``value``; ``reference`` (median of the unit's
        other periods); ``power`` (nearest power of ten: 1 = ten times too large, -1 = ten times too small); ``p``,
        ``q`` (false discovery rate over all values).

    Raises
    ------
    ValueError
        If a column is missing or not numeric, or a unit-period pair stands twice.

    Notes
    -----
    With :math:`d = \log_{10} y - \log_{10} m`, ``m`` the median of the unit's other values, a value is flagged if ``d``
    lies within 0.2 of a whole power of ten other than 0 and its p-value from a t distribution on thirty degrees of
    freedom, scaled by the robust spread within units plus counting noise, stays below the limit; of counts also the
    p-value of a negative binomial distribution, because logarithms of small counts are skewed. Values of 0 and
    units with fewer than four periods are not judged. A unit that slipped in most of its periods has its right values
    listed instead, and one that slipped in all of them nothing: compare units with each other, too.

    Examples
    --------
    >>> frame = pd.DataFrame({"unit": "A", "month": range(8), "calls": [50, 52, 49, 510, 51, 48, 53, 50]})
    >>> tenfold_slips(frame, unit="unit", period="month", value="calls")[["period", "power"]].values.tolist()
    [[3, 1]]
    """
    check_columns(frame, {"unit": unit, "period": period, "value": value})
    check_unit_period(frame, unit, period)
    values = numbers(frame, value)
    table, units, periods = unit_period_table(frame, unit, period, values)
    ratio, p, reference = slip_tests(table)
    q = q_values(p)
    power = np.where(np.isnan(ratio), 0, np.rint(np.nan_to_num(ratio)))
    flagged = (q <= false_discovery) & (power != 0) & (np.abs(np.nan_to_num(ratio) - power) <= NEAR)
    rows, columns = np.nonzero(flagged)
    found = {"column": value, "unit": units[rows].astype("str"), "period": periods[columns], "value": table[flagged]}
    found |= {"reference": reference[flagged], "power": power[flagged].astype(int), "p": p[flagged], "q": q[flagged]}
    return pd.DataFrame(found, columns=list(COLUMNS))


def slip_tests(table: Array) -> tuple[Array, Array, Array]:
    """Return log10 ratios to the unit's other values, two-sided p-values, and those references.

    Parameters
    ----------
    table : ndarray of shape (units, periods)
        Values; NaN and values of 0 or less are left out.

    Returns
    -------
    ratio, p, reference : ndarray of shape (units, periods)
        NaN where a value cannot be judged.
    """
    known = np.isfinite(table) & (table > 0)
    logs = np.log10(np.where(known, table, 1.0))
    logs[~known] = np.nan
    enough = known.sum(axis=1) >= LEAST_PERIODS
    blank = np.full(table.shape, np.nan)
    if not enough.any():
        return blank, blank, blank
    center = _others_median(logs)
    ratio = np.where(enough[:, None], logs - center, np.nan)
    spread = _spread(ratio)
    if not spread <= WIDEST:
        return ratio, np.where(np.isnan(ratio), np.nan, 1.0), 10.0**center
    counts = bool((np.abs(table[known] - np.rint(table[known])) < 1e-9).all())
    noise = 1.0 / (np.log(10.0) ** 2 * np.maximum(10.0**center, 1.0)) if counts else np.zeros_like(center)
    floor = 0.02
    scale = np.sqrt(np.maximum(spread, floor) ** 2 + noise)
    p = np.where(np.isnan(ratio), np.nan, 2 * stats.t.sf(np.abs(ratio) / scale, FREEDOM))
    if counts:
        p = np.fmax(p, _count_p(table, 10.0**center, spread))
    return ratio, p, 10.0**center


def _count_p(table: Array, center: Array, spread: float) -> Array:
    """Return two-sided p-values of counts whose logarithms are too skewed for a symmetric distribution.

    Negative binomial with the unit's median as its mean, and the variance that Poisson numbers leave of the spread.
    """
    known = np.isfinite(table) & np.isfinite(center) & (table > 0)
    mean = np.where(known, np.maximum(center, 0.5), 1.0)
    extra = max((spread * np.log(10.0)) ** 2 - float(np.median(1.0 / mean[known])) if known.any() else 0.0, 1e-4)
    size = 1.0 / extra
    share = size / (size + mean)
    value = np.where(known, table, 1.0)
    below, tail = value < mean, np.empty_like(value)
    tail[below] = stats.nbinom.cdf(value[below], size, share[below])
    tail[~below] = stats.nbinom.sf(value[~below] - 1.0, size, share[~below])
    return np.where(known, np.minimum(2.0 * tail, 1.0), np.nan)


def _others_median(logs: Array) -> Array:
    """Return, for each value, the median of the unit's other values."""
    ordered = np.sort(logs, axis=1)
    rank = np.argsort(np.argsort(logs, axis=1), axis=1)
    left = np.isfinite(logs).sum(axis=1, keepdims=True) - 1
    picked = []
    for place in ((left - 1) // 2, left // 2):
        at = np.clip(place + (rank <= place), 0, logs.shape[1] - 1)
        picked.append(np.take_along_axis(ordered, at, axis=1))
    middle = (picked[0] + picked[1]) / 2.0
    return np.where(np.isfinite(logs) & (left > 0), middle, np.nan)


def _spread(ratio: Array) -> float:
    kept = ratio[np.isfinite(ratio)]
    return float(1.4826 * np.median(np.abs(kept))) if kept.size else float("nan")
