"""Goals as linear pieces: a goal is the smallest ``cost @ x / under @ x`` over the weights and a few columns beside them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from kpi_research.weights.limits import Flags, Floats
from kpi_research.weights.model import LEAST_SPREAD
from kpi_research.weights.scenarios.program import tail_mean

Value = Callable[[Floats], float]


@dataclass(frozen=True, eq=False)
class Piece:
    """One goal over columns ``x = (weights, extra columns)``, always a minimization.

    Attributes
    ----------
    matrix : scipy.sparse.csr_array of shape (rows, indicators + extra)
        Rows that tie the extra columns to the weights.
    lower, upper : ndarray of shape (rows,)
        Limits of the rows; equal, or one of them infinite.
    low, high : ndarray of shape (extra,)
        Bounds of the extra columns.
    cost : ndarray of shape (indicators + extra,)
        Numerator.
    under : ndarray of shape (indicators + extra,) or None
        Denominator, positive; None for 1.
    value : callable
        The goal at given weights, to be minimized, computed without any solver.
    sign : float
        1 where smaller is better, -1 where the goal is reported with larger as better.
    """

    matrix: sparse.csr_array
    lower: Floats
    upper: Floats
    low: Floats
    high: Floats
    cost: Floats
    under: Floats | None
    value: Value
    sign: float

    @property
    def extra(self) -> int:
        """Number of columns beside the weights."""
        return len(self.low)


def _rows(*blocks: list[sparse.csr_array | None]) -> sparse.csr_array:
    return sparse.csr_array(sparse.block_array(list(blocks)))


def distance(reference: Floats, selected: Flags | None = None) -> Piece:
    """Sum of absolute moves of the weights from a reference, points; smaller is better.

    Parameters
    ----------
    reference : ndarray of shape (indicators,)
        Current or expert weights, points.
    selected : ndarray of bool, optional
        The indicators that count; None for all.

    Returns
    -------
    Piece
    """
    size = len(reference)
    chosen = np.ones(size, dtype=bool) if selected is None else selected
    count, own = int(chosen.sum()), sparse.csr_array(np.eye(size)[chosen])
    eye = sparse.eye_array(count)
    cost = np.concatenate([np.zeros(size), np.ones(2 * count)])
    at = reference[chosen]
    return Piece(
        _rows([own, -eye, eye]), at, at, np.zeros(2 * count), np.full(2 * count, np.inf), cost, None,
        lambda weights: float(np.abs(weights - reference)[chosen].sum()), 1.0,
    )  # fmt: skip


def largest_move(reference: Floats) -> Piece:
    """Largest absolute move of any single weight from a reference, points; smaller is better.

    Parameters
    ----------
    reference : ndarray of shape (indicators,)
        Current or expert weights, points.

    Returns
    -------
    Piece
    """
    size = len(reference)
    eye, ones = sparse.eye_array(size), sparse.csr_array(np.ones((size, 1)))
    lower = np.concatenate([-reference, reference])
    return Piece(
        _rows([-eye, ones], [eye, ones]), lower, np.full(2 * size, np.inf), np.zeros(1), np.full(1, np.inf),
        np.append(np.zeros(size), 1.0), None, lambda weights: float(np.abs(weights - reference).max()), 1.0,
    )  # fmt: skip


def linear(gain: Floats) -> Piece:
    """Gain per point of each indicator, summed over the weights; larger is better.

    Parameters
    ----------
    gain : ndarray of shape (indicators,)
        Gain of one point.

    Returns
    -------
    Piece
    """
    none = np.zeros(0)
    matrix = sparse.csr_array((0, len(gain)))
    return Piece(matrix, none, none, none, none, -gain, None, lambda weights: -float(gain @ weights), -1.0)


def scenario_tail(gains: Floats, part: float, forms: Floats | None = None, shares: Floats | None = None) -> Piece:
    """Mean gain over the worst part of scenarios, over the score's mean absolute deviation where forms are given.

    Parameters
    ----------
    gains : ndarray of shape (scenarios, indicators)
        Gain of one point of each indicator; one scenario and a part of 1 are the plain gain.
    part : float
        Worst part, above 0 to 1.
    forms : ndarray of shape (units, indicators), optional
        Centered scores of the units.
    shares : ndarray of shape (units,), optional
        How much each unit counts, adding up to 1; None for the same.

    Returns
    -------
    Piece
        Larger is better. The spread counts as at least `kpi_research.weights.model.LEAST_SPREAD`.
    """
    count, size = gains.shape
    tail = _rows([sparse.csr_array(gains), sparse.csr_array(-np.ones((count, 1))), sparse.eye_array(count)])
    cost = np.concatenate([np.zeros(size), [-1.0], np.full(count, 1.0 / (part * count))])
    low, high = np.append(-np.inf, np.zeros(count)), np.full(1 + count, np.inf)
    piece = Piece(
        tail, np.zeros(count), np.full(count, np.inf), low, high, cost, None,
        lambda weights: -tail_mean(gains @ weights, part), -1.0,
    )  # fmt: skip
    return piece if forms is None else over_spread(piece, forms, shares)


def scenario_floor(gains: Floats, offset: Floats, forms: Floats | None = None) -> Piece:
    """Smallest gain over scenarios after taking an offset off each; larger is better.

    Parameters
    ----------
    gains : ndarray of shape (scenarios, indicators)
        Gain of one point of each indicator.
    offset : ndarray of shape (scenarios,)
        0 for the worst case; the best of each scenario for regret.
    forms : ndarray of shape (units, indicators), optional
        Centered scores; with them the gain is over the score's mean absolute deviation.

    Returns
    -------
    Piece
    """
    count, size = gains.shape
    matrix = _rows([sparse.csr_array(gains), sparse.csr_array(-np.ones((count, 1)))])
    piece = Piece(
        matrix, offset, np.full(count, np.inf), np.full(1, -np.inf), np.full(1, np.inf),
        np.append(np.zeros(size), -1.0), None, lambda weights: -float((gains @ weights - offset).min()), -1.0,
    )  # fmt: skip
    return piece if forms is None else over_spread(piece, forms, None)


def validity(forms: Floats, gain: Floats, shares: Floats | None = None) -> Piece:
    """Covariance of score and outcome over the score's mean absolute deviation; larger is better.

    Parameters
    ----------
    forms : ndarray of shape (units, indicators)
        Centered scores.
    gain : ndarray of shape (indicators,)
        Covariance of each indicator with the outcome.
    shares : ndarray of shape (units,), optional
        How much each unit counts, adding up to 1; None for the same.

    Returns
    -------
    Piece
    """
    return over_spread(linear(gain), forms, shares)


def over_spread(piece: Piece, forms: Floats, shares: Floats | None) -> Piece:
    """Divide a goal without denominator by the mean absolute deviation of the score.

    Parameters
    ----------
    piece : Piece
        The goal.
    forms : ndarray of shape (units, indicators)
        Centered scores.
    shares : ndarray of shape (units,) or None
        How much each unit counts.

    Returns
    -------
    Piece
    """
    units, size = forms.shape
    part = np.full(units, 1.0 / units) if shares is None else shares
    none = sparse.csr_array((units, piece.extra)) if piece.extra else None
    eye = sparse.eye_array(units)
    sides = sparse.csr_array(np.concatenate([part, part, [-1.0]]).reshape(1, -1))
    rows = [sparse.csr_array(forms), none, sparse.hstack([-eye, eye, sparse.csr_array((units, 1))])]
    spread = [sparse.csr_array((1, size)), sparse.csr_array((1, piece.extra)) if piece.extra else None, sides]
    own = sparse.hstack([piece.matrix, sparse.csr_array((len(piece.lower), 2 * units + 1))])
    parts = [sparse.hstack([block for block in row if block is not None]) for row in (rows, spread)]
    width = size + piece.extra + 2 * units + 1
    under = np.append(np.zeros(width - 1), 1.0)

    def value(weights: Floats) -> float:
        return piece.value(weights) / max(float(part @ np.abs(forms @ weights)), LEAST_SPREAD)

    return Piece(
        sparse.csr_array(sparse.vstack([own, *parts])),
        np.concatenate([piece.lower, np.zeros(units), [-np.inf]]), np.concatenate([piece.upper, np.zeros(units + 1)]),
        np.concatenate([piece.low, np.zeros(2 * units), [LEAST_SPREAD]]),
        np.concatenate([piece.high, np.full(2 * units + 1, np.inf)]),
        np.append(piece.cost, np.zeros(2 * units + 1)), under, value, piece.sign,
    )  # fmt: skip


def deviation(scores: Floats, outcome: Floats, shares: Floats | None = None) -> Piece:
    """Mean absolute deviation of the outcome from the score after the best shift and a scale of 0 or more.

    ``min mean |y - a - b sum_j w_j x_j|`` over a, b >= 0 and the weights: least absolute deviations (Koenker & Bassett
    1978, doi:10.2307/1913643), linear in (w, 1/b, a/b). Smaller is better.

    Parameters
    ----------
    scores : ndarray of shape (units, indicators)
        Scores.
    outcome : ndarray of shape (units,)
        Outcome.
    shares : ndarray of shape (units,), optional
        How much each unit counts, adding up to 1; None for the same.

    Returns
    -------
    Piece
    """
    units, size = scores.shape
    part = np.full(units, 1.0 / units) if shares is None else shares
    eye, column = sparse.eye_array(units), sparse.csr_array(outcome.reshape(-1, 1))
    ones = sparse.csr_array(-np.ones((units, 1)))
    cost = np.concatenate([np.zeros(size + 2), part, part])
    under = np.zeros(size + 2 + 2 * units)
    under[size] = 1.0
    return Piece(
        _rows([sparse.csr_array(-scores), column, ones, -eye, eye]), np.zeros(units), np.zeros(units),
        np.concatenate([[0.0, -np.inf], np.zeros(2 * units)]), np.full(2 + 2 * units, np.inf), cost, under,
        lambda weights: _least_deviation(scores @ weights, outcome, part), 1.0,
    )  # fmt: skip


_THIRDS = 90
"""Steps of the search over the scale; each leaves two thirds of the bracket, so that 1e-16 of it remains."""


def _least_deviation(score: Floats, outcome: Floats, part: Floats) -> float:
    """Return the smallest mean deviation of the outcome over shift and scale, by the convexity in the scale."""
    spread = float(np.ptp(score))
    low, high = 0.0, (4.0 * float(np.ptp(outcome)) / spread if spread > 0 else 0.0)
    while high > 0 and _at_scale(2 * high, score, outcome, part) < _at_scale(high, score, outcome, part):
        high *= 2
    for _ in range(_THIRDS):
        left, right = low + (high - low) / 3, high - (high - low) / 3
        if _at_scale(left, score, outcome, part) <= _at_scale(right, score, outcome, part):
            high = right
        else:
            low = left
    return min(_at_scale(0.5 * (low + high), score, outcome, part), _at_scale(0.0, score, outcome, part))


def _at_scale(scale: float, score: Floats, outcome: Floats, part: Floats) -> float:
    rest = outcome - scale * score
    order = np.argsort(rest, kind="stable")
    middle = rest[order[int(np.searchsorted(np.cumsum(part[order]), 0.5 - 1e-12))]]
    return float(part @ np.abs(rest - middle))
