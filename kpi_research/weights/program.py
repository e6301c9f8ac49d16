"""The rules as arrays: what a solver sees, and nothing of any solver."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kpi_research.weights.limits import Floats, Limit

TOTAL = 100.0


@dataclass(frozen=True, eq=False)
class Program:
    """All weights that the rules allow: ``lower <= matrix @ w <= upper`` and ``low <= w <= high``.

    Attributes
    ----------
    ids : tuple of str
        Indicator ids in canonical order.
    matrix : ndarray of shape (rows, indicators)
        Row 0 is the total; every other row is a limit on a sum or a share, or a soft limit on one indicator.
    lower, upper : ndarray of shape (rows,)
        Limits of the rows, infinite on the open side; in points.
    rules : tuple of str
        Rule that each row belongs to; ``"total"`` for row 0.
    limit : ndarray of int, shape (rows,)
        Position in ``limits`` that each row comes from; -1 for row 0.
    priority : ndarray of int, shape (rows,)
        0 for hard rows, else the rank of the soft rule.
    low, high : ndarray of shape (indicators,)
        Bounds on single weights from the hard limits of rules and catalogue, in points.
    limits : tuple of Limit
        The limits the program was made from.
    """

    ids: tuple[str, ...]
    matrix: Floats
    lower: Floats
    upper: Floats
    rules: tuple[str, ...]
    limit: NDArray[np.int_]
    priority: NDArray[np.int_]
    low: Floats
    high: Floats
    limits: tuple[Limit, ...]

    @property
    def bound(self) -> Floats:
        """The finite limit of each row (each row but the total has one; 0 where a soft row is switched off)."""
        return np.where(np.isfinite(self.lower), self.lower, np.where(np.isfinite(self.upper), self.upper, 0.0))


def compile_program(ids: tuple[str, ...], limits: Sequence[Limit]) -> Program:
    """Write limits as arrays.

    Parameters
    ----------
    ids : tuple of str
        Indicator ids in canonical order.
    limits : sequence of Limit
        The limits; hard ones on single indicators become bounds, all others rows.

    Returns
    -------
    Program
    """
    rows = [(-1, np.ones(len(ids)), TOTAL, TOTAL)]
    for position, limit in enumerate(limits):
        rows.extend((position, *row) for row in _rows(limit))
    low, high = single_bounds(len(ids), limits)
    places = np.array([row[0] for row in rows])
    return Program(
        ids=ids,
        matrix=np.array([row[1] for row in rows]),
        lower=np.array([row[2] for row in rows]),
        upper=np.array([row[3] for row in rows]),
        rules=tuple("total" if place < 0 else limits[place].rule for place in places),
        limit=places,
        priority=np.array([0 if place < 0 or limits[place].hard else limits[place].priority for place in places]),
        low=low,
        high=high,
        limits=tuple(limits),
    )


def _rows(limit: Limit) -> list[tuple[Floats, float, float]]:
    if not limit.is_each:
        return [_one_sided(limit, *limit.row())]
    if limit.hard:
        return []
    singles = np.eye(limit.selected.size)[limit.selected]
    return [_one_sided(limit, single, limit.value) for single in singles]


def _one_sided(limit: Limit, coefficients: Floats, bound: float) -> tuple[Floats, float, float]:
    return (coefficients, bound, np.inf) if limit.is_lower else (coefficients, -np.inf, bound)


def single_bounds(size: int, limits: Sequence[Limit]) -> tuple[Floats, Floats]:
    """Return the tightest bounds that hard limits set on each single weight.

    Parameters
    ----------
    size : int
        Number of indicators.
    limits : sequence of Limit
        The limits; those on sums and shares and soft ones are left out.

    Returns
    -------
    low, high : ndarray of shape (indicators,)
        Points; 0 and 100 where nothing is said. ``low`` may be above ``high`` where limits contradict each other.
    """
    low, high = np.zeros(size), np.full(size, TOTAL)
    for limit in limits:
        if limit.is_each and limit.hard:
            if limit.is_lower:
                low = np.where(limit.selected, np.maximum(low, limit.value), low)
            else:
                high = np.where(limit.selected, np.minimum(high, limit.value), high)
    return low, high


def shifted(program: Program, position: int, change: float) -> Program:
    """Return the program with one limit moved.

    Parameters
    ----------
    program : Program
        The program.
    position : int
        Position of the limit in ``program.limits``.
    change : float
        Added to the limit: points, or a share where the limit is one.

    Returns
    -------
    Program
        The same rows in the same order. A soft limit that was relaxed moves from where it was relaxed to.
    """
    limit = program.limits[position]
    limits = (*program.limits[:position], limit.moved(limit.value + change), *program.limits[position + 1 :])
    if limit.is_each and limit.hard:
        low, high = single_bounds(len(program.ids), limits)
        return replace(program, limits=limits, low=low, high=high)
    own = program.limit == position
    if limit.base is not None:
        matrix = program.matrix - change * np.outer(own, limit.base)
        return replace(program, limits=limits, matrix=matrix)
    return replace(program, limits=limits, lower=program.lower + change * own, upper=program.upper + change * own)
