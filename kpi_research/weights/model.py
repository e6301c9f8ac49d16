"""Linear models for the solver: one block of rows and columns, read as a distance or as a ratio."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import accumulate

import numpy as np
from scipy import sparse

from kpi_research.weights.limits import Floats
from kpi_research.weights.program import Program

LEAST_SPREAD = 1.0
"""Smallest mean absolute deviation of the score that counts, in points of 100; one standardized indicator alone has about 80."""


@dataclass(frozen=True, eq=False)
class LinearModel:
    """Minimize ``cost @ x`` subject to ``lower <= matrix @ x <= upper`` and ``low <= x <= high``.

    Attributes
    ----------
    cost, low, high : ndarray of shape (columns,)
        Objective and bounds of the variables.
    matrix : scipy.sparse.csr_array of shape (rows, columns)
        Coefficients.
    lower, upper : ndarray of shape (rows,)
        Limits of the rows; infinite where open.
    """

    cost: Floats
    matrix: sparse.csr_array
    lower: Floats
    upper: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True)
class Layout:
    """Where each block of variables and rows stands.

    Variables: weights ``w``, scale ``t``, mean ``mu``, the two sides ``plus`` and ``minus`` of each pair, the moves
    ``up`` and ``down`` of each weight from a center. Rows: limits of the program, lowest and highest single weights,
    pairs, moves, the total move, the spread, the mean.

    Attributes
    ----------
    indicators, limits, pairs : int
        Numbers of indicators, of rows of the program, of pairs.
    """

    indicators: int
    limits: int
    pairs: int

    def columns(self, name: str) -> slice:
        """Return the place of a block of variables.

        Parameters
        ----------
        name : {"w", "scale", "mean", "plus", "minus", "up", "down"}
            The block.

        Returns
        -------
        slice
        """
        j, k = self.indicators, self.pairs
        return _places((("w", j), ("scale", 1), ("mean", 1), ("plus", k), ("minus", k), ("up", j), ("down", j)))[name]

    def rows(self, name: str) -> slice:
        """Return the place of a block of rows.

        Parameters
        ----------
        name : {"limits", "low", "high", "pairs", "moves", "tether", "spread", "mean"}
            The block.

        Returns
        -------
        slice
        """
        j = self.indicators
        sizes = (("limits", self.limits), ("low", j), ("high", j), ("pairs", self.pairs), ("moves", j))
        return _places((*sizes, ("tether", 1), ("spread", 1), ("mean", 1)))[name]


@lru_cache(maxsize=256)
def _places(sizes: tuple[tuple[str, int], ...]) -> dict[str, slice]:
    ends = list(accumulate(size for _, size in sizes))
    return {name: slice(end - size, end) for (name, size), end in zip(sizes, ends, strict=True)}


@dataclass(frozen=True, eq=False)
class Pairs:
    """Linear forms whose absolute values count: ``|forms @ w - offset|``.

    Attributes
    ----------
    forms : ndarray of shape (pairs, indicators)
        Coefficients.
    offset : ndarray of shape (pairs,)
        What is taken off.
    """

    forms: Floats
    offset: Floats

    @classmethod
    def none(cls, indicators: int) -> Pairs:
        """Return no pairs.

        Parameters
        ----------
        indicators : int
            Number of indicators.

        Returns
        -------
        Pairs
        """
        return cls(np.zeros((0, indicators)), np.zeros(0))


def assemble(program: Program, center: Floats, pairs: Pairs, tether: float = np.inf) -> tuple[LinearModel, Layout]:
    """Write a program, moves from a center and pairs as one homogeneous block without objective.

    Every constant is multiplied by the variable ``scale``. With ``scale = 1`` the block is the program itself; with
    ``scale >= 0`` free it is the cone over it, as fractional programs need it (Charnes & Cooper 1962,
    doi:10.1002/nav.3800090303).

    Parameters
    ----------
    program : Program
        The rules.
    center : ndarray of shape (indicators,)
        Weights that moves are measured from, in points.
    pairs : Pairs
        Absolute values in the objective or in the spread.
    tether : float, default infinite
        Largest total move sum |w - center|, in points; infinite for none.

    Returns
    -------
    LinearModel
        Without cost; the spread (mean of the pairs' absolute values) is open, ``scale`` is 1 and ``mean`` 0.
    Layout
    """
    layout = Layout(len(program.ids), len(program.rules), len(pairs.offset))
    j, k = layout.indicators, layout.pairs
    ones, part = np.ones(j), np.full((1, k), 1.0 / max(k, 1))
    blocks: list[tuple[str, str, Floats]] = [
        ("limits", "w", program.matrix), ("limits", "scale", -program.bound),
        ("low", "w", ones), ("low", "scale", -program.low),
        ("high", "w", ones), ("high", "scale", -program.high),
        ("pairs", "w", pairs.forms), ("pairs", "scale", -pairs.offset), ("pairs", "mean", -np.ones(k)),
        ("pairs", "plus", -np.ones(k)), ("pairs", "minus", np.ones(k)),
        ("moves", "w", ones), ("moves", "scale", -center), ("moves", "up", -ones), ("moves", "down", ones),
        ("tether", "up", np.ones((1, j))), ("tether", "down", np.ones((1, j))),
        ("tether", "scale", np.array([-tether if np.isfinite(tether) else 0.0])),
        ("spread", "plus", part), ("spread", "minus", part), ("mean", "mean", np.ones(1)),
    ]  # fmt: skip
    return _open_model(program, layout, _sparse(layout, blocks), tether), layout


def _sparse(layout: Layout, blocks: list[tuple[str, str, Floats]]) -> sparse.csr_array:
    """Put blocks in their places: a vector is a column beside ``scale`` or ``mean``, else the diagonal of a square."""
    rows, columns, values = [], [], []
    for row_name, column_name, block in blocks:
        if block.ndim == 2:
            row, column = np.nonzero(block)
            value = block[row, column]
        else:
            row = np.arange(len(block))
            column = np.zeros_like(row) if column_name in ("scale", "mean") else row
            value = block
        rows.append(row + layout.rows(row_name).start)
        columns.append(column + layout.columns(column_name).start)
        values.append(value)
    shape = (layout.rows("mean").stop, layout.columns("down").stop)
    places = (np.concatenate(rows), np.concatenate(columns))
    return sparse.csr_array((np.concatenate(values), places), shape=shape)


def _open_model(program: Program, layout: Layout, matrix: sparse.csr_array, tether: float) -> LinearModel:
    lower, upper = np.zeros(matrix.shape[0]), np.zeros(matrix.shape[0])
    lower[layout.rows("limits")] = np.where(np.isfinite(program.lower), 0.0, -np.inf)
    upper[layout.rows("limits")] = np.where(np.isfinite(program.upper), 0.0, np.inf)
    upper[layout.rows("low")] = upper[layout.rows("spread")] = np.inf
    for name in ("high", "tether", "spread"):
        lower[layout.rows(name)] = -np.inf
    upper[layout.rows("tether")] = 0.0 if np.isfinite(tether) else np.inf
    low, high = np.zeros(matrix.shape[1]), np.full(matrix.shape[1], np.inf)
    low[layout.columns("scale")] = high[layout.columns("scale")] = 1.0
    high[layout.columns("mean")] = 0.0
    return LinearModel(np.zeros(matrix.shape[1]), matrix, lower, upper, low, high)


def as_distance(model: LinearModel, layout: Layout) -> LinearModel:
    """Read the block as: the smallest total move from the center, sum |w - center|.

    Parameters
    ----------
    model : LinearModel
        From `assemble`.
    layout : Layout
        Its layout.

    Returns
    -------
    LinearModel
    """
    cost = model.cost.copy()
    cost[layout.columns("up")] = cost[layout.columns("down")] = 1.0
    return replace(model, cost=cost)


def as_shortfall(model: LinearModel, layout: Layout, signs: Floats) -> LinearModel:
    """Read the block as: the smallest total shortfall, with the pairs as what exceeds (+) or lacks (-) in each limit.

    Parameters
    ----------
    model : LinearModel
        From `assemble`, one pair per soft limit.
    layout : Layout
        Its layout.
    signs : ndarray of shape (pairs,)
        +1 for a maximum, -1 for a minimum.

    Returns
    -------
    LinearModel
    """
    cost = model.cost.copy()
    cost[layout.columns("plus")] = signs > 0
    cost[layout.columns("minus")] = signs < 0
    return replace(model, cost=cost)


def as_ratio(model: LinearModel, layout: Layout, gain: Floats) -> LinearModel:
    """Read the block as: the largest ``gain @ w / max(mean |forms @ w|, LEAST_SPREAD)``; the optimum is minus that.

    With ``v = scale * w`` the ratio is linear once ``mean |forms @ v| <= 1`` and ``scale <= 1 / LEAST_SPREAD`` are
    asked for; ``w = v / scale``. The floor keeps scores from becoming the same for every unit, where the ratio is 0/0.

    Parameters
    ----------
    model : LinearModel
        From `assemble`, one pair per unit.
    layout : Layout
        Its layout.
    gain : ndarray of shape (indicators,)
        Numerator.

    Returns
    -------
    LinearModel
    """
    cost, low, high, upper = model.cost.copy(), model.low.copy(), model.high.copy(), model.upper.copy()
    cost[layout.columns("w")] = -gain
    low[layout.columns("scale")], high[layout.columns("scale")] = 0.0, 1.0 / LEAST_SPREAD
    low[layout.columns("mean")], high[layout.columns("mean")] = -np.inf, np.inf
    upper[layout.rows("spread")] = 1.0
    return replace(model, cost=cost, low=low, high=high, upper=upper)
