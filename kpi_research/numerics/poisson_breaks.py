"""Change points of a series of counts, with control of false alarms."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlogy

Array = NDArray[np.float64]
Ints = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Break:
    """A period from which the rate is another one.

    Attributes
    ----------
    place : int
        First position of the new rate.
    before, after : float
        Rates of the stretches on either side, up to the next break.
    p : float
        Share of rearrangements of the stretch in which it was found that show a break as clear.
    """

    place: int
    before: float
    after: float
    p: float


def poisson_breaks(
    count: Array, exposure: Array, *, size: float = 0.05, shortest: int = 2, draws: int = 999, seed: int = 0
) -> list[Break]:
    r"""Find the breaks of a series of counts.

    Parameters
    ----------
    count : numpy.ndarray, shape (T,)
        Counts.
    exposure : numpy.ndarray, shape (T,)
        Days or residents behind them, above 0.
    size : float
        Probability of any false break in a series without one.
    shortest : int
        Shortest stretch between breaks, at least 1.
    draws, seed : int
        Rearrangements behind a p-value, and their seed.

    Returns
    -------
    list of Break
        In the order of time.

    Notes
    -----
    Binary segmentation: the split with the largest likelihood ratio of two Poisson rates against one is kept if at most
    a share ``size`` of rearrangements of the periods reach it, and both sides are looked at again (Vostrikova 1981,
    Soviet Mathematics Doklady 24:55-59). Rearranging keeps the size exact whatever the counts scatter like, as long as
    periods are independent and alike where nothing breaks (Huskova & Slaby 2001, Permutation tests for multiple
    changes, Kybernetika 37:605-622).
    As each stretch is tested only after the one around it was split, the size of the first test is that of any false
    break in a series without one.

    Examples
    --------
    >>> found = poisson_breaks(np.array([4.0] * 8 + [12.0] * 8), np.ones(16))
    >>> [(item.place, item.before, item.after) for item in found]
    [(8, 4.0, 12.0)]
    """
    found: list[tuple[int, float]] = []
    waiting = [(0, len(count))]
    while waiting:
        start, stop = waiting.pop()
        if stop - start < 2 * shortest or count[start:stop].sum() == 0:
            continue
        generator = np.random.default_rng([seed, start, stop])
        place, p = _best(count[start:stop], exposure[start:stop], shortest, draws, generator)
        if p <= size:
            found.append((start + place, p))
            waiting += [(start, start + place), (start + place, stop)]
    return _with_rates(sorted(found), count, exposure)


def _best(
    count: Array, exposure: Array, shortest: int, draws: int, generator: np.random.Generator
) -> tuple[int, float]:
    ratio = _ratios(count[None, :], exposure[None, :], shortest)[0]
    order = generator.permuted(np.tile(np.arange(len(count)), (draws, 1)), axis=1)
    highest = _ratios(count[order], exposure[order], shortest).max(axis=1)
    reached = int((highest >= ratio.max() * (1 - 1e-9)).sum())
    return shortest + int(ratio.argmax()), (1 + reached) / (1 + draws)


def _ratios(count: Array, exposure: Array, shortest: int) -> Array:
    """Return the likelihood ratio statistic of every allowed split, one row per series."""
    left, total = np.cumsum(count, axis=1)[:, shortest - 1 : -shortest], count.sum(axis=1, keepdims=True)
    share = np.cumsum(exposure, axis=1)[:, shortest - 1 : -shortest] / exposure.sum(axis=1, keepdims=True)
    right = total - left
    likelihood = xlogy(left, left / share) + xlogy(right, right / (1 - share)) - xlogy(total, total)
    return np.asarray(2 * likelihood)


def _with_rates(found: list[tuple[int, float]], count: Array, exposure: Array) -> list[Break]:
    places = [0, *(place for place, _ in found), len(count)]
    rates = [float(count[a:b].sum() / exposure[a:b].sum()) for a, b in pairwise(places)]
    return [Break(place, rates[k], rates[k + 1], p) for k, (place, p) in enumerate(found)]
