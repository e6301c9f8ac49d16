"""The ratings of a study."""

from __future__ import annotations

from kpi_research.scorecard.evaluators.severity import RaterSeverity, rater_severity
from kpi_research.scorecard.evaluators.study_survey import last_periods
from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.model import Study
from kpi_research.study.spec_evaluators import EvaluatorsSection


def study_ratings(
    study: Study, section: EvaluatorsSection, level: float
) -> tuple[dict[str, RaterSeverity], tuple[Finding, ...]]:
    """Return the ratings of a study with severity taken out, by kind of target.

    Parameters
    ----------
    study : Study
        The study.
    section : EvaluatorsSection
        How ratings are read.
    level : float
        Confidence level.

    Returns
    -------
    ratings : dict of str to RaterSeverity
    findings : tuple of Finding
        What is missing or cannot be read.
    """
    table = study.role_table("ratings")
    if table is None or table.empty:
        return {}, (finding("evaluators-table-missing", table="ratings"),)
    table = last_periods(table, section.periods)
    by = table["target_kind"].astype("str") if "target_kind" in table else None
    parts = {"target": table} if by is None else {str(name): part for name, part in table.groupby(by, sort=True)}
    found: dict[str, RaterSeverity] = {}
    remarks: list[Finding] = []
    for name, part in parts.items():
        kinds = sorted(part["kind"].dropna().astype("str").unique()) if "kind" in part else []
        if len([kind for kind in kinds if kind != "self"]) == 1:
            only = next(kind for kind in kinds if kind != "self")
            remarks.append(finding("ratings-of-one-kind", Where("ratings"), target_kind=name, kind=only))
        reference = section.reference if section.reference in kinds else None
        try:
            found[name] = rater_severity(
                part, rater="rater", target="target", rating="rating", item="item",
                kind="kind" if kinds else None, reference=reference, level=level,
            )  # fmt: skip
        except ValueError as error:
            remarks.append(finding("evaluators-not-read", Where("ratings"), table="ratings", reason=str(error)))
    return found, tuple(remarks)
