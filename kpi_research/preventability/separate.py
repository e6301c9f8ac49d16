"""The preventability stage: which cases prevention could have stopped, and whether a unit has more of them than expected."""

from __future__ import annotations

import pandas as pd

from kpi_research.preventability.compare import LEAST_UNITS, compare_units, definition_findings, sensitivity
from kpi_research.preventability.definition.sensitivity import DefinitionShares
from kpi_research.preventability.expected.funnel import Funnel
from kpi_research.preventability.expected.standardize import Expected
from kpi_research.preventability.indicator import rate_indicator
from kpi_research.preventability.result import COLUMNS, Preventability
from kpi_research.preventability.share.shares import Shares, preventable_share
from kpi_research.preventability.small_cells import drop_small_rows, hide_small_shares
from kpi_research.preventability.study_cases import with_unit_columns
from kpi_research.preventability.study_effect import study_effect
from kpi_research.preventability.study_probabilities import StudyProbabilities, study_probabilities
from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.model import Study

NEEDED = ("incidents", "labels")
"""Roles of the tables the stage works on."""
STAGE = {"en": "preventability", "zh": "可防性"}
LOW_RELIABILITY = 0.5


def separate_preventable(study: Study) -> Preventability:
    """Estimate each unit's share of preventable cases, and compare their number with what is to be expected.

    Parameters
    ----------
    study : Study
        The study; the stage works on its tables of role ``incidents`` and ``labels`` and on ``[preventability]``. The level
        to expect also needs the table ``units`` with the covariates that the study names as outside the units' control.

    Returns
    -------
    Preventability
        Without rows where a table is missing; a finding ``stage-skipped`` says which. The result is one about units: a
        finding ``preventability-use`` states its intended use and that it carries no verdict on a single case.
    """
    missing = [role for role in NEEDED if study.role_name(role) is None]
    if missing:
        return _empty(tuple(finding("stage-skipped", stage=STAGE, missing=role) for role in missing))
    try:
        known = study_probabilities(study)
    except ValueError as error:
        return _empty((finding("preventability-failed", Where("labels"), problem=str(error)),))
    if not known.cases["label"].notna().any():
        return _empty(
            (*known.findings, finding("preventability-failed", Where("labels"), problem="no case is labelled"))
        )
    return _result(study, known)


def _empty(findings: tuple[Finding, ...]) -> Preventability:
    return Preventability(pd.DataFrame(columns=list(COLUMNS)).astype(COLUMNS), findings)


def _result(study: Study, known: StudyProbabilities) -> Preventability:
    section = study.spec.preventability
    found = preventable_share(
        known.cases,
        unit="unit",
        probability="probability",
        label="label",
        inclusion="inclusion",
        error=known.error,
        level=section.level,
    )
    shares, hidden = hide_small_shares(found)
    context = with_unit_columns(study, shares.table[["unit", "n"]])
    own, definitions = shares.of("design"), _definitions(known.definitions)
    count, error = context["n"] * own["estimate"], context["n"] * own["se"]
    compared = compare_units(study, context, count, error)
    expected, chart = compared.expected, compared.chart
    under = sensitivity(study, context, definitions)
    indicator = _indicator(study, shares, context)
    effect, said = study_effect(study, known.counts)
    of_units = (*_of_shares(shares), *hidden, *_of_expected(expected, chart), *definition_findings(under, chart))
    return Preventability(
        _table(shares, chart),
        (*known.findings, *of_units, *said, *_of_use(study, indicator)),
        shares=shares.methods,
        funnel=chart.table if chart is not None else pd.DataFrame(),
        calibration=known.calibration,
        measures=known.measures,
        importance=known.importance,
        dependence=known.dependence,
        agreement=drop_small_rows(known.labels.agreement.table, "cases") if known.labels.agreement else pd.DataFrame(),
        raters=known.labels.errors.table if known.labels.errors else pd.DataFrame(),
        definitions=definitions,
        sensitivity=under,
        bounds=shares.bounds,
        accuracy=known.accuracy,
        indicator=indicator,
        effect=effect,
        use=section.use,
        level=section.level,
    )


def _definitions(found: DefinitionShares | None) -> pd.DataFrame:
    return drop_small_rows(found.table, "n") if found is not None else pd.DataFrame()


def _indicator(study: Study, shares: Shares, context: pd.DataFrame) -> pd.DataFrame:
    exposure = study.spec.preventability.exposure
    base = context.set_index("unit")[exposure] if exposure is not None and exposure in context else None
    return rate_indicator(shares.of("design").assign(n=shares.table["n"]), base)


def _table(shares: Shares, chart: Funnel | None) -> pd.DataFrame:
    design = shares.of("design").rename(columns={"estimate": "design", "low": "design_low", "high": "design_high"})
    table = shares.table.merge(design.drop(columns="se"), on="unit", how="left")
    names = ["observed", "expected", "ratio", "p", "q", "verdict"]
    if chart is not None:
        table = table.merge(chart.table[["unit", *names]], on="unit", how="left")
    table = table.reindex(columns=list(COLUMNS))
    table["verdict"] = table["verdict"].fillna("").astype("str")
    return table.astype(COLUMNS)


def _of_shares(shares: Shares) -> tuple[Finding, ...]:
    """Return the findings on shares, without what the labels' own findings have said."""
    return tuple(item for item in shares.findings if item.code != "share-errors-unknown" or not shares.bounds.empty)


def _of_expected(expected: Expected | None, chart: Funnel | None) -> tuple[Finding, ...]:
    if expected is None or chart is None:
        return (finding("expected-not-available", Where("units"), needed=LEAST_UNITS),)
    out = chart.table[chart.table["verdict"] != "as_expected"]
    facts = {"higher": int((out["verdict"] == "higher").sum()), "lower": int((out["verdict"] == "lower").sum())}
    said = finding("units-stand-out", units=len(chart.table), **facts)
    return (*expected.findings, *chart.findings, said)


def _of_use(study: Study, indicator: pd.DataFrame) -> tuple[Finding, ...]:
    use = study.spec.preventability.use
    code = "preventability-use-sanction" if use == "sanction" else "preventability-use"
    made = [finding(code, Where("study.toml", column="preventability.use"), use=_USES[use])]
    reliability = float(indicator["reliability"].median())
    if reliability < LOW_RELIABILITY:
        made.append(
            finding("preventable-rate-unreliable", reliability=f"{reliability:.2f}", needed=f"{LOW_RELIABILITY:g}")
        )
    return tuple(made)


_USES = {
    "learning": {"en": "learning", "zh": "改进工作"},
    "comparison": {"en": "comparison of units", "zh": "单位之间比较"},
    "sanction": {"en": "sanction", "zh": "问责"},
}
