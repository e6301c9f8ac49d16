"""One replicate: periods and units drawn, then workload, expected levels, weights and scores anew."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpi_research.bootstrap.resample import draw_periods, draw_units, rows_by_period, take_periods
from kpi_research.preventability import Preventability
from kpi_research.preventability.redraw import redraw_expected
from kpi_research.preventability.study_cases import case_counts
from kpi_research.result import StudyResult
from kpi_research.scorecard.adjustment import adjusted_study
from kpi_research.scorecard.plain import Frame, plain_errors, plain_scores, score_frame
from kpi_research.study.model import Study
from kpi_research.study.vary import varied_study
from kpi_research.validity import Validity
from kpi_research.weights import InfeasibleRules, optimize_weights
from kpi_research.weights.stage import unit_outcome, unit_scores
from kpi_research.workload import Workload
from kpi_research.workload.fit import standard_work
from kpi_research.workload.records import work_records

Rows = list[NDArray[np.intp]]


@dataclass(frozen=True)
class Source:
    """A table with the rows of each period.

    Attributes
    ----------
    frame : pandas.DataFrame
        The table, with a column ``period``.
    rows : list of numpy.ndarray
        Row numbers of each period of the study.
    """

    frame: pd.DataFrame
    rows: Rows

    def take(self, drawn: NDArray[np.intp]) -> pd.DataFrame:
        """Return the rows of drawn periods.

        Parameters
        ----------
        drawn : numpy.ndarray of int
            Numbers of the drawn periods.

        Returns
        -------
        pandas.DataFrame
        """
        return take_periods(self.frame, self.rows, drawn)


@dataclass(frozen=True)
class Plan:
    """What all replicates of a study have in common.

    Attributes
    ----------
    study : Study
        The study, without resampling of its own in the weights stage.
    validity, preventability, workload
        Results of the stages.
    weights : pandas.Series
        The weights found.
    frame : Frame
        Groups and the scales found.
    errors : pandas.DataFrame
        Standard errors of the scores and their degrees of freedom, by unit.
    values : Source
        Indicator values.
    outcome, log, cases : Source or None
        Outcome, records of work and numbers of cases; None where they are not needed.
    block : int
        Periods of a block.
    """

    study: Study
    validity: Validity
    preventability: Preventability
    workload: Workload
    weights: pd.Series
    frame: Frame
    errors: pd.DataFrame
    values: Source
    outcome: Source | None
    log: Source | None
    cases: Source | None
    block: int


@dataclass(frozen=True)
class Replicate:
    """Scores of one replicate on the scales found, indexed by unit.

    Attributes
    ----------
    sampling : pandas.Series
        Of the drawn periods, with adjustments and weights as found.
    adjusted : pandas.Series
        The same with workload and expected levels found anew.
    whole : pandas.Series
        The same with weights found anew, too.
    failed : bool
        Whether no weights could be found, so that the given ones stand in.
    """

    sampling: pd.Series
    adjusted: pd.Series
    whole: pd.Series
    failed: bool


def make_plan(result: StudyResult, block: int | None = None) -> Plan:
    """Gather what the replicates of a study need.

    Parameters
    ----------
    result : StudyResult
        The study as it is.
    block : int, optional
        Periods of a block; the third root of their number by default, rounded.

    Returns
    -------
    Plan
    """
    study, section = result.study, result.study.spec.scorecard
    periods = pd.Index(sorted(study.values["period"].unique()))
    adjusted = adjusted_study(study, result.preventability, result.workload).study
    frame = score_frame(adjusted)
    weights = result.weights.table.set_index("id")["weight"].astype("float64")
    asked = {one.by for one in section.adjust}
    outcome = study.outcome()
    log = (
        work_records(study, study.spec.workload.groups) if "workload" in asked and len(result.workload.table) else None
    )
    cases = case_counts(study) if "expected" in asked and len(result.preventability.table) else None
    return Plan(
        varied_study(study, {"weights.draws": 0}),
        result.validity,
        result.preventability,
        result.workload,
        weights,
        frame,
        plain_errors(frame, adjusted.values, weights),
        Source(study.values, rows_by_period(study.values, periods)),
        _source(outcome, periods),
        _source(log, periods),
        _source(cases, periods),
        block or max(1, round(len(periods) ** (1 / 3))),
    )


def _source(frame: pd.DataFrame | None, periods: pd.Index) -> Source | None:
    return None if frame is None else Source(frame, rows_by_period(frame, periods))


def replicate(plan: Plan, seed: np.random.SeedSequence) -> Replicate:
    """Make one replicate.

    Parameters
    ----------
    plan : Plan
        What all replicates have in common.
    seed : numpy.random.SeedSequence
        Seed of this one.

    Returns
    -------
    Replicate
    """
    generator = np.random.default_rng(seed)
    drawn = draw_periods(len(plan.values.rows), plan.block, generator)
    study = replace(plan.study, values=plan.values.take(drawn))
    as_found = adjusted_study(study, plan.preventability, plan.workload).study.values
    refitted = plan.log is not None or plan.cases is not None
    anew = adjusted_study(study, *_stages(plan, drawn, generator)).study.values if refitted else as_found
    weights = _weights(plan, study, drawn, generator)
    return Replicate(
        plain_scores(plan.frame, as_found, plan.weights),
        plain_scores(plan.frame, anew, plan.weights),
        plain_scores(plan.frame, anew, plan.weights if weights is None else weights),
        weights is None,
    )


def _stages(plan: Plan, drawn: NDArray[np.intp], generator: np.random.Generator) -> tuple[Preventability, Workload]:
    """Return workload and expected levels of the drawn periods, where the study adjusts by them."""
    preventability, workload = plan.preventability, plan.workload
    if plan.log is not None:
        workload = replace(workload, volumes=standard_work(plan.study, plan.log.take(drawn)))
    if plan.cases is not None:
        counts = plan.cases.take(drawn).groupby("unit")["n"].sum()
        expected = redraw_expected(plan.study, preventability, counts, generator)
        table = preventability.table.assign(expected=preventability.table["unit"].map(expected))
        preventability = replace(preventability, table=table)
    return preventability, workload


def _weights(plan: Plan, study: Study, drawn: NDArray[np.intp], generator: np.random.Generator) -> pd.Series | None:
    """Return weights from a sample of units with their means over the drawn periods; None where there are none."""
    if plan.outcome is None:
        return plan.weights
    outcome = unit_outcome(study, plan.outcome.take(drawn))
    both = unit_scores(study).assign(_outcome=outcome).dropna(subset=["_outcome"])
    if not isinstance(study.spec.weights.scenarios, str):
        both = draw_units(both, generator)
    try:
        found = optimize_weights(study, plan.validity, scores=both.drop(columns="_outcome"), outcome=both["_outcome"])
    except InfeasibleRules:
        return None
    return found.table.set_index("id")["weight"].astype("float64")
