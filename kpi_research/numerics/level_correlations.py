"""Correlations between and within units, and their values with each unit left out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kpi_research.numerics.jackknife import jackknife_interval

Array = NDArray[np.float64]
Codes = NDArray[np.intp]
Interval = tuple[float, float, float]
ONE = 1.0 - 1e-12
"""Correlation from which both sides are one and the same, and no interval exists."""
NOTHING: Interval = (float("nan"), float("nan"), float("nan"))


def between_correlation(x: Array, y: Array, unit: Codes, level: float) -> Interval:
    """Return the correlation of unit means, with a jackknife over units on Fisher's scale.

    Parameters
    ----------
    x, y : numpy.ndarray, shape (n,)
        Finite numbers.
    unit : numpy.ndarray, shape (n,)
        Unit of each row, numbered 0, 1, ... without gaps.
    level : float
        Coverage, above 0 and below 1.

    Returns
    -------
    estimate, low, high : float
        NaN with fewer than four units or without variation between them.
    """
    count = np.bincount(unit)
    means = [np.bincount(unit, part) / count for part in (x, y)]
    return _over_rows(means[0], means[1], np.arange(len(count)), level, inflate=1.0)


def within_correlation(x: Array, y: Array, unit: Codes, level: float) -> Interval:
    """Return the correlation of deviations from unit means, with a jackknife over units on Fisher's scale.

    Parameters
    ----------
    x, y, unit, level
        As in `between_correlation`.

    Returns
    -------
    estimate, low, high : float
        NaN with fewer than four units or without variation inside them.
    """
    count = np.bincount(unit)
    deviations = [part - (np.bincount(unit, part) / count)[unit] for part in (x, y)]
    parts = [np.bincount(unit, first * second) for first, second in _pairs(*deviations)]
    left_out = [part.sum() - part for part in parts]
    return _on_fisher_scale([part.sum() for part in parts], left_out, level, 1.0)


def total_correlation(x: Array, y: Array, unit: Codes, level: float) -> Interval:
    """Return the correlation over all rows, with a jackknife over units on Fisher's scale.

    Parameters
    ----------
    x, y, unit, level
        As in `between_correlation`.

    Returns
    -------
    estimate, low, high : float
        NaN with fewer than four units or without variation.

    Notes
    -----
    With G units the half width is multiplied by ``sqrt((G - 1) / (G - 4))``: where most of the variation lies between
    few units, the jackknife alone is too short (simulated). Very skewed units still need many (60 for 92 %).
    """
    units = int(unit.max()) + 1
    inflate = np.sqrt((units - 1.0) / (units - 4.0)) if units > 4 else 1.0
    return _over_rows(x, y, unit, level, inflate=float(inflate))


def _over_rows(x: Array, y: Array, unit: Codes, level: float, *, inflate: float) -> Interval:
    x, y = x - x.mean(), y - y.mean()
    count, first, second = np.bincount(unit), np.bincount(unit, x), np.bincount(unit, y)
    rows = float(len(x)) - count
    products = [np.bincount(unit, a * b) for a, b in _pairs(x, y)]
    of_means = [first * second, first * first, second * second]
    with np.errstate(divide="ignore", invalid="ignore"):
        left_out = [part.sum() - part - mean / rows for part, mean in zip(products, of_means, strict=True)]
    return _on_fisher_scale([part.sum() for part in products], left_out, level, inflate)


def _on_fisher_scale(whole: list[float], left_out: list[Array], level: float, inflate: float) -> Interval:
    value = _correlation(*whole)
    if len(left_out[0]) < 4 or np.isnan(value):
        return NOTHING
    if abs(value) > 1.0 - 1e-12:
        return float(np.sign(value)), float(np.sign(value)), float(np.sign(value))
    with np.errstate(divide="ignore", invalid="ignore"):
        scores = np.arctanh(left_out[0] / np.sqrt(left_out[1] * left_out[2]))
    center = float(np.arctanh(value))
    low, high = jackknife_interval(center, scores, level)
    half = inflate * (high - low) / 2.0
    return value, float(np.tanh(center - half)), float(np.tanh(center + half))


def _pairs(x: Array, y: Array) -> list[tuple[Array, Array]]:
    return [(x, y), (x, x), (y, y)]


def _correlation(product: float, first: float, second: float) -> float:
    if not (first > 0 and second > 0):
        return float("nan")
    return float(np.clip(product / np.sqrt(first * second), -1.0, 1.0))
