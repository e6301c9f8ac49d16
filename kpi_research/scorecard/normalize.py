"""From values in many units of measure to points on one scale, higher always better."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpi_research.scorecard.scales import (
    GoalpostScale,
    NeutralScale,
    RatioScale,
    Scale,
    ThresholdScale,
    is_constant,
    percentile_scale,
    sign_of,
    standard_scale,
)
from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.suggest import did_you_mean

FloatArray = NDArray[np.float64]
Method = Literal["z", "rank", "goalposts", "ratio"]


@dataclass(frozen=True)
class Normalization:
    """Fitted scales of all indicators.

    Attributes
    ----------
    scales : mapping of str to Scale
        Scale per indicator.
    findings : tuple of Finding
        Indicators that tell no unit from another, and scales that had to be taken from the data.
    """

    scales: Mapping[str, Scale]
    findings: tuple[Finding, ...]

    def apply(self, values: pd.DataFrame) -> pd.DataFrame:
        """Return points for values with one column per indicator.

        Parameters
        ----------
        values : pandas.DataFrame
            Columns named as the fitted indicators; NaN = missing.

        Returns
        -------
        pandas.DataFrame
            Same shape; NaN stays NaN.
        """
        columns = {name: self.scales[name].points(values[name].to_numpy(dtype=float)) for name in values.columns}
        return pd.DataFrame(columns, index=values.index, columns=values.columns)


def fit_normalization(levels: pd.DataFrame, indicators: pd.DataFrame, method: Method = "z") -> Normalization:
    """Fit the scale of each indicator to the levels of the units that are compared.

    Parameters
    ----------
    levels : pandas.DataFrame
        Unit × indicator: the level of each unit, one row per unit; NaN = missing.
    indicators : pandas.DataFrame
        Catalogue with ``id`` and ``direction`` ("higher" or "lower"), and where known ``role``, ``target``, ``floor``,
        ``ceiling``.
    method : {"z", "rank", "goalposts", "ratio"}
        Scale of indicators whose row has no ``normalization`` of its own. ``z``: 50 + 10 z. ``rank``: percentile, 0 to 100. ``goalposts``: share of the way from worst to best, 0 to 100;
        the worst goalpost is ``floor`` where higher is better and ``ceiling`` where lower is better, the best one is the
        other of the two, else ``target``; what is not given is the worst or best level found. ``ratio``: value over
        target in percent, 0 to 100 (where lower is better 200 less that percentage), needs a target above 0.

    Returns
    -------
    Normalization

    Raises
    ------
    ValueError
        If the method is unknown or an indicator is not in the catalogue.

    Notes
    -----
    Each unit enters the reference once, with its mean over the periods, so that the points are a rising function of the
    unit's own level: an improvement never lowers the unit's points, whichever method is chosen. With ``z`` an
    improvement also changes the spread against which all other units are measured, and with it their distances; only
    ``rank`` and ``goalposts`` guarantee that an improvement never lowers the unit's rank. An indicator of role
    ``threshold`` earns 100 points where its target is reached and 0 where it is not, under every method. An indicator
    that is equal in all units gives 50 points to each.

    Sources: OECD & JRC 2008, Handbook on Constructing Composite Indicators, step 5, doi:10.1787/9789264043466-en.

    Examples
    --------
    >>> levels = pd.DataFrame({"minutes": [8.0, 10.0, 12.0]}, index=["North", "East", "South"])
    >>> catalogue = pd.DataFrame({"id": ["minutes"], "direction": ["lower"]})
    >>> fit_normalization(levels, catalogue).apply(levels)["minutes"].tolist()
    [60.0, 50.0, 40.0]
    """
    if method not in get_args(Method):
        raise ValueError(
            f"method is {method!r}; allowed: z, rank, goalposts, ratio.{did_you_mean(method, get_args(Method))['en']}"
        )
    rows = {str(row["id"]): row for row in indicators.to_dict("records")}
    scales: dict[str, Scale] = {}
    found: list[Finding] = []
    for name in levels.columns:
        if name not in rows:
            raise ValueError(f"indicator {name!r} is not in the catalogue.{did_you_mean(name, rows)['en']}")
        values = levels[name].to_numpy(dtype=float)
        scales[name], new = _fit(values[~np.isnan(values)], rows[name], _method(rows[name], method))
        found += new
    return Normalization(scales, tuple(found))


def _method(row: Mapping[Any, Any], method: Method) -> Method:
    """Return the method of an indicator: its own, else the study's."""
    own = row.get("normalization")
    return cast("Method", own) if own in get_args(Method) else method


def _fit(reference: FloatArray, row: Mapping[Any, Any], method: Method) -> tuple[Scale, list[Finding]]:
    if row.get("role") == "threshold":
        if not np.isnan(_number(row, "target")):
            return ThresholdScale(_number(row, "target"), sign_of(row["direction"])), []
        scale, found = _fit(reference, {**row, "role": "graded"}, method)
        return scale, [finding("threshold-without-target", _place(row, "target"), indicator=row["id"]), *found]
    if len(reference) == 0:
        return NeutralScale(), []
    if method == "ratio":
        return _fit_ratio(reference, row)
    found = [finding("constant-indicator", _place(row), indicator=row["id"])] if is_constant(reference) else []
    if method == "goalposts":
        scale, more = _fit_goalposts(reference, row)
        return scale, [*found, *more]
    if found:
        return NeutralScale(), found
    return (standard_scale if method == "z" else percentile_scale)(reference, row["direction"]), []


def _fit_ratio(reference: FloatArray, row: Mapping[Any, Any]) -> tuple[Scale, list[Finding]]:
    target = _number(row, "target")
    if target > 0:
        return RatioScale(target, sign_of(row["direction"])), []
    scale, found = _fit(reference, row, "z")
    return scale, [finding("ratio-without-target", _place(row, "target"), indicator=row["id"]), *found]


def _fit_goalposts(reference: FloatArray, row: Mapping[Any, Any]) -> tuple[Scale, list[Finding]]:
    low, high = float(reference.min()), float(reference.max())
    worst, best = ("floor", "ceiling") if row["direction"] == "higher" else ("ceiling", "floor")
    given = _number(row, worst), _first(_number(row, best), _number(row, "target"))
    observed = (low, high) if row["direction"] == "higher" else (high, low)
    posts = tuple(_first(*pair) for pair in zip(given, observed, strict=True))
    facts = {"indicator": row["id"], "worst": f"{posts[0]:.6g}", "best": f"{posts[1]:.6g}"}
    if sign_of(row["direction"]) * (posts[1] - posts[0]) <= 1e-12 * max(map(abs, posts)):
        constant = is_constant(reference) and np.isnan(given).all()
        return NeutralScale(), [] if constant else [finding("goalposts-unusable", _place(row, worst), **facts)]
    incomplete = [finding("goalposts-from-data", _place(row, worst), **facts)] if np.isnan(given).any() else []
    return GoalpostScale(*posts), incomplete


def _place(row: Mapping[Any, Any], column: str | None = None) -> Where:
    return Where("indicators", column=column if column else str(row["id"]))


def _number(row: Mapping[Any, Any], name: str) -> float:
    value = row.get(name)
    return float("nan") if value is None or pd.isna(value) else float(value)


def _first(*values: float) -> float:
    """Return the first value that is given, NaN if none is."""
    return next((value for value in values if not np.isnan(value)), float("nan"))
