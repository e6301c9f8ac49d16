"""All tests of fairness of a log in one call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from kpi_research.study.findings import Language
from kpi_research.study.results import Result
from kpi_research.study.spec_workload import WorkloadSection
from kpi_research.workload.coefficients.coefficients import workload_coefficients
from kpi_research.workload.coefficients.result import Coefficients
from kpi_research.workload.fairness.frame import column_of
from kpi_research.workload.fairness.gaps import Fairness
from kpi_research.workload.study_fairness import Fit, study_fairness

FACTORS = ("post", "rank", "unit", "period")


@dataclass(frozen=True)
class Audit(Result):
    """Whether measured coefficients are fair, on periods that their fit did not see.

    Attributes
    ----------
    table : pandas.DataFrame
        Gaps between groups before and after, see `Fairness`; no rows where the log has too few periods.
    gaps : Fairness or None
        The same with the variance that groups explain, and its figure.
    ratios, calibration, differential, gains : pandas.DataFrame
        See `ratio_study`, `calibration`, `differential_coefficients` and `gains`; ``grouping`` names the groups.
    contradictions : pandas.DataFrame
        Per ``scheme`` (``rule``; ``work``: measured difficulty of tasks alone): ``persons`` compared in the last period,
        ``identical_work`` (pairs with the same work and other credit), ``more_work`` (pairs with more work and less credit).
    coefficients : Coefficients
        Measured on the whole log.
    """

    gaps: Fairness | None
    ratios: pd.DataFrame
    calibration: pd.DataFrame
    differential: pd.DataFrame
    gains: pd.DataFrame
    contradictions: pd.DataFrame
    coefficients: Coefficients

    def plot(self, lang: Language = "en") -> Figure:
        """Draw gaps between groups before and after.

        Parameters
        ----------
        lang : {"en", "zh"}
            Language of the labels.

        Returns
        -------
        matplotlib.figure.Figure

        Raises
        ------
        ValueError
            If the log was too short to be tested.
        """
        if self.gaps is None:
            raise ValueError("fairness was not tested; see findings")
        return self.gaps.plot(lang)


def audit(
    log: pd.DataFrame,
    *,
    minutes: str,
    task: str,
    person: str,
    period: str,
    groups: Sequence[str],
    count: str | None = None,
    unit: str | None = None,
    post: str | None = None,
    rank: str | None = None,
    rule: Mapping[str, Mapping[str, float]] | None = None,
    holdout: int = 3,
    margin: float = 0.05,
    level: float = 0.95,
) -> Audit:
    """Fit coefficients without the last periods and run every test of fairness on them.

    Parameters
    ----------
    log : pandas.DataFrame
        One row per record of work.
    minutes, task, person, period : str
        Columns of minutes, task, person and period (any labels that sort in time).
    groups : sequence of str
        Columns between whose groups fairness is tested; groups of fewer than five persons are left out.
    count, unit, post, rank : str, optional
        Columns of pieces of work, unit, post and rank.
    rule : mapping of factor to mapping of level to float, optional
        Coefficients of today, e.g. ``{"rank": {"skilled": 1.35}}``; without them pieces of work are credited as they are.
    holdout : int
        Last periods that are kept from the fit.
    margin : float
        Relative gap that counts as equal.
    level : float
        Coverage of the intervals.

    Returns
    -------
    Audit

    Raises
    ------
    ValueError
        If a column is missing or no coefficients can be measured.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(1)
    >>> keys = pd.MultiIndex.from_product([range(20), range(8), ["call", "case"]], names=["officer", "month", "task"])
    >>> log = keys.to_frame(index=False).assign(post=lambda rows: np.where(rows["officer"] < 10, "patrol", "case"))
    >>> often = {("patrol", "call"): 9, ("patrol", "case"): 1, ("case", "call"): 2, ("case", "case"): 4}
    >>> log["n"] = [often[key] for key in zip(log["post"], log["task"])]
    >>> log["minutes"] = log["n"] * np.where(log["task"] == "call", 30, 200) * rng.gamma(500, 0.002, size=len(log))
    >>> found = audit(log, minutes="minutes", task="task", person="officer", period="month", count="n", groups=["post"])
    >>> found.table[["group", "verdict"]].values.tolist()
    [['case', 'equal'], ['patrol', 'equal']]
    """
    names = {
        "minutes": minutes,
        "task": task,
        "officer": person,
        "period": period,
        "unit": unit,
        "post": post,
        "rank": rank,
    }
    frame = pd.DataFrame({name: column_of(log, column) for name, column in names.items() if column is not None})
    frame["count"] = column_of(log, count).astype("float64") if count is not None else 1.0
    for group in groups:
        frame[group] = column_of(log, group)
    frame = frame.assign(n=1, unit=frame.get("unit", "all"))
    section = WorkloadSection(groups=tuple(groups), fiat=dict(rule or {}), margin=margin, holdout=holdout, level=level)
    fit = _fit(frame, level)
    whole = fit(frame)
    found = study_fairness(frame, whole, section, fit)
    table = found.fairness.table if found.fairness is not None else pd.DataFrame()
    findings = (*whole.findings, *found.findings)
    parts = (found.ratios, found.calibration, found.differential, found.gains, found.contradictions)
    return Audit(table, findings, found.fairness, *parts, whole)


def _fit(frame: pd.DataFrame, level: float) -> Fit:
    names: dict[str, Any] = {name: name for name in FACTORS if name in frame and len(frame[name].dropna().unique()) > 1}
    if "unit" not in names:
        names["cluster"] = "officer"

    def fit(rows: pd.DataFrame) -> Coefficients:
        return workload_coefficients(
            rows, minutes="minutes", task="task", count="count", level=level, unidentified="set_aside",
            **names,
        )  # fmt: skip

    return fit
