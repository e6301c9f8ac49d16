"""The scorecard in a few lines for a terminal: who can be told apart, what the rules get wrong, what would be needed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kpi_research.publish import numbers
from kpi_research.publish.chapters.scorecard import halves, level_text
from kpi_research.publish.chapters.scorecard_consequences import first_scheme
from kpi_research.publish.clean import clean_text
from kpi_research.publish.words import Words, words
from kpi_research.scorecard.consequences.words import scheme_text
from kpi_research.study.findings import Language

if TYPE_CHECKING:
    from kpi_research.result import StudyResult
    from kpi_research.scorecard import StudyConsequences


def scorecard_lines(result: StudyResult, lang: Language = "en") -> list[tuple[str, list[str]]]:
    """Return what the scorecard can carry as titles with short lines.

    Parameters
    ----------
    result : StudyResult
    lang : {"en", "zh"}

    Returns
    -------
    list of (str, list of str)
        Who can and cannot be told apart, by group; what the rules get wrong under the current weights, over all groups;
        what would be needed for them to be right 90 % of the time. Empty where no unit has a score.
    """
    text = words(lang)
    if result.scorecard.pairs.empty or not result.scorecard.pairs["units"].any():
        return []
    parts = [(text("scorecard_lines.apart_title", level=level_text(result)), list(_apart(result, text)))]
    found = result.scorecard.consequences
    if found is None or found.table.empty:
        scheme = scheme_text("current")[lang]
        parts.append((text("scorecard_lines.wrong_title", scheme=scheme), [text("scorecard_lines.no_rules")]))
    else:
        rows = found.table[found.table["scheme"] == first_scheme(found)]
        scheme = scheme_text(first_scheme(found))[lang]
        rules = [(str(one[f"label_{lang}"].iloc[0]), one) for _, one in rows.groupby("rule", sort=False)]
        wrong = [_wrong(name, one, text) for name, one in rules]
        parts.append((text("scorecard_lines.wrong_title", scheme=scheme), wrong))
        parts.append((text("scorecard_lines.needed_title"), list(_needed(rules, found, text))))
    return [(clean_text(title), [clean_text(line) for line in lines]) for title, lines in parts]


def _apart(result: StudyResult, text: Words) -> Iterator[str]:
    table = result.scorecard.table
    better, worse = halves(table)
    group = table["group"].astype(object) if "group" in table else pd.Series("", index=table.index, dtype=object)
    for row in result.scorecard.pairs.to_dict("records"):
        facts = {"group": row["group"] or text("scorecard_lines.all_units"), "units": numbers.count(row["units"])}
        if np.isnan(row["unresolved"]):
            yield text("scorecard_lines.apart_unknown", **facts)
            continue
        own = group.index[group == row["group"]]
        sides = {
            name: numbers.count(side.reindex(own, fill_value=False).sum())
            for name, side in (("better", better), ("worse", worse))
        }
        tied = numbers.count(round(row["unresolved"] * row["pairs"]))
        yield text("scorecard_lines.apart", **facts, **sides, tied=tied, pairs=numbers.count(row["pairs"]))


def _wrong(name: str, rows: pd.DataFrame, text: Words) -> str:
    if rows["kind"].iloc[0] == "proportional":
        return text("scorecard_lines.wrong_budget", rule=name, wrong=numbers.percent(float(rows["wrong"].mean())))
    hits = float(rows["hits"].sum())
    if not hits:
        return text("scorecard_lines.wrong_nobody", rule=name)
    key = "scorecard_lines.wrong_grades" if rows["kind"].iloc[0] == "grades" else "scorecard_lines.wrong"
    return text(key, rule=name, hits=numbers.count(hits), wrong=numbers.fixed(float(rows["wrong"].sum()), 1))


def _needed(rules: list[tuple[str, pd.DataFrame]], found: StudyConsequences, text: Words) -> Iterator[str]:
    enough = []
    for label, rows in rules:
        if bool((rows["needed_factor"] <= 1).all()):
            enough.append(label)
        else:
            yield _more(label, rows, text) + _sure_only(str(rows["rule"].iloc[0]), found, text)
    if enough:
        yield text("scorecard_lines.needed_nothing", rules=text.listed(enough))


def _more(name: str, rows: pd.DataFrame, text: Words) -> str:
    """Return the longest basis of a decision that any group needs."""
    if rows["needed_factor"].isna().any():
        return text("scorecard_lines.needed_never", rule=name)
    worst = rows.iloc[int(rows["needed_factor"].to_numpy(dtype=float).argmax())]
    if np.isnan(worst["needed_periods"]):
        return text("scorecard_lines.needed_times", rule=name, times=numbers.number(float(worst["needed_factor"]), 2))
    now = float(worst["needed_periods"] / worst["needed_factor"])
    periods = numbers.count(float(worst["needed_periods"]))
    return text("scorecard_lines.needed_periods", rule=name, periods=periods, now=numbers.count(now))


def _sure_only(rule: str, found: StudyConsequences, text: Words) -> str:
    first = first_scheme(found)
    parts = [part.alternatives for part in found.groups.values()]
    whole = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    if whole.empty:
        return ""
    own = whole[(whole["rule"] == rule) & (whole["scheme"] == first) & (whole["alternative"] == "sets")]
    hits = float(own["hits"].sum())
    if not hits:
        return ""
    wrong = numbers.fixed(float(own["wrong"].sum()), 1)
    return text("scorecard_lines.needed_sets", hits=numbers.count(hits), wrong=wrong)
