"""The workload stage: what each task, post and rank is worth."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from kpi_research.study.findings import finding
from kpi_research.study.model import Study
from kpi_research.study.results import Result

NEEDED = ("worklog",)
"""Roles of the tables the stage works on."""

COLUMNS = {"level": "str", "coefficient": "float64", "se": "float64", "low": "float64", "high": "float64", "n": "Int64"}
STAGE = {"en": "workload", "zh": "工作量"}


@dataclass(frozen=True)
class Workload(Result):
    """Workload coefficients.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per task, post or rank: ``level`` (its name); ``coefficient`` (worth of one unit of it, mean 1), ``se``
        (its standard error), ``low``, ``high`` (its interval); ``n`` (records). Without rows where the table is missing.
    findings : tuple of Finding
        What the user must know about this result.
    """


def fit_workload(study: Study) -> Workload:
    """Say what fitting workload coefficients would need.

    Parameters
    ----------
    study : Study
        The study; the stage works on its table of role ``worklog``.

    Returns
    -------
    Workload
        Without rows. Findings: ``stage-skipped`` where the table is missing; ``stage-not-available`` where it is there,
        because this version does not fit coefficients yet.
    """
    present = {section.role or name for name, section in study.spec.tables.items()}
    missing = [role for role in NEEDED if role not in present]
    found = tuple(finding("stage-skipped", stage=STAGE, missing=role) for role in missing)
    table = pd.DataFrame(columns=list(COLUMNS)).astype(COLUMNS)
    return Workload(table, found or (finding("stage-not-available", stage=STAGE, tables=", ".join(NEEDED)),))
