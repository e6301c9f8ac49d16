"""Probability samples of cases within units, of fixed size, with the inclusion probability of every case."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
ROUNDS = 50


def inclusion_probabilities(unit: Ints, size: Floats, wanted: Ints) -> Floats:
    r"""Return :math:`\pi_i = \min(1, c_u s_i)` with a constant per unit that makes them add up to the wanted number.

    Parameters
    ----------
    unit : numpy.ndarray of int, shape (cases,)
        Unit of each case, 0, 1, …
    size : numpy.ndarray, shape (cases,)
        Positive measure of size; the probability of a case is proportional to it.
    wanted : numpy.ndarray of int, shape (units,)
        Cases to draw from each unit, at most as many as it has.

    Returns
    -------
    numpy.ndarray, shape (cases,)
        Above 0 and at most 1 where a case is wanted.

    Examples
    --------
    >>> inclusion_probabilities(np.zeros(3, dtype=int), np.array([1.0, 1.0, 6.0]), np.array([2])).tolist()
    [0.5, 0.5, 1.0]
    """
    sure = np.zeros(len(unit), dtype=bool)
    chance = np.zeros(len(unit))
    for _ in range(ROUNDS):
        left = wanted - np.bincount(unit[sure], minlength=len(wanted))
        total = np.bincount(unit[~sure], size[~sure], minlength=len(wanted))
        scale = np.divide(left, total, out=np.zeros(len(wanted)), where=total > 0)
        chance = np.where(sure, 1.0, size * scale[unit])
        over = ~sure & (chance >= 1.0)
        if not over.any():
            break
        sure |= over
    return np.minimum(chance, 1.0)


def systematic_sample(unit: Ints, stratum: Ints, chance: Floats, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Draw a systematic sample in random order within strata, with the inclusion probabilities given.

    In random order and with equal probabilities this is simple random sampling; strata are then met in proportion.

    Parameters
    ----------
    unit, stratum : numpy.ndarray of int, shape (cases,)
        Codes from 0.
    chance : numpy.ndarray, shape (cases,)
        Inclusion probabilities, adding up to a whole number in each unit.
    rng : numpy.random.Generator
        Source of random numbers.

    Returns
    -------
    numpy.ndarray of bool, shape (cases,)
        As many cases per unit as the probabilities add up to.

    References
    ----------
    Madow, W. G. (1949), On the theory of systematic sampling, II, doi:10.1214/aoms/1177729988.
    """
    order = np.lexsort((rng.random(len(unit)), stratum, unit))
    start = rng.random(int(unit.max()) + 1 if len(unit) else 0)
    ordered = unit[order]
    total = np.cumsum(chance[order])
    first = np.searchsorted(ordered, np.arange(len(start)))
    before = np.where(first > 0, total[first - 1], 0.0)[ordered]
    upto = np.round(total - before, 9) + start[ordered]
    previous = np.where(np.isin(np.arange(len(order)), first), start[ordered], np.roll(upto, 1))
    drawn = np.zeros(len(unit), dtype=bool)
    drawn[order] = np.floor(upto) > np.floor(previous)
    return drawn
