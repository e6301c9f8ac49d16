"""The study file: what each section of ``study.toml`` may say."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from kpi_research.study.text import TextField

Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")]
Share = Annotated[float, Field(gt=0, lt=1)]
PanelModel = Literal["two_way", "between", "first_difference", "iv_two_way"]


class Section(BaseModel):
    """Base of all sections: immutable, and an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, strict=False)


class StudySection(Section):
    """``[study]``: what is studied."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=64)]
    title: TextField
    question: TextField | None = None
    description: TextField | None = None
    seed: Annotated[int, Field(ge=0, lt=2**63)]
    unit: Name = "unit"
    period: Name = "period"
    timezone: Annotated[str, Field(pattern=r"^[A-Za-z]+(/[A-Za-z0-9_+-]+)*$")] = "UTC"


class IndicatorsSection(Section):
    """``[indicators]``: where the indicator catalogue is."""

    source: str = "indicators.csv"
    sheet: str | int | None = None
    encoding: str | None = None


class TableSection(Section):
    """``[tables.<name>]``: one input table.

    ``columns`` maps our name to the name in the file; ``derive`` makes new columns from expressions over the
    file's (renamed) columns; ``time`` names the column of times that gives the period of a row.
    """

    source: str
    role: str | None = None
    columns: dict[str, str] = {}
    derive: dict[str, str] = {}
    time: str | None = None
    sheet: str | int | None = None
    header_rows: Annotated[int, Field(ge=1, le=8)] | None = None
    encoding: str | None = None
    dates: str | None = None


class PeopleSection(Section):
    """``[people]``: which columns name persons, and where the key of their pseudonyms is.

    ``simulated = true`` declares that the persons do not exist.
    """

    pseudonymize: tuple[str, ...] = ()
    key_env: Name = "KPI_RESEARCH_KEY"
    simulated: bool = False


class RuleSection(Section):
    """``[[rules]]``: one written rule on the weights, in points of 100."""

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


class ValiditySection(Section):
    """``[validity]``: the outcome people care about and the models that hold indicators against it."""

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


class WeightsSection(Section):
    """``[weights]``: what the optimization of weights aims at."""

    objective: Literal["validity", "closest"] = "validity"
    tether: Annotated[float, Field(ge=0, le=200)] = 10.0


class ScorecardSection(Section):
    """``[scorecard]``: how values become scores."""

    normalization: Literal["z", "rank", "goalposts"] = "z"
    draws: Annotated[int, Field(ge=100, le=1_000_000)] = 1000
    level: Share = 0.95


class ReportSection(Section):
    """``[report]``: languages of the report."""

    languages: tuple[Literal["en", "zh"], ...] = ("en",)


class StudySpec(Section):
    """A whole study file, checked."""

    study: StudySection
    indicators: IndicatorsSection = IndicatorsSection()
    tables: dict[str, TableSection] = {}
    people: PeopleSection = PeopleSection()
    rules: tuple[RuleSection, ...] = ()
    validity: ValiditySection = ValiditySection()
    weights: WeightsSection = WeightsSection()
    scorecard: ScorecardSection = ScorecardSection()
    report: ReportSection = ReportSection()
