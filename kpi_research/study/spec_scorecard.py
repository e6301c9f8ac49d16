"""The section of the study file on scores, ranks and what follows from them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from kpi_research.study.section import Name, Section, Share
from kpi_research.study.spec_consequences import ConsequenceSection
from kpi_research.study.spec_evaluators import EvaluatorsSection
from kpi_research.study.spec_reasons import ReasonsSection
from kpi_research.study.text import TextField


class EventsSection(Section):
    """``[[scorecard.events]]``: what bonus and deduction events are worth.

    Attributes
    ----------
    id : str
        Name of the rule.
    label : Text or None
        What it is called.
    kinds : tuple of str
        Values of the column ``kind`` of the table of events; empty for all that no other rule names.
    cap, floor : float or None
        Most points that its bonuses may add, and that its deductions may take.
    half_life : float or None
        Months after which an event counts half.
    share : float
        Share of a bonus that goes to the unit in the column ``helper`` of the table, where one helped; 0 to 1.
    """

    id: Name
    label: TextField | None = None
    kinds: tuple[str, ...] = ()
    cap: Annotated[float, Field(ge=0)] | None = None
    floor: Annotated[float, Field(ge=0)] | None = None
    half_life: Annotated[float, Field(gt=0)] | None = None
    share: Annotated[float, Field(ge=0, le=1)] = 0.0


class AdjustSection(Section):
    """``[[scorecard.adjust]]``: an indicator that units are compared on after what they cannot change is taken out.

    Attributes
    ----------
    indicator : str
        Id of the catalogue.
    by : str
        ``workload``: what goes with more work per officer is taken out; ``expected``: the values are divided by what the
        preventability stage expects of the unit's surroundings.
    """

    indicator: Name
    by: Literal["workload", "expected"]


class ScorecardSection(Section):
    """``[scorecard]``: how values become scores.

    Attributes
    ----------
    normalization : str
        ``z``, ``rank``, ``goalposts`` or ``ratio``; an indicator may have its own in the catalogue.
    missing : str
        What becomes of a unit that lacks an indicator: ``reweight`` its others, or ``exclude`` the unit.
    adjust : tuple of AdjustSection
        Indicators compared after adjustment; none by default.
    events : tuple of EventsSection
        Bonus and deduction events; without any they are not counted.
    consequences : tuple of ConsequenceSection
        Rules from scores to consequences.
    reasons : ReasonsSection
        What gaps and changes may be laid to.
    evaluators : EvaluatorsSection
        How answers of the public and ratings are read.
    draws : int
        Random draws for rank intervals.
    level : float
        Confidence level.
    """

    normalization: Literal["z", "rank", "goalposts", "ratio"] = "z"
    missing: Literal["reweight", "exclude"] = "reweight"
    adjust: tuple[AdjustSection, ...] = ()
    events: tuple[EventsSection, ...] = ()
    consequences: tuple[ConsequenceSection, ...] = ()
    reasons: ReasonsSection = ReasonsSection()
    evaluators: EvaluatorsSection = EvaluatorsSection()
    draws: Annotated[int, Field(ge=100, le=1_000_000)] = 1000
    level: Share = 0.95
