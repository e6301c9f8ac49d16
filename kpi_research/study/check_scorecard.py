"""Names that ``[scorecard]`` uses."""

from __future__ import annotations

import pandas as pd

from kpi_research.study.findings import Finding, finding
from kpi_research.study.read_spec import SpecSource
from kpi_research.study.spec import StudySpec
from kpi_research.study.suggest import did_you_mean


def scorecard_faults(spec: StudySpec, source: SpecSource, catalogue: pd.DataFrame) -> list[Finding]:
    """Return a finding for each adjusted indicator that the catalogue does not have, or that is named twice.

    Parameters
    ----------
    spec : StudySpec
        The study file.
    source : SpecSource
        Where its keys stand.
    catalogue : pandas.DataFrame
        The indicator catalogue.

    Returns
    -------
    list of Finding
    """
    known = [str(name) for name in catalogue["id"]]
    faults, seen = [], set()
    for position, one in enumerate(spec.scorecard.adjust):
        where = source.where("scorecard", "adjust", position, "indicator")
        if one.indicator not in known:
            hint = did_you_mean(one.indicator, known)
            faults.append(finding("unknown-target-indicator", where, found=one.indicator, hint=hint))
        elif one.indicator in seen:
            faults.append(finding("indicator-adjusted-twice", where, indicator=one.indicator))
        seen.add(one.indicator)
    return faults
