"""What weights aim at: to stay close to given weights, or to go with an outcome; each with its optimal face."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kpi_research.weights.engine import solve_fresh
from kpi_research.weights.evidence import Evidence
from kpi_research.weights.face import Face, optimal_face, with_spread
from kpi_research.weights.limits import Floats
from kpi_research.weights.model import Layout, LinearModel, Pairs, as_distance, as_ratio, assemble
from kpi_research.weights.program import Program
from kpi_research.weights.projection import closest_point
from kpi_research.weights.solve import Solution, SolverError, Status, solution, solve

POSITIVE = 1e-9
"""Smallest ratio that counts as going with the outcome."""


@dataclass(frozen=True, eq=False)
class Optimum:
    """Weights that are best for one objective, and what proves it.

    Attributes
    ----------
    weights : ndarray of shape (indicators,)
        Points; among all optima the closest to the target in squares.
    objective : float
        Sum |w - target| in points (smaller is better), or the ratio of validity (larger is better); at ``weights``.
    program : Program
        The rules it obeys.
    model : LinearModel
        The model that was solved, a minimization.
    layout : Layout
        Its layout.
    answer : Solution
        The solver's answer with duals.
    face : Face
        All optimal weights.
    """

    weights: Floats
    objective: float
    program: Program
    model: LinearModel
    layout: Layout
    answer: Solution
    face: Face


def closest_weights(program: Program, target: Floats, *, by_pulp: bool = False) -> Optimum | None:
    """Find the allowed weights with the smallest total move from a target, then the smallest squared move.

    ``min sum |w - target|`` over the rules; None where no weights are allowed.

    Parameters
    ----------
    program : Program
        The rules.
    target : ndarray of shape (indicators,)
        Current or expert weights, or equal ones; need not obey the rules.
    by_pulp : bool, default False
        Whether to solve through PuLP, not directly with HiGHS.

    Returns
    -------
    Optimum or None
    """
    pairs = Pairs.none(len(program.ids))
    block, layout = assemble(program, target, pairs)
    model = as_distance(block, layout)
    answer = _answer(model, by_pulp)
    if answer.status is Status.INFEASIBLE:
        return None
    _require_optimal(answer)
    face = optimal_face(program, pairs, target, np.inf, layout, answer)
    weights = tidy(closest_point(face, answer.x[layout.columns("w")], target), program)
    return Optimum(weights, float(np.abs(weights - target).sum()), program, model, layout, answer, face)


def ratio_model(program: Program, evidence: Evidence, center: Floats, tether: float) -> tuple[LinearModel, Layout]:
    """Write the validity objective as a linear model.

    ``max cov(score, outcome) / mean |score - mean score|`` over the rules and ``sum |w - center| <= tether``, made
    linear by homogenization (Charnes & Cooper 1962, doi:10.1002/nav.3800090303).

    Parameters
    ----------
    program : Program
        The rules.
    evidence : Evidence
        Scores and outcome.
    center : ndarray of shape (indicators,)
        Weights that moves are measured from.
    tether : float
        Largest total move, points; infinite for none.

    Returns
    -------
    LinearModel
    Layout
    """
    units = len(evidence.outcome)
    block, layout = assemble(program, center, Pairs(evidence.scores, np.zeros(units)), tether)
    return as_ratio(block, layout, evidence.gain), layout


def most_valid_weights(
    program: Program, evidence: Evidence, center: Floats, target: Floats, tether: float, *, by_pulp: bool = False
) -> Optimum | None:
    """Find the allowed weights whose score goes best with the outcome, within a tether.

    Parameters
    ----------
    program : Program
        The rules.
    evidence : Evidence
        Scores and outcome.
    center : ndarray of shape (indicators,)
        Allowed weights that the tether is measured from.
    target : ndarray of shape (indicators,)
        Weights to stay close to where several are equally good.
    tether : float
        Largest total move sum |w - center|, points; infinite for none.
    by_pulp : bool, default False
        Whether to solve through PuLP, not directly with HiGHS.

    Returns
    -------
    Optimum or None
        None where no allowed weights go with the outcome.
    """
    model, layout = ratio_model(program, evidence, center, tether)
    answer = _answer(model, by_pulp)
    _require_optimal(answer)
    weights = unscaled(answer, layout)
    if weights is None:
        return None
    pairs = Pairs(evidence.scores, np.zeros(len(evidence.outcome)))
    face = with_spread(optimal_face(program, pairs, center, tether, layout, answer), evidence.gain, layout, answer)
    unique = tidy(closest_point(face, weights, target), program)
    return Optimum(unique, evidence.ratio(unique), program, model, layout, answer, face)


def unscaled(answer: Solution, layout: Layout) -> Floats | None:
    """Return the weights in an answer to the ratio model, or None where nothing goes with the outcome.

    Nothing does, too, where every score that goes with it spreads less than `LEAST_SPREAD`.

    Parameters
    ----------
    answer : Solution
        An optimum.
    layout : Layout
        Layout of its model.

    Returns
    -------
    ndarray of shape (indicators,) or None
    """
    scale = answer.x[layout.columns("scale")][0]
    spread_price = -answer.row_dual[layout.rows("spread")][0]
    if -answer.objective <= POSITIVE or scale <= POSITIVE or spread_price <= POSITIVE:
        return None
    found: Floats = answer.x[layout.columns("w")] / scale
    return found


def tidy(weights: Floats, program: Program) -> Floats:
    """Put weights that differ from a bound by rounding only exactly on it; nothing is rescaled.

    Parameters
    ----------
    weights : ndarray of shape (indicators,)
        Points.
    program : Program
        The bounds.

    Returns
    -------
    ndarray of shape (indicators,)
    """
    near_low, near_high = (np.abs(weights - bound) <= 1e-9 for bound in (program.low, program.high))
    return np.where(near_low, program.low, np.where(near_high, program.high, weights)) + 0.0


def _answer(model: LinearModel, by_pulp: bool) -> Solution:
    if by_pulp:
        return solve(model)
    found = solve_fresh(model)
    return solution(model, found.status, found.x, found.row_dual) if found.status is Status.OPTIMAL else found


def _require_optimal(answer: Solution) -> None:
    if answer.status is not Status.OPTIMAL:
        raise SolverError(f"the solver stopped with status '{answer.status.value}'; no weights can be trusted")
