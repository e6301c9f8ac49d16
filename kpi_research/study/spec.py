"""The study file: what each section of ``study.toml`` may say."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from kpi_research.study.section import Name, Section, Share
from kpi_research.study.spec_preventability import PreventabilitySection
from kpi_research.study.spec_validity import ValiditySection
from kpi_research.study.spec_workload import WorkloadSection
from kpi_research.study.text import TextField


class StudySection(Section):
    """``[study]``: what is studied.

    Attributes
    ----------
    id : str
        Small letters, digits and ``-``; also the folder of the report.
    title : Text
        Title, in English and Chinese.
    question : Text or None
        The question the study answers.
    description : Text or None
        Where the data come from and what a reader must know.
    seed : int
        Where every random draw starts.
    unit, period : str
        What a unit is called; length of a period: day, month, quarter or year where it is made from times.
    timezone : str
        Zone in which times are taken apart, e.g. ``Asia/Shanghai``.
    """

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=64)]
    title: TextField
    question: TextField | None = None
    description: TextField | None = None
    seed: Annotated[int, Field(ge=0, lt=2**63)]
    unit: Name = "unit"
    period: Name = "period"
    timezone: Annotated[str, Field(pattern=r"^[A-Za-z]+(/[A-Za-z0-9_+-]+)*$")] = "UTC"


class IndicatorsSection(Section):
    """``[indicators]``: where the indicator catalogue is.

    Attributes
    ----------
    source : str
        A csv or xlsx file.
    sheet : str, int or None
        Sheet of an xlsx file.
    encoding : str or None
        Encoding of a csv file; found out by default.
    """

    source: str = "indicators.csv"
    sheet: str | int | None = None
    encoding: str | None = None


class TableSection(Section):
    """``[tables.<name>]``: one input table.

    Attributes
    ----------
    source : str
        A file or glob (csv, xlsx, parquet), ``package:name/table``, ``duckdb:file.db#table``, ``postgresql://user@host/db#table``,
        ``spark:parquet:files`` or ``spark:table:name``.
    role : str or None
        Role of the table; its name by default.
    columns : dict of str to str
        Our name = their name; columns that have our name need no entry.
    derive : dict of str to str
        New columns from expressions over the (renamed) columns.
    time : str or None
        Column of times that gives the period of a row.
    sheet, header_rows, encoding, dates : optional
        How to read it where that is not plain: sheet and number of header rows of an xlsx file, encoding of a csv file,
        format of its dates such as ``%d/%m/%Y``.
    """

    source: str
    role: str | None = None
    columns: dict[str, str] = Field(default_factory=dict)
    derive: dict[str, str] = Field(default_factory=dict)
    time: str | None = None
    sheet: str | int | None = None
    header_rows: Annotated[int, Field(ge=1, le=8)] | None = None
    encoding: str | None = None
    dates: str | None = None


class PeopleSection(Section):
    """``[people]``: which columns name persons, and where the key of their pseudonyms is.

    Attributes
    ----------
    pseudonymize : tuple of str
        Columns that name persons, in any table.
    key_env : str
        Environment variable with the secret key.
    simulated : bool
        True declares that the persons do not exist.
    """

    pseudonymize: tuple[str, ...] = ()
    key_env: Name = "KPI_RESEARCH_KEY"
    simulated: bool = False


class RuleSection(Section):
    """``[[rules]]``: one written rule on the weights, in points of 100.

    Attributes
    ----------
    id : str
        Name of the rule.
    label : Text or None
        What the rule says.
    where : str
        Filter over the columns of the catalogue: the indicators the rule speaks of.
    of : str or None
        Filter; with it, ``min`` and ``max`` are shares (0 to 1) of the weight of that selection.
    min, max : float or None
        Least and largest total weight of the selection.
    each_min, each_max : float or None
        Least and largest weight of each selected indicator.
    hard : bool
        Whether the rule must hold; a soft one may be broken at a price.
    priority : int
        Order in which soft rules are met, 1 first.
    enabled : bool
        False switches the rule off.
    source : str or None
        Document and clause the rule comes from.
    """

    id: Annotated[str, Field(min_length=1, max_length=64)]
    label: TextField | None = None
    where: str
    of: str | None = None
    min: float | None = None
    max: float | None = None
    each_min: float | None = None
    each_max: float | None = None
    hard: bool = True
    priority: Annotated[int, Field(ge=1)] = 1
    enabled: bool = True
    source: str | None = None


class WeightsSection(Section):
    """``[weights]``: what the optimization of weights aims at.

    Attributes
    ----------
    objective : str
        ``validity``: the score goes best with the outcome; ``closest``: closest to the current weights.
    tether : float
        Total of the changes of all weights, in points, that the evidence may make.
    """

    objective: Literal["validity", "closest"] = "validity"
    tether: Annotated[float, Field(ge=0, le=200)] = 10.0


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
    """

    id: Name
    label: TextField | None = None
    kinds: tuple[str, ...] = ()
    cap: Annotated[float, Field(ge=0)] | None = None
    floor: Annotated[float, Field(ge=0)] | None = None
    half_life: Annotated[float, Field(gt=0)] | None = None


class ScorecardSection(Section):
    """``[scorecard]``: how values become scores.

    Attributes
    ----------
    normalization : str
        ``z``, ``rank``, ``goalposts`` or ``ratio``; an indicator may have its own in the catalogue.
    missing : str
        What becomes of a unit that lacks an indicator: ``reweight`` its others, or ``exclude`` the unit.
    events : tuple of EventsSection
        Bonus and deduction events; without any they are not counted.
    draws : int
        Random draws for rank intervals.
    level : float
        Confidence level.
    """

    normalization: Literal["z", "rank", "goalposts", "ratio"] = "z"
    missing: Literal["reweight", "exclude"] = "reweight"
    events: tuple[EventsSection, ...] = ()
    draws: Annotated[int, Field(ge=100, le=1_000_000)] = 1000
    level: Share = 0.95


class ReportSection(Section):
    """``[report]``: languages of the report.

    Attributes
    ----------
    languages : tuple of str
        ``en``, ``zh``, in the order in which they are written.
    """

    languages: tuple[Literal["en", "zh"], ...] = ("en",)


class VarySection(Section):
    """``[[vary]]``: the same study under another choice, to see what the answer owes to it.

    Attributes
    ----------
    id : str
        Name of the scenario.
    label : Text or None
        What it is called.
    changes : mapping of str to value
        Address of a key of the study file (``"scorecard.normalization"``, ``"rules.business.max"``) to its other value.
    """

    id: Name
    label: TextField | None = None
    changes: Annotated[dict[str, Any], Field(min_length=1)]


class StudySpec(Section):
    """A whole study file, checked.

    Attributes
    ----------
    study, indicators, people, validity, preventability, workload, weights, scorecard, report : sections
        The sections of these names.
    tables : dict of str to TableSection
        The input tables by name.
    rules : tuple of RuleSection
        The written rules in file order.
    vary : tuple of VarySection
        Scenarios in file order.
    """

    study: StudySection
    indicators: IndicatorsSection = IndicatorsSection()
    tables: dict[str, TableSection] = Field(default_factory=dict)
    people: PeopleSection = PeopleSection()
    rules: tuple[RuleSection, ...] = ()
    validity: ValiditySection = ValiditySection()
    preventability: PreventabilitySection = PreventabilitySection()
    workload: WorkloadSection = WorkloadSection()
    weights: WeightsSection = WeightsSection()
    scorecard: ScorecardSection = ScorecardSection()
    report: ReportSection = ReportSection()
    vary: tuple[VarySection, ...] = ()
