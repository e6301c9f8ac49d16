"""The sections of the study file on preventability."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from kpi_research.study.section import Section, Share
from kpi_research.study.text import TextField

CaseClass = Literal["preventable", "not", "unclear"]


class DefinitionRule(Section):
    """``[[preventability.definitions.rules]]``: one line of a definition; the first line that fits a case decides.

    Attributes
    ----------
    where : str
        Condition over the columns of the table of incidents.
    to : str
        What the cases it fits are: ``preventable``, ``not`` or ``unclear``.
    source : str or None
        Document and clause, where it is another one than that of the definition.
    """

    where: str
    to: CaseClass
    source: str | None = None


class DefinitionSection(Section):
    """``[[preventability.definitions]]``: which cases a document counts as preventable.

    Attributes
    ----------
    id : str
        Name of the definition.
    label : Text or None
        What it is called.
    source : str or None
        Document it comes from.
    rules : tuple of DefinitionRule
        Its lines in order.
    otherwise : str
        What the cases are that no line fits.
    """

    id: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$", max_length=64)]
    label: TextField | None = None
    source: str | None = None
    rules: Annotated[tuple[DefinitionRule, ...], Field(min_length=1)]
    otherwise: CaseClass = "not"


class PreventabilitySection(Section):
    """``[preventability]``: which cases prevention could have stopped.

    Attributes
    ----------
    cases : str or None
        Condition over the columns of the table of incidents: the incidents that count as cases; all by default.
    features : tuple of str
        Columns of the table of incidents from which the probability of being preventable is predicted; none that is
        known or made only afterwards, such as the result of the case. By default the texts and booleans of few values.
    covariates : tuple of str
        Columns of the table of units outside the control of the unit, from which the level to expect is predicted.
    within : tuple of str
        Columns of the table of units, e.g. ``peer_group``: units are expected to be like those of their own group.
    exposure : str or None
        Column of the table of units that cases are counted against, e.g. ``population``.
    programme : str or None
        Column of the table of units: the period from which a prevention programme ran, or empty.
    definitions : tuple of DefinitionSection
        Written definitions that are held beside each other.
    use : str
        What the result is meant for: ``learning``, ``comparison`` of units, or ``sanction``.
    learner : str
        ``auto``, ``logistic`` or ``boosting``: the model of the probability.
    level : float
        Confidence level of intervals.
    """

    cases: str | None = None
    features: tuple[str, ...] = ()
    covariates: tuple[str, ...] = ()
    within: tuple[str, ...] = ()
    exposure: str | None = None
    programme: str | None = None
    definitions: tuple[DefinitionSection, ...] = ()
    use: Literal["learning", "comparison", "sanction"] = "learning"
    learner: Literal["auto", "logistic", "boosting"] = "auto"
    level: Share = 0.95
