"""The written rule that leads from evidence to a verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kpi_research.study.spec_validity import VerdictSection
from kpi_research.validity.verdict.words import VERDICTS

REQUIRED = ("authenticity", "reliability")
"""Aspects without which nothing can be said: an indicator on which no check of one of them spoke gets "cannot tell"."""


@dataclass(frozen=True, slots=True)
class VerdictRule:
    """One line of the rule: a grade, of a check or of a whole aspect, asks for a verdict.

    Attributes
    ----------
    subject : str
        Name of a check such as ``banned``, or of an aspect such as ``reliability``; a line on a check goes before one
        on its aspect.
    grade : str
        ``care``, ``fail`` or ``unknown``.
    verdict : str
        A key of `kpi_research.validity.verdict.words.VERDICTS`.
    """

    subject: str
    grade: str
    verdict: str


DEFAULT: tuple[VerdictRule, ...] = (
    VerdictRule("importance", "fail", "use_with_care"),
    VerdictRule("importance", "care", "use_with_care"),
    VerdictRule("authenticity", "fail", "repair"),
    VerdictRule("authenticity", "care", "use_with_care"),
    VerdictRule("reliability", "fail", "do_not_use"),
    VerdictRule("reliability", "care", "use_with_care"),
    VerdictRule("validity", "fail", "do_not_use"),
    VerdictRule("validity", "care", "use_with_care"),
    VerdictRule("robustness", "fail", "repair"),
    VerdictRule("robustness", "care", "use_with_care"),
    VerdictRule("use", "fail", "do_not_use"),
    VerdictRule("use", "care", "use_with_care"),
    VerdictRule("stale", "fail", "repair"),
    VerdictRule("topped-out", "fail", "repair"),
)
"""The rule where the study writes none: records that fail are repaired first, chance and banned numbers are not used."""


def verdict_rules(written: Sequence[VerdictSection]) -> tuple[VerdictRule, ...]:
    """Return the lines of the study, then the default lines that it does not replace.

    Parameters
    ----------
    written : sequence of VerdictSection
        ``[[validity.verdicts]]`` of the study file.

    Returns
    -------
    tuple of VerdictRule
    """
    own = tuple(VerdictRule(line.subject, line.grade, line.verdict) for line in written)
    replaced = {(line.subject, line.grade) for line in own}
    return (*own, *(line for line in DEFAULT if (line.subject, line.grade) not in replaced))


def asked_verdict(check: str, aspect: str, grade: str, rules: Sequence[VerdictRule]) -> str:
    """Return the verdict that one row of evidence asks for.

    Parameters
    ----------
    check, aspect, grade : str
        The row.
    rules : sequence of VerdictRule
        The lines of the rule.

    Returns
    -------
    str
        ``use`` where no line speaks of the row.

    Examples
    --------
    >>> asked_verdict("stale", "use", "fail", DEFAULT), asked_verdict("banned", "use", "fail", DEFAULT)
    ('repair', 'do_not_use')
    """
    lines: Mapping[tuple[str, str], str] = {(line.subject, line.grade): line.verdict for line in rules}
    return lines.get((check, grade)) or lines.get((aspect, grade)) or "use"


def gravest(verdicts: Sequence[str]) -> str:
    """Return the gravest of some verdicts.

    Parameters
    ----------
    verdicts : sequence of str
        Keys of `kpi_research.validity.verdict.words.VERDICTS`.

    Returns
    -------
    str
        ``use`` where there is none.

    Examples
    --------
    >>> gravest(["use", "repair", "use_with_care"])
    'repair'
    """
    order = list(VERDICTS)
    return max(verdicts, key=order.index, default="use")
