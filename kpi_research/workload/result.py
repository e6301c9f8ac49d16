"""The result of the workload stage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pandas as pd
from matplotlib.figure import Figure

from kpi_research.study.findings import Language
from kpi_research.study.model import Study
from kpi_research.study.results import Result
from kpi_research.workload.coefficients.result import Coefficients
from kpi_research.workload.fairness.gaps import Fairness

COLUMNS = {
    "factor": "str", "level": "str", "coefficient": "float64", "se": "float64", "low": "float64", "high": "float64",
    "raw": "float64", "raw_low": "float64", "raw_high": "float64", "published": "float64", "standard_minutes": "float64",
    "n": "Int64", "clusters": "Int64", "reason": "str",
}  # fmt: skip
"""Columns of the main table and their types."""


GROUPINGS: Mapping[str, Mapping[Language, str]] = {
    "post": {"en": "post", "zh": "岗位"},
    "rank": {"en": "rank", "zh": "职级"},
    "sex": {"en": "sex", "zh": "性别"},
    "unit": {"en": "unit", "zh": "单位"},
    "peer_group": {"en": "kind of unit", "zh": "单位类别"},
    "sequence": {"en": "sequence", "zh": "序列"},
}
"""What groupings are called in figures; others by the name of their column."""


def _empty() -> pd.DataFrame:
    return pd.DataFrame()


@dataclass(frozen=True)
class Workload(Result):
    """Workload coefficients of a study, their fairness, and what could have bent them.

    ``table`` has one row per task, post and rank: ``factor``, ``level``; ``coefficient`` with ``se``, ``low``, ``high``
    (weighted mean 1; shrunk and limited as the study asks); ``raw`` with ``raw_low``, ``raw_high`` (measured);
    ``published`` (rounded); ``standard_minutes`` (of a piece of work when all else is standard); ``n`` (records),
    ``clusters`` (units in which it occurs); ``reason`` (empty, or why to read the row with care).

    Attributes
    ----------
    coefficients : Coefficients or None
        The fit behind the table, with ``credit`` for other logs; not stored with interrupted runs.
    ladder : pandas.DataFrame
        Coefficients of the rule beside the measured ones, see `coefficient_ladder`.
    checks : pandas.DataFrame
        The same coefficients from other models, see `Coefficients`.
    panel : pandas.DataFrame
        Standard times of a panel beside the measured ones, see `reconcile`.
    fairness : Fairness or None
        Gaps between groups on held-out periods: ``before`` by the rule of today, ``after`` by measured coefficients, credit
        per logged minute.
    gaps : pandas.DataFrame
        Table of ``fairness``.
    ratios, calibration, differential, gains : pandas.DataFrame
        See `ratio_study`, `calibration`, `differential_coefficients` and `gains`; column ``grouping`` names the groups.
    contradictions : pandas.DataFrame
        Pairs of persons with the same work and other credit, or more work and less credit, per scheme.
    rounded, sensitivity, selection, support : pandas.DataFrame
        Threats, see `rounded_minutes`, `sensitivity`, `post_selection` and `support_work`.
    staffing, forecast : pandas.DataFrame
        Officers needed and minutes of the next periods, see `staffing` and `forecast`.
    volumes : pandas.DataFrame
        Work in standard minutes for the scorecard: ``unit``, ``period``; ``pieces``, ``minutes`` (logged), ``work`` (by
        tasks alone), ``credit`` (with allowances of posts and ranks).
    names : pandas.DataFrame
        Chinese names of levels: ``factor``, ``level``, ``zh``.
    level : float
        Confidence level of the intervals.
    """

    coefficients: Coefficients | None = None
    ladder: pd.DataFrame = field(default_factory=_empty)
    checks: pd.DataFrame = field(default_factory=_empty)
    panel: pd.DataFrame = field(default_factory=_empty)
    fairness: Fairness | None = None
    gaps: pd.DataFrame = field(default_factory=_empty)
    ratios: pd.DataFrame = field(default_factory=_empty)
    calibration: pd.DataFrame = field(default_factory=_empty)
    differential: pd.DataFrame = field(default_factory=_empty)
    gains: pd.DataFrame = field(default_factory=_empty)
    contradictions: pd.DataFrame = field(default_factory=_empty)
    rounded: pd.DataFrame = field(default_factory=_empty)
    sensitivity: pd.DataFrame = field(default_factory=_empty)
    selection: pd.DataFrame = field(default_factory=_empty)
    support: pd.DataFrame = field(default_factory=_empty)
    staffing: pd.DataFrame = field(default_factory=_empty)
    forecast: pd.DataFrame = field(default_factory=_empty)
    volumes: pd.DataFrame = field(default_factory=_empty)
    names: pd.DataFrame = field(default_factory=_empty)
    level: float = 0.95

    def named(self, factor: str, level: str, lang: Language) -> str:
        """Return what a level is called.

        Parameters
        ----------
        factor, level : str
            As in ``table``.
        lang : {"en", "zh"}

        Returns
        -------
        str
            The level itself where it has no other name.
        """
        if lang == "en" or self.names.empty:
            return level
        found = self.names.loc[(self.names["factor"] == factor) & (self.names["level"] == level), "zh"]
        return str(found.iloc[0]) if len(found) else level

    def officer_work(self, study: Study) -> pd.DataFrame:
        """Return the work of each officer in standard minutes.

        Parameters
        ----------
        study : Study
            The study that the coefficients were measured on.

        Returns
        -------
        pandas.DataFrame
            ``officer``, ``period``, ``standard_minutes``: pieces of work times the coefficients of task, post and rank.

        Raises
        ------
        ValueError
            If nothing was measured.
        """
        from kpi_research.workload.records import work_records

        if self.coefficients is None:
            raise ValueError("no coefficients were measured; see findings")
        log = work_records(study, study.spec.workload.groups)
        factors = tuple(name for name in ("task", "post", "rank") if name in self.coefficients.columns)
        work = log.assign(standard_minutes=self.coefficients.credit(log, factors=factors))
        known = work.dropna(subset=["standard_minutes"])
        return known.groupby(["officer", "period"])["standard_minutes"].sum().reset_index()

    def plot(self, lang: Language = "en") -> Figure:
        """Draw the measured coefficients with their intervals.

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
            If nothing was measured.
        """
        if self.coefficients is None:
            raise ValueError("no coefficients were measured; see findings")
        pairs = zip(self.coefficients.table["factor"], self.coefficients.table["level"], strict=True)
        table = self.coefficients.table.assign(level=[self.named(factor, level, lang) for factor, level in pairs])
        return replace(self.coefficients, table=table).plot(lang)

    def plot_ladder(self, lang: Language = "en") -> Figure:
        """Draw the coefficients of the rule beside the measured ones.

        Parameters
        ----------
        lang : {"en", "zh"}
            Language of the labels.

        Returns
        -------
        matplotlib.figure.Figure
        """
        from kpi_research.workload.draw import draw_ladder

        pairs = zip(self.ladder["factor"], self.ladder["level"], strict=True)
        return draw_ladder(self.ladder.assign(level=[self.named(factor, level, lang) for factor, level in pairs]), lang)

    def plot_fairness(self, lang: Language = "en") -> Figure:
        """Draw gaps between groups before and after adjustment.

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
            If fairness was not tested.
        """
        if self.fairness is None:
            raise ValueError("fairness was not tested; see findings")
        pairs = zip(self.fairness.table["grouping"], self.fairness.table["group"], strict=True)
        table = self.fairness.table.assign(group=[self.named(str(name), str(group), lang) for name, group in pairs])
        table["grouping"] = [GROUPINGS.get(str(name), {}).get(lang, str(name)) for name in table["grouping"]]
        return replace(self.fairness, table=table).plot(lang)
