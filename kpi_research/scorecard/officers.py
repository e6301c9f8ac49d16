"""Scorecards of officers, each compared with officers of the same post and sequence only."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from kpi_research.scorecard.build import event_table, usable_weights
from kpi_research.scorecard.group_scores import GroupScores, Options, score_group
from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.model import Study
from kpi_research.study.officer_values import officer_values
from kpi_research.study.results import Result
from kpi_research.weights import Weights
from kpi_research.workload import Workload

WORK = "standard_minutes"
"""Name that the amount of work has among the indicators."""
LEAST_OFFICERS = 5
"""Officers of a post below which nobody is scored: a rank among four names persons."""


@dataclass(frozen=True)
class OfficerScorecard(Result):
    """Scores of officers.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per officer: ``officer``; ``group`` (sequence and post); ``score``, ``se``, ``rank``, ``low``, ``high`` as in
        `Scorecard`, within the group.
    contributions : pandas.DataFrame
        ``officer``, ``indicator``, ``value``, ``normalized``, ``weight``, ``points``; points sum to the score. The amount of
        work is the indicator ``standard_minutes``.
    level : float
        Confidence level of the rank sets.
    """

    contributions: pd.DataFrame
    level: float


def officer_scorecard(
    study: Study, weights: Weights, workload: Workload | None = None, *, quantity: float = 0.0
) -> OfficerScorecard:
    """Score officers on the indicators that their own records carry.

    Parameters
    ----------
    study : Study
        A study with a table of role ``officers`` (``officer``, ``post``; ``unit`` for the sequence).
    weights : Weights
        Result of the weights stage; those of indicators that name officers and fit the post are scaled to 100 points.
    workload : Workload, optional
        Result of the workload stage with its coefficients; needed for ``quantity``.
    quantity : float
        Share of the score that is the amount of work, 0 to 1: pieces of work times the measured coefficients of task, post
        and rank, in standard minutes a period. The total of a group stays level, since officers are held against it.

    Returns
    -------
    OfficerScorecard
        It names persons, if by pseudonym: no run makes it and no report prints it. Findings: ``officers-not-scored``
        (posts with fewer than five officers, or without an indicator), ``officers-use`` always.

    Raises
    ------
    ValueError
        If the study has no table of officers, a weight belongs to no indicator, or quantity is out of range or has no
        coefficients to rest on.
    """
    if not 0 <= quantity <= 1:
        raise ValueError(f"quantity is {quantity}; it must lie between 0 and 1")
    officers = study.role_table("officers")
    if officers is None or not {"officer", "post"} <= set(officers.columns):
        raise ValueError("the study has no table of role 'officers' with the columns officer and post")
    values = officer_values(study).rename(columns={"officer": "unit"})
    known = set(values.columns) - {"unit", "period"}
    given = usable_weights(study, weights)
    if quantity > 0:
        values = values.merge(_work(study, workload), on=["unit", "period"], how="left")
    people = _people(study, officers)
    section = study.spec.scorecard
    options = Options(section.normalization, section.missing, section.level, section.draws, study.spec.study.seed)
    events = event_table(study, "officer")
    parts: dict[str, GroupScores] = {}
    left: list[str] = []
    for (sequence, post), group in people.groupby(["sequence", "post"], sort=True):
        rows = values[values["unit"].isin(group["officer"])]
        indicators = _fitting(study.indicators, str(sequence), str(post), known)
        own = given[given.index.isin(indicators["id"])]
        if quantity > 0 and rows[WORK].notna().any():
            indicators, own = _with_work(indicators, own, quantity)
        name = " / ".join(part for part in (str(sequence), str(post)) if part)
        if rows["unit"].nunique() < LEAST_OFFICERS or own.empty:
            left.append(name)
            continue
        parts[name] = score_group(rows, indicators, own, options, name, events)
    return _joined(parts, left, section.level)


def _work(study: Study, workload: Workload | None) -> pd.DataFrame:
    """Return the work of each officer and period in standard minutes."""
    if workload is None or workload.coefficients is None:
        raise ValueError("quantity needs the coefficients of fit_workload; give its result as workload")
    return workload.officer_work(study).rename(columns={"officer": "unit"})


def _with_work(catalogue: pd.DataFrame, weights: pd.Series, quantity: float) -> tuple[pd.DataFrame, pd.Series]:
    """Return catalogue and weights with the amount of work as a further indicator."""
    row = pd.DataFrame({"id": [WORK], "direction": ["higher"], "role": ["graded"], "sequence": [""]})
    scaled = weights * ((1.0 - quantity) * 100.0 / weights.sum()) if len(weights) else weights
    used = pd.concat([scaled[scaled > 0], pd.Series({WORK: 100.0 * quantity if len(weights) else 100.0})])
    return pd.concat([catalogue, row], ignore_index=True), used


def _fitting(catalogue: pd.DataFrame, sequence: str, post: str, known: set[str]) -> pd.DataFrame:
    """Return the indicators that officers of a post have values of and are asked for."""
    fits = catalogue["id"].isin(known) & (catalogue["role"] != "veto")
    for column, name in (("post", post), ("sequence", sequence)):
        if column in catalogue:
            fits &= catalogue[column].isin(["", name])
    return catalogue[fits]


def _people(study: Study, officers: pd.DataFrame) -> pd.DataFrame:
    people = officers[["officer", "post"]].astype("str").drop_duplicates("officer")
    sequence = study.unit_column("sequence")
    people["sequence"] = ""
    if sequence is not None and "unit" in officers:
        people["sequence"] = officers.loc[people.index, "unit"].map(sequence.astype("str")).fillna("")
    return people


def _joined(parts: dict[str, GroupScores], left: list[str], level: float) -> OfficerScorecard:
    findings: list[Finding] = [finding("officers-use", Where("officers"))]
    if left:
        findings.append(finding("officers-not-scored", Where("officers"), groups=", ".join(left), least=LEAST_OFFICERS))
    findings += [item for part in parts.values() for item in part.findings if item.code != "constant-indicator"]
    table = [part.table.assign(group=name) for name, part in parts.items()]
    points = [part.contributions for part in parts.values()]
    frames = (pd.concat(rows, ignore_index=True) if rows else pd.DataFrame({"unit": []}) for rows in (table, points))
    scores, contributions = (frame.rename(columns={"unit": "officer"}) for frame in frames)
    return OfficerScorecard(scores, tuple(dict.fromkeys(findings)), contributions, level)
