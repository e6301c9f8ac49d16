"""The workload stage: what each task, post and rank is worth, whether that is fair, and what could have bent it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.model import Study
from kpi_research.study.spec_workload import WorkloadSection
from kpi_research.workload.coefficients.coefficients import workload_coefficients
from kpi_research.workload.coefficients.result import Coefficients
from kpi_research.workload.ladder import coefficient_ladder
from kpi_research.workload.records import level_names, work_records
from kpi_research.workload.result import COLUMNS, Workload
from kpi_research.workload.study_demand import study_demand
from kpi_research.workload.study_fairness import study_fairness
from kpi_research.workload.study_threats import study_threats

NEEDED = ("worklog",)
"""Roles of the tables the stage works on."""
STAGE = {"en": "workload", "zh": "工作量"}
Fit = Callable[[pd.DataFrame], Coefficients]


def fit_workload(study: Study) -> Workload:
    """Measure what tasks, posts and ranks are worth in a study, and test whether the result is fair.

    Parameters
    ----------
    study : Study
        The study; the stage works on its table of role ``worklog``, those of officers and units where there are such, and
        on ``[workload]``.

    Returns
    -------
    Workload
        Without rows where the table is missing; a finding ``stage-skipped`` says so.
    """
    missing = [role for role in NEEDED if study.role_name(role) is None]
    if missing:
        return _empty(tuple(finding("stage-skipped", stage=STAGE, missing=role) for role in missing))
    section = study.spec.workload
    log = work_records(study, section.groups)
    try:
        coefficients = _fitted(section, log, whole=True)(log)
    except ValueError as error:
        return _empty((finding("workload-failed", Where("worklog"), problem=str(error)),))
    return _result(study, log, coefficients)


def standard_work(study: Study, log: pd.DataFrame) -> pd.DataFrame:
    """Measure the coefficients on a log and return the work of each unit and period by them, nothing else.

    Parameters
    ----------
    study : Study
        The study; ``[workload]`` says how.
    log : pandas.DataFrame
        Rows of `work_records`, such as a bootstrap sample of them.

    Returns
    -------
    pandas.DataFrame
        As ``volumes`` of `Workload`.

    Raises
    ------
    ValueError
        If nothing can be measured on the log.
    """
    return _volumes(log, _fitted(study.spec.workload, log, whole=True)(log))


def _empty(findings: tuple[Finding, ...]) -> Workload:
    return Workload(pd.DataFrame(columns=list(COLUMNS)).astype(COLUMNS), findings)


def _fitted(section: WorkloadSection, log: pd.DataFrame, *, whole: bool = False) -> Fit:
    """Return the fit of the study: with limits and panel for the whole log, without them for parts of it."""
    names: dict[str, Any] = {
        name: name for name in ("post", "rank", "unit", "period") if name in log and _varies(log[name])
    }
    options: dict[str, Any] = {"level": section.level, "unidentified": "set_aside"}
    if whole:
        options |= {
            "bounds": _of(section.bounds, names), "ordered": _of(section.ordered, names), "cap": section.cap,
            "previous": _of(section.previous, names), "expected": dict(section.standard_minutes) or None,
        }  # fmt: skip

    def fit(rows: pd.DataFrame) -> Coefficients:
        return workload_coefficients(rows, minutes="minutes", task="task", count="count", **names, **options)

    return fit


def _of(given: Any, names: dict[str, str]) -> dict[str, Any] | None:
    """Return what the study file says of the factors that the log has."""
    return {factor: levels for factor, levels in given.items() if factor == "task" or factor in names} or None


def _result(study: Study, log: pd.DataFrame, coefficients: Coefficients) -> Workload:
    section = study.spec.workload
    fit = _fitted(section, log)
    measured = set(coefficients.table["factor"])
    ladder = coefficient_ladder(
        coefficients, {name: levels for name, levels in section.fiat.items() if name in measured}
    )
    fair = study_fairness(log, coefficients, section, fit)
    threats = study_threats(study, log, coefficients, fit)
    demand = study_demand(study, log, coefficients)
    findings = (*coefficients.findings, *_fiat(ladder), *fair.findings, *threats.findings, *demand.findings)
    return Workload(
        coefficients.table[list(COLUMNS)].astype(COLUMNS),
        tuple(dict.fromkeys(findings)),
        coefficients=coefficients,
        ladder=ladder,
        checks=coefficients.checks,
        panel=coefficients.reconciliation if coefficients.reconciliation is not None else pd.DataFrame(),
        fairness=fair.fairness,
        gaps=fair.fairness.table if fair.fairness is not None else pd.DataFrame(),
        ratios=fair.ratios,
        calibration=fair.calibration,
        differential=fair.differential,
        gains=fair.gains,
        contradictions=fair.contradictions,
        rounded=threats.rounded,
        sensitivity=threats.sensitivity,
        selection=threats.selection.table if threats.selection is not None else pd.DataFrame(),
        support=threats.support,
        staffing=demand.staffing.table if demand.staffing is not None else pd.DataFrame(),
        forecast=demand.forecast.table if demand.forecast is not None else pd.DataFrame(),
        volumes=_volumes(log, coefficients),
        names=level_names(study),
        level=section.level,
    )


def _fiat(ladder: pd.DataFrame) -> tuple[Finding, ...]:
    found = []
    for factor, rows in ladder.groupby("factor", sort=False):
        more, less = (rows.loc[rows["verdict"] == verdict, "level"] for verdict in ("pays_more", "pays_less"))
        if len(more) + len(less):
            facts = {"levels": len(more) + len(less), "of": len(rows), "factor": _FACTORS[str(factor)]}
            named = {"more": ", ".join(more) or "–", "less": ", ".join(less) or "–"}
            found.append(
                finding("workload-fiat", Where("study.toml", column=f"workload.fiat.{factor}"), **facts, **named)
            )
    return tuple(found)


_FACTORS = {
    "task": {"en": "task", "zh": "任务"},
    "post": {"en": "post", "zh": "岗位"},
    "rank": {"en": "rank", "zh": "职级"},
}


def _volumes(log: pd.DataFrame, coefficients: Coefficients) -> pd.DataFrame:
    """Return the work of each unit and period in standard minutes."""
    keys = [name for name in ("unit", "period") if name in log]
    if not keys:
        return pd.DataFrame()
    factors = tuple(name for name in ("task", "post", "rank") if name in coefficients.columns)
    rows = log.assign(work=coefficients.credit(log), credit=coefficients.credit(log, factors=factors))
    sums = rows.groupby(keys, sort=True)[["count", "minutes", "work", "credit"]].sum().reset_index()
    return sums.rename(columns={"count": "pieces"})


def _varies(column: pd.Series) -> bool:
    return len(column.dropna().unique()) > 1
