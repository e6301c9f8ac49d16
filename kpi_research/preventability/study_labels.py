"""One decision per labelled case of a study, from single raters, several raters or the panel, and its errors."""

from __future__ import annotations

from dataclasses import dataclass
from math import comb
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpi_research.preventability.labels import read_labels
from kpi_research.preventability.panel.consensus import Consensus, consensus
from kpi_research.preventability.panel.errors import ErrorRates, error_rates
from kpi_research.study.agreement.agreement import Agreement, agreement
from kpi_research.study.findings import Finding, Where, finding

Floats = NDArray[np.float64]
NAMES: dict[str, Any] = {"case": "incident", "rater": "rater", "rating": "preventable"}
HIGH, LOW = 7, 3
"""On a scale of 1 to 9: from 7 preventable, up to 3 not (RAND/UCLA)."""


@dataclass(frozen=True)
class StudyLabels:
    """Decisions on the labelled cases of a study.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per labelled case: ``incident``; ``label`` (1 preventable, 0 not); ``inclusion``; ``e01``, ``e10`` (errors
        of this decision: 0 for the panel's, those of one rater for one rater's, less for the majority of three).
    agreement : Agreement or None
        None where no case has two ratings.
    consensus : Consensus or None
        None where no case has two ratings.
    errors : ErrorRates or None
        Errors of a single rating; None where no case was rated twice or adjudicated.
    error : (float, float) or None
        Mean errors of the decisions in ``table``.
    findings : tuple of Finding
        What was found about the labels.
    """

    table: pd.DataFrame
    agreement: Agreement | None
    consensus: Consensus | None
    errors: ErrorRates | None
    error: tuple[float, float] | None
    findings: tuple[Finding, ...]


def study_labels(
    labels: pd.DataFrame, cases: pd.DataFrame, *, by: tuple[str, ...], level: float, seed: int
) -> StudyLabels:
    """Turn the table of labels into one decision per case, with agreement, consensus and errors.

    The decision is the panel's where there is one, otherwise the majority of the raters; with an even number of raters
    the last one is left out, so that there is no tie.

    Parameters
    ----------
    labels : pandas.DataFrame
        The table of labels: ``incident``, ``rater``, ``preventable``, optionally ``inclusion`` and ``adjudicated``.
    cases : pandas.DataFrame
        The cases: ``incident`` and the columns of ``by``.
    by : tuple of str
        Columns of the cases within which agreement is shown.
    level : float
        Confidence level.
    seed : int
        Seed.

    Returns
    -------
    StudyLabels

    Raises
    ------
    ValueError
        If a value is no decision.
    """
    frame, findings = _prepared(labels, cases, by)
    panel = "adjudicated" if frame["adjudicated"].any() else None
    raters = frame[~frame["adjudicated"]]
    rated = raters[raters["preventable"].notna()]
    several = rated["incident"].duplicated().any()
    agreed = together = wrong = None
    if several:
        agreed = agreement(raters, **NAMES, by=by, confidence=level, seed=seed)
        findings += agreed.findings
    if several or panel:
        together = _consensus(frame, panel, level, seed)
        wrong = _errors(frame, panel, level, seed)
    if wrong is None:
        findings += (finding("errors-unknown", Where("labels")),)
    else:
        findings += wrong.findings
    table = _decisions(frame, (wrong.e01, wrong.e10) if wrong else (0.0, 0.0))
    error = _mean_error(table) if wrong else None
    return StudyLabels(table, agreed, together, wrong, error, findings)


def _prepared(
    labels: pd.DataFrame, cases: pd.DataFrame, by: tuple[str, ...]
) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    frame = labels[["incident", "rater"]].assign(preventable=_decided(labels["preventable"]))
    frame["adjudicated"] = (
        labels["adjudicated"].astype("boolean").fillna(False).to_numpy(dtype=bool) if "adjudicated" in labels else False
    )
    frame["inclusion"] = labels["inclusion"].astype(float) if "inclusion" in labels else np.nan
    frame = frame.merge(cases[["incident", *by]], on="incident", how="left", indicator="found")
    findings = []
    outside = frame["found"] == "left_only"
    if outside.any():
        count = frame.loc[outside, "incident"].nunique()
        findings.append(finding("labels-outside-cases", Where("labels"), count=count))
    frame = frame[~outside].drop(columns="found").reset_index(drop=True)
    if not frame["inclusion"].notna().any():
        findings.append(finding("inclusion-missing", Where("labels")))
        frame["inclusion"] = 1.0
    gone = ~((frame["inclusion"] > 0) & (frame["inclusion"] <= 1))
    if gone.any():
        findings.append(finding("inclusion-gaps", Where("labels"), count=frame.loc[gone, "incident"].nunique()))
    return frame[~gone].reset_index(drop=True), tuple(findings)


def _decided(values: pd.Series) -> Floats:
    """Return decisions as 1, 0 and NaN; numbers above 1 are ratings of 1 to 9."""
    numeric = pd.api.types.is_numeric_dtype(values.dtype) and not pd.api.types.is_bool_dtype(values.dtype)
    numbers = values.to_numpy(dtype=float, na_value=np.nan) if numeric else np.empty(0)
    if not numeric or not np.nanmax(numbers, initial=0.0) > 1:
        return read_labels(values, "labels")
    wrong = ~np.isnan(numbers) & ~((numbers >= 1) & (numbers <= 9))
    if wrong.any():
        raise ValueError(
            f"labels: found {numbers[wrong][0]:g} in 'preventable'; allowed are 0 and 1, or ratings of 1 to 9"
        )
    return np.where(numbers >= HIGH, 1.0, np.where(numbers <= LOW, 0.0, np.nan))


def _consensus(frame: pd.DataFrame, panel: str | None, level: float, seed: int) -> Consensus | None:
    if frame["preventable"].nunique() < 2:
        return None
    return consensus(frame, **NAMES, adjudicated=panel, confidence=level, seed=seed)


def _errors(frame: pd.DataFrame, panel: str | None, level: float, seed: int) -> ErrorRates | None:
    if frame["preventable"].nunique() < 2:
        return None
    try:
        return error_rates(frame, **NAMES, adjudicated=panel, confidence=level, seed=seed)
    except ValueError:
        return None


def _decisions(frame: pd.DataFrame, error: tuple[float, float]) -> pd.DataFrame:
    rated = frame[frame["preventable"].notna()].sort_values(["incident", "adjudicated", "rater"], kind="stable")
    panel = rated[rated["adjudicated"]].groupby("incident")["preventable"].last()
    raters = rated[~rated["adjudicated"]]
    place = raters.groupby("incident").cumcount()
    size = raters.groupby("incident")["incident"].transform("size")
    kept = raters[place < size - (size + 1) % 2]
    votes = kept.groupby("incident")["preventable"].agg(["mean", "size"])
    inclusion = rated.groupby("incident")["inclusion"].first()
    table = pd.DataFrame({"inclusion": inclusion})
    table["label"] = panel.reindex(table.index).fillna((votes["mean"] > 0.5).astype(float).reindex(table.index))
    number = votes["size"].reindex(table.index).where(~table.index.isin(panel.index), 0).fillna(0).astype(int)
    for name, value in zip(("e01", "e10"), error, strict=True):
        table[name] = number.map({count: _majority_error(value, count) for count in number.unique()})
    return table.reset_index(names="incident")[["incident", "label", "inclusion", "e01", "e10"]]


def _majority_error(error: float, raters: int) -> float:
    """Return the probability that most of an odd number of independent raters err; 0 for the panel."""
    return (
        sum(comb(raters, k) * error**k * (1 - error) ** (raters - k) for k in range(raters // 2 + 1, raters + 1))
        if raters
        else 0.0
    )


def _mean_error(table: pd.DataFrame) -> tuple[float, float]:
    weight = 1 / table["inclusion"]
    return float(np.average(table["e01"], weights=weight)), float(np.average(table["e10"], weights=weight))
