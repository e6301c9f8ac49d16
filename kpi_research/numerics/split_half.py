"""Random halves of each unit's values or cases, and how well the halves agree over units."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Codes = NDArray[np.intp]


def split_counts(successes: Array, cases: Array, splits: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Return the rates of two random halves of each unit's cases.

    Parameters
    ----------
    successes, cases : numpy.ndarray, shape (k,)
        Whole numbers per unit, ``0 <= successes <= cases``, ``cases >= 2``.
    splits : int
        Number of random splits.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    first, second : numpy.ndarray, shape (splits, k)
        Rates of the halves; with an odd number of cases the second half has one more.
    """
    x, n = successes.astype(np.int64), cases.astype(np.int64)
    half = n // 2
    drawn = rng.hypergeometric(x, n - x, half, size=(splits, len(n)))
    return drawn / half, (x - drawn) / (n - half)


def split_values(values: Array, unit: Codes, splits: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Return the means of two random halves of each unit's values.

    Parameters
    ----------
    values : numpy.ndarray, shape (n,)
        Finite numbers.
    unit : numpy.ndarray, shape (n,)
        Unit of each value, numbered 0, 1, ...; at least two values each.
    splits : int
        Number of random splits.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    first, second : numpy.ndarray, shape (splits, units)
        Means of the halves; with an odd number of values the second half has one more.
    """
    size = np.bincount(unit)
    half = size // 2
    position = np.arange(len(unit)) - np.repeat(np.cumsum(size) - size, size)
    in_first = position < np.repeat(half, size)
    total = np.bincount(unit, values)
    sums = np.empty((splits, len(size)))
    for split in range(splits):
        order = np.lexsort((rng.random(len(unit)), unit))[in_first]
        sums[split] = np.bincount(unit[order], values[order], minlength=len(size))
    return sums / half, (total - sums) / (size - half)


def mean_correlation(first: Array, second: Array) -> tuple[float, Array]:
    """Return the correlation of halves over units, averaged over splits, for all units and without each one.

    Parameters
    ----------
    first, second : numpy.ndarray, shape (splits, k)
        Values of the halves.

    Returns
    -------
    whole : float
        Mean Pearson correlation.
    left_out : numpy.ndarray, shape (k,)
        The same without unit 1, 2, ..., k, by updating sums.
    """
    x = first - first.mean(axis=1, keepdims=True)
    y = second - second.mean(axis=1, keepdims=True)
    whole = _correlation(*((p * q).sum(axis=1) for p, q in ((x, y), (x, x), (y, y))))
    grow = x.shape[1] / (x.shape[1] - 1)
    pairs = ((x, y), (x, x), (y, y))
    left_out = _correlation(*((p * q).sum(axis=1, keepdims=True) - grow * p * q for p, q in pairs))
    return float(whole.mean()), left_out.mean(axis=0)


def _correlation(xy: Array, xx: Array, yy: Array) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        result: Array = xy / np.sqrt(xx * yy)
    return result
