"""The study file: what each section of ``study.toml`` may say."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from kpi_research.study.section import Name, Section, Share
from kpi_research.study.spec_preventability import PreventabilitySection
from kpi_research.study.spec_scorecard import ScorecardSection
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
    where : str or None
        Filter over the columns of the catalogue: the indicators the rule speaks of; all without it.
    of : str or None
        Filter; with it, ``min`` and ``max`` are shares (0 to 1) of the weight of that selection.
    min, max : float or None
        Least and largest total weight of the selection.
    than : str or None
        Filter; with it, ``min`` and ``max`` are multiples of the weight of that selection: ratio and order.
    column : str or None
        Number column of the catalogue (0 to 1); ``min`` and ``max`` limit the sum of weight times it. The evidence on
        validity adds ``reliability``, ``unreliability`` (1 minus it) and ``topped_out`` (0 or 1).
    each_min, each_max : float or None
        Least and largest weight of each selected indicator.
    each_change, change : float or None
        Largest move of each selected weight from its current one; largest sum of all these moves, points.
    least : float or None
        A selected weight is 0 or at least this many points.
    count_min, count_max : int or None
        Fewest and most selected indicators that have weight.
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
    where: str | None = None
    of: str | None = None
    than: str | None = None
    column: str | None = None
    min: float | None = None
    max: float | None = None
    each_min: float | None = None
    each_max: float | None = None
    each_change: Annotated[float, Field(ge=0, le=100)] | None = None
    change: Annotated[float, Field(ge=0, le=200)] | None = None
    least: Annotated[float, Field(ge=0, le=100)] | None = None
    count_min: Annotated[int, Field(ge=0)] | None = None
    count_max: Annotated[int, Field(ge=0)] | None = None
    hard: bool = True
    priority: Annotated[int, Field(ge=1)] = 1
    enabled: bool = True
    source: str | None = None


class WeightsSection(Section):
    """``[weights]``: what the optimization of weights aims at.

    Attributes
    ----------
    objective : str
        ``validity``: the score goes best with the outcome; ``deviation``: least absolute deviations; ``discrimination``:
        the score tells units apart; ``tail``, ``worst``, ``mean``, ``regret``: over scenarios; ``closest``,
        ``closest_evenly``: closest to the current weights; ``experts``, ``experts_evenly``: to those of experts.
    tether : float
        Total of the changes of all weights, in points, that the evidence may make.
    scenarios : int or str
        Number of bootstrap samples of units, or the column of the table of units whose strata are the scenarios.
    grid : float or None
        Step of the published weights in points, such as 1, 2 or 5; none without it.
    draws : int
        Bootstrap samples for the spread of weights.
    min_reliability : float or None
        Least mean reliability of the indicators, weighted (0 to 1), from the evidence on validity.
    cluster_cap : float or None
        Largest total weight of a cluster of redundant indicators, points, from the evidence on validity.
    topped_out_cap : float or None
        Largest total weight of indicators on which nearly all units are at the top, points, from the same evidence.
    """

    objective: Literal[
        "validity", "deviation", "discrimination", "tail", "worst", "mean", "regret",
        "closest", "closest_evenly", "experts", "experts_evenly",
    ] = "validity"  # fmt: skip
    tether: Annotated[float, Field(ge=0, le=200)] = 10.0
    scenarios: Annotated[int, Field(ge=1, le=100_000)] | Name = 1000
    grid: Annotated[float, Field(gt=0, le=50)] | None = None
    draws: Annotated[int, Field(ge=0, le=100_000)] = 200
    min_reliability: Share | None = None
    cluster_cap: Annotated[float, Field(gt=0, le=100)] | None = None
    topped_out_cap: Annotated[float, Field(ge=0, le=100)] | None = None


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
