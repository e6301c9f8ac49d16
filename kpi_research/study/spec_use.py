"""Thresholds of the study file on redundancy, importance and rules of use."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from kpi_research.study.section import Section


class RedundancyThresholds(Section):
    """``[validity.thresholds.redundancy]``: when two indicators say the same thing.

    Attributes
    ----------
    correlation : float
        Absolute rank correlation of unit means from which they do, where they also move together within units.
    """

    correlation: Annotated[float, Field(gt=0, lt=1)] = 0.8


class ImportanceThresholds(Section):
    """``[validity.thresholds.importance]``: how far the effect of a weight may lie from the weight.

    Attributes
    ----------
    factor : float
        How many times larger or smaller than its weight the effective weight of an indicator may be.
    """

    factor: Annotated[float, Field(gt=1)] = 2.0


class UseThresholds(Section):
    """``[validity.thresholds.use]``: when an indicator has outlived the mix of crime.

    Attributes
    ----------
    false_discovery : float
        Expected share of wrong trends among those that are told.
    change : float
        Least relative change of a share, from the first to the last period, that counts as growing or shrinking.
    share : float
        Least share of all cases of a growing type that must have an indicator.
    unfit : float
        Share of the units asked that have no value, or no officer of the post, from which an indicator does not fit.
    """

    false_discovery: Annotated[float, Field(gt=0, lt=1)] = 0.05
    change: Annotated[float, Field(gt=0, lt=1)] = 0.2
    share: Annotated[float, Field(gt=0, lt=1)] = 0.02
    unfit: Annotated[float, Field(gt=0, lt=1)] = 0.2
