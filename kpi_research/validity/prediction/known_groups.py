"""Whether a value tells groups apart that are known to differ."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from kpi_research.numerics.effect_size import hedges_g, hedges_interval, logit_interval, roc_area
from kpi_research.numerics.grouped_error import two_group_error
from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.results import Result
from kpi_research.study.suggest import did_you_mean
from kpi_research.validity.frames import check_columns, numbers
from kpi_research.validity.prediction.panel_columns import check_level

Array = NDArray[np.float64]
Bools = NDArray[np.bool_]
Codes = NDArray[np.intp]
LEAST_ROWS = 2


@dataclass(frozen=True)
class KnownGroups(Result):
    """Difference of two groups that are expected to differ.

    ``table`` has three rows: ``measure`` (``difference`` of means in the unit of the value, ``hedges_g`` in pooled
    standard deviations, ``auc``: probability that a row of the first group is higher), ``estimate``, ``se``, ``low``,
    ``high``, ``freedom``.

    Attributes
    ----------
    verdict : str
        ``as_expected`` (the interval of g lies above 0), ``reversed`` (below) or ``cannot_tell``.
    higher, lower : str
        The groups; the first is expected to have higher values.
    rows : tuple of int
        Rows of both.
    units : tuple of int
        Units of both.
    level : float
        Coverage of the intervals.
    """

    verdict: str
    higher: str
    lower: str
    rows: tuple[int, int]
    units: tuple[int, int]
    level: float


def known_groups(
    frame: pd.DataFrame,
    *,
    value: str,
    group: str,
    expected: tuple[object, object],
    unit: str | None = None,
    level: float = 0.95,
) -> KnownGroups:
    """Compare two groups of which the first is expected to have higher values.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per observation; rows without value or group are left out with a finding, as are other groups.
    value : str
        Numeric column.
    group : str
        Column of the groups.
    expected : tuple of two
        The group expected to be higher, then the one expected to be lower.
    unit : str, optional
        Column whose units are independent, e.g. a station with many months; None takes every row by itself.
    level : float
        Coverage of the intervals, above 0 and below 1.

    Returns
    -------
    KnownGroups

    Raises
    ------
    ValueError
        If names do not fit, a group is absent or has fewer than two rows or units, or nothing varies.

    Notes
    -----
    Influence values of difference, g and area are summed over units; t intervals with degrees of freedom after
    Satterthwaite, the area on the logit scale. Without ``unit`` the interval of g is the exact one for normal rows.

    Examples
    --------
    >>> panel = pd.DataFrame({"post": ["trained"] * 4 + ["new"] * 4, "right": [9, 8, 9, 7, 5, 6, 8, 4]})
    >>> known_groups(panel, value="right", group="post", expected=("trained", "new")).verdict
    'as_expected'
    """
    check_level(level)
    check_columns(frame, {"value": value, "group": group, **({"unit": unit} if unit else {})})
    kept, findings = _rows(frame, value, group, expected, unit)
    values: Array = np.asarray(numbers(kept, value), dtype=float)
    if not np.isfinite(values).all():
        raise ValueError(f"value: column '{value}' is infinite in {int(np.isinf(values).sum())} rows; set them missing")
    upper = (kept[group] == expected[0]).to_numpy(dtype=bool)
    codes: Codes = pd.factorize(kept[unit])[0] if unit else np.arange(len(kept))
    units = (len(np.unique(codes[upper])), len(np.unique(codes[~upper])))
    if min(units) < LEAST_ROWS:
        raise ValueError(f"a group has {min(units)} unit(s) of '{unit or 'row'}'; at least two are needed")
    table = _table(values, upper, codes, level, exact=unit is None)
    low, high = (float(table[name].to_numpy()[1]) for name in ("low", "high"))
    verdict = "as_expected" if low > 0 else "reversed" if high < 0 else "cannot_tell"
    rows = (int(upper.sum()), int((~upper).sum()))
    return KnownGroups(table, findings, verdict, str(expected[0]), str(expected[1]), rows, units, level)


def _rows(
    frame: pd.DataFrame, value: str, group: str, expected: tuple[object, object], unit: str | None
) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    if isinstance(expected, str) or len(expected) != 2 or expected[0] == expected[1]:
        raise ValueError(f"expected is {expected!r}; it must name two groups, the higher one first")
    present = [str(name) for name in frame[group].dropna().unique()]
    for name in expected:
        if not (frame[group] == name).any():
            hint = did_you_mean(str(name), present)["en"]
            raise ValueError(f"expected: column '{group}' has no group '{name}'.{hint}")
    wanted = frame[group].isin(list(expected)) & frame[value].notna()
    if unit is not None:
        wanted &= frame[unit].notna()
    kept = frame[wanted]
    for name in expected:
        if int((kept[group] == name).sum()) < LEAST_ROWS:
            raise ValueError(f"group '{name}' has {int((kept[group] == name).sum())} rows with a value; two are needed")
    left = len(frame) - len(kept)
    return kept, (finding("known-groups-rows-left", Where(column=value), rows=left, of=len(frame)),) if left else ()


def _table(values: Array, upper: Bools, codes: Codes, level: float, *, exact: bool) -> pd.DataFrame:
    g, influence = hedges_g(values, upper)
    if not np.isfinite(g):
        raise ValueError("value does not vary inside the groups, so that no effect size exists")
    difference = float(values[upper].mean() - values[~upper].mean())
    mean = np.where(upper, values[upper].mean(), values[~upper].mean())
    part = np.where(upper, 1.0 / upper.sum(), -1.0 / (~upper).sum()) * (values - mean)
    area, of_area = roc_area(values, upper)
    rows = [
        _row("difference", difference, part, upper, codes, level),
        _row("hedges_g", g, influence, upper, codes, level),
    ]
    if exact:
        rows[1] |= dict(
            zip(("low", "high"), hedges_interval(g, int(upper.sum()), int((~upper).sum()), level), strict=True)
        )
    rows.append(_row("auc", area, of_area, upper, codes, level))
    cases = min(len(np.unique(codes[upper])), len(np.unique(codes[~upper])))
    bounds = logit_interval(area, *two_group_error(of_area, upper, codes), level, cases)
    rows[2] |= dict(zip(("low", "high"), bounds, strict=True))
    return pd.DataFrame(rows)


def _row(name: str, estimate: float, influence: Array, upper: Bools, codes: Codes, level: float) -> dict[str, object]:
    error, freedom = two_group_error(influence, upper, codes)
    half = float(stats.t.isf((1.0 - level) / 2.0, freedom)) * error
    return {
        "measure": name,
        "estimate": estimate,
        "se": error,
        "low": estimate - half,
        "high": estimate + half,
        "freedom": freedom,
    }
