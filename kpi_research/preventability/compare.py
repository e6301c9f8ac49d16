"""Units against the level to expect: from the panel's estimates, and under each written definition."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kpi_research.preventability.expected.funnel import Funnel, funnel
from kpi_research.preventability.expected.standardize import LONE, Expected, expected_counts
from kpi_research.study.findings import Finding, finding
from kpi_research.study.model import Study

LEAST_UNITS = 4
"""Units below which no level is expected of any."""
SENSITIVITY = ("definition", "unclear", "unit", "observed", "expected", "ratio", "q", "verdict")


@dataclass(frozen=True)
class Comparison:
    """What to expect of each unit, and its funnel; None where too few units have what is needed.

    Attributes
    ----------
    expected : Expected or None
        Expected numbers of cases.
    chart : Funnel or None
        Units that stand out beyond chance.
    """

    expected: Expected | None
    chart: Funnel | None


def compare_units(study: Study, context: pd.DataFrame, count: pd.Series, error: pd.Series | None = None) -> Comparison:
    """Hold a number of cases of each unit against what units in like circumstances have.

    Parameters
    ----------
    study : Study
        The study; ``[preventability]`` names covariates, groups and exposure.
    context : pandas.DataFrame
        One row per unit: ``unit``, ``n`` (cases) and the columns of the table of units.
    count : pandas.Series
        Number of preventable cases of each row, counted or estimated.
    error : pandas.Series, optional
        Standard error of an estimated number.

    Returns
    -------
    Comparison
        Units that no other is like are left out of the funnel.
    """
    section = study.spec.preventability
    frame = context.assign(preventable=count, error=0.0 if error is None else error)
    needed = ["preventable", "error", *section.covariates, *([section.exposure] if section.exposure else [])]
    numeric = [name for name in needed if name in frame and pd.api.types.is_numeric_dtype(frame[name])]
    frame = frame.dropna(subset=[*numeric, *(name for name in section.within if name in frame)]).reset_index(drop=True)
    if len(frame) < LEAST_UNITS or not frame["preventable"].sum() > 0:
        return Comparison(None, None)
    expected = expected_counts(
        frame,
        observed="preventable",
        exposure=section.exposure if section.exposure in frame else "n",
        covariates=[name for name in section.covariates if name in numeric],
        within=[name for name in section.within if name in frame],
    )
    table = expected.table.assign(error=frame["error"].to_numpy(dtype=float))
    table = table[(table["leverage"] <= LONE) & (table["expected"] > 0)]
    if len(table) < LEAST_UNITS:
        return Comparison(expected, None)
    chart = funnel(
        table["observed"],
        table["expected"],
        unit=table["unit"],
        observed_variance=table["error"] ** 2 + table["variance"],
        level=(section.level, 0.998) if section.level < 0.998 else (section.level,),
    )
    return Comparison(expected, chart)


def sensitivity(study: Study, context: pd.DataFrame, definitions: pd.DataFrame) -> pd.DataFrame:
    """Hold units against the level to expect under each definition, with the unclear cases counted as none or as all.

    Parameters
    ----------
    study : Study
        The study.
    context : pandas.DataFrame
        See `compare_units`.
    definitions : pandas.DataFrame
        ``definition``, ``unit``, ``preventable``, ``unclear`` (cases).

    Returns
    -------
    pandas.DataFrame
        One row per definition, ``unclear`` (``none`` or ``all`` of them counted; one only where there are none) and unit:
        ``observed``, ``expected``, ``ratio``, ``q``, ``verdict``.
    """
    parts = []
    for name, own in definitions.groupby("definition", sort=False) if len(definitions) else ():
        counts = context["unit"].map(own.set_index("unit")["preventable"]).astype(float)
        open_cases = context["unit"].map(own.set_index("unit")["unclear"]).astype(float)
        for unclear, added in {"none": 0.0 * open_cases, "all": open_cases}.items():
            if unclear == "all" and not open_cases.sum() > 0:
                continue
            chart = compare_units(study, context, counts + added).chart
            if chart is not None:
                parts.append(chart.table.assign(definition=name, unclear=unclear)[list(SENSITIVITY)])
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(SENSITIVITY))


def definition_findings(table: pd.DataFrame, chart: Funnel | None) -> tuple[Finding, ...]:
    """Return the finding that verdicts rest on the definition, where they do.

    Parameters
    ----------
    table : pandas.DataFrame
        Result of `sensitivity`.
    chart : Funnel or None
        The funnel of the panel's estimates.

    Returns
    -------
    tuple of Finding
        ``verdict-rests-on-definition`` with the number of units whose verdict is not the same throughout.
    """
    if table.empty or chart is None:
        return ()
    every = pd.concat([table[["unit", "verdict"]], chart.table[["unit", "verdict"]]])
    told = every.groupby("unit")["verdict"].nunique()
    moved = int((told > 1).sum())
    if not moved:
        return ()
    least, most = _counts_out(table)
    return (finding("verdict-rests-on-definition", units=moved, total=len(told), least=least, most=most),)


def _counts_out(table: pd.DataFrame) -> tuple[int, int]:
    out = (
        table.assign(out=np.asarray(table["verdict"] != "as_expected")).groupby(["definition", "unclear"])["out"].sum()
    )
    return int(out.min()), int(out.max())
