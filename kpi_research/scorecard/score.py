"""Weighted scores that can be taken apart, and ranks that do not depend on the order of the input."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from kpi_research.study.suggest import did_you_mean

FloatArray = NDArray[np.float64]
Missing = Literal["reweight", "exclude"]

DIGITS = 12
"""Significant digits of the largest value to which scores are rounded before they are ranked."""


@dataclass(frozen=True)
class Scores:
    """Scores with the points that make them up.

    Attributes
    ----------
    score : pandas.Series
        Score per unit, on the scale of the normalized values; NaN where a unit has none.
    weight : pandas.DataFrame
        Unit × indicator: weight in use, in points of 100; 0 where the unit lacks the indicator.
    points : pandas.DataFrame
        Unit × indicator: weight × normalized value / 100; a row sums to the score.
    """

    score: pd.Series
    weight: pd.DataFrame
    points: pd.DataFrame


def weighted_scores(normalized: pd.DataFrame, weights: pd.Series, *, missing: Missing = "reweight") -> Scores:
    """Return weighted scores and the points of each indicator.

    Parameters
    ----------
    normalized : pandas.DataFrame
        Unit × indicator, higher is better, NaN = missing.
    weights : pandas.Series
        Weight per indicator, at least 0, in any unit: only their ratios matter.
    missing : {"reweight", "exclude"}
        What becomes of a unit that lacks an indicator. ``reweight``: its other weights are scaled up to 100 points.
        ``exclude``: it gets no score. A missing value never counts as zero.

    Returns
    -------
    Scores

    Raises
    ------
    ValueError
        If an indicator has no weight, a weight is negative or missing, or no weight is above 0.

    Notes
    -----
    The score of unit u is the sum over indicators i of w_ui x_ui / 100, with w_ui = 100 w_i / (sum of w over the
    indicators that u has). Sums are correctly rounded (Shewchuk 1997, doi:10.1007/PL00009321), so that the order of
    rows and columns changes no bit.

    Examples
    --------
    >>> values = pd.DataFrame({"response": [60.0, 40.0], "clearance": [50.0, float("nan")]}, index=["North", "East"])
    >>> weighted_scores(values, pd.Series({"response": 30.0, "clearance": 70.0})).score.to_dict()
    {'North': 53.0, 'East': 40.0}
    """
    if missing not in get_args(Missing):
        raise ValueError(
            f"missing is {missing!r}; allowed: reweight, exclude.{did_you_mean(missing, get_args(Missing))['en']}"
        )
    shares = _shares(normalized, weights)
    present = normalized.notna().to_numpy()
    weight = 100.0 * _rescaled(present * shares)
    if missing == "exclude":
        weight[(~present & (shares > 0)).any(axis=1)] = 0.0
    points = weight * np.where(weight > 0, normalized.to_numpy(), 0.0) / 100.0
    score = np.array([math.fsum(row) for row in points], dtype=float)
    score[~(weight > 0).any(axis=1)] = np.nan
    frames = (pd.DataFrame(part, index=normalized.index, columns=normalized.columns) for part in (weight, points))
    return Scores(pd.Series(score, index=normalized.index, name="score"), *frames)


def competition_rank(score: FloatArray) -> NDArray[np.int64]:
    """Return ranks, 1 for the highest score; equal scores share the smallest rank ("1, 2, 2, 4").

    Parameters
    ----------
    score : numpy.ndarray, shape (p,)
        Finite scores; they are compared after rounding to 12 digits, so that rounding errors break no tie.

    Returns
    -------
    numpy.ndarray of int, shape (p,)

    Examples
    --------
    >>> competition_rank(np.array([0.3, 0.1 + 0.2, 0.9])).tolist()
    [2, 2, 1]
    """
    return stats.rankdata(-round_digits(score), method="min").astype(np.int64)


def round_digits(values: FloatArray, largest: float | None = None) -> FloatArray:
    """Return values rounded to 12 significant digits of the largest one.

    Parameters
    ----------
    values : numpy.ndarray
        Numbers; NaN stays NaN.
    largest : float, optional
        Size of the largest value, at least 0; taken from the values if not given.

    Returns
    -------
    numpy.ndarray
    """
    array = np.asarray(values, dtype=float)
    size = float(np.abs(array).max(initial=0.0)) if largest is None else largest
    if size == 0:
        return array
    exponent = int(np.frexp(size)[1])
    rounded: FloatArray = np.ldexp(np.round(np.ldexp(array, -exponent), DIGITS), exponent)
    return rounded


def _shares(normalized: pd.DataFrame, weights: pd.Series) -> FloatArray:
    absent = normalized.columns.difference(weights.index)
    if len(absent):
        raise ValueError(
            f"weights lacks indicator {absent[0]!r}.{did_you_mean(str(absent[0]), map(str, weights.index))['en']}"
        )
    given = weights.reindex(normalized.columns).to_numpy(dtype=float)
    wrong = ~(given >= 0) | np.isinf(given)
    if wrong.any():
        row = int(np.argmax(wrong))
        raise ValueError(f"weight of indicator {normalized.columns[row]!r} is {given[row]}; allowed: 0 or above")
    if not given.sum() > 0:
        raise ValueError("no weight is above 0; at least one indicator must count")
    return given


def _rescaled(weight: FloatArray) -> FloatArray:
    total = np.array([math.fsum(row) for row in weight])[:, None]
    return np.divide(weight, total, out=np.zeros_like(weight), where=total > 0)
