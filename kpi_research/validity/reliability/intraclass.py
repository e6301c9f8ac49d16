"""The six intraclass correlations of Shrout and Fleiss."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from kpi_research.study.results import Result
from kpi_research.validity.frames import check_columns, numbers

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Intraclass(Result):
    """Agreement of raters who all rate the same targets.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per form: ``form`` (``ICC1``, ``ICC2``, ``ICC3`` for one rater; ``ICC1k``, ``ICC2k``, ``ICC3k`` for the
        mean of all), ``estimate``, ``low``, ``high``.
    targets, raters : int
        Numbers of them.
    level : float
        Coverage of the intervals.
    """

    targets: int
    raters: int
    level: float


def intraclass(ratings: pd.DataFrame, *, target: str, rater: str, rating: str, level: float = 0.95) -> Intraclass:
    """Return the intraclass correlations of a complete design.

    Parameters
    ----------
    ratings : pandas.DataFrame
        One row per target and rater; every rater rates every target once.
    target, rater, rating : str
        Names of the columns.
    level : float
        Coverage of the intervals, above 0 and below 1.

    Returns
    -------
    Intraclass

    Raises
    ------
    ValueError
        If a column is missing, a pair is missing or stands twice, or there are fewer than two targets or raters.

    Notes
    -----
    ``1``: each target has raters of its own; ``2``: raters are a sample and their severity counts as error; ``3``:
    these raters and no others, severity left out. Shrout & Fleiss 1979 (doi:10.1037/0033-2909.86.2.420), intervals
    with the corrections of McGraw & Wong 1996 (doi:10.1037/1082-989X.1.1.30).

    Examples
    --------
    >>> rows = [(t, r, 10 * t + r) for t in range(5) for r in range(3)]
    >>> found = intraclass(pd.DataFrame(rows, columns=["t", "r", "v"]), target="t", rater="r", rating="v")
    >>> round(float(found.table.set_index("form").loc["ICC3", "estimate"]), 6)
    1.0
    """
    check_columns(ratings, {"target": target, "rater": rater, "rating": rating})
    if not 0 < level < 1:
        raise ValueError(f"level is {level}; it must lie between 0 and 1")
    table = _table(ratings, target, rater, rating)
    n, k = table.shape
    rows = [
        {"form": form, "estimate": estimate, "low": low, "high": high}
        for form, (estimate, low, high) in _forms(table, level).items()
    ]
    return Intraclass(pd.DataFrame(rows), (), n, k, level)


def _table(ratings: pd.DataFrame, target: str, rater: str, rating: str) -> Array:
    values = numbers(ratings, rating)
    rows, targets = pd.factorize(ratings[target], sort=True)
    columns, raters = pd.factorize(ratings[rater], sort=True)
    if len(targets) < 2 or len(raters) < 2:
        raise ValueError(f"there are {len(targets)} targets and {len(raters)} raters; two of each are needed")
    if pd.Series(rows * len(raters) + columns).duplicated().any():
        raise ValueError("a rater rates a target twice; one rating per pair is allowed")
    table = np.full((len(targets), len(raters)), np.nan)
    table[rows, columns] = values
    if np.isnan(table).any():
        row, column = np.argwhere(np.isnan(table))[0]
        raise ValueError(
            f"target '{targets[row]}' has no rating of rater '{raters[column]}'; the design must be complete"
        )
    return table


def _forms(table: Array, level: float) -> dict[str, tuple[float, float, float]]:
    n, k = table.shape
    grand = table.mean()
    between = k * ((table.mean(axis=1) - grand) ** 2).sum() / (n - 1)
    judges = n * ((table.mean(axis=0) - grand) ** 2).sum() / (k - 1)
    residual = table - table.mean(axis=1, keepdims=True) - table.mean(axis=0) + grand
    error = (residual**2).sum() / ((n - 1) * (k - 1))
    within = ((table - table.mean(axis=1, keepdims=True)) ** 2).sum() / (n * (k - 1))
    tail = 1.0 - (1.0 - level) / 2.0
    one = _one_way(between / within, n - 1, n * (k - 1), k, tail)
    three = _one_way(between / error if error > 0 else np.inf, n - 1, (n - 1) * (k - 1), k, tail)
    two = _two_way(between, judges, error, n, k, tail)
    single = {"ICC1": one, "ICC2": two, "ICC3": three}
    averages = {f"{form}k": _stepped_up(values, k) for form, values in single.items()}
    return single | averages


def _one_way(f: float, df1: int, df2: int, k: int, tail: float) -> tuple[float, float, float]:
    low, high = f / stats.f.ppf(tail, df1, df2), f * stats.f.ppf(tail, df2, df1)
    found = [(value - 1) / (value + k - 1) if np.isfinite(value) else 1.0 for value in (f, low, high)]
    return float(found[0]), float(found[1]), float(found[2])


def _two_way(between: float, judges: float, error: float, n: int, k: int, tail: float) -> tuple[float, float, float]:
    estimate = (between - error) / (between + (k - 1) * error + k * (judges - error) / n)
    f = judges / error if error > 0 else np.inf
    if not np.isfinite(f):
        return float(estimate), float("nan"), float("nan")
    top = n * (1 + (k - 1) * estimate) - k * estimate
    freedom = (k - 1) * (n - 1) * (k * estimate * f + top) ** 2 / ((n - 1) * k**2 * estimate**2 * f**2 + top**2)
    upper, lower = stats.f.ppf(tail, n - 1, freedom), stats.f.ppf(tail, freedom, n - 1)
    spread = k * judges + (k * n - k - n) * error
    low = n * (between - upper * error) / (upper * spread + n * between)
    high = n * (lower * between - error) / (spread + n * lower * between)
    return float(estimate), float(low), float(high)


def _stepped_up(values: tuple[float, float, float], k: int) -> tuple[float, float, float]:
    found = [value * k / (1 + (k - 1) * value) for value in values]
    return found[0], found[1], found[2]
