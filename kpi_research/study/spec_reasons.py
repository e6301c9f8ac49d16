"""The section of the study file on reasons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from kpi_research.study.section import Section, Share


class ReasonsSection(Section):
    """``[scorecard.reasons]``: what the distance of units to their peers may be laid to, and which changes to explain.

    Attributes
    ----------
    outcome : str or None
        ``survey.<item>`` (mean answer), an indicator, or ``<table>.<column>`` of a table with units and periods.
    scale : str
        ``logit`` for outcomes that are shares.
    direction : str
        Which outcomes are better.
    causes : mapping of str to tuple of str
        Cause to what measures it: an indicator; ``units.<column>``; ``ratings.<kind>.<item>`` (mean rating of the unit);
        ``<table>/<column>`` (logarithm of the rows of a table per value of a column of the panel or the units table, e.g.
        ``incidents/officers``).
    certainty : float
        Probability of being the largest part from which a cause is named.
    kinds : tuple of str
        Kinds of incidents whose last change is explained; those that changed beyond chance by default.
    place, time, address, recording : str or None
        Columns of the table of incidents that a change is taken apart by.
    benchmark : float
        Share of peers that do not exceed the level an improvement aims at.
    least : int
        Smallest count that the digest shows.
    """

    outcome: str | None = None
    scale: Literal["identity", "logit"] = "identity"
    direction: Literal["higher", "lower"] = "higher"
    causes: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    certainty: Share = 0.9
    kinds: tuple[str, ...] = ()
    place: str | None = None
    time: str | None = None
    address: str | None = None
    recording: str | None = None
    benchmark: Share = 0.75
    least: Annotated[int, Field(ge=5)] = 5
