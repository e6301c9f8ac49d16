"""The indicators of a study, adjusted as its file says."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

from kpi_research.preventability import Preventability
from kpi_research.scorecard.adjustment.equal_load import at_equal_load
from kpi_research.scorecard.adjustment.expected import against_expected
from kpi_research.scorecard.groups import comparison_groups
from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.model import Study
from kpi_research.study.results import Result
from kpi_research.workload import Workload

COLUMNS = {"indicator": "str", "by": "str", "unit": "str", "raw": "float64", "adjusted": "float64"}
STAGES = {
    "workload": {"en": "workload", "zh": "工作量"},
    "expected": {"en": "preventability", "zh": "可防性"},
}


@dataclass(frozen=True)
class Adjusted:
    """A study whose indicators are adjusted.

    Attributes
    ----------
    study : Study
        The study with adjusted values; everything else as it was.
    table : pandas.DataFrame
        One row per adjusted indicator and unit: ``indicator``, ``by``, ``unit``, ``raw`` and ``adjusted`` (mean over the
        periods, in the indicator's own unit of measure).
    findings : tuple of Finding
        What was adjusted, by how much, and what could not be.
    """

    study: Study
    table: pd.DataFrame
    findings: tuple[Finding, ...]


def adjusted_study(study: Study, preventability: Preventability | None, workload: Workload | None) -> Adjusted:
    """Return the study with the indicators of ``[[scorecard.adjust]]`` adjusted.

    Parameters
    ----------
    study : Study
        The study.
    preventability : Preventability or None
        Gives expected numbers of cases, for ``by = "expected"``.
    workload : Workload or None
        Gives work in standard minutes, for ``by = "workload"``; officers are counted in the table of officers, else taken
        from ``officers`` of the table of units.

    Returns
    -------
    Adjusted
        With a finding for each indicator, and one for each stage that found something no indicator is adjusted by.
    """
    asked = study.spec.scorecard.adjust
    remarks = _not_asked(study, preventability, workload)
    if not asked or study.values.empty:
        return Adjusted(study, _table([]), remarks)
    groups = comparison_groups(pd.Index(study.values["unit"].unique()), study.role_table("units"))
    values, tables, found = study.values.copy(), [], list(remarks)
    for one in asked:
        own = groups[_takes_part(study, one.indicator, groups)]
        rows = values["unit"].isin(own.index)
        raw = values.loc[rows].groupby("unit")[one.indicator].mean()
        if one.by == "workload":
            load = _load(study, workload)
            item, shift = _equal_load(study, one.indicator, raw, load, own["group"])
            values.loc[rows, one.indicator] += values.loc[rows, "unit"].map(shift).fillna(0.0)
        else:
            item, factor = _expected(study, one.indicator, preventability, own["group"])
            values.loc[rows, one.indicator] *= values.loc[rows, "unit"].map(factor)
        found.append(item)
        adjusted = values.loc[rows].groupby("unit")[one.indicator].mean()
        tables.append(pd.DataFrame({"indicator": one.indicator, "by": one.by, "unit": raw.index, "raw": raw.to_numpy(), "adjusted": adjusted.to_numpy()}))  # fmt: skip
    return Adjusted(replace(study, values=values), _table(tables), tuple(found))


def _table(parts: list[pd.DataFrame]) -> pd.DataFrame:
    whole = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(COLUMNS))
    return whole.astype(COLUMNS)


def _takes_part(study: Study, indicator: str, groups: pd.DataFrame) -> pd.Series:
    """Return which units an indicator is asked of."""
    sequence = str(study.indicators.loc[study.indicators["id"] == indicator, "sequence"].iloc[0])
    return groups["sequence"].isin(["", sequence]) | (sequence == "")


def _not_asked(study: Study, preventability: Preventability | None, workload: Workload | None) -> tuple[Finding, ...]:
    used = {one.by for one in study.spec.scorecard.adjust}
    given: dict[str, Result | None] = {"expected": preventability, "workload": workload}
    left = [by for by, result in given.items() if result is not None and not result.table.empty and by not in used]
    return tuple(
        finding("adjustment-not-asked", Where("study.toml", column="scorecard.adjust"), stage=STAGES[by], by=by)
        for by in left
    )


def _load(study: Study, workload: Workload | None) -> pd.Series | None:
    """Return standard minutes per officer and period by unit."""
    if workload is None or workload.volumes.empty or "unit" not in workload.volumes:
        return None
    officers = _officers(study)
    if officers is None:
        return None
    periods = workload.volumes.groupby("unit").size()
    work = workload.volumes.groupby("unit")["work"].sum() / periods
    load = (work / officers.reindex(work.index)).dropna()
    return load[load > 0]


def _officers(study: Study) -> pd.Series | None:
    table = study.role_table("officers")
    if table is not None and "unit" in table:
        return table.groupby("unit").size().astype("float64")
    return _positive(study, "officers")


def _equal_load(
    study: Study, indicator: str, raw: pd.Series, load: pd.Series | None, group: pd.Series
) -> tuple[Finding, pd.Series]:
    where = Where("study.toml", column="scorecard.adjust")
    nothing = pd.Series(0.0, index=raw.index)
    if load is None:
        return finding("adjustment-without-basis", where, indicator=indicator, stage=STAGES["workload"]), nothing
    result = at_equal_load(raw, load, group, confidence=study.spec.scorecard.level)
    numbers = {"slope": result.slope, "low": result.low, "high": result.high}
    facts = {"indicator": indicator, **{name: f"{value:.3g}" for name, value in numbers.items()}}
    if not result.applied:
        return finding("adjustment-not-shown", where, **facts), nothing
    most = result.shift.abs()
    return finding(
        "adjusted-for-workload", where, **facts, most=f"{most.max():.3g}", unit=str(most.idxmax())
    ), result.shift


def _expected(
    study: Study, indicator: str, preventability: Preventability | None, group: pd.Series
) -> tuple[Finding, pd.Series]:
    where = Where("study.toml", column="scorecard.adjust")
    ones = pd.Series(1.0, index=group.index)
    if preventability is None or preventability.table.empty or not preventability.table["expected"].notna().any():
        return finding("adjustment-without-basis", where, indicator=indicator, stage=STAGES["expected"]), ones
    cases = preventability.table.set_index("unit")["expected"].astype("float64")
    factor = against_expected(cases[cases > 0], group, exposure=_positive(study, study.spec.preventability.exposure))
    unknown = [str(unit) for unit in factor.index[factor.isna()]]
    facts = {
        "indicator": indicator,
        "least": f"{factor.min():.2f}",
        "most": f"{factor.max():.2f}",
        "without": len(unknown),
    }
    return finding("adjusted-to-expected", where, **facts), factor


def _positive(study: Study, column: str | None) -> pd.Series | None:
    """Return the numbers above 0 of a column of the table of units; None where there is no such column."""
    found = study.unit_column(column)
    if found is None:
        return None
    known = found.astype("float64")
    return known[known > 0]
