"""The optimal face: all weights that do equally well, described by equations and inequalities."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from kpi_research.weights.limits import Floats
from kpi_research.weights.model import LEAST_SPREAD, Layout, Pairs
from kpi_research.weights.program import Program
from kpi_research.weights.solve import Solution

NOT_ZERO = 1e-9
"""A dual or reduced cost above this (in objective units per point) counts as not zero."""

_OF_COST = 1e-6


@dataclass(frozen=True, eq=False)
class Face:
    """A polytope of weights: ``equal @ w = equal_to``, ``above @ w >= at_least``, sum |w - center| <= tether.

    Attributes
    ----------
    equal, equal_to : ndarray of shape (equations, indicators) and (equations,)
        Equations.
    above, at_least : ndarray of shape (inequalities, indicators) and (inequalities,)
        Inequalities.
    center : ndarray of shape (indicators,)
        Weights that moves are measured from.
    tether : float
        Largest total move in points; infinite where the equations already say it or there is none.
    """

    equal: Floats
    equal_to: Floats
    above: Floats
    at_least: Floats
    center: Floats
    tether: float


def optimal_face(
    program: Program, pairs: Pairs, center: Floats, tether: float, layout: Layout, answer: Solution
) -> Face:
    """Describe all optimal weights by complementary slackness with one optimal dual solution.

    A row with a dual, or a variable with a reduced cost, that is not zero stays at its limit in *every* optimum;
    everything that keeps them there is optimal. So the face is the same whichever optimum the solver stopped at.

    Parameters
    ----------
    program : Program
        The rules.
    pairs : Pairs
        The absolute values of the model.
    center : ndarray of shape (indicators,)
        Weights that moves are measured from.
    tether : float
        Largest total move in points; infinite for none.
    layout : Layout
        Layout of the model.
    answer : Solution
        An optimum with its duals.

    Returns
    -------
    Face
        In points of 100, also where the model was a ratio in scaled variables.
    """
    limits = _limit_parts(program, answer.row_dual[layout.rows("limits")])
    singles = _single_parts(program, layout, answer)
    sides = _side_parts(pairs.forms, pairs.offset, _forced(layout, answer, "plus"), _forced(layout, answer, "minus"))
    moves, rest = _move_parts(layout, answer, center, tether)
    parts = [*limits, *singles, *sides, *moves]
    equal = [(form, value) for kind, form, value in parts if kind == "="]
    above = [(form, value) for kind, form, value in parts if kind == ">"]
    size = layout.indicators
    return Face(*_stack(equal, size), *_stack(above, size), center, rest)


def with_spread(face: Face, gain: Floats, layout: Layout, answer: Solution) -> Face:
    """Keep scores that spread, on the optimal face of a ratio.

    On that face ``gain @ w`` is the optimal ratio times the spread of the score, so a smallest spread is linear there.

    Parameters
    ----------
    face : Face
        From `optimal_face`.
    gain : ndarray of shape (indicators,)
        Numerator of the ratio.
    layout : Layout
        Layout of the model.
    answer : Solution
        Its optimum.

    Returns
    -------
    Face
        With one more inequality, or equation where the spread is at its floor in every optimum.
    """
    least = np.array([-answer.objective * LEAST_SPREAD])
    if -answer.reduced_cost[layout.columns("scale")][0] > NOT_ZERO:
        return replace(face, equal=np.vstack([face.equal, gain]), equal_to=np.append(face.equal_to, least))
    return replace(face, above=np.vstack([face.above, gain]), at_least=np.append(face.at_least, least))


_Part = tuple[str, Floats, Floats]


def _stack(parts: list[tuple[Floats, Floats]], size: int) -> tuple[Floats, Floats]:
    forms = [form for form, _ in parts]
    values = [value for _, value in parts]
    return np.vstack([np.zeros((0, size)), *forms]), np.concatenate([np.zeros(0), *values])


def _limit_parts(program: Program, dual: Floats) -> list[_Part]:
    bound = program.bound
    tight = (np.abs(dual) > NOT_ZERO) | (program.lower == program.upper)
    low = ~tight & np.isfinite(program.lower)
    high = ~tight & np.isfinite(program.upper)
    return [
        ("=", program.matrix[tight], bound[tight]),
        (">", program.matrix[low], bound[low]),
        (">", -program.matrix[high], -bound[high]),
    ]


def _single_parts(program: Program, layout: Layout, answer: Solution) -> list[_Part]:
    eye = np.eye(layout.indicators)
    at_low = np.abs(answer.row_dual[layout.rows("low")]) > NOT_ZERO
    at_high = np.abs(answer.row_dual[layout.rows("high")]) > NOT_ZERO
    at_zero = answer.reduced_cost[layout.columns("w")] > NOT_ZERO
    fixed = program.low == program.high
    return [
        ("=", eye[at_zero], np.zeros(int(at_zero.sum()))),
        ("=", eye[at_low | fixed], program.low[at_low | fixed]),
        ("=", eye[at_high], program.high[at_high]),
        (">", eye, program.low),
        (">", -eye, -program.high),
    ]


def _forced(layout: Layout, answer: Solution, name: str) -> np.ndarray:
    """Return which variables of a pair must be zero: their reduced cost is not."""
    other = {"plus": "minus", "minus": "plus", "up": "down", "down": "up"}[name]
    own = answer.reduced_cost[layout.columns(name)]
    scale = own + answer.reduced_cost[layout.columns(other)]
    return np.asarray(own > _OF_COST * scale + 1e-11)


def _side_parts(forms: Floats, offset: Floats, no_plus: np.ndarray, no_minus: np.ndarray) -> list[_Part]:
    both = no_plus & no_minus
    below, over = no_plus & ~no_minus, no_minus & ~no_plus
    return [
        ("=", forms[both], offset[both]),
        (">", -forms[below], -offset[below]),
        (">", forms[over], offset[over]),
    ]


def _move_parts(layout: Layout, answer: Solution, center: Floats, tether: float) -> tuple[list[_Part], float]:
    no_up, no_down = _forced(layout, answer, "up"), _forced(layout, answer, "down")
    parts = _side_parts(np.eye(layout.indicators), center, no_up, no_down)
    if np.abs(answer.row_dual[layout.rows("tether")][0]) <= NOT_ZERO:
        return parts, tether
    signs = np.where(no_up, -1.0, 1.0).reshape(1, -1)
    return [*parts, ("=", signs, np.array([tether + float((signs @ center)[0])]))], np.inf
