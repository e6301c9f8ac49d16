"""Whether an indicator goes with other measures of the same thing more than with measures of other things."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpi_research.numerics.level_correlations import (
    Interval,
    between_correlation,
    total_correlation,
    within_correlation,
)
from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.results import Result
from kpi_research.validity.frames import check_columns, numbers
from kpi_research.validity.prediction.panel_columns import check_level

Array = NDArray[np.float64]
Codes = NDArray[np.intp]
COLUMNS = ("measure", "relation", "level", "estimate", "low", "high", "rows", "units")
_LEVELS: Mapping[str, Callable[[Array, Array, Codes, float], Interval]] = {
    "total": total_correlation,
    "between": between_correlation,
    "within": within_correlation,
}


@dataclass(frozen=True)
class Convergent(Result):
    """Correlations of an indicator with other measures.

    ``table`` has three rows per measure: ``measure``; ``relation`` (``same`` or ``other`` thing); ``level``
    (``total`` over all rows, ``between`` means of units, ``within`` deviations from them); ``estimate``, ``low``,
    ``high`` (Pearson correlation and its interval with units as independent; NaN where it does not exist); ``rows``,
    ``units``.

    Attributes
    ----------
    matrix : pandas.DataFrame
        Correlations of unit means of all columns, indicator first (the multitrait table).
    verdict : str
        ``convergent`` (every measure of the same thing has an interval between units above 0, and none of another
        thing correlates more), ``not_discriminant`` (some measure of another thing correlates more), ``not_convergent``
        (an interval lies below 0) or ``cannot_tell``.
    indicator : str
        The column looked at.
    coverage : float
        Coverage of the intervals.
    """

    matrix: pd.DataFrame
    verdict: str
    indicator: str
    coverage: float


def convergent(
    frame: pd.DataFrame,
    *,
    indicator: str,
    same: Sequence[str],
    other: Sequence[str] = (),
    unit: str,
    level: float = 0.95,
) -> Convergent:
    """Correlate an indicator with other measures of the same thing and with measures of other things.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per unit and period (or per unit); pairs with a missing value are left out pair by pair.
    indicator : str
        Numeric column.
    same : sequence of str
        Columns that measure the same thing, coded in the same direction.
    other : sequence of str
        Columns that measure something else.
    unit : str
        Column whose units are independent.
    level : float
        Coverage of the intervals, above 0 and below 1.

    Returns
    -------
    Convergent

    Raises
    ------
    ValueError
        If names do not fit, a column holds no finite numbers, or there are fewer than four units.

    Notes
    -----
    Campbell & Fiske (1959), doi:10.1037/h0046016. Intervals are those of a jackknife over units on the scale of Fisher's
    z. A correlation between units says whether the indicator ranks units alike, one within units whether it moves
    alike; both may differ in sign.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> trust = rng.normal(size=(30, 1))
    >>> panel = pd.DataFrame({"station": np.repeat(range(30), 4)})
    >>> for name in ("phone", "face"):
    ...     panel[name] = (trust + 0.3 * rng.normal(size=(30, 4))).ravel()
    >>> convergent(panel, indicator="phone", same=["face"], unit="station").verdict
    'convergent'
    """
    check_level(level)
    for name, given in (("same", same), ("other", other)):
        if isinstance(given, str):
            raise TypeError(f"{name} must be a sequence of names, found the text '{given}'; write ['{given}']")
    if not same:
        raise ValueError("same is empty; name at least one other measure of the same thing")
    check_columns(frame, {"indicator": indicator, "same": same, "other": other, "unit": unit})
    _check_roles(indicator, same, other)
    data = frame[frame[unit].notna()]
    if data[unit].nunique() < 4:
        raise ValueError(f"unit: column '{unit}' has {data[unit].nunique()} units; at least 4 are needed")
    columns = {name: _finite(data, name) for name in (indicator, *same, *other)}
    units = data[unit].to_numpy()
    rows = [
        row
        for relation, names in (("same", same), ("other", other))
        for name in names
        for row in _rows(columns[indicator], columns[name], units, level, name, relation)
    ]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    means = pd.DataFrame(columns).groupby(pd.Series(units), sort=True).mean()
    verdict = _verdict(table)
    return Convergent(table, _findings(table, indicator, verdict), means.corr(), verdict, indicator, level)


def _check_roles(indicator: str, same: Sequence[str], other: Sequence[str]) -> None:
    seen: set[str] = set()
    for name in (indicator, *same, *other):
        if name in seen:
            raise ValueError(f"the column '{name}' is used in two roles; each column may stand once")
        seen.add(name)


def _finite(frame: pd.DataFrame, name: str) -> Array:
    values: Array = np.asarray(numbers(frame, name), dtype=float)
    if np.isinf(values).any():
        raise ValueError(f"column '{name}' is infinite in {int(np.isinf(values).sum())} rows; set them missing")
    return values


def _rows(
    x: Array, y: Array, units: NDArray[np.object_], level: float, name: str, relation: str
) -> list[tuple[object, ...]]:
    both = np.isfinite(x) & np.isfinite(y)
    codes: Codes = pd.factorize(units[both])[0]
    count = len(np.unique(codes))
    return [
        (name, relation, kind, *_estimate(correlate, x[both], y[both], codes, level), int(both.sum()), count)
        for kind, correlate in _LEVELS.items()
    ]


def _estimate(
    correlate: Callable[[Array, Array, Codes, float], Interval], x: Array, y: Array, codes: Codes, level: float
) -> Interval:
    return correlate(x, y, codes, level) if len(x) else (float("nan"), float("nan"), float("nan"))


def _verdict(table: pd.DataFrame) -> str:
    between = table[table["level"] == "between"]
    same, other = between[between["relation"] == "same"], between[between["relation"] == "other"]
    if (same["high"] < 0).any():
        return "not_convergent"
    if same["estimate"].isna().any() or not (same["low"] > 0).all():
        return "cannot_tell"
    strongest = float(other["estimate"].abs().max()) if other["estimate"].notna().any() else -1.0
    return "not_discriminant" if strongest > float(same["estimate"].min()) else "convergent"


def _findings(table: pd.DataFrame, indicator: str, verdict: str) -> tuple[Finding, ...]:
    if verdict != "not_discriminant":
        return ()
    between = table[(table["level"] == "between") & (table["relation"] == "other")]
    worst = between.iloc[int(between["estimate"].abs().to_numpy().argmax())]
    where = Where(column=indicator)
    return (finding("not-discriminant", where, measure=worst["measure"], correlation=f"{worst['estimate']:+.2f}"),)
