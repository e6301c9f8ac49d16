"""The validity problem with few rows and columns, for many re-solves on other sets of units."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from kpi_research.weights.engine import Engine
from kpi_research.weights.evidence import Evidence
from kpi_research.weights.limits import Flags, Floats
from kpi_research.weights.model import LEAST_SPREAD, LinearModel
from kpi_research.weights.objectives import POSITIVE
from kpi_research.weights.program import Program
from kpi_research.weights.solve import Solution, Status

_NOT_ZERO = 1e-9


class CompactValidity:
    """``max cov(score, outcome) / mean |score - mean score|`` under the rules and the tether, inside one solver.

    Deviations from a mean add up to 0, and so do moves of weights from others with the same total: half of the sum of
    absolute values is the sum of the positive ones. So one column per unit and one per indicator say what takes two
    otherwise, and limits that say nothing have no row. Every re-solve starts from the basis of the first.

    Parameters
    ----------
    program : Program
        The rules.
    evidence : Evidence
        Scores and outcome of all units.
    center : ndarray of shape (indicators,)
        Allowed weights that the tether is measured from.
    tether : float
        Largest total move in points; infinite for none.
    """

    def __init__(self, program: Program, evidence: Evidence, center: Floats, tether: float) -> None:
        self._evidence = evidence
        self._units, self._size = evidence.scores.shape
        self._columns = np.arange(self._size)
        self._over = self._size + 2
        model, self._spread = compact_model(program, evidence, center, tether)
        self._width = len(model.cost)
        self._engine = Engine(model, scaled=False)
        self._engine.run()
        self._engine.keep_basis()

    def weights(self, shares: Floats) -> tuple[Floats | None, bool]:
        """Return the optimal weights when units count by given shares.

        Parameters
        ----------
        shares : ndarray of shape (units,)
            How much each unit counts, adding up to 1.

        Returns
        -------
        weights : ndarray of shape (indicators,) or None
            Points; None where no allowed weights go with the outcome.
        unique : bool
            Whether duals prove that no other weights are as good.
        """
        self._ask(shares)
        answer = self._engine.run_from_kept_basis()
        if answer.status is not Status.OPTIMAL:
            return None, False
        scale, price = answer.x[self._size], -answer.row_dual[self._spread]
        if min(-answer.objective, scale, price) <= POSITIVE:
            return None, False
        return answer.x[: self._size] / scale, self._is_unique(answer, shares == 0)

    def _ask(self, shares: Floats) -> None:
        scores, outcome = self._evidence.scores, self._evidence.outcome
        mean = shares @ scores
        self._engine.set_cost(self._columns, -((shares * (outcome - shares @ outcome)) @ (scores - mean)))
        for unit, share in enumerate(2.0 * shares):
            self._engine.set_coefficient(self._spread, self._over + unit, share)
        for place, value in enumerate(mean):
            self._engine.set_coefficient(self._spread + 1, place, -value)

    def _is_unique(self, answer: Solution, left_out: Flags) -> bool:
        """Whether constraints with a dual, which hold in every optimum and are independent, fix every variable that counts."""
        fixed = np.count_nonzero(np.abs(answer.row_dual) > _NOT_ZERO)
        fixed += np.count_nonzero(np.abs(answer.reduced_cost) > _NOT_ZERO)
        return bool(fixed == self._width - np.count_nonzero(left_out))


def compact_model(program: Program, evidence: Evidence, center: Floats, tether: float) -> tuple[LinearModel, int]:
    """Write the ratio of validity with one column for each unit's deviation above the mean and each weight's rise.

    Parameters
    ----------
    program : Program
        The rules.
    evidence : Evidence
        Scores and outcome.
    center : ndarray of shape (indicators,)
        Weights that moves are measured from; they add up to 100.
    tether : float
        Largest total move in points; infinite for none.

    Returns
    -------
    LinearModel
        Columns: weights times scale, scale, mean, deviations above it, rises.
    int
        Row of the spread; that of the mean comes after it.
    """
    units, size = evidence.scores.shape
    rises = size if np.isfinite(tether) else 0
    width = size + 2 + units + rises
    low, high = np.flatnonzero(program.low > 0), np.flatnonzero((program.high > 0) & (program.high < 100))
    eye, open_ = np.eye(size), np.full(len(program.lower), np.inf)
    blocks = [
        _block(width, program.matrix, -program.bound), _block(width, eye[low], -program.low[low]),
        _block(width, eye[high], -program.high[high]),
        _block(width, evidence.scores, None, (size + 1, -np.ones((units, 1))), (size + 2, -np.eye(units))),
    ]  # fmt: skip
    lower = [np.where(np.isfinite(program.lower), 0.0, -open_), np.zeros(len(low)), np.full(len(high) + units, -np.inf)]
    upper = [np.where(np.isfinite(program.upper), 0.0, open_), np.full(len(low), np.inf), np.zeros(len(high) + units)]
    if rises:
        start = size + 2 + units
        blocks += [
            _block(width, eye, -center, (start, -eye)),
            _block(width, np.zeros((1, size)), np.array([-tether]), (start, np.full((1, size), 2.0))),
        ]
        lower, upper = [*lower, np.full(size + 1, -np.inf)], [*upper, np.zeros(size + 1)]
    none = np.zeros((1, size))
    blocks += [
        _block(width, none, None, (size + 2, np.full((1, units), 2.0 / units))),
        _block(width, none, None, (size + 1, np.ones((1, 1)))),
    ]
    lower, upper = [*lower, np.array([-np.inf, 0.0])], [*upper, np.array([1.0, 0.0])]
    least, most = np.zeros(width), np.full(width, np.inf)
    most[:size][program.high <= 0] = 0.0
    most[size], least[size + 1] = 1.0 / LEAST_SPREAD, -np.inf
    cost = np.zeros(width)
    cost[:size] = -evidence.gain
    matrix = sparse.csr_array(sparse.vstack(blocks))
    return LinearModel(cost, matrix, np.concatenate(lower), np.concatenate(upper), least, most), matrix.shape[0] - 2


def _block(width: int, weights: Floats, scale: Floats | None, *others: tuple[int, Floats]) -> sparse.csr_array:
    rows, size = weights.shape
    whole = np.zeros((rows, width))
    whole[:, :size] = weights
    if scale is not None:
        whole[:, size] = scale
    for start, part in others:
        whole[:, start : start + part.shape[1]] = part
    return sparse.csr_array(whole)
