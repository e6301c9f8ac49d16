"""The written rule that leads from evidence to a verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kpi_research.study.spec_validity import VerdictSection
from kpi_research.validity.verdict.words import VERDICTS

TOGETHER = 2
"""So many cautions about records or gaming together ask for repair: single ones may be chance, two seldom are."""
DOUBTED = ("authenticity", "robustness")
"""Aspects whose cautions add up."""


@dataclass(frozen=True, slots=True)
class VerdictRule:
    """One line of the rule: a grade, of a check or of a whole aspect, asks for a verdict.

    Attributes
    ----------
    subject : str
        Name of a check such as ``banned``, or of an aspect such as ``reliability``; a line on a check goes before one
        on its aspect.
    grade : str
        ``care`` or ``fail``; ``unknown`` of an aspect means that none of its checks could speak.
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
    VerdictRule("authenticity", "unknown", "cannot_tell"),
    VerdictRule("reliability", "unknown", "cannot_tell"),
    VerdictRule("validity", "unknown", "use_with_care"),
    VerdictRule("stale", "fail", "repair"),
    VerdictRule("topped-out", "fail", "repair"),
)
"""The rule where the study writes none: records that fail are repaired first, chance and banned numbers are not used, and
what nobody could show to go with the outcome is used with care."""


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
        ``use`` where no line speaks of the row, and for a row that is unknown.

    Examples
    --------
    >>> asked_verdict("stale", "use", "fail", DEFAULT), asked_verdict("banned", "use", "fail", DEFAULT)
    ('repair', 'do_not_use')
    """
    if grade == "unknown":
        return "use"
    lines: Mapping[tuple[str, str], str] = {(line.subject, line.grade): line.verdict for line in rules}
    return lines.get((check, grade)) or lines.get((aspect, grade)) or "use"


def silent_verdict(aspect: str, rules: Sequence[VerdictRule]) -> str:
    """Return the verdict that an aspect asks for on which no check could speak.

    Parameters
    ----------
    aspect : str
        The aspect.
    rules : sequence of VerdictRule
        The lines of the rule.

    Returns
    -------
    str
        ``use`` where no line speaks of it.

    Examples
    --------
    >>> silent_verdict("reliability", DEFAULT), silent_verdict("importance", DEFAULT)
    ('cannot_tell', 'use')
    """
    lines = {line.subject: line.verdict for line in rules if line.grade == "unknown"}
    return lines.get(aspect, "use")


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
