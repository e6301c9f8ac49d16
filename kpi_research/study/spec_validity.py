"""The sections of the study file on validity."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from kpi_research.study.section import Section
from kpi_research.study.text import TextField

PanelModel = Literal["two_way", "between", "first_difference", "iv_two_way"]


class ReliabilityThresholds(Section):
    """``[validity.thresholds.reliability]``: how reliable a unit's value must be.

    Attributes
    ----------
    use : float
        Reliability from which an indicator may be used to compare units.
    care : float
        Reliability below which it says mostly chance.
    """

    use: Annotated[float, Field(gt=0, lt=1)] = 0.7
    care: Annotated[float, Field(gt=0, lt=1)] = 0.5


class Thresholds(Section):
    """``[validity.thresholds]``: what the checks of an indicator are held against.

    Attributes
    ----------
    reliability : ReliabilityThresholds
        Reliability of units' values.
    """

    reliability: ReliabilityThresholds = ReliabilityThresholds()


class VerdictSection(Section):
    """``[[validity.verdicts]]``: a line of the rule that leads from evidence to a verdict.

    Attributes
    ----------
    subject : str
        Name of a check, e.g. ``banned``, or of an aspect, e.g. ``reliability``.
    grade : str
        Grade it speaks of: ``care``, ``fail`` or ``unknown``.
    verdict : str
        What that grade asks for.
    """

    subject: str
    grade: Literal["care", "fail", "unknown"]
    verdict: Literal["use", "use_with_care", "cannot_tell", "repair", "do_not_use"]


class ValiditySection(Section):
    """``[validity]``: the outcome people care about and the models that hold indicators against it.

    Attributes
    ----------
    outcome : str or None
        ``table.column`` of the outcome.
    outcome_direction : str
        ``higher`` or ``lower``: which is better.
    outcome_label : Text or None
        What the outcome is called.
    controls : tuple of str
        Columns of the panel that vary over time and enter every model.
    unit_controls : tuple of str
        Columns of the panel that are constant in a unit; they enter the model ``between`` only.
    checked : tuple of str
        Further columns of the panel in which data faults are looked for.
    models : tuple of str
        Panel models: ``two_way``, ``between``, ``first_difference``, ``iv_two_way``.
    logs : bool
        Whether outcome and covariates enter as logarithms.
    instruments : dict or None
        Indicator = its instrument, or a list of them, for ``iv_two_way``.
    cluster : str or None
        ``unit`` or a column: errors robust to dependence within it.
    jump_factor : float
        Least ratio of a value to the unit's own other periods that counts as a jump.
    thresholds : Thresholds
        What the checks of an indicator are held against.
    verdicts : tuple of VerdictSection
        Lines of the rule for verdicts that replace the default ones.
    """

    outcome: Annotated[str, Field(pattern=r"^[^.]+\.[^.]+$")] | None = None
    outcome_direction: Literal["higher", "lower"] = "higher"
    outcome_label: TextField | None = None
    controls: tuple[str, ...] = ()
    unit_controls: tuple[str, ...] = ()
    checked: tuple[str, ...] = ()
    models: tuple[PanelModel, ...] = ("two_way", "between", "first_difference")
    logs: bool = False
    instruments: dict[str, str | tuple[str, ...]] | None = None
    cluster: str | None = None
    jump_factor: Annotated[float, Field(gt=1)] = 3.0
    thresholds: Thresholds = Thresholds()
    verdicts: tuple[VerdictSection, ...] = ()
