"""One linear program over all scenarios: mean of the worst, the worst, or the largest regret."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from kpi_research.weights.engine import Engine, solve_fresh
from kpi_research.weights.limits import Floats
from kpi_research.weights.model import LinearModel
from kpi_research.weights.program import Program
from kpi_research.weights.solve import Solution, SolverError, Status

AT_ONCE = 5
"""Scenarios that join the model in one round."""

_BROKEN = 1e-9
_ROUNDS = 10_000


@dataclass(frozen=True, eq=False)
class Region:
    """Admissible weights within a tether of a center.

    Attributes
    ----------
    program : Program
        The rules.
    center : ndarray of shape (indicators,)
        Weights that moves are measured from, points.
    tether : float
        Largest total move in points; infinite for none.
    """

    program: Program
    center: Floats
    tether: float

    @property
    def width(self) -> int:
        """Number of columns: weights, and where there is a tether their moves up and down."""
        return len(self.center) * (3 if np.isfinite(self.tether) else 1)

    def model(self) -> LinearModel:
        """Return the region as a linear model without objective.

        Returns
        -------
        LinearModel
        """
        program, size = self.program, len(self.center)
        matrix = sparse.csr_array(program.matrix)
        lower, upper = program.lower, program.upper
        extra = np.zeros(0)
        if np.isfinite(self.tether):
            eye, ones = sparse.eye_array(size), sparse.csr_array(np.ones((1, size)))
            blocks = [[matrix, None, None], [eye, -eye, eye], [None, ones, ones]]
            matrix = sparse.csr_array(sparse.block_array(blocks))
            lower = np.concatenate([lower, self.center, [-np.inf]])
            upper = np.concatenate([upper, self.center, [self.tether]])
            extra = np.zeros(2 * size)
        low, high = np.concatenate([program.low, extra]), np.concatenate([program.high, np.full(len(extra), np.inf)])
        return LinearModel(np.zeros(self.width), matrix, lower, upper, low, high)


def best_of_each(region: Region, gains: Floats) -> Floats:
    """Return the largest gain that admissible weights reach in each scenario by itself.

    Parameters
    ----------
    region : Region
        The admissible weights.
    gains : ndarray of shape (scenarios, indicators)
        Gain of each indicator per point.

    Returns
    -------
    ndarray of shape (scenarios,)
    """
    engine, places = Engine(region.model()), np.arange(gains.shape[1])
    best = np.zeros(len(gains))
    for number, gain in enumerate(gains):
        engine.set_cost(places, -gain)
        best[number] = -_optimal(engine.run()).objective
    return best


def least_bad(region: Region, gains: Floats, offset: Floats) -> tuple[LinearModel, Solution]:
    """Maximize the smallest of ``gains @ w - offset``; scenarios join the model only when they are broken.

    Parameters
    ----------
    region : Region
        The admissible weights.
    gains : ndarray of shape (scenarios, indicators)
        Gain of each indicator per point.
    offset : ndarray of shape (scenarios,)
        What is taken off each scenario: 0 for the worst case, the best of each for regret.

    Returns
    -------
    LinearModel
        The last model; its optimum is that of all scenarios.
    Solution
        Its last column before the scenarios' rows is the smallest value.
    """
    size = gains.shape[1]
    chosen, base = [int((gains @ region.center - offset).argmin())], region.model()
    for _ in range(_ROUNDS):
        model = _with_floor(base, gains[chosen], offset[chosen])
        answer = _optimal(solve_fresh(model))
        values = gains @ answer.x[:size] - offset
        broken = np.flatnonzero(values < answer.x[region.width] - _BROKEN * max(1.0, float(np.abs(values).max())))
        new = [int(s) for s in broken[np.argsort(values[broken], kind="stable")] if s not in chosen][:AT_ONCE]
        if not new:
            return model, answer
        chosen += new
    raise SolverError(f"scenarios: still broken after {_ROUNDS} rounds")


def _with_floor(base: LinearModel, gains: Floats, offset: Floats) -> LinearModel:
    width = base.matrix.shape[1]
    pad = np.zeros((len(gains), width - gains.shape[1]))
    rows = sparse.csr_array(np.hstack([gains, pad, -np.ones((len(gains), 1))]))
    wider = sparse.csr_array(
        (base.matrix.data, base.matrix.indices, base.matrix.indptr), shape=(base.matrix.shape[0], width + 1)
    )
    return LinearModel(
        np.append(base.cost, -1.0), sparse.csr_array(sparse.vstack([wider, rows])),
        np.concatenate([base.lower, offset]), np.concatenate([base.upper, np.full(len(gains), np.inf)]),
        np.append(base.low, -np.inf), np.append(base.high, np.inf),
    )  # fmt: skip


def worst_mean(region: Region, gains: Floats, part: float) -> tuple[LinearModel, Solution]:
    """Maximize the mean gain over the worst part of the scenarios (conditional value at risk).

    ``max eta - sum_s z_s / (part * S)`` with ``z_s >= eta - gains_s @ w``, ``z >= 0`` (Rockafellar & Uryasev 2000,
    doi:10.21314/JOR.2000.038).

    Parameters
    ----------
    region : Region
        The admissible weights.
    gains : ndarray of shape (scenarios, indicators)
        Gain of each indicator per point.
    part : float
        Worst part, above 0 to 1.

    Returns
    -------
    LinearModel
    Solution
    """
    base, count = region.model(), len(gains)
    pad = sparse.csr_array((count, region.width - gains.shape[1]))
    rows = [sparse.csr_array(gains), pad, sparse.csr_array(-np.ones((count, 1))), sparse.eye_array(count)]
    top = [base.matrix, sparse.csr_array((base.matrix.shape[0], 1 + count))]
    matrix = sparse.csr_array(sparse.vstack([sparse.hstack(top), sparse.hstack(rows)]))
    model = LinearModel(
        np.concatenate([base.cost, [-1.0], np.full(count, 1.0 / (part * count))]), matrix,
        np.concatenate([base.lower, np.zeros(count)]), np.concatenate([base.upper, np.full(count, np.inf)]),
        np.concatenate([base.low, [-np.inf], np.zeros(count)]), np.append(base.high, np.full(1 + count, np.inf)),
    )  # fmt: skip
    return model, _optimal(solve_fresh(model))


def tail_mean(values: Floats, part: float) -> float:
    """Return the mean of the worst part of values; the last one counts with what is left of the part.

    Parameters
    ----------
    values : ndarray of shape (scenarios,)
        Gains.
    part : float
        Worst part, above 0 to 1.

    Returns
    -------
    float
    """
    ordered, mass = np.sort(values), part * len(values)
    share = np.clip(mass - np.arange(len(values)), 0.0, 1.0)
    return float(ordered @ share / mass)


def _optimal(answer: Solution) -> Solution:
    if answer.status is not Status.OPTIMAL:
        raise SolverError(f"scenarios: the solver stopped with status '{answer.status.value}'")
    return answer
