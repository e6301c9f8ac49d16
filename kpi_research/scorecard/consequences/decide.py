"""Whom a rule hits, given scores."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kpi_research.study.spec_consequences import ConsequenceSection

Array = NDArray[np.float64]
Codes = NDArray[np.int64]


def classes(rule: ConsequenceSection) -> tuple[str, ...]:
    """Return the names of the classes a rule sorts units into, in the order of their codes.

    Parameters
    ----------
    rule : ConsequenceSection
        The rule.

    Returns
    -------
    tuple of str
        Grades from the worst to the best for a rule with cuts; ``out``, ``in`` for others.

    Examples
    --------
    >>> classes(ConsequenceSection(id="g", link="grade", kind="grades", cuts=(90, 60), grades=("A", "B", "C")))
    ('C', 'B', 'A')
    """
    if rule.kind != "grades":
        return ("out", "in")
    return tuple(reversed(rule.grades or tuple(str(position + 1) for position in range(len(rule.cuts) + 1))))


def decide(rule: ConsequenceSection, scores: Array) -> Codes:
    """Return the class of each unit, one decision at a time.

    Parameters
    ----------
    rule : ConsequenceSection
        Any rule but a proportional one.
    scores : numpy.ndarray, shape (..., p)
        Scores of the p units; higher is better.

    Returns
    -------
    numpy.ndarray of int, shape (..., p)
        1 where the rule hits, else 0; for grades 0 for the worst. Of units with equal scores at the limit of a rank
        rule, those that stand first are taken.

    Examples
    --------
    >>> rule = ConsequenceSection(id="talk", link="sanction", kind="bottom", count=1)
    >>> decide(rule, np.array([3.0, 1.0, 2.0])).tolist()
    [0, 1, 0]
    """
    if rule.kind in ("top", "bottom"):
        sign = -1.0 if rule.kind == "top" else 1.0
        order = np.argsort(sign * scores, axis=-1, kind="stable")[..., : rule.count or 0]
        hit = np.zeros(scores.shape, dtype=np.int64)
        np.put_along_axis(hit, order, 1, axis=-1)
        return hit
    if rule.kind == "grades":
        return np.searchsorted(np.array(rule.cuts[::-1]), scores, side="right").astype(np.int64)
    cut = float(rule.cut or 0.0)
    return (scores >= cut if rule.kind == "at_least" else scores < cut).astype(np.int64)


def decide_in_a_row(rule: ConsequenceSection, windows: Array) -> Codes:
    """Return the class of each unit where several decisions must agree.

    Parameters
    ----------
    rule : ConsequenceSection
        Any rule but a proportional one.
    windows : numpy.ndarray, shape (running, ..., p)
        Scores of each window.

    Returns
    -------
    numpy.ndarray of int, shape (..., p)
    """
    return np.min(decide(rule, windows), axis=0)


def shares(scores: Array) -> Array:
    """Return shares of a budget in proportion to the scores, scores below 0 counting as 0.

    Parameters
    ----------
    scores : numpy.ndarray, shape (..., p)
        Scores.

    Returns
    -------
    numpy.ndarray, shape (..., p)
        They add up to 1; equal shares where no score is above 0.
    """
    positive = np.maximum(scores, 0.0)
    total = positive.sum(axis=-1, keepdims=True)
    equal = np.full(scores.shape, 1.0 / scores.shape[-1])
    return np.divide(positive, total, out=equal, where=total > 0)
