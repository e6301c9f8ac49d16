"""Officers that the work of a study needs."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.model import Study
from kpi_research.workload.coefficients.result import Coefficients
from kpi_research.workload.demand.forecast import Forecast, forecast
from kpi_research.workload.demand.staffing import Staffing, staffing


@dataclass(frozen=True)
class StudyDemand:
    """Officers needed now and minutes needed next.

    Attributes
    ----------
    staffing : Staffing or None
        None where the study does not say how many hours officers have.
    forecast : Forecast or None
        Standard minutes of the next periods per unit.
    findings : tuple of Finding
        What the user must know.
    """

    staffing: Staffing | None
    forecast: Forecast | None
    findings: tuple[Finding, ...]


def study_demand(study: Study, log: pd.DataFrame, coefficients: Coefficients) -> StudyDemand:
    """Turn volumes of work into officers needed.

    Parameters
    ----------
    study : Study
    log : pandas.DataFrame
        See `kpi_research.workload.records.work_records`.
    coefficients : Coefficients
        Of the log.

    Returns
    -------
    StudyDemand
    """
    section = study.spec.workload.staffing
    if section is None or not {"unit", "period"} <= set(log.columns):
        return StudyDemand(None, None, ())
    rows = coefficients.table[coefficients.table["factor"] == "task"].dropna(subset=["standard_minutes"])
    standard = pd.DataFrame(
        {"task": rows["level"], "minutes": rows["standard_minutes"], "se": rows["standard_minutes_se"]}
    )
    volumes = log[log["task"].astype("str").isin(set(standard["task"]))]
    present = _present(study)
    found = staffing(
        volumes, standard, unit="unit", period="period", task="task", count="count", present=present,
        available_hours=section.available_hours, relief=section.relief, committed=section.committed,
        level=study.spec.workload.level,
    )  # fmt: skip
    needed = volumes.assign(
        minutes=volumes["count"] * volumes["task"].astype("str").map(standard.set_index("task")["minutes"])
    )
    ahead = _forecast(needed, section.forecast, study.spec.workload.level)
    over = found.table[found.table["verdict"] == "overloaded"]
    said: tuple[Finding, ...] = ()
    if len(over):
        worst = over.sort_values("overload", ascending=False)
        said = (
            finding(
                "workload-overload",
                Where("worklog"),
                k=len(over),
                n=len(found.table),
                units=", ".join(worst["unit"].head(5)),
            ),
        )
    return StudyDemand(found, ahead, (*said, *found.findings, *(ahead.findings if ahead else ())))


def _present(study: Study) -> dict[str, float] | None:
    officers, units = study.role_table("officers"), study.role_table("units")
    if units is not None and "officers" in units:
        return dict(zip(units["unit"].astype("str"), units["officers"].astype("float64"), strict=True))
    if officers is not None and "unit" in officers:
        return {str(unit): float(count) for unit, count in officers["unit"].value_counts().items()}
    return None


def _forecast(needed: pd.DataFrame, steps: int, level: float) -> Forecast | None:
    table = needed.pivot_table(index="unit", columns="period", values="minutes", aggfunc="sum", fill_value=0.0)
    long = table.reset_index().melt(id_vars="unit", var_name="period", value_name="minutes")
    try:
        return forecast(long, unit="unit", period="period", value="minutes", steps=steps, level=level)
    except ValueError:
        return None
