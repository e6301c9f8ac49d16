"""Rules on which indicators have weight at all: 0 or at least so much, and how many."""

from __future__ import annotations

from collections.abc import Sequence

import highspy
import numpy as np
from scipy import sparse

from kpi_research.weights.engine import highs_model
from kpi_research.weights.goals.space import Space
from kpi_research.weights.limits import Flags, Floats, Limit, WideLimit
from kpi_research.weights.model import LinearModel
from kpi_research.weights.solve import SolverError

SECONDS = 30.0
"""Time limit of the search for which indicators have weight."""

_SMALL = 1e-6


class NoSupportError(ValueError):
    """No choice of indicators keeps all rules, or none was found within the time limit."""


def least_points(wide: Sequence[WideLimit], size: int) -> Floats:
    """Return the smallest weight above 0 of each indicator.

    Parameters
    ----------
    wide : sequence of WideLimit
        Limits of the rules.
    size : int
        Number of indicators.

    Returns
    -------
    ndarray of shape (indicators,)
        Points; 0 where nothing is said.
    """
    least = np.zeros(size)
    for limit in wide:
        if limit.kind == "least":
            least = np.where(limit.selected, np.maximum(least, limit.value), least)
    return least


def counts_of(wide: Sequence[WideLimit]) -> list[tuple[Flags, float, float]]:
    """Return limits on the number of indicators: selection, fewest and most.

    Parameters
    ----------
    wide : sequence of WideLimit
        Limits of the rules.

    Returns
    -------
    list of tuple
    """
    found = []
    for limit in wide:
        if limit.kind == "count_min":
            found.append((limit.selected, limit.value, np.inf))
        if limit.kind == "count_max":
            found.append((limit.selected, -np.inf, limit.value))
    return found


def keeps_support(wide: Sequence[WideLimit], weights: Floats) -> bool:
    """Whether weights keep the rules on which indicators have weight.

    Parameters
    ----------
    wide : sequence of WideLimit
        Limits of the rules.
    weights : ndarray of shape (indicators,)
        Points.

    Returns
    -------
    bool
    """
    used = weights > _SMALL
    if (weights[used] < least_points(wide, len(weights))[used] - _SMALL).any():
        return False
    return all(low <= int(used[chosen].sum()) <= high for chosen, low, high in counts_of(wide))


def choose_support(space: Space, wide: Sequence[WideLimit], weights: Floats, ids: Sequence[str]) -> tuple[Limit, ...]:
    """Choose which indicators have weight: those of the closest weights that keep every rule.

    ``min sum |w - weights|`` with a binary variable per indicator. The objective is then optimized over this choice; the
    optimum without these rules bounds what any choice could reach.

    Parameters
    ----------
    space : Space
        Weights that the other rules allow.
    wide : sequence of WideLimit
        Limits of the rules.
    weights : ndarray of shape (indicators,)
        Optimal weights without these rules, points.
    ids : sequence of str
        Indicator ids.

    Returns
    -------
    tuple of Limit
        A largest weight of 0 for indicators that have none, the least for others.

    Raises
    ------
    NoSupportError
        If nothing keeps all rules, or nothing was found in time.
    """
    used = _solve(space, wide, weights)
    size, least = len(weights), np.maximum(least_points(wide, len(weights)), 2 * _SMALL)
    found = []
    for place in range(size):
        own = np.arange(size) == place
        if used[place]:
            found.append(Limit(f"{ids[place]}.support", "each_min", float(least[place]), own, origin="support"))
        else:
            found.append(Limit(f"{ids[place]}.support", "each_max", 0.0, own, origin="support"))
    return tuple(found)


def _solve(space: Space, wide: Sequence[WideLimit], weights: Floats) -> Flags:
    model, size = _model(space, wide, weights), len(weights)
    width = len(model.cost)
    highs = highspy.Highs()
    for name, value in {
        "output_flag": False,
        "threads": 1,
        "time_limit": SECONDS,
        "mip_feasibility_tolerance": 1e-9,
    }.items():
        highs.setOptionValue(name, value)
    whole = highs_model(model)
    kinds = [highspy.HighsVarType.kContinuous] * (width - size) + [highspy.HighsVarType.kInteger] * size
    whole.integrality_ = kinds
    highs.passModel(whole)
    highs.run()
    status = highs.getModelStatus()
    if highs.getInfo().primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible:
        return np.array(highs.getSolution().col_value[-size:]) > 0.5
    if status in (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible):
        rules = ", ".join(f"'{name}'" for name in dict.fromkeys(limit.rule for limit in wide if limit.kind != "change"))
        raise NoSupportError(f"no weights keep the rules {rules} together with the others; loosen one of them")
    if status == highspy.HighsModelStatus.kTimeLimit:
        raise NoSupportError(f"no choice of indicators that keeps all rules was found within {SECONDS:g} seconds")
    raise SolverError(f"support: HiGHS stopped with {highs.modelStatusToString(status)}")


def _model(space: Space, wide: Sequence[WideLimit], weights: Floats) -> LinearModel:
    """Columns: those of the space, moves up and down, then whether an indicator has weight."""
    base, size, program = space.model(), len(weights), space.program
    width, eye = len(base.cost), sparse.eye_array(len(weights))
    own = sparse.hstack([eye, sparse.csr_array((size, width - size))])
    none, square = sparse.csr_array((size, 2 * size)), sparse.csr_array((size, size))
    counts = counts_of(wide)
    least = np.maximum(least_points(wide, size), 2 * _SMALL)
    forms = sparse.csr_array(np.array([chosen for chosen, _, _ in counts], dtype=float).reshape(-1, size))
    blocks = [
        sparse.hstack([base.matrix, sparse.csr_array((base.matrix.shape[0], 3 * size))]),
        sparse.hstack([own, -eye, eye, square]),
        sparse.hstack([own, none, -sparse.diags_array(program.high)]),
        sparse.hstack([own, none, -sparse.diags_array(np.minimum(least, program.high))]),
        sparse.hstack([sparse.csr_array((len(counts), width + 2 * size)), forms]),
    ]
    lower = [base.lower, weights, np.full(size, -np.inf), np.zeros(size), np.array([low for _, low, _ in counts])]
    upper = [base.upper, weights, np.zeros(size), np.full(size, np.inf), np.array([high for _, _, high in counts])]
    return LinearModel(
        np.concatenate([np.zeros(width), np.ones(2 * size), np.zeros(size)]),
        sparse.csr_array(sparse.vstack(blocks)), np.concatenate(lower), np.concatenate(upper),
        np.concatenate([base.low, np.zeros(3 * size)]),
        np.concatenate([base.high, np.full(2 * size, np.inf), np.ones(size)]),
    )  # fmt: skip
