"""Fairness of the coefficients of a study on periods that their fit did not see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.spec_workload import WorkloadSection
from kpi_research.workload.coefficients.result import Coefficients
from kpi_research.workload.fairness.calibration import calibration
from kpi_research.workload.fairness.consistency import consistency
from kpi_research.workload.fairness.differential import differential_coefficients
from kpi_research.workload.fairness.gains import gains
from kpi_research.workload.fairness.gaps import Fairness, fairness
from kpi_research.workload.fairness.ratios import ratio_study

LEAST_TRAIN = 3
LEAST_PERSONS = 5
"""Persons in a group below which it is left out of every table."""
MOST_PERSONS = 2000
"""Persons that are compared in pairs."""
CREDIT = "credit of the scheme"
Fit = Callable[[pd.DataFrame], Coefficients]


@dataclass(frozen=True)
class StudyFairness:
    """What held-out periods say.

    Attributes
    ----------
    fairness : Fairness or None
        Gaps between groups: credit under the rule of today and under the measured coefficients, per logged minute.
    ratios, calibration, differential, gains : pandas.DataFrame
        Tables of `ratio_study`, `calibration`, `differential_coefficients` and `gains`, the first two and the last with a
        column ``grouping``.
    contradictions : pandas.DataFrame
        Per ``scheme`` (``rule``; ``work``: difficulty of tasks alone): ``persons`` compared in the last period,
        ``identical_work``, ``more_work`` (pairs that contradict each other, see `consistency`).
    findings : tuple of Finding
        What the user must know.
    """

    fairness: Fairness | None
    ratios: pd.DataFrame
    calibration: pd.DataFrame
    differential: pd.DataFrame
    gains: pd.DataFrame
    contradictions: pd.DataFrame
    findings: tuple[Finding, ...]


def study_fairness(log: pd.DataFrame, coefficients: Coefficients, section: WorkloadSection, fit: Fit) -> StudyFairness:
    """Fit the coefficients without the last periods and test them there.

    Parameters
    ----------
    log : pandas.DataFrame
        See `kpi_research.workload.records.work_records`.
    coefficients : Coefficients
        Of the whole log.
    section : WorkloadSection
        Groups, margin, rule of today.
    fit : callable
        From rows of the log to coefficients.

    Returns
    -------
    StudyFairness
    """
    empty = pd.DataFrame()
    periods = sorted(log["period"].unique()) if "period" in log else []
    needed = LEAST_TRAIN + section.holdout
    if len(periods) < needed or "officer" not in log:
        found = finding("workload-no-holdout", Where("worklog"), periods=len(periods), needed=needed)
        return StudyFairness(None, empty, empty, empty, empty, empty, (found,))
    late = log["period"].isin(periods[-section.holdout :])
    held = credit_by_person(log[late], fit(log[~late]), section)
    groups = [name for name in section.groups if name in held and _varies(held[name])]
    kept = {name: held[held[name].map(held[name].value_counts()) >= LEAST_PERSONS] for name in groups}
    groups = [name for name in groups if _varies(kept[name][name])]
    if not groups:
        found = finding("workload-no-holdout", Where("worklog"), periods=len(periods), needed=needed)
        return StudyFairness(None, empty, empty, empty, empty, empty, (found,))
    gaps = _gaps(kept, groups, section)
    return StudyFairness(
        gaps,
        pd.concat([_ratios(kept[name], name, section) for name in groups], ignore_index=True),
        pd.concat([_calibration(kept[name], name, section) for name in groups], ignore_index=True),
        _differential(log.assign(expected=expected_minutes(log, coefficients)), groups, section),
        pd.concat([_gains(kept[name], name) for name in groups], ignore_index=True),
        contradictions(log[log["period"] == periods[-1]], coefficients, section),
        _findings(gaps, section),
    )


def credit_by_person(log: pd.DataFrame, coefficients: Coefficients, section: WorkloadSection) -> pd.DataFrame:
    """Return what each person is credited under the rule of today and under the measured coefficients.

    Parameters
    ----------
    log : pandas.DataFrame
        Rows of the log.
    coefficients : Coefficients
        Measured coefficients.
    section : WorkloadSection
        With the rule of today.

    Returns
    -------
    pandas.DataFrame
        One row per person: ``officer``, ``unit``, the groups; ``minutes`` (logged), ``pieces``, ``rule`` (pieces × the
        rule's coefficient of the person), ``work`` (standard minutes by tasks alone), ``credit`` (standard minutes with
        allowances); ``rule_rate``, ``credit_rate`` (of both per logged minute, scaled to the mean 1);
        ``rule_within``, ``credit_within`` (the same at the speed of the average unit). Persons whose post or rank has no
        coefficient are left out.
    """
    factors = tuple(name for name in ("task", "post", "rank") if name in coefficients.columns)
    rule = log["count"].astype("float64")
    for factor, levels in section.fiat.items():
        if factor in log:
            rule = rule * log[factor].astype("str").map(dict(levels)).fillna(1.0)
    rows = log.assign(
        pieces=log["count"], rule=rule, work=coefficients.credit(log), credit=coefficients.credit(log, factors=factors)
    )
    rows = rows[rows["credit"].notna()]
    groups = [name for name in dict.fromkeys(("unit", *section.groups)) if name in rows]
    people = rows.groupby("officer", sort=True)
    sums = people[["minutes", "pieces", "rule", "work", "credit"]].sum().reset_index()
    sums = sums.merge(people[groups].first().reset_index(), on="officer")
    sums = sums[(sums["minutes"] > 0) & (sums["credit"] > 0)]
    speed = unit_speed(sums, coefficients)
    for name in ("rule", "credit"):
        rate = sums[name] / sums["minutes"]
        sums[f"{name}_rate"] = rate / rate.mean()
        sums[f"{name}_within"] = rate * speed / (rate * speed).mean()
    return sums.reset_index(drop=True)


def unit_speed(frame: pd.DataFrame, coefficients: Coefficients) -> pd.Series:
    """Return, for each row, the minutes of its unit relative to the average unit for the same work.

    Parameters
    ----------
    frame : pandas.DataFrame
        Rows with the column ``unit``, or without.
    coefficients : Coefficients
        With the speed of units.

    Returns
    -------
    pandas.Series
        1 where units are not known.
    """
    if "unit" not in frame or coefficients.units.empty:
        return pd.Series(1.0, index=frame.index)
    return frame["unit"].astype("str").map(coefficients.units.set_index("unit")["speed"]).fillna(1.0)


def expected_minutes(log: pd.DataFrame, coefficients: Coefficients) -> pd.Series:
    """Return the minutes that the coefficients let expect of each row, at the speed of its unit.

    Parameters
    ----------
    log : pandas.DataFrame
        See `kpi_research.workload.records.work_records`.
    coefficients : Coefficients
        Of the log.

    Returns
    -------
    pandas.Series
        Missing where a level has no coefficient.
    """
    factors = tuple(name for name in ("task", "post", "rank") if name in coefficients.columns)
    return coefficients.credit(log, factors=factors) * unit_speed(log, coefficients)


def _inside_units(held: pd.DataFrame, name: str) -> bool:
    """Return whether units hold several groups, so that the speed of a unit is no part of a gap."""
    return bool(held.groupby("unit")[name].agg(_varies).mean() > 0.5)


def _gaps(kept: dict[str, pd.DataFrame], groups: list[str], section: WorkloadSection) -> Fairness:
    parts = [
        fairness(
            kept[name], groups=name, score="rule_within" if _inside_units(kept[name], name) else "rule_rate",
            adjusted="credit_within" if _inside_units(kept[name], name) else "credit_rate", margin=section.margin, level=section.level,
            cluster="unit" if _varies(kept[name]["unit"]) else None,
        )
        for name in groups
    ]  # fmt: skip
    return Fairness(
        pd.concat([part.table for part in parts], ignore_index=True),
        tuple(item for part in parts for item in part.findings),
        pd.concat([part.explained_before for part in parts]),
        pd.concat([part.explained_after for part in parts]),
        section.margin,
        section.level,
    )


def _ratios(held: pd.DataFrame, name: str, section: WorkloadSection) -> pd.DataFrame:
    parts = [
        ratio_study(held, observed="minutes", assigned=column, group=name, level=section.level).table.assign(
            scheme=scheme
        )
        for scheme, column in (("rule", "rule"), ("measured", "credit"))
    ]
    return pd.concat(parts, ignore_index=True).assign(grouping=name)


def _calibration(held: pd.DataFrame, name: str, section: WorkloadSection) -> pd.DataFrame:
    cluster = "unit" if _varies(held["unit"]) else None
    found = calibration(held, observed="minutes", predicted="credit", cluster=cluster, group=name, level=section.level)
    return found.table.assign(grouping=name)


def _differential(log: pd.DataFrame, groups: list[str], section: WorkloadSection) -> pd.DataFrame:
    parts = []
    for name in groups:
        persons = log.groupby(name)["officer"].nunique()
        rows = log[log[name].map(persons) >= LEAST_PERSONS]
        rows = rows[(rows["expected"] > 0) & rows[name].notna()]
        try:
            found = differential_coefficients(
                rows,
                minutes="minutes",
                task="task",
                group=name,
                cluster="officer",
                count="expected",
                level=section.level,
            )
        except ValueError:
            continue
        parts.append(found.table.assign(grouping=name))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _gains(held: pd.DataFrame, name: str) -> pd.DataFrame:
    return gains(held, before="rule", after="credit", group=name).assign(grouping=name)


def _findings(gaps: Fairness, section: WorkloadSection) -> tuple[Finding, ...]:
    counted = gaps.table["verdict"].value_counts()
    facts = {
        "equal": int(counted.get("equal", 0)),
        "gaps": int(counted.get("gap", 0)),
        "open": int(counted.get("cannot_tell", 0)),
    }
    found = [finding("workload-fair", Where("worklog"), of=len(gaps.table), margin=f"±{section.margin:.0%}", **facts)]
    differing = gaps.table[gaps.table["verdict"] == "gap"]
    if len(differing):
        named = ", ".join(f"{row.grouping} {row.group} ({row.gap_after:+.0%})" for row in differing.itertuples())
        found.append(finding("workload-unfair", Where("worklog"), groups=named))
    return (*found, *gaps.findings)


def contradictions(log: pd.DataFrame, coefficients: Coefficients, section: WorkloadSection) -> pd.DataFrame:
    """Count pairs of persons whose credit contradicts their work.

    Parameters
    ----------
    log : pandas.DataFrame
        Rows of one period.
    coefficients : Coefficients
        Measured coefficients.
    section : WorkloadSection
        With the rule of today.

    Returns
    -------
    pandas.DataFrame
        ``scheme``, ``persons``, ``identical_work``, ``more_work``; at most `MOST_PERSONS` persons are compared.
    """
    people = credit_by_person(log, coefficients, section).head(MOST_PERSONS).set_index("officer")
    rows = log[log["officer"].isin(people.index)]
    amounts = rows.pivot_table(index="officer", columns="task", values="count", aggfunc="sum", fill_value=0.0)
    tasks = [str(name) for name in amounts.columns]
    amounts = amounts.set_axis(tasks, axis=1)
    found = []
    for scheme in ("rule", "work"):
        frame = amounts.assign(**{CREDIT: people[scheme].reindex(amounts.index)})
        kinds = consistency(frame, work=tasks, credit=CREDIT)["kind"].value_counts()
        counts = [int(kinds.get(kind, 0)) for kind in ("identical_work", "more_work")]
        found.append((scheme, len(frame), *counts))
    return pd.DataFrame(found, columns=["scheme", "persons", "identical_work", "more_work"])


def _varies(column: pd.Series) -> bool:
    return len(column.dropna().unique()) > 1
