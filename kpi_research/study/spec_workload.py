"""The sections of the study file on workload."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from kpi_research.study.section import Section, Share

Factor = Literal["task", "post", "rank"]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class StaffingSection(Section):
    """``[workload.staffing]``: how many hours officers have for the work that is logged.

    Attributes
    ----------
    available_hours : float
        Hours that an officer is on duty in a period, after leave, training and sickness.
    relief : float
        Officers on the books for one who is on duty where posts are filled around the clock.
    committed : float
        Largest share of time on duty that the logged work may take.
    forecast : int
        Periods to forecast.
    """

    available_hours: Positive
    relief: Annotated[float, Field(ge=1)] = 1.0
    committed: Share = 0.6
    forecast: Annotated[int, Field(ge=1, le=24)] = 3


class WorkloadSection(Section):
    """``[workload]``: what tasks, posts and ranks are worth.

    Attributes
    ----------
    fiat : mapping of factor to mapping of level to float
        Coefficients that a rule sets today, e.g. of ranks; they are held beside the measured ones.
    previous : mapping of factor to mapping of level to float
        Coefficients of the last period, from which ``cap`` is counted.
    cap : float or None
        Largest relative change against them.
    ordered : mapping of factor to list of levels
        A claimed order, from the lowest coefficient to the highest.
    bounds : mapping of factor to (float, float)
        Lowest and highest coefficient.
    standard_minutes : mapping of task to float
        What a panel says a task should take.
    groups : tuple of str
        Columns of the tables of officers and units between whose groups fairness is tested.
    margin : float
        Relative gap between groups that counts as equal.
    holdout : int
        Last periods that are kept from the fit and on which fairness and calibration are tested.
    support : tuple of str
        Tasks done for other units.
    ability : str or None
        Condition on the table of ratings: those that judge an officer's ability independently of the log.
    staffing : StaffingSection or None
        Hours available; without it no officers needed are computed.
    level : float
        Confidence level of the intervals.
    """

    fiat: Mapping[Factor, Mapping[str, Positive]] = Field(default_factory=dict)
    previous: Mapping[Factor, Mapping[str, Positive]] = Field(default_factory=dict)
    cap: Share | None = None
    ordered: Mapping[Factor, tuple[str, ...]] = Field(default_factory=dict)
    bounds: Mapping[Factor, tuple[float, float]] = Field(default_factory=dict)
    standard_minutes: Mapping[str, Positive] = Field(default_factory=dict)
    groups: tuple[str, ...] = ("post", "rank")
    margin: Share = 0.05
    holdout: Annotated[int, Field(ge=1, le=24)] = 3
    support: tuple[str, ...] = ()
    ability: str | None = None
    staffing: StaffingSection | None = None
    level: Share = 0.95
