"""What a user must know about a rule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from kpi_research.study.findings import Finding, finding
from kpi_research.study.spec_consequences import ConsequenceSection

LINKS: Mapping[str, Mapping[str, str]] = {
    "reward": {"en": "reward", "zh": "奖励"},
    "sanction": {"en": "sanction", "zh": "惩处"},
    "promotion": {"en": "promotion", "zh": "晋升"},
    "training": {"en": "training", "zh": "培训"},
    "resources": {"en": "resources", "zh": "资源配置"},
    "grade": {"en": "grade", "zh": "定级"},
}


def rule_remarks(
    rule: ConsequenceSection, scheme: str, row: Mapping[str, Any], right: float, by_period: bool
) -> list[Finding]:
    """Return what a user must know about a rule under one scheme.

    Parameters
    ----------
    rule : ConsequenceSection
        The rule.
    scheme : str
        Name of the scheme.
    row : mapping
        Its row of the table of `Consequences`.
    right : float
        Share of the hits that must truly belong.
    by_period : bool
        Whether the length of the data is known in periods.

    Returns
    -------
    list of Finding
    """
    facts = {"rule": rule.id, "scheme": scheme, "link": LINKS[rule.link], "asked": f"{100 * right:.0f}"}
    if not row["hits"]:
        return [finding("consequence-hits-nobody", **facts)]
    share, hits = f"{100 * row['right']:.0f}", f"{row['hits']:.0f}"
    if rule.kind == "proportional":
        misplaced = f"{100 * row['wrong']:.1f}"
        code = "consequence-budget-holds" if row["right"] >= right else "consequence-budget-misplaced"
        return [finding(code, misplaced=misplaced, **facts)]
    if row["right"] >= right:
        return [finding("consequence-holds", hits=hits, share=share, **facts)]
    wrong = f"{row['wrong']:.1f}"
    found = [finding("consequence-often-wrong", hits=hits, share=share, wrong=wrong, **facts)]
    return [*found, _need(row, facts, by_period)]


def _need(row: Mapping[str, Any], facts: Mapping[str, Any], by_period: bool) -> Finding:
    if not np.isfinite(row["needed_factor"]):
        return finding("consequence-never-right", **facts)
    if by_period:
        return finding("consequence-needs-periods", periods=f"{row['needed_periods']:.0f}", **facts)
    return finding("consequence-needs-cases", factor=f"{row['needed_factor']:.1f}", **facts)
