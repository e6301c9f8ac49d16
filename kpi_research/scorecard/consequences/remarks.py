"""What a user must know about a rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from kpi_research.scorecard.consequences.words import LINKS, rule_text, scheme_text
from kpi_research.study.findings import Finding, finding
from kpi_research.study.spec_consequences import ConsequenceSection


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
    facts = {
        "rule": rule_text(rule),
        "scheme": scheme_text(scheme),
        "link": LINKS[rule.link],
        "asked": f"{100 * right:.0f}",
    }
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


def scheme_remarks(table: pd.DataFrame, rules: Sequence[ConsequenceSection]) -> list[Finding]:
    """Return for each rule how often it hits the wrong ones under each scheme, over all groups.

    Parameters
    ----------
    table : pandas.DataFrame
        Table of `StudyConsequences`.
    rules : sequence of ConsequenceSection
        The rules.

    Returns
    -------
    list of Finding
        Empty where there is a single scheme.
    """
    schemes = list(dict.fromkeys(table["scheme"]))
    found = []
    for rule in rules if len(schemes) > 1 else ():
        rows = table[table["rule"] == rule.id]
        if rule.kind == "proportional" or rows["hits"].sum() == 0:
            continue
        sums = rows.groupby("scheme")[["wrong", "hits"]].sum().reindex(schemes, fill_value=0.0)
        numbers = [(name, f"{row['wrong']:.1f}", f"{row['hits']:.0f}") for name, row in sums.iterrows()]
        listed = {
            "en": "; ".join(f"{scheme_text(str(name))['en']} {wrong} of {hits}" for name, wrong, hits in numbers),
            "zh": "；".join(f"{scheme_text(str(name))['zh']}{hits}个中{wrong}个" for name, wrong, hits in numbers),
        }
        found.append(finding("consequence-schemes", rule=rule_text(rule), link=LINKS[rule.link], listed=listed))
    return found
