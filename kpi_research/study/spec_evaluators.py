"""The section of the study file on surveys and ratings."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from kpi_research.study.section import Section


class EvaluatorsSection(Section):
    """``[scorecard.evaluators]``: how answers of the public and ratings are read.

    Attributes
    ----------
    statistic : str
        ``share`` of the satisfied, or ``mean`` points.
    satisfied : float
        Points from which a person counts as satisfied.
    scale : tuple of float
        Points of the possible answers.
    dont_know : tuple of float
        Codes among the answers that mean "don't know".
    classes : tuple of str
        Columns of the survey known of everyone approached, for weighting up those who answered.
    strata, cluster : str or None
        Columns that say how persons were drawn.
    mode, reference_mode : str or None
        Column of the way of asking, and the way to which all answers are brought.
    tilt : float
        Log odds of responding per standard deviation of satisfaction; 0 where silence says nothing.
    periods : int
        How many of the last periods count; 0 takes all.
    reference : str or None
        Kind of rater that sets the scale of ratings.
    """

    statistic: Literal["share", "mean"] = "share"
    satisfied: float = 8.0
    scale: Annotated[tuple[float, ...], Field(min_length=2)] = (10.0, 8.0, 5.0, 2.0, 0.0)
    dont_know: tuple[float, ...] = ()
    classes: tuple[str, ...] = ()
    strata: str | None = None
    cluster: str | None = None
    mode: str | None = None
    reference_mode: str | None = None
    tilt: float = 0.0
    periods: Annotated[int, Field(ge=0)] = 0
    reference: Literal["superior", "peer", "public", "third_party"] | None = None
