"""What to do instead of letting chance decide: act on the sure ones only, on an absolute level, or after longer."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from kpi_research.scorecard.consequences.decide import shares
from kpi_research.scorecard.consequences.judge import Judgement, right_by_design, scale_of
from kpi_research.scorecard.consequences.standing import Levels
from kpi_research.study.spec_consequences import ConsequenceSection

Array = NDArray[np.float64]
NAN = float("nan")


def alternatives(
    rule: ConsequenceSection, levels: Levels, drawn: Array, judged: Judgement, certainty: float
) -> list[dict[str, Any]]:
    """Return rules that take the place of one that chance decides.

    Parameters
    ----------
    rule : ConsequenceSection
        The rule.
    levels : Levels
        Scores of the units.
    drawn : numpy.ndarray, shape (draws, p)
        Draws of the true levels.
    judged : Judgement
        What the rule does.
    certainty : float
        Probability of truly belonging from which a unit is hit.

    Returns
    -------
    list of dict
        ``alternative``, ``hits``, ``right``, ``wrong``, ``missed``, ``undecided``, ``cut``: ``sets`` (hit those who
        belong with the given certainty, leave the undecided to other evidence or treat them alike), ``threshold`` (the
        same against a fixed score in place of a rank), ``shrunk`` (shares of a budget by the levels as the data allow
        them, not by the scores).
    """
    if rule.kind == "proportional":
        due = shares(drawn)
        moved = float((np.abs(due - due.mean(axis=0)).sum(axis=1) / 2).mean())
        return [_row("shrunk", 1.0, moved, moved, 0.0, NAN)]
    if rule.kind == "grades":
        sure = judged.belongs >= certainty
        wrong = float((1 - judged.belongs)[sure].sum())
        return [_row("sets", float(sure.sum()), wrong, 0.0, float((~sure).sum()), NAN)]
    found = [_of_probabilities("sets", judged.belongs, certainty, NAN)]
    cut = _cut(rule, drawn)
    beyond = (drawn >= cut) if rule.kind in ("top", "at_least") else (drawn < cut)
    return [*found, _of_probabilities("threshold", beyond.mean(axis=0), certainty, cut)]


def _cut(rule: ConsequenceSection, drawn: Array) -> float:
    """Return the score a rule draws its line at: its own cut, or the middle between the last inside and the first outside."""
    if rule.cut is not None:
        return float(rule.cut)
    ordered = np.sort(drawn, axis=1)
    place = (rule.count or 1) if rule.kind == "bottom" else drawn.shape[1] - (rule.count or 1)
    return float((ordered[:, place - 1] + ordered[:, place]).mean() / 2)


def _of_probabilities(name: str, belongs: Array, certainty: float, cut: float) -> dict[str, Any]:
    hit = belongs >= certainty
    undecided = ~hit & (belongs > 1 - certainty)
    return _row(
        name, float(hit.sum()), float((1 - belongs)[hit].sum()), float(belongs[~hit].sum()), float(undecided.sum()), cut
    )


def _row(name: str, hits: float, wrong: float, missed: float, undecided: float, cut: float) -> dict[str, Any]:
    right = 1 - wrong / hits if hits else NAN
    return {
        "alternative": name,
        "hits": hits,
        "right": right,
        "wrong": wrong,
        "missed": missed,
        "undecided": undecided,
        "periods": NAN,
        "cut": cut,
    }


def longer(
    rule: ConsequenceSection, levels: Levels, drawn: Array, noise: Array, factor: float, periods: float
) -> dict[str, Any]:
    """Return what the rule itself would do on the length that it needs.

    Parameters
    ----------
    rule : ConsequenceSection
        The rule.
    levels : Levels
        Scores of the units.
    drawn : numpy.ndarray, shape (draws, p)
        Draws of the true levels.
    noise : numpy.ndarray, shape (running, draws, p)
        Errors of new scores at the present length.
    factor, periods : float
        As `needed_length` returns them; NaN where no length is enough.

    Returns
    -------
    dict
        A row as of `alternatives`; ``right`` is the share expected of new data, numbers of units are missing.
    """
    row = _row("longer", NAN, NAN, NAN, NAN, NAN)
    if np.isfinite(factor):
        scale = scale_of(int(periods), levels) if np.isfinite(periods) else 1 / np.sqrt(factor)
        row["right"] = right_by_design(rule, drawn, noise, scale)
    row["periods"] = periods
    return row
