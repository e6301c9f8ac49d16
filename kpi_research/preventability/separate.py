"""The preventability stage: which cases prevention could have stopped."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from kpi_research.study.findings import finding
from kpi_research.study.model import Study
from kpi_research.study.results import Result

NEEDED = ("incidents", "labels")
"""Roles of the tables the stage works on."""

COLUMNS = {
    "unit": "str",
    "n": "Int64",
    "n_labels": "Int64",
    "estimate": "float64",
    "se": "float64",
    "low": "float64",
    "high": "float64",
}
STAGE = {"en": "preventability", "zh": "可防性"}


@dataclass(frozen=True)
class Preventability(Result):
    """Share of preventable cases per unit.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per unit: ``unit``; ``n`` (cases), ``n_labels`` (labelled cases); ``estimate`` (share of preventable
        cases, 0 to 1), ``se`` (its standard error), ``low``, ``high`` (its interval). Without rows where tables are
        missing.
    findings : tuple of Finding
        What the user must know about this result.
    """


def separate_preventable(study: Study) -> Preventability:
    """Say what separating preventable from other cases would need.

    Parameters
    ----------
    study : Study
        The study; the stage works on its tables of role ``incidents`` and ``labels``.

    Returns
    -------
    Preventability
        Without rows. Findings: ``stage-skipped`` for each table that is missing; ``stage-not-available`` where both are
        there, because this version does not estimate shares of preventable cases yet.
    """
    present = {section.role or name for name, section in study.spec.tables.items()}
    missing = [role for role in NEEDED if role not in present]
    found = tuple(finding("stage-skipped", stage=STAGE, missing=role) for role in missing)
    table = pd.DataFrame(columns=list(COLUMNS)).astype(COLUMNS)
    return Preventability(table, found or (finding("stage-not-available", stage=STAGE, tables=", ".join(NEEDED)),))
