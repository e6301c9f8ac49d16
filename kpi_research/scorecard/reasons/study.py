"""The reasons of a study: gaps, changes, improvements, the digest."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpi_research.scorecard.groups import comparison_groups
from kpi_research.scorecard.reasons.change import change_contributions
from kpi_research.scorecard.reasons.change_result import ChangeReport
from kpi_research.scorecard.reasons.digest import Digest, digest
from kpi_research.scorecard.reasons.gap import explain_gap
from kpi_research.scorecard.reasons.gap_result import GapReport
from kpi_research.scorecard.reasons.improvements import Improvements, improvements
from kpi_research.scorecard.reasons.measures import gather_measures
from kpi_research.scorecard.reasons.words import Names
from kpi_research.study.findings import Finding, finding
from kpi_research.study.model import Study
from kpi_research.study.results import Result
from kpi_research.study.spec_reasons import ReasonsSection

Array = NDArray[np.float64]
MOST_KINDS = 3
PERIODS = 4
"""Periods that a change needs: three before and the one that is explained."""


@dataclass(frozen=True)
class Reasons(Result):
    """Why units and months differ.

    Attributes
    ----------
    table : pandas.DataFrame
        Units whose distance to their peers has a named cause or drag: ``unit``, ``group``, ``gap``, ``low``, ``high``,
        ``verdict``, ``main``, ``drag``; see `GapReport`.
    findings : tuple of Finding
        What the user must know, of all parts.
    gaps : GapReport or None
        Distances to the peers.
    changes : tuple of ChangeReport
        Changes of kinds of incidents in the last period.
    improvements : Improvements or None
        What units could gain where.
    digest : Digest or None
        What may be published.
    """

    gaps: GapReport | None = None
    changes: tuple[ChangeReport, ...] = ()
    improvements: Improvements | None = None
    digest: Digest | None = field(default=None)


def study_reasons(
    study: Study,
    section: ReasonsSection | None = None,
    contributions: pd.DataFrame | None = None,
    scored: Study | None = None,
) -> Reasons:
    """Return the reasons of a study.

    Parameters
    ----------
    study : Study
        The study.
    section : ReasonsSection, optional
        What the study file says on reasons; without it no gap is explained, and parts that cannot be made are left out
        without a word.
    contributions : pandas.DataFrame, optional
        Contributions of a scorecard (``unit``, ``indicator``, ``normalized``, ``weight``); without it there is no list of
        improvements.
    scored : Study, optional
        The study whose values were scored, where they were adjusted.

    Returns
    -------
    Reasons
        Parts whose inputs are missing are None, with a finding.
    """
    asked, section = section is not None, section or ReasonsSection()
    gaps, found = _gaps(study, section)
    changes, summary, more = _incidents(study, section)
    missing = (*found, *more) if asked else ()
    gains = (
        None if contributions is None or contributions.empty else _improvements(scored or study, section, contributions)
    )
    parts = [part for part in (gaps, *changes, gains, summary) if part is not None]
    findings = (*missing, *(item for part in parts for item in part.findings))
    columns = ["unit", "group", "gap", "low", "high", "verdict", "main", "drag"]
    table = pd.DataFrame(columns=columns) if gaps is None else gaps.table
    told = table[(table["verdict"] == "cause") | (table["drag"] != "")] if gaps is not None else table
    return Reasons(told[columns].reset_index(drop=True), findings, gaps, changes, gains, summary)


def _gaps(study: Study, section: ReasonsSection) -> tuple[GapReport | None, list[Finding]]:
    if section.outcome is None or not section.causes:
        return None, [finding("reasons-without-causes")]
    measures = gather_measures(study, section.outcome, section.causes)
    if measures is None:
        return None, [finding("reasons-without-outcome", outcome=section.outcome)]
    found = list(measures.findings)
    complete = measures.frame.dropna(subset=["outcome"]).groupby("unit").mean(numeric_only=True).notna().all(axis=1)
    needed = len(measures.causes) + measures.frame["group"].nunique() + 3
    if not measures.causes or int(complete.sum()) < needed:
        return None, [*found, finding("reasons-too-few-units", units=int(complete.sum()), needed=needed)]
    report = explain_gap(
        measures.frame,
        outcome=measures.outcome,
        unit="unit",
        causes=measures.causes,
        peers="group",
        weight=measures.weight,
        scale=section.scale,
        direction=section.direction,
        level=study.spec.scorecard.level,
        certainty=section.certainty,
        seed=study.spec.study.seed,
    )
    return report, found


def _incidents(study: Study, section: ReasonsSection) -> tuple[tuple[ChangeReport, ...], Digest | None, list[Finding]]:
    cases = study.role_table("incidents")
    if cases is None or cases.empty or cases["period"].nunique() < PERIODS:
        return (), None, [finding("reasons-without-incidents", periods=PERIODS)]
    columns = {name: getattr(section, name) for name in ("place", "time", "address", "recording")}
    absent = [name for name in columns.values() if name is not None and name not in cases.columns]
    found = [finding("reasons-column-missing", column=name) for name in absent]
    used = {name: column for name, column in columns.items() if column is not None and column not in absent}
    names = _kind_names(cases)
    summary = digest(cases, type="type", period="period", unit="unit", least=section.least, names=names)
    changed = summary.table[summary.table["verdict"].isin(["rise", "fall"])]
    order = changed.loc[changed["change"].abs().sort_values(ascending=False, kind="stable").index, "kind"]
    known = set(cases["type"].astype("str"))
    named = section.kinds or tuple(name for name in order if name != "total")[:MOST_KINDS]
    reports = tuple(
        change_contributions(
            cases,
            type="type",
            period="period",
            kind=kind,
            unit="unit",
            **used,
            names=names,
            timezone=study.spec.study.timezone,
            level=study.spec.scorecard.level,
            seed=study.spec.study.seed,
        )
        for kind in named
        if kind in known
    )
    return reports, summary, found


def _kind_names(cases: pd.DataFrame) -> Names:
    """Return the Chinese names that the column ``type_zh`` of the incidents gives the kinds."""
    if "type_zh" not in cases.columns:
        return {}
    pairs = cases[["type", "type_zh"]].dropna().astype("str").drop_duplicates("type")
    return {kind: {"en": kind.replace("_", " "), "zh": label} for kind, label in pairs.itertuples(index=False)}


def _improvements(study: Study, section: ReasonsSection, contributions: pd.DataFrame) -> Improvements:
    """Return the list of improvements, with errors of the points from the ups and downs of the periods."""
    known = contributions["indicator"].isin(list(study.values.columns)) & (contributions["weight"] > 0)
    frame = contributions[known & contributions["normalized"].notna()].reset_index(drop=True)
    groups = comparison_groups(pd.Index(frame["unit"].unique()), study.role_table("units"))
    post = (
        study.indicators["post"].astype("object").fillna("")
        if "post" in study.indicators
        else [""] * len(study.indicators)
    )
    posts = dict(zip(study.indicators["id"], post, strict=True))
    frame["group"] = frame["unit"].map(groups["group"])
    frame["post"] = frame["indicator"].map(posts).astype("str")
    frame["se"] = 0.0
    for _, rows in frame.groupby(["group", "indicator"]):
        frame.loc[rows.index, "se"] = _errors(study, rows)
    return improvements(
        frame,
        se="se",
        group="group",
        post="post",
        benchmark=section.benchmark,
        level=study.spec.scorecard.level,
        seed=study.spec.study.seed,
    )


def _errors(study: Study, rows: pd.DataFrame) -> Array:
    """Return the standard errors of the mean points of one indicator, from the spread of the periods.

    Points are taken as a line of the value, with the slope of points on values among the units of the group.
    """
    name = str(rows["indicator"].iloc[0])
    values = study.values.loc[study.values["unit"].isin(rows["unit"]), ["unit", name]].dropna()
    grouped = values.groupby("unit")[name]
    count = grouped.size()
    left = (values[name] - grouped.transform("mean")).to_numpy(dtype=float)
    spread = float(np.sqrt((left**2).sum() / max(int((count - 1).sum()), 1)))
    slope = _slope(rows["value"].to_numpy(dtype=float), rows["normalized"].to_numpy(dtype=float))
    size = rows["unit"].map(count).to_numpy(dtype=float)
    return np.asarray(abs(slope) * spread / np.sqrt(size))


def _slope(value: Array, points: Array) -> float:
    centered = value - value.mean()
    square = float((centered**2).sum())
    return float((centered * points).sum() / square) if square > 0 else 0.0
