"""How often one rule hits those it means, under one scheme."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kpi_research.scorecard.consequences.decide import classes, decide, decide_in_a_row, shares
from kpi_research.scorecard.consequences.standing import Levels, variance_of_mean
from kpi_research.study.spec_consequences import ConsequenceSection

Array = NDArray[np.float64]
Codes = NDArray[np.int64]
NEAR = 0.1
"""Relative distance within which a share of a budget counts as right."""


@dataclass(frozen=True)
class Judgement:
    """What a rule does to the units, and what it should do in each draw of their true levels.

    Attributes
    ----------
    decision : numpy.ndarray of int, shape (p,)
        Class of each unit; see `classes`. For a proportional rule all 1.
    belongs : numpy.ndarray, shape (p,)
        Probability that the unit truly belongs: to those whom the rule means, or to the grade it got; for a proportional
        rule, that its share is right within 10 %.
    wrong, missed : numpy.ndarray, shape (draws,)
        Units hit, or graded, that do not belong; units that belong and are not hit. For a proportional rule ``wrong`` is
        the share of the budget that goes to others than it should.
    hits : float
        Units hit; all units for grades; 1 (the budget) for a proportional rule.
    """

    decision: Codes
    belongs: Array
    wrong: Array
    missed: Array
    hits: float

    @property
    def right(self) -> float:
        """Expected share of the hits that truly belong; NaN where nobody is hit."""
        return float(1 - self.wrong.mean() / self.hits) if self.hits else float("nan")


def judge(rule: ConsequenceSection, levels: Levels, drawn: Array) -> Judgement:
    """Hold a rule against draws of the true levels.

    Parameters
    ----------
    rule : ConsequenceSection
        The rule.
    levels : Levels
        Scores of the units.
    drawn : numpy.ndarray, shape (draws, p)
        Draws of their true levels.

    Returns
    -------
    Judgement

    Raises
    ------
    ValueError
        If the rule takes all units or more, asks for periods that are not there, or a share of a score that is not
        above 0.
    """
    check_rule(rule, levels)
    windows = windows_of(rule, levels)
    if rule.kind == "proportional":
        given, due = shares(windows[0]), shares(drawn)
        moved = np.abs(due - given).sum(axis=1) / 2
        near = (np.abs(given - due) <= NEAR * due).mean(axis=0)
        return Judgement(np.ones(len(given), dtype=np.int64), near, moved, moved, 1.0)
    decision, truth = decide_in_a_row(rule, windows), decide(rule, drawn)
    if rule.kind == "grades":
        wrong = (truth != decision).sum(axis=1).astype(float)
        return Judgement(decision, (truth == decision).mean(axis=0), wrong, wrong, float(len(decision)))
    wrong = ((decision == 1) & (truth == 0)).sum(axis=1).astype(float)
    missed = ((decision == 0) & (truth == 1)).sum(axis=1).astype(float)
    return Judgement(decision, (truth == 1).mean(axis=0), wrong, missed, float(decision.sum()))


def check_rule(rule: ConsequenceSection, levels: Levels) -> None:
    """Raise unless a rule can be applied to the units.

    Parameters
    ----------
    rule : ConsequenceSection
        The rule.
    levels : Levels
        Scores of the units.

    Raises
    ------
    ValueError
        As `judge` says.
    """
    count = len(levels.units)
    if rule.kind in ("top", "bottom") and (rule.count or 0) >= count:
        raise ValueError(f"rule {rule.id!r} takes {rule.count} of {count} units; a rule on ranks must leave some out")
    if rule.kind == "proportional" and not (levels.estimate > 0).all():
        raise ValueError(
            f"rule {rule.id!r} shares a budget by score, but the lowest score is {levels.estimate.min():.3g}; "
            "scores must be above 0, e.g. with normalization 'goalposts'"
        )
    if rule.running == 1 and rule.window is None:
        return
    if levels.periods is None:
        raise ValueError(f"rule {rule.id!r} speaks of single periods; give the scores of the periods as periods")
    needed = rule.running * (rule.window or 1)
    if needed > levels.periods.shape[1]:
        raise ValueError(f"rule {rule.id!r} needs {needed} periods; periods has {levels.periods.shape[1]}")


def windows_of(rule: ConsequenceSection, levels: Levels) -> Array:
    """Return the scores that a rule's decisions rest on, the last window last.

    Parameters
    ----------
    rule : ConsequenceSection
        The rule.
    levels : Levels
        Scores of the units.

    Returns
    -------
    numpy.ndarray, shape (running, p)

    Raises
    ------
    ValueError
        If a unit has no score in a window.
    """
    if levels.periods is None or (rule.running == 1 and rule.window is None):
        return levels.estimate[None, :]
    size = rule.window or 1
    used = levels.periods[:, -size * rule.running :].reshape(len(levels.units), rule.running, size)
    seen = np.isfinite(used)
    lacking = np.flatnonzero(~np.all(np.any(seen, axis=2), axis=1))
    if len(lacking):
        unit = levels.units[lacking[0]]
        raise ValueError(f"rule {rule.id!r}: unit {unit!r} has no score in one of the last {rule.running} windows")
    return np.asarray((np.where(seen, used, 0.0).sum(axis=2) / seen.sum(axis=2)).T)


def error_scale(rule: ConsequenceSection, levels: Levels) -> float:
    """Return the standard error of a window's score, relative to that of the estimates.

    Parameters
    ----------
    rule : ConsequenceSection
        The rule.
    levels : Levels
        Scores of the units.

    Returns
    -------
    float
        1 where a decision rests on all periods, or the periods are unknown.
    """
    if levels.length is None or (rule.running == 1 and rule.window is None):
        return 1.0
    return scale_of(rule.window or 1, levels)


def scale_of(periods: int, levels: Levels) -> float:
    """Return the standard error of the mean of some periods, relative to that of the estimates.

    Parameters
    ----------
    periods : int
        Number of periods.
    levels : Levels
        Scores with known periods.

    Returns
    -------
    float
    """
    present = variance_of_mean(levels.length or 1, levels.correlation, levels.noise)
    return float(np.sqrt(variance_of_mean(periods, levels.correlation, levels.noise) / present))


def right_by_design(rule: ConsequenceSection, drawn: Array, noise: Array, scale: float) -> float:
    """Return the share of a rule's hits that truly belong, over levels and scores yet to be drawn.

    Parameters
    ----------
    rule : ConsequenceSection
        The rule.
    drawn : numpy.ndarray, shape (draws, p)
        Draws of the true levels.
    noise : numpy.ndarray, shape (running, draws, p)
        Errors of new scores at the present length.
    scale : float
        Factor on the errors.

    Returns
    -------
    float
        NaN where nobody is ever hit.
    """
    scores = drawn + scale * noise
    if rule.kind == "proportional":
        return float(1 - np.abs(shares(scores[0]) - shares(drawn)).sum(axis=1).mean() / 2)
    decision, truth = decide_in_a_row(rule, scores), decide(rule, drawn)
    if len(classes(rule)) > 2 or rule.kind == "grades":
        return float((decision == truth).mean())
    hits = int(decision.sum())
    return float((decision & truth).sum() / hits) if hits else float("nan")
