"""Estimates from the answers of small samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpi_research.scorecard.evaluators.answers import SCALE, Answers, SurveyDesign, read_answers
from kpi_research.scorecard.evaluators.arguments import check_level
from kpi_research.scorecard.evaluators.direct import Direct, direct_estimates
from kpi_research.scorecard.evaluators.mode_shift import ModeShift, mode_shift
from kpi_research.scorecard.evaluators.survey_findings import survey_findings
from kpi_research.scorecard.evaluators.survey_result import Statistic, SurveyEstimate
from kpi_research.scorecard.evaluators.survey_tables import item_table, target_table
from kpi_research.scorecard.evaluators.weighting import class_weights, rake, tilted
from kpi_research.study.frame_checks import require_choice

Array = NDArray[np.float64]

SATISFIED = 8.0
"""Points from which a person counts as satisfied: the two best of the five answers."""


def survey_estimate(
    answers: pd.DataFrame,
    *,
    target: str,
    item: str,
    weight: str | None = None,
    design: SurveyDesign | None = None,
    level: float = 0.95,
    answer: str = "answer",
    status: str | None = None,
    statistic: Statistic = "share",
    satisfied: float = SATISFIED,
    scale: Sequence[float] = SCALE,
    dont_know: Sequence[object] = (),
    classes: Sequence[str] = (),
    margins: Mapping[str, pd.Series] | None = None,
    mode: str | None = None,
    reference_mode: str | None = None,
    tilt: float = 0.0,
) -> SurveyEstimate:
    r"""Estimate what people think of each unit from few answers, with all the errors that leaves.

    Parameters
    ----------
    answers : pandas.DataFrame
        One row per person approached and item.
    target, item : str
        Columns of the unit or officer judged, and of the question.
    weight : str, optional
        Column of the number of people each person approached stands for, above 0.
    design : SurveyDesign, optional
        Columns of strata and clusters in which persons were drawn.
    level : float
        Confidence level, between 0 and 1.
    answer : str
        Column of the answer in points; missing where there is none.
    status : str, optional
        Column that holds ``answered``, ``dont_know`` or why a person was not reached. Without it, a missing answer means
        not reached.
    statistic : {"share", "mean"}
        Share of those with an opinion who are satisfied, or their mean points.
    satisfied : float
        Points from which a person is satisfied.
    scale : sequence of float
        Points of the possible answers.
    dont_know : sequence
        Codes in ``answer`` that mean "don't know", such as 9.
    classes : sequence of str
        Columns known of everyone approached, such as age group: respondents of a class of a target stand for all
        approached in it.
    margins : mapping of str to pandas.Series, optional
        For each column the number or share of people in each level (index: level, or target and level); weights are raked
        to these.
    mode, reference_mode : str, optional
        Column of the way of asking, and the way to which all answers are brought; see `mode_effect`.
    tilt : float
        How much more likely people are to respond per standard deviation of satisfaction (log odds): 0 where silence says
        nothing; other values show how much the estimates hang on this.

    Returns
    -------
    SurveyEstimate

    Raises
    ------
    TypeError
        If ``answers`` is no frame.
    ValueError
        If a column is missing, an answer is not on the scale, an option is out of range, a margin does not fit, or nobody
        answered.

    Notes
    -----
    Shares have Wilson's interval (1927, doi:10.1080/01621459.1927.10502953), in weighted, stratified or clustered samples
    at the effective number of answers (Korn & Graubard 1998, Survey Methodology 24:193-201) :math:`n / (\text{Kish} \times d)`
    with Kish's effect of unequal weights and the effect d of clusters, strata and margins, which all targets estimate
    together; means have Student's interval with variances steadied by the other targets. Pooled estimates are those of
    Fay & Herriot (1979, doi:10.1080/01621459.1979.10482505): use them to guess where a unit stands, and the direct ones
    with `rank_sets` to say who is above whom. Nothing in the answers shows whether the silent think alike; the bounds
    (Manski 1990) hold whatever they think.

    Examples
    --------
    >>> frame = pd.DataFrame({"unit": "North", "item": "satisfaction", "answer": [10] * 40 + [8] * 8 + [2] * 2})
    >>> found = survey_estimate(frame, target="unit", item="item").table
    >>> found[["answers", "estimate", "low", "high"]].round(3).iloc[0].tolist()
    [50.0, 0.96, 0.865, 0.989]
    """
    check_level(level)
    require_choice("statistic", statistic, get_args(Statistic))
    design = design or SurveyDesign()
    _check_points(satisfied, tilt, scale)
    used = [name for name in (design.strata, design.cluster, *classes, *(margins or {}), mode) if name is not None]
    named = {"target": target, "item": item, "answer": answer, "status": status, "weight": weight}
    everyone = read_answers(answers, **named, scale=scale, dont_know=dont_know, columns=used)  # type: ignore[arg-type]
    weights = tilted(everyone, class_weights(everyone, classes), tilt)
    data = everyone.keep(everyone.answered)
    if data.frame.empty:
        raise ValueError(f"answer: column '{answer}' holds no answer; of {len(answers)} rows none has points")
    weights, lacking = rake(data, weights[everyone.answered], margins or {})
    counts = (data.scale >= satisfied).astype(float) if statistic == "share" else data.scale
    direct = _direct(data, counts, weights, design, tuple(margins or {}), level)
    shift = mode_shift(data, weights, counts, mode, reference_mode)
    direct = _without(direct, shift, (float(counts.min()), float(counts.max())))
    table = target_table(everyone, direct, shift, counts, level)
    items = item_table(table, direct, data)
    found = survey_findings(table, items, lacking, shift.items, reference_mode)
    return SurveyEstimate(table, found, items, statistic, level)


def _check_points(satisfied: float, tilt: float, scale: Sequence[float]) -> None:
    if not min(scale, default=0) < satisfied <= max(scale, default=0):
        raise ValueError(f"satisfied is {satisfied}; allowed: above the lowest and up to the highest answer of scale")
    if not np.isfinite(tilt):
        raise ValueError(f"tilt is {tilt}; allowed: a finite number, 0 where silence says nothing")


def _direct(
    data: Answers, counts: Array, weight: Array, design: SurveyDesign, margins: tuple[str, ...], level: float
) -> Direct:
    rows = np.arange(len(data.points))
    cluster = rows if design.cluster is None else data.codes([design.cluster])[0]
    groups = [data.codes([name])[0] for name in (design.strata, *margins) if name is not None]
    values = counts[np.searchsorted(data.scale, data.points)]
    share = bool(np.isin(counts, [0.0, 1.0]).all())
    return direct_estimates(data, values, weight, cluster, groups, share, level, (counts.min(), counts.max()))


def _without(direct: Direct, shift: ModeShift, bounds: tuple[float, float]) -> Direct:
    """Take what the modes add off the estimates and let its error widen the intervals."""
    return direct.moved(-shift.added, shift.variance, bounds)
