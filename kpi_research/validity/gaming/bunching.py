"""Bunching: more values just on the right side of a limit, and fewer just beyond it, than a smooth curve has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from kpi_research.numerics.false_discovery import q_values
from kpi_research.numerics.step_test import Step, local_step, poisson_step
from kpi_research.study.findings import Finding, Language, Where, finding
from kpi_research.study.results import Result
from kpi_research.study.suggest import did_you_mean
from kpi_research.validity.frames import check_columns, numbers

Array = NDArray[np.float64]
Side = Literal["above", "below"]
BINS = 10
"""Bins on each side of the limit."""
REGION = 2
"""Bins on each side in which values may have been moved."""
DEGREE = 3
LEAST_VALUES = 100
PLACEBOS = 8
CONTROL = ("ratio", "p", "difference", "p_difference")


@dataclass(frozen=True)
class Bunching(Result):
    """What stands at a limit against a smooth curve.

    Attributes
    ----------
    table : pandas.DataFrame
        Bins: ``center``, ``count``, ``expected`` (smooth curve with round-number effects, without the break), ``region``
        (``good``: just on the right side, ``bad``: just beyond, ``other``).
    excess : float
        Values on the right side above the smooth curve.
    ratio, low, high : float
        Excess over the smooth curve's mean count per bin there, with its interval; 0 = no break.
    p : float
        One-sided: that values jump from the bad to the good side no more than a smooth curve does.
    placebo : pandas.DataFrame
        The same at limits where nothing is to be had: ``cutoff``, ``ratio``, ``p``.
    control : pandas.DataFrame
        One row for the negative control where given: ``ratio``, ``p`` (of a break in it, as above); ``difference`` (of the
        logarithms of both breaks), ``p_difference`` (one-sided: that the break is no larger than in the control).
    cutoff, bin_width : float
        The limit, and the width of a bin.
    level : float
        Coverage of the interval.
    """

    excess: float
    ratio: float
    low: float
    high: float
    p: float
    placebo: pd.DataFrame
    cutoff: float
    bin_width: float
    level: float
    control: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(CONTROL), dtype=float))

    def plot(self, lang: Language = "en") -> Figure:
        """Draw counts, the smooth curve and the limit.

        Parameters
        ----------
        lang : {"en", "zh"}
            Language of the labels.

        Returns
        -------
        matplotlib.figure.Figure
        """
        from kpi_research.validity.gaming.draw import draw_bunching

        return draw_bunching(self, lang)


def bunching(
    values: ArrayLike,
    *,
    cutoff: float,
    bin_width: float | None = None,
    side: Side = "above",
    round_numbers: Sequence[float] = (),
    control: ArrayLike | None = None,
    level: float = 0.95,
) -> Bunching:
    r"""Test for a break at a limit and measure the excess mass at it.

    Parameters
    ----------
    values : array of shape (n,)
        Numbers such as minutes or points; missing ones are left out.
    cutoff : float
        The limit.
    bin_width : float, optional
        Width of a bin, above 0; by default 1 for whole numbers that spread little, else a fortieth of the central 90
        percent of values.
    side : {"above", "below"}
        Where values are wanted: ``above`` (at least the limit, as a target) or ``below`` (at most, as a deadline).
    round_numbers : sequence of float
        Numbers whose multiples people prefer anyway, e.g. 30 and 60 minutes; each gets an effect of its own.
    control : array of shape (m,), optional
        Negative control: numbers of the same kind where nothing depends on the limit, e.g. records of units or years
        without the rule.
    level : float
        Coverage of the interval, above 0 and below 1.

    Returns
    -------
    Bunching
        With the finding ``bunching-few-values`` and NaN where fewer than a hundred values lie in the window.

    Raises
    ------
    ValueError
        If an argument lies outside its range or no value is left.

    Notes
    -----
    Counts of ten bins on each side follow a log-linear Poisson curve of third degree, with an effect of two bins on
    the right side, one of two bins beyond the limit, and one per round number; the break is the difference of the two
    effects, its error scaled where counts are lumpier than Poisson counts. It is a bin test in the manner of Chetty, Friedman, Olsen &
    Pistaferri 2011 (doi:10.1093/qje/qjr013) and Kleven & Waseem 2013 (doi:10.1093/qje/qjt004), not the local
    polynomial density test of Cattaneo, Jansson & Ma 2020. Whole numbers get the limit between two of them. A break
    says that values pile up, not why: look at the placebo limits, and at the same limit where nothing depends on it.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> minutes = rng.gamma(3, 400, 20000)
    >>> found = bunching(minutes, cutoff=1440, side="below", bin_width=60)
    >>> bool(found.p > 0.01), len(found.placebo) > 3
    (True, True)
    """
    data = _read(values, side, bin_width, level)
    width = _width(data) if bin_width is None else bin_width
    bins = _bins(data, cutoff, width, side)
    if bins["count"].sum() < LEAST_VALUES:
        return _too_few(bins, cutoff, width, level)
    step = _step(bins, width, round_numbers)
    placebo = _placebo(data, cutoff, width, side, round_numbers)
    found = _result(bins, step, placebo, cutoff, width, level)
    if control is None:
        return found
    beside = _bins(_read(control, side, width, level), cutoff, width, side)
    return replace(found, control=_against(step, beside, width, round_numbers))


def _read(values: ArrayLike, side: str, bin_width: float | None, level: float) -> Array:
    if side not in (known := ("above", "below")):
        raise ValueError(f"side is '{side}'.{did_you_mean(side, known)['en']}")
    if bin_width is not None and not bin_width > 0:
        raise ValueError(f"bin_width is {bin_width}; it must be above 0")
    if not 0 < level < 1:
        raise ValueError(f"level is {level}; it must lie between 0 and 1")
    data = np.asarray(values, dtype=float).ravel()
    data = data[np.isfinite(data)]
    if data.size == 0:
        raise ValueError("values holds no number")
    return data


def _width(data: Array) -> float:
    low, high = np.quantile(data, [0.05, 0.95])
    width = float(high - low) / 40.0
    whole = bool((np.abs(data - np.rint(data)) < 1e-9).all())
    if whole:
        return max(1.0, float(np.rint(width)))
    return width if width > 0 else 1.0


def _bins(data: Array, cutoff: float, width: float, side: Side) -> pd.DataFrame:
    """Count values in bins that end at the limit; bin 0 is the first on the wanted side, bin -1 the first beyond."""
    distance = (data - cutoff) if side == "above" else (cutoff - data)
    scaled = distance / width
    nearest = np.rint(scaled)
    place = np.floor(np.where(np.abs(scaled - nearest) < 1e-9, nearest, scaled)).astype(np.int64)
    sign = 1.0 if side == "above" else -1.0
    kept = place[(place >= -BINS) & (place < BINS)]
    count = np.bincount(kept + BINS, minlength=2 * BINS).astype(float)
    index = np.arange(-BINS, BINS)
    center = cutoff + sign * (index + 0.5) * width
    region = np.where(
        (index >= 0) & (index < REGION), "good", np.where((index < 0) & (index >= -REGION), "bad", "other")
    )
    used = _supported(count)
    return pd.DataFrame({"place": index, "center": center, "count": count, "region": region})[used].reset_index(
        drop=True
    )


def _supported(count: Array) -> NDArray[np.bool_]:
    """Keep the bins between the outermost values: beyond them there is nothing to be smooth."""
    filled = np.flatnonzero(count > 0)
    used = np.zeros(len(count), dtype=bool)
    if filled.size:
        used[filled[0] : filled[-1] + 1] = True
    used[BINS - REGION : BINS + REGION] = True
    return used


def _step(bins: pd.DataFrame, width: float, round_numbers: Sequence[float]) -> Step:
    place, count = bins["place"].to_numpy(float), bins["count"].to_numpy(float)
    marks = [_holds(bins["center"].to_numpy(float), width, number) for number in round_numbers]
    controls = np.column_stack(marks).astype(float) if marks else np.zeros((len(place), 0))
    good, bad = (np.asarray(bins["region"] == name, dtype=float) for name in ("good", "bad"))
    return poisson_step(place, count, good, bad, controls, DEGREE)


def _holds(center: Array, width: float, number: float) -> NDArray[np.bool_]:
    """Say which bins hold a multiple of a number, where not all do."""
    low, high = center - width / 2, center + width / 2
    held = np.floor(high / number) > np.floor((low - 1e-9) / number)
    return held if not held.all() else np.zeros(len(center), dtype=bool)


def _placebo(data: Array, cutoff: float, width: float, side: Side, round_numbers: Sequence[float]) -> pd.DataFrame:
    rows = []
    for shift in range(-PLACEBOS, PLACEBOS + 1):
        if abs(shift) < 2:
            continue
        at = cutoff + shift * 2 * REGION * width
        bins = _bins(data, at, width, side)
        if bins["count"].sum() < LEAST_VALUES or bins.loc[bins["region"] != "other", "count"].min() < 1:
            continue
        step = _step(bins, width, round_numbers)
        rows.append((at, step.ratio, _upper_tail(step)))
    return pd.DataFrame(rows, columns=["cutoff", "ratio", "p"])


def _against(step: Step, beside: pd.DataFrame, width: float, round_numbers: Sequence[float]) -> pd.DataFrame:
    """Return the break of the negative control and the difference to it."""
    if beside["count"].sum() < LEAST_VALUES:
        return pd.DataFrame([(float("nan"),) * len(CONTROL)], columns=list(CONTROL))
    other = _step(beside, width, round_numbers)
    difference = step.jump - other.jump
    p = float(stats.norm.sf(difference / np.hypot(step.error, other.error)))
    return pd.DataFrame([(other.ratio, _upper_tail(other), difference, p)], columns=list(CONTROL))


def _result(
    bins: pd.DataFrame, step: Step, placebo: pd.DataFrame, cutoff: float, width: float, level: float
) -> Bunching:
    whole = np.isinf(step.freedom)
    reach = float(stats.norm.ppf(0.5 + level / 2) if whole else stats.t.ppf(0.5 + level / 2, step.freedom))
    low, high = (REGION * float(np.expm1(min(step.good + side * reach * step.good_error, 50.0))) for side in (-1, 1))
    table = bins.assign(expected=step.smooth).drop(columns="place")[["center", "count", "expected", "region"]]
    good = table["region"] == "good"
    excess = float(table.loc[good, "count"].sum() - table.loc[good, "expected"].sum())
    p = _upper_tail(step)
    return Bunching(table, (), excess, step.ratio, low, high, p, placebo, cutoff, width, level)


def _upper_tail(step: Step) -> float:
    score = step.jump / step.error
    return float(stats.norm.sf(score) if np.isinf(step.freedom) else stats.t.sf(score, step.freedom))


def _too_few(bins: pd.DataFrame, cutoff: float, width: float, level: float) -> Bunching:
    said: tuple[Finding, ...] = (
        finding("bunching-few-values", Where(), n=int(bins["count"].sum()), needed=LEAST_VALUES),
    )
    table = bins.assign(expected=np.nan).drop(columns="place")[["center", "count", "expected", "region"]]
    nothing = float("nan")
    placebo = pd.DataFrame({"cutoff": [], "ratio": [], "p": []}, dtype=float)
    return Bunching(table, said, nothing, nothing, nothing, nothing, nothing, placebo, cutoff, width, level)


def bunching_by(
    frame: pd.DataFrame,
    *,
    value: str,
    unit: str,
    cutoff: float,
    width: float,
    side: Side = "above",
    false_discovery: float = 0.05,
) -> pd.DataFrame:
    r"""Test each unit for a break at a limit.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per value.
    value, unit : str
        Names of the columns.
    cutoff : float
        The limit.
    width : float
        Width of the windows on both sides in which values may have been moved, above 0.
    side : {"above", "below"}
        Where values are wanted.
    false_discovery : float
        Expected share of wrong flags among flags.

    Returns
    -------
    pandas.DataFrame
        One row per unit: ``unit``; ``good``, ``bad`` (values within ``width`` of the limit on either side);
        ``log_ratio`` (of good to bad beyond what the slope of the neighboring windows lets expect); ``p`` (one-sided),
        ``q``, ``flagged``.

    Raises
    ------
    ValueError
        If a column is missing or not numeric, or the width is not positive.

    Notes
    -----
    With counts :math:`g, b` in windows of one width and :math:`G, B` in the windows of two widths behind them,
    :math:`\log(g/b) - \tfrac14 \log(G/B)` is zero for a log-linear density; its variance is
    :math:`1/g + 1/b + (1/G + 1/B)/16` (each count plus one half).

    Examples
    --------
    >>> frame = pd.DataFrame({"unit": "A", "hours": np.concatenate([np.arange(20, 28, 0.05), np.full(60, 23.9)])})
    >>> bunching_by(frame, value="hours", unit="unit", cutoff=24, width=1, side="below")["flagged"].tolist()
    [True]
    """
    check_columns(frame, {"value": value, "unit": unit})
    if not width > 0:
        raise ValueError(f"width is {width}; it must be above 0")
    values = numbers(frame, value)
    known = np.isfinite(values)
    distance = (values[known] - cutoff) if side == "above" else (cutoff - values[known])
    codes, units = pd.factorize(frame.loc[known, unit].astype("str"), sort=True)
    place = np.floor(distance.to_numpy(float) / width + 1e-9)
    windows = [(place == 0), (place == -1), (place == 1) | (place == 2), (place == -2) | (place == -3)]
    counts = [np.bincount(codes, window, len(units)).astype(float) for window in windows]
    jump, error = local_step(*counts)
    p = np.where(counts[0] + counts[1] > 0, stats.norm.sf(jump / error), np.nan)
    q = q_values(p)
    found = pd.DataFrame({"unit": units.astype("str"), "good": counts[0].astype(int), "bad": counts[1].astype(int)})
    return found.assign(log_ratio=jump, p=p, q=q, flagged=q <= false_discovery)
