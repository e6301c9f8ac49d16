"""What could have bent the coefficients of a study."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kpi_research.study.findings import Finding, StudyError, Where, finding
from kpi_research.study.model import Study
from kpi_research.study.spec_workload import WorkloadSection
from kpi_research.workload.coefficients.result import Coefficients
from kpi_research.workload.threats.rounded import rounded_minutes
from kpi_research.workload.threats.selection import Selection, post_selection
from kpi_research.workload.threats.sensitivity import faster_units, sensitivity
from kpi_research.workload.threats.support import support_work

NOTABLE = 0.05
"""Relative change of a coefficient that is told where it also leaves its interval."""
Fit = Callable[[pd.DataFrame], Coefficients]


@dataclass(frozen=True)
class StudyThreats:
    """Threats and what they do.

    Attributes
    ----------
    rounded : pandas.DataFrame
        See `rounded_minutes`.
    sensitivity : pandas.DataFrame
        See `sensitivity`; doubts ``rounded`` (units that round are left out) and ``slow`` (only the faster half of units).
    selection : Selection or None
        See `post_selection`; None without ratings of ability.
    support : pandas.DataFrame
        See `support_work`, by unit.
    findings : tuple of Finding
        What the user must know.
    """

    rounded: pd.DataFrame
    sensitivity: pd.DataFrame
    selection: Selection | None
    support: pd.DataFrame
    findings: tuple[Finding, ...]


def study_threats(study: Study, log: pd.DataFrame, coefficients: Coefficients, fit: Fit) -> StudyThreats:
    """Look for what could have bent the coefficients, and measure how much.

    Parameters
    ----------
    study : Study
    log : pandas.DataFrame
        See `kpi_research.workload.records.work_records`.
    coefficients : Coefficients
        Of the whole log.
    fit : callable
        From rows of the log to coefficients.

    Returns
    -------
    StudyThreats
    """
    section = study.spec.workload
    rounded = rounded_minutes(log[log["n"] == 1], minutes="minutes", unit="unit") if "unit" in log else pd.DataFrame()
    flagged = set(rounded.loc[rounded["flagged"], "unit"]) if len(rounded) else set()
    kept = {"slow": faster_units(coefficients, log)}
    if flagged:
        kept["rounded"] = ~log["unit"].astype("str").isin(flagged).to_numpy(dtype=bool)
    moved = sensitivity(coefficients, log, kept, fit)
    selection, said = _selection(study, log, coefficients)
    helped = _support(log, section)
    findings = (*_rounded(rounded, moved), *_slow(moved), *said, *_helped(helped))
    return StudyThreats(rounded, moved, selection, helped, findings)


def _selection(
    study: Study, log: pd.DataFrame, coefficients: Coefficients
) -> tuple[Selection | None, tuple[Finding, ...]]:
    if "post" not in coefficients.columns or "officer" not in log:
        return None, ()
    where = Where("study.toml", column="workload.ability")
    try:
        people = _ability(study).merge(_pace(log, coefficients), on="officer")
        within = [name for name in ("rank", "unit") if name in people]
        found = post_selection(
            people, post="post", ability="ability", pace="pace", within=within, level=study.spec.workload.level
        )
    except (ValueError, StudyError) as error:
        return None, (finding("workload-ability-rows", where, problem=str(error)),)
    flagged = found.table[found.table["flagged"]]
    if flagged.empty:
        return found, ()
    shift = float(np.nanmax(flagged["shift"].abs()))
    return found, (finding("workload-selected", where, posts=", ".join(flagged["post"]), shift=f"{shift:.1%}"),)


def _ability(study: Study) -> pd.DataFrame:
    """Return the mean rating of each officer's ability by those who do not keep the log."""
    condition = study.spec.workload.ability
    name = study.role_name("ratings")
    if condition is None or name is None:
        raise ValueError("the study names no ratings of ability")
    cells = study.cells(name, by=["target"], value="rating", where=condition)
    return pd.DataFrame({"officer": cells["target"].astype("str"), "ability": cells["total"] / cells["weight"]})


def _pace(log: pd.DataFrame, coefficients: Coefficients) -> pd.DataFrame:
    factors = tuple(name for name in ("task", "post", "rank") if name in coefficients.columns)
    rows = log.assign(credit=coefficients.credit(log, factors=factors)).dropna(subset=["credit"])
    people = rows.groupby("officer", sort=True)
    sums = people[["minutes", "credit"]].sum()
    names = [name for name in ("unit", "post", "rank") if name in rows]
    found = people[names].first().assign(pace=sums["minutes"] / sums["credit"])
    return found[found["pace"] > 0].reset_index()


def _support(log: pd.DataFrame, section: WorkloadSection) -> pd.DataFrame:
    tasks = [name for name in section.support if (log["task"].astype("str") == name).any()]
    if not tasks or "unit" not in log:
        return pd.DataFrame()
    person = "officer" if "officer" in log else None
    return support_work(log, minutes="minutes", task="task", support=tasks, group="unit", person=person)


def _rounded(rounded: pd.DataFrame, moved: pd.DataFrame) -> tuple[Finding, ...]:
    if rounded.empty or not rounded["flagged"].any():
        return ()
    flagged = rounded[rounded["flagged"]].sort_values("rounded", ascending=False)
    change = moved.loc[moved["doubt"] == "rounded", "change"].abs().max()
    facts = {"k": len(flagged), "n": len(rounded), "units": ", ".join(flagged["unit"].head(5))}
    return (finding("workload-rounded", Where("worklog"), change="–" if pd.isna(change) else f"{change:.1%}", **facts),)


def _slow(moved: pd.DataFrame) -> tuple[Finding, ...]:
    rows = moved[(moved["doubt"] == "slow") & ~moved["inside"].astype(bool) & (moved["change"].abs() > NOTABLE)]
    if rows.empty:
        return ()
    named = ", ".join(f"{row.factor} {row.level}" for row in rows.head(5).itertuples())
    return (finding("workload-slow", Where("worklog"), levels=named, change=f"{rows['change'].abs().max():.1%}"),)


def _helped(support: pd.DataFrame) -> tuple[Finding, ...]:
    if support.empty:
        return ()
    first = support.iloc[0]
    share = float(support["support"].sum() / support["minutes"].sum())
    facts = {"share": f"{share:.1%}", "most": f"{float(first['share']):.1%}", "unit": str(first["group"])}
    return (finding("workload-support", Where("worklog"), **facts),)
