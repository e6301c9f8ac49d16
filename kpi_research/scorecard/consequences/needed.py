"""How much longer, or on how many more cases, a rule would have to rest to be right most of the time."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from kpi_research.scorecard.consequences.judge import right_by_design, scale_of
from kpi_research.scorecard.consequences.standing import Levels
from kpi_research.study.spec_consequences import ConsequenceSection

Array = NDArray[np.float64]
LONGEST = 64.0
"""Multiple of the present length beyond which no length is named."""
FACTORS = 2.0 ** np.arange(-4, 6.26, 0.25)
"""Lengths that are tried where single periods are unknown, in multiples of the present one."""


def needed_length(
    rule: ConsequenceSection, levels: Levels, drawn: Array, noise: Array, right: float
) -> tuple[float, float]:
    """Return the shortest basis of a decision with which a rule is right often enough.

    Parameters
    ----------
    rule : ConsequenceSection
        The rule; its own window is what is lengthened.
    levels : Levels
        Scores of the units.
    drawn : numpy.ndarray, shape (draws, p)
        Draws of the true levels.
    noise : numpy.ndarray, shape (running, draws, p)
        Errors of new scores at the present length.
    right : float
        Share of the hits that must truly belong.

    Returns
    -------
    factor : float
        In multiples of the length, or of the cases, that one decision rests on now; NaN where 64 times the length of the
        data is not enough.
    periods : float
        In periods; NaN also where periods are unknown.

    Notes
    -----
    Levels are drawn from their posterior and new scores around them, with the same random numbers for every length;
    the share of right hits grows with length, so the length is found by bisection.
    """
    if levels.length is None:
        scales = 1 / np.sqrt(FACTORS)
        place = _first(lambda k: right_by_design(rule, drawn, noise, float(scales[k])) >= right, len(scales))
        return (float("nan") if place is None else float(FACTORS[place])), float("nan")
    longest = int(LONGEST * levels.length)
    place = _first(lambda k: right_by_design(rule, drawn, noise, scale_of(k + 1, levels)) >= right, longest)
    if place is None:
        return float("nan"), float("nan")
    present = levels.length if rule.running == 1 and rule.window is None else rule.window or 1
    return (place + 1) / present, float(place + 1)


def _first(holds: Callable[[int], bool], count: int) -> int | None:
    """Return the first position from which a condition holds, if it holds at the end."""
    if not holds(count - 1):
        return None
    low, high = -1, count - 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high
