"""The sections of the study file on validity."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from kpi_research.study.section import Section
from kpi_research.study.spec_use import ImportanceThresholds, RedundancyThresholds, UseThresholds
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
    single : float
        Reliability of one period below which a single period says little.
    """

    use: Annotated[float, Field(gt=0, lt=1)] = 0.7
    care: Annotated[float, Field(gt=0, lt=1)] = 0.5
    single: Annotated[float, Field(gt=0, lt=1)] = 0.25


class PredictionThresholds(Section):
    """``[validity.thresholds.prediction]``: how an indicator must go with the outcome.

    Attributes
    ----------
    relevant_correlation : float
        Rank correlation with the outcome below which a relation is too weak to matter.
    lags : int
        Periods that the lead-lag test looks back.
    size : float
        Size of the tests of what moves first.
    robustness : float
        Partial R² with both sides that an omitted variable must exceed before it may explain the effect away, where the
        study names no control to compare with.
    """

    relevant_correlation: Annotated[float, Field(gt=0, lt=1)] = 0.2
    lags: Annotated[int, Field(ge=1, le=12)] = 1
    size: Annotated[float, Field(gt=0, lt=1)] = 0.01
    robustness: Annotated[float, Field(gt=0, lt=1)] = 0.1


class GoodhartThresholds(Section):
    """``[validity.thresholds.goodhart]``: what may change when an indicator becomes a target.

    Attributes
    ----------
    pile_up : float
        Least growth of the share just past the target over the share just short of it that counts as piling up.
    collapse : float
        Ratio of variances between units, after over before, below which units have become too alike.
    compliance : float
        Share of audited records that must be right.
    """

    pile_up: Annotated[float, Field(gt=0, lt=1)] = 0.05
    collapse: Annotated[float, Field(gt=0, lt=1)] = 0.5
    compliance: Annotated[float, Field(gt=0, lt=1)] = 0.85


class IntegrityThresholds(Section):
    """``[validity.thresholds.integrity]``: what the records behind an indicator must hold.

    Attributes
    ----------
    false_discovery : float
        Expected share of wrong flags among flagged units or values.
    slips : float
        Share of values off by a factor of ten from which the whole indicator fails.
    frozen : float
        Share of units with a frozen series from which the whole indicator fails.
    rounded : float
        Share of units that round minutes from which the whole indicator fails.
    impossible : float
        Share of impossible values from which the whole indicator fails.
    tolerated : float
        Share of duplicates and of impossible orders of time that slips explain.
    wrong : float
        Share of duplicates and of impossible orders of time from which the whole indicator fails.
    """

    false_discovery: Annotated[float, Field(gt=0, lt=1)] = 0.05
    slips: Annotated[float, Field(gt=0, lt=1)] = 0.02
    frozen: Annotated[float, Field(gt=0, lt=1)] = 0.2
    rounded: Annotated[float, Field(gt=0, lt=1)] = 0.5
    impossible: Annotated[float, Field(gt=0, lt=1)] = 0.05
    tolerated: Annotated[float, Field(gt=0, lt=1)] = 0.01
    wrong: Annotated[float, Field(gt=0, lt=1)] = 0.05


class GamingThresholds(Section):
    """``[validity.thresholds.gaming]``: what counts as a sign of gaming.

    Attributes
    ----------
    false_discovery : float
        Expected share of wrong flags among flagged units.
    failing : float
        Share of flagged units from which the whole indicator fails.
    break_p : float
        p-value of a break at a limit over all units below which it is told.
    last_days : float
        Share of waiting entries that come in on the last three days before a cut-off, for the median unit, from which
        the whole book is late.
    """

    false_discovery: Annotated[float, Field(gt=0, lt=1)] = 0.05
    failing: Annotated[float, Field(gt=0, lt=1)] = 0.1
    break_p: Annotated[float, Field(gt=0, lt=1)] = 0.01
    last_days: Annotated[float, Field(gt=0, lt=1)] = 0.5


class DeadlineSection(Section):
    """``[[validity.deadlines]]``: a limit on the time between two times of an event.

    Attributes
    ----------
    indicator : str
        The indicator that depends on it.
    start, end : str
        Columns with the two times, in the table of the indicator.
    minutes : float
        The limit.
    """

    indicator: str
    start: str
    end: str
    minutes: Annotated[float, Field(gt=0)]


class LedgerSection(Section):
    """``[validity.ledger]``: when ledgers are inspected and entries are late.

    Attributes
    ----------
    inspections : str or tuple of str
        ``month_end``, or dates such as ``2024-06-30``.
    deadline_hours : float or None
        Hours after which an entry is late.
    """

    inspections: Literal["month_end"] | tuple[str, ...] = ()
    deadline_hours: Annotated[float, Field(gt=0)] | None = None


class Thresholds(Section):
    """``[validity.thresholds]``: what the checks of an indicator are held against.

    Attributes
    ----------
    integrity : IntegrityThresholds
        Records behind an indicator.
    gaming : GamingThresholds
        Late entries and breaks at limits.
    reliability : ReliabilityThresholds
        Reliability of units' values.
    prediction : PredictionThresholds
        Relation with the outcome.
    goodhart : GoodhartThresholds
        Changes since an indicator became a target, and audits.
    redundancy : RedundancyThresholds
        Indicators that say the same thing.
    importance : ImportanceThresholds
        What weights do to the score.
    use : UseThresholds
        Rules of use.
    """

    integrity: IntegrityThresholds = IntegrityThresholds()
    gaming: GamingThresholds = GamingThresholds()
    reliability: ReliabilityThresholds = ReliabilityThresholds()
    prediction: PredictionThresholds = PredictionThresholds()
    goodhart: GoodhartThresholds = GoodhartThresholds()
    redundancy: RedundancyThresholds = RedundancyThresholds()
    importance: ImportanceThresholds = ImportanceThresholds()
    use: UseThresholds = UseThresholds()


class TargetSection(Section):
    """``[[validity.targets]]``: since when an indicator is a target.

    Attributes
    ----------
    indicator : str
        Id of the indicator.
    since : str
        Key ``from``: first period of the target, written as in the panel, e.g. ``"2024-07"``.
    outcome : str or None
        ``table.column`` of an outcome from another source; that of the study by default.
    outcome_direction : str or None
        ``higher`` or ``lower``: which values of it are better; that of the study by default.
    """

    indicator: str
    since: Annotated[str, Field(alias="from", coerce_numbers_to_str=True, min_length=1)]
    outcome: Annotated[str, Field(pattern=r"^[^.]+\.[^.]+$")] | None = None
    outcome_direction: Literal["higher", "lower"] | None = None


class KnownGroupsSection(Section):
    """``[[validity.known_groups]]``: groups of units that are known to differ.

    Attributes
    ----------
    column : str
        Column of the table of units.
    higher, lower : str
        The group expected to have better values, and the one expected to have worse ones.
    indicators : tuple of str
        Indicators that should tell them apart; all where none is named.
    """

    column: str
    higher: str
    lower: str
    indicators: tuple[str, ...] = ()


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
    ledger : LedgerSection
        Inspections and deadlines of ledgers.
    deadlines : tuple of DeadlineSection
        Limits on times that indicators depend on.
    thresholds : Thresholds
        What the checks of an indicator are held against.
    verdicts : tuple of VerdictSection
        Lines of the rule for verdicts that replace the default ones.
    targets : tuple of TargetSection
        Since when indicators are targets.
    known_groups : tuple of KnownGroupsSection
        Groups of units that are known to differ.
    banned_sources : tuple of str
        Columns ``table.column`` that may not be counted, besides those of banned indicators.
    covers : dict of str to list of str
        Indicator = the types of incident it is about, where its formula does not name them.
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
    ledger: LedgerSection = LedgerSection()
    deadlines: tuple[DeadlineSection, ...] = ()
    thresholds: Thresholds = Thresholds()
    verdicts: tuple[VerdictSection, ...] = ()
    targets: tuple[TargetSection, ...] = ()
    known_groups: tuple[KnownGroupsSection, ...] = ()
    banned_sources: tuple[Annotated[str, Field(pattern=r"^[^.]+\.[^.]+$")], ...] = ()
    covers: dict[str, tuple[str, ...]] = Field(default_factory=dict)
