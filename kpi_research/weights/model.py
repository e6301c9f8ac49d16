"""Linear models for the solver: one block of rows and columns, read as a distance or as a ratio."""

from __future__ import annotations

from dataclasses import dataclass, replace

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
        return _place(name, {"w": j, "scale": 1, "mean": 1, "plus": k, "minus": k, "up": j, "down": j})

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
        sizes = {"limits": self.limits, "low": j, "high": j, "pairs": self.pairs, "moves": j}
        return _place(name, {**sizes, "tether": 1, "spread": 1, "mean": 1})


def _place(name: str, sizes: dict[str, int]) -> slice:
    names = list(sizes)
    start = sum(sizes[item] for item in names[: names.index(name)])
    return slice(start, start + sizes[name])


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


def assemble(program: Program, center: Floats, pairs: Pairs) -> tuple[LinearModel, Layout]:
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

    Returns
    -------
    LinearModel
        Without cost; tether and spread are open, ``scale`` is 1 and ``mean`` 0.
    Layout
    """
    layout = Layout(len(program.ids), len(program.rules), len(pairs.offset))
    eye, sides = sparse.eye_array(layout.indicators), sparse.eye_array(layout.pairs)
    ones, around = np.ones((1, layout.indicators)), -np.ones((layout.pairs, 1))
    grid: list[list[object]] = [
        [program.matrix, _column(-program.bound), None, None, None, None, None],
        [eye, _column(-program.low), None, None, None, None, None],
        [eye, _column(-program.high), None, None, None, None, None],
        [pairs.forms, _column(-pairs.offset), around, -sides, sides, None, None],
        [eye, _column(-center), None, None, None, -eye, eye],
        [None, None, None, None, None, ones, ones],
        [None, None, None, np.ones((1, layout.pairs)), np.ones((1, layout.pairs)), None, None],
        [None, None, np.ones((1, 1)), None, None, None, None],
    ]
    matrix = sparse.csr_array(sparse.block_array([[_block(cell) for cell in row] for row in grid], format="csr"))
    return _open_model(program, layout, matrix), layout


def _column(values: Floats) -> Floats:
    return values.reshape(-1, 1)


def _block(cell: object) -> object:
    return sparse.csr_array(cell) if isinstance(cell, np.ndarray) else cell


def _open_model(program: Program, layout: Layout, matrix: sparse.csr_array) -> LinearModel:
    size = layout.columns("down").stop
    lower, upper = np.zeros(layout.rows("mean").stop), np.zeros(layout.rows("mean").stop)
    lower[layout.rows("limits")] = np.where(np.isfinite(program.lower), 0.0, -np.inf)
    upper[layout.rows("limits")] = np.where(np.isfinite(program.upper), 0.0, np.inf)
    upper[layout.rows("low")] = np.inf
    for name in ("high", "tether", "spread"):
        lower[layout.rows(name)] = -np.inf
    for name in ("tether", "spread"):
        upper[layout.rows(name)] = np.inf
    low, high = np.zeros(size), np.full(size, np.inf)
    low[layout.columns("scale")] = high[layout.columns("scale")] = 1.0
    high[layout.columns("mean")] = 0.0
    return LinearModel(np.zeros(size), matrix, lower, upper, low, high)


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


def as_ratio(model: LinearModel, layout: Layout, gain: Floats, units: int, tether: float) -> LinearModel:
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
    units : int
        Number of units, which the spread is a mean over.
    tether : float
        Largest total move from the center, sum |w - center| in points; infinite for none.

    Returns
    -------
    LinearModel
    """
    cost, high, upper, matrix = model.cost.copy(), model.high.copy(), model.upper.copy(), model.matrix.tolil()
    cost[layout.columns("w")] = -gain
    high[layout.columns("scale")] = 1.0 / LEAST_SPREAD
    low = model.low.copy()
    low[layout.columns("scale")] = 0.0
    low[layout.columns("mean")], high[layout.columns("mean")] = -np.inf, np.inf
    spread = layout.rows("spread").start
    matrix[[spread], layout.columns("plus")] = 1.0 / units
    matrix[[spread], layout.columns("minus")] = 1.0 / units
    upper[layout.rows("spread")] = 1.0
    if np.isfinite(tether):
        upper[layout.rows("tether")] = 0.0
        matrix[layout.rows("tether").start, layout.columns("scale").start] = -tether
    return replace(model, cost=cost, matrix=matrix.tocsr(), low=low, high=high, upper=upper)
