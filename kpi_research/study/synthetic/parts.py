"""The parts of a bureau, each drawn when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property

import pandas as pd

from kpi_research.study.synthetic.audits import draw_audits
from kpi_research.study.synthetic.awareness import draw_assessments
from kpi_research.study.synthetic.events import Events, draw_events
from kpi_research.study.synthetic.expected import expected_values
from kpi_research.study.synthetic.experts import Opinions, draw_opinions
from kpi_research.study.synthetic.incidents import Incidents, draw_incidents
from kpi_research.study.synthetic.labels import Labels, draw_labels
from kpi_research.study.synthetic.ledger import Ledger, draw_ledger
from kpi_research.study.synthetic.natures import indicators_truth
from kpi_research.study.synthetic.officers import Officers, draw_officers, officers_table
from kpi_research.study.synthetic.options import BureauOptions
from kpi_research.study.synthetic.outcomes import draw_outcomes
from kpi_research.study.synthetic.panel import Panel, draw_panel
from kpi_research.study.synthetic.ratings import Ratings, draw_ratings
from kpi_research.study.synthetic.reporting import Reported, report
from kpi_research.study.synthetic.survey import Survey, draw_survey
from kpi_research.study.synthetic.truth import WORLD_TRUTH, people_truth, preventability_truth
from kpi_research.study.synthetic.unit_tables import panel_table, units_table
from kpi_research.study.synthetic.verdicts import verdicts_truth
from kpi_research.study.synthetic.worklog import draw_worklog
from kpi_research.study.synthetic.world import World, make_world


class Parts:
    """The parts of a bureau; none is drawn before it is needed, and none twice.

    Parameters
    ----------
    options : BureauOptions
        The options.
    """

    def __init__(self, options: BureauOptions) -> None:
        self.options = options

    @cached_property
    def world(self) -> World:
        """Everything hidden."""
        return make_world(self.options)

    @cached_property
    def officers(self) -> Officers:
        """All officers."""
        return draw_officers(self.world)

    @cached_property
    def incidents(self) -> Incidents:
        """All incidents."""
        return draw_incidents(self.world, slice(0, self.options.stations), slice(0, self.options.months))

    @cached_property
    def labels(self) -> Labels:
        """Labels of cases."""
        return draw_labels(self.world, self.incidents)

    @cached_property
    def panel(self) -> Panel:
        """True counts per unit and month."""
        return draw_panel(self.world)

    @cached_property
    def reported(self) -> Reported:
        """Reported counts per unit and month."""
        return report(self.world, self.panel)

    @cached_property
    def ledger(self) -> Ledger:
        """The ledger."""
        return draw_ledger(self.world, self.reported.values["visits"][: self.options.stations])

    @cached_property
    def survey(self) -> Survey:
        """The survey."""
        return draw_survey(self.world)

    @cached_property
    def ratings(self) -> Ratings:
        """All ratings."""
        return draw_ratings(self.world, self.officers)

    @cached_property
    def events(self) -> Events:
        """Bonus and deduction events."""
        return draw_events(self.world)

    @cached_property
    def opinions(self) -> Opinions:
        """What the experts say."""
        return draw_opinions(self.world.streams)

    @cached_property
    def expected(self) -> pd.DataFrame:
        """Mean and sampling variance of the stations' indicators."""
        return expected_values(self.world, self.panel, self.incidents, self.events, self.officers, self.survey.means)


def _panel(parts: Parts) -> pd.DataFrame:
    return panel_table(parts.world, parts.reported.values, parts.events, parts.incidents.table, parts.survey.table)


TABLES: Mapping[str, Callable[[Parts], pd.DataFrame]] = {
    "units": lambda parts: units_table(parts.world),
    "officers": lambda parts: officers_table(parts.world, parts.officers),
    "incidents": lambda parts: parts.incidents.table,
    "labels": lambda parts: parts.labels.table,
    "worklog": lambda parts: draw_worklog(parts.world, parts.officers),
    "ledger": lambda parts: parts.ledger.table,
    "panel": _panel,
    "outcomes": lambda parts: draw_outcomes(parts.world),
    "survey": lambda parts: parts.survey.table,
    "ratings": lambda parts: parts.ratings.table,
    "assessments": lambda parts: draw_assessments(parts.world),
    "events": lambda parts: parts.events.table,
    "audits": lambda parts: draw_audits(parts.world, parts.panel, parts.reported, parts.ledger, parts.incidents),
    "experts": lambda parts: parts.opinions.experts,
    "comparisons": lambda parts: parts.opinions.comparisons,
}
"""How each table is made."""


def _from_world(make: Callable[[World], pd.DataFrame]) -> Callable[[Parts], pd.DataFrame]:
    return lambda parts: make(parts.world)


TRUTH: Mapping[str, Callable[[Parts], pd.DataFrame]] = {
    **{name: _from_world(make) for name, make in WORLD_TRUTH.items()},
    "people": lambda parts: people_truth(parts.world, parts.officers),
    "preventability": lambda parts: preventability_truth(parts.world, parts.incidents),
    "cases": lambda parts: parts.incidents.truth,
    "raters": lambda parts: parts.labels.raters,
    "ledger": lambda parts: parts.ledger.truth,
    "faults": lambda parts: parts.reported.faults,
    "survey_means": lambda parts: parts.survey.means,
    "respondents": lambda parts: parts.survey.respondents,
    "severity": lambda parts: parts.ratings.severity,
    "expected": lambda parts: parts.expected,
    "indicators": lambda parts: indicators_truth(parts.world, parts.expected),
    "experts": lambda parts: parts.opinions.panel,
    "relevance": lambda parts: parts.opinions.relevance,
    "verdicts": lambda _parts: verdicts_truth(),
}
"""How each truth table is made; the columns are explained in ``docs/simulated_bureau.md``."""
