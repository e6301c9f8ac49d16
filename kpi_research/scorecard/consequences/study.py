"""What rules do in a study: each comparison group by itself, schemes side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd
from matplotlib.figure import Figure

from kpi_research.scorecard.consequences.consequences import consequences
from kpi_research.scorecard.consequences.figure import draw_consequences
from kpi_research.scorecard.consequences.remarks import scheme_remarks
from kpi_research.scorecard.consequences.result import Consequences
from kpi_research.scorecard.consequences.standing import Standing
from kpi_research.scorecard.consequences.words import rule_text, scheme_text
from kpi_research.scorecard.groups import comparison_groups
from kpi_research.scorecard.plain import Frame, GroupStanding, group_standing, score_frame
from kpi_research.study.findings import Finding, Language, Where, finding
from kpi_research.study.model import Study
from kpi_research.study.results import Result
from kpi_research.study.spec_consequences import ConsequenceSection

LEAST_UNITS = 3
SILENT = {"consequence-holds", "consequence-budget-holds", "consequence-hits-nobody"}
"""Findings of single groups that a study leaves to the table."""


@dataclass(frozen=True)
class StudyConsequences(Result):
    """Consequences of a study's rules.

    Attributes
    ----------
    table : pandas.DataFrame
        Tables of `Consequences` of all groups, with ``group`` first.
    findings : tuple of Finding
        What the user must know.
    groups : mapping of str to Consequences
        Consequences by comparison group.
    """

    groups: Mapping[str, Consequences]

    def plot(self, lang: Language = "en") -> Figure:
        """Draw the expected share of right hits of each group and rule.

        Parameters
        ----------
        lang : {"en", "zh"}
            Language of the texts.

        Returns
        -------
        matplotlib.figure.Figure
        """
        named = self.table
        for column in ("rule", "label_en", "label_zh") if len(self.groups) > 1 else ():
            named = named.assign(**{column: named[column] + "\n" + named["group"]})
        return draw_consequences(named, lang)


def study_consequences(
    study: Study,
    schemes: Mapping[str, pd.Series],
    rules: Sequence[ConsequenceSection] | None = None,
    added: pd.Series | None = None,
) -> StudyConsequences:
    """Hold rules against the scores of a study under one scheme of weights or several.

    Parameters
    ----------
    study : Study
        The study.
    schemes : mapping of str to pandas.Series
        Weights by indicator id, 0 or above, e.g. current, equal and optimized; the others are held beside the first.
    rules : sequence of ConsequenceSection, optional
        Rules; those of ``[[scorecard.consequences]]`` if not given.
    added : pandas.Series, optional
        Points that bonus and deduction events add to the score of each unit, under every scheme.

    Returns
    -------
    StudyConsequences
        Groups with fewer than three units, without errors of their scores, or that a rule does not fit, are left out with a
        finding. Findings tell what fails under the first scheme, group by group, and how the schemes compare over all groups.

    Notes
    -----
    Scores are those of the scorecard stage: means over the periods, normalized within the group, weighted. Errors come
    from the ups and downs of the periods (`score_errors`); they leave out faults of records and the choice of indicators.
    """
    rules = study.spec.scorecard.consequences if rules is None else rules
    if not rules or not schemes or study.values.empty:
        return StudyConsequences(_empty(), (finding("consequences-without-rules"),), {})
    groups = comparison_groups(pd.Index(study.values["unit"].unique()), study.role_table("units"))
    frame = score_frame(study)
    parts, found = {}, []
    for name, members in groups.groupby("group", sort=True):
        own = [rule for rule in rules if rule.sequence in ("", members["sequence"].iloc[0])]
        if not own:
            continue
        standings = _standings(study, frame, str(name), schemes, added)
        fitting, remarks = _fitting(own, standings, str(name))
        found += remarks
        if fitting:
            first, *others = standings
            given = standings[first]
            parts[str(name)] = consequences(
                given.estimates,
                rules=fitting,
                se=given.se,
                dof=given.dof,
                periods=given.periods,
                schemes={scheme: standings[scheme] for scheme in others},
                name=first,
                level=study.spec.scorecard.level,
                seed=study.spec.study.seed,
            )
    tables = [part.table.assign(group=name) for name, part in parts.items()]
    table = pd.concat(tables, ignore_index=True) if tables else _empty()
    ordered = table[["group", *(column for column in table.columns if column != "group")]]
    told = [*found, *_of_first_scheme(parts), *scheme_remarks(ordered, rules)]
    return StudyConsequences(ordered, tuple(dict.fromkeys(told)), parts)


def _empty() -> pd.DataFrame:
    return pd.DataFrame(columns=["group", "scheme", "rule", "label_en", "label_zh", "hits", "wrong"])


def _of_first_scheme(parts: Mapping[str, Consequences]) -> list[Finding]:
    return [
        replace(item, where=Where(name))
        for name, part in parts.items()
        for item in part.findings
        if item.code not in SILENT and item.facts["scheme"] == scheme_text(str(part.table["scheme"].iloc[0]))
    ]


def _standings(
    study: Study, frame: Frame, group: str, schemes: Mapping[str, pd.Series], added: pd.Series | None
) -> dict[str, Standing]:
    found = {}
    for scheme, weights in schemes.items():
        scored = group_standing(frame, group, study.values, weights)
        standing = None if scored is None else _standing(scored, added)
        if standing is not None:
            found[scheme] = standing
    return found


def _standing(scored: GroupStanding, added: pd.Series | None) -> Standing | None:
    usable = scored.score.notna() & scored.errors["se"].notna()
    if usable.sum() < LEAST_UNITS:
        return None
    names = scored.score.index[usable]
    score = scored.score[names] if added is None else scored.score[names] + added.reindex(names).fillna(0.0)
    periods = scored.deviations.loc[names].add(score, axis=0)
    return Standing(score, scored.errors.loc[names, "se"], scored.errors.loc[names, "dof"], periods=periods)


def _fitting(
    rules: Sequence[ConsequenceSection], standings: Mapping[str, Standing], group: str
) -> tuple[list[ConsequenceSection], list[Finding]]:
    """Return the rules that fit the units of a group."""
    shown = group or "–"
    if not standings:
        return [], [finding("consequences-without-errors", group=shown)]
    units = min(len(standing.estimates) for standing in standings.values())
    lowest = min(float(standing.estimates.min()) for standing in standings.values())
    frames = [standing.periods for standing in standings.values() if standing.periods is not None]
    kept, found = [], []
    for rule in rules:
        needed = rule.running * (rule.window or 1) if rule.running > 1 or rule.window else 0
        fits = (rule.count or 0) < units and not (rule.kind == "proportional" and lowest <= 0)
        if fits and (not needed or all(_seen(frame, rule, needed) for frame in frames)):
            kept.append(rule)
        else:
            found.append(finding("consequence-does-not-fit", rule=rule_text(rule), group=shown, units=units))
    return kept, found


def _seen(frame: pd.DataFrame, rule: ConsequenceSection, needed: int) -> bool:
    """Return whether every unit has a score in every window of a rule."""
    if frame.shape[1] < needed:
        return False
    size = rule.window or 1
    last = frame.iloc[:, -needed:].notna().to_numpy().reshape(len(frame), rule.running, size)
    return bool(last.any(axis=2).all())
