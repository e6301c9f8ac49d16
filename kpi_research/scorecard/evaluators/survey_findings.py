"""What the user must know about a survey."""

from __future__ import annotations

import pandas as pd

from kpi_research.study.findings import Finding, finding

FEW = 10
"""Answers below which an estimate is only shown with a warning."""

SILENT = 0.5
"""Response rate below which silence can change the picture altogether."""

RELIABLE = 0.7
"""Reliability below which differences between targets are mostly noise."""


def survey_findings(
    table: pd.DataFrame,
    items: pd.DataFrame,
    lacking: list[tuple[str, str, str]],
    adjusted: tuple[str, ...],
    reference: str | None,
) -> tuple[Finding, ...]:
    """Return the findings of `survey_estimate`.

    Parameters
    ----------
    table, items : pandas.DataFrame
        As in `SurveyEstimate`.
    lacking : list of tuple of (str, str, str)
        Column, target and level of margins in which nobody answered.
    adjusted : tuple of str
        Items brought to the reference mode.
    reference : str or None
        That mode.

    Returns
    -------
    tuple of Finding
    """
    found = []
    without, few = int((table["answers"] == 0).sum()), int(table["answers"].between(1, FEW - 1).sum())
    if without:
        found.append(finding("survey-without-answers", count=without))
    if few:
        found.append(finding("survey-few-answers", count=few, least=FEW))
    silent = table[table["response"] < SILENT]
    if len(silent):
        rate = f"{100 * table['response'].median():.0f}"
        found.append(finding("survey-silence", count=len(silent), rate=rate))
    if lacking:
        column, target, level = lacking[0]
        found.append(finding("survey-margin-empty", count=len(lacking), column=column, target=target, level=level))
    found += [finding("survey-mode-taken-off", item=name, reference=str(reference)) for name in adjusted]
    return (*found, *_about_items(items))


def _about_items(items: pd.DataFrame) -> list[Finding]:
    found = []
    for row in items.to_dict("records"):
        if not row["reliability"] >= 0:
            found.append(finding("survey-not-pooled", item=row["item"], targets=row["targets"]))
        elif row["reliability"] < RELIABLE:
            percent = f"{100 * row['reliability']:.0f}"
            found.append(finding("survey-mostly-noise", item=row["item"], percent=percent))
    return found
