"""Rules of use of a study's indicators."""

from __future__ import annotations

from kpi_research.study.model import Study
from kpi_research.validity.catalogue import with_whole_catalogue
from kpi_research.validity.evidence import Evidence, evidence_frame
from kpi_research.validity.panel_frame import StudyPanel
from kpi_research.validity.use.study_banned import banned_rows
from kpi_research.validity.use.study_definition import definition_rows
from kpi_research.validity.use.study_fit import fit_rows
from kpi_research.validity.use.study_stale import stale_rows


def study_use(study: Study, panel: StudyPanel) -> Evidence:
    """Return the evidence on rules of use.

    Parameters
    ----------
    study : Study
        A loaded study.
    panel : StudyPanel
        Its columns.

    Returns
    -------
    Evidence
        Aspect ``use``: ``banned`` (the indicator or a count behind it may not be a target), ``fit`` (units and posts
        that are asked), ``stale`` (fit with the present mix of crime), ``definition`` (what the catalogue leaves open).
        Thresholds stand in ``[validity.thresholds.use]``. Tables: ``use_trace`` (ways from indicators to banned
        sources), ``crime_mix`` (trend of every type), ``indicator_mix`` (trend of the types that indicators are about).
    """
    study = with_whole_catalogue(study)
    of_banned, traces, built = banned_rows(study)
    stale = stale_rows(study)
    rows = [*of_banned, *fit_rows(study, panel), *stale.rows, *definition_rows(study)]
    return Evidence(evidence_frame(rows), {"use_trace": traces, **stale.tables}, (*built, *stale.findings))
