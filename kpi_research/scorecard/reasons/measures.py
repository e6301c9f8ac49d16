"""The columns that a study names for outcome and causes, in one frame of units and periods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kpi_research.scorecard.groups import comparison_groups
from kpi_research.scorecard.reasons.words import cause_text
from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.model import Study

KEY = ["unit", "period"]


@dataclass(frozen=True)
class Measures:
    """What the gaps of a study are made of.

    Attributes
    ----------
    frame : pandas.DataFrame
        ``unit``, ``period``, ``group``, the outcome, the number of answers behind it, a column per measure.
    outcome, weight : str
        Their columns.
    causes : mapping of str to tuple of str
        Columns of each cause; measures that the study lacks are left out.
    findings : tuple of Finding
        Measures that the study lacks.
    """

    frame: pd.DataFrame
    outcome: str
    weight: str
    causes: Mapping[str, tuple[str, ...]]
    findings: tuple[Finding, ...]


def gather_measures(study: Study, outcome: str, causes: Mapping[str, Sequence[str]]) -> Measures | None:
    """Return outcome and causes of a study.

    Parameters
    ----------
    study : Study
        The study.
    outcome : str
        As in `ReasonsSection`.
    causes : mapping of str to sequence of str
        As in `ReasonsSection`.

    Returns
    -------
    Measures or None
        None where the study has no such outcome.
    """
    frame = _outcome(study, outcome)
    if frame is None:
        return None
    found, used = [], {}
    for cause, sources in causes.items():
        kept = []
        for source in sources:
            measured = _measure(study, source)
            if measured is None:
                found.append(
                    finding("reasons-source-missing", Where("study.toml"), cause=cause_text(cause), source=source)
                )
                continue
            keys = [name for name in KEY if name in measured]
            frame = (
                frame.merge(measured.rename(columns={"value": source}), on=keys, how="left")
                if source not in frame
                else frame
            )
            kept.append(source)
        if kept:
            used[cause] = tuple(kept)
    groups = comparison_groups(pd.Index(frame["unit"].unique()), study.role_table("units"))
    frame["group"] = frame["unit"].map(groups["group"])
    return Measures(frame, "outcome", "answers", used, tuple(found))


def _outcome(study: Study, name: str) -> pd.DataFrame | None:
    table, _, column = name.partition(".")
    if table == "survey" and column:
        answers = study.role_table("survey")
        if answers is None or not {*KEY, "answer"} <= set(answers.columns):
            return None
        kept = answers[(answers["item"] == column) & answers["answer"].notna()]
        value = pd.to_numeric(kept["answer"], errors="coerce")
        grouped = value.groupby([kept["unit"].astype("str"), kept["period"].astype("str")])
        frame = pd.DataFrame({"outcome": grouped.mean(), "answers": grouped.size().astype(float)})
        return frame.rename_axis(KEY).reset_index() if len(frame) else None
    measured = _measure(study, name)
    if measured is None or "period" not in measured:
        return None
    return measured.rename(columns={"value": "outcome"}).dropna(subset=["outcome"]).assign(answers=1.0)


def _measure(study: Study, source: str) -> pd.DataFrame | None:
    """Return unit, period (where there is one) and value of a measure, or None where the study lacks it."""
    if source in study.values.columns and source not in KEY:
        return _long(study.values, source)
    if "/" in source:
        return _load(study, *source.split("/", 1))
    table, _, column = source.partition(".")
    if table == "ratings":
        return _ratings(study, column)
    frame = study.role_table(table)
    if frame is None or column not in frame.columns or "unit" not in frame.columns:
        return None
    return _long(frame, column)


def _long(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    keys = [name for name in KEY if name in frame.columns]
    long = frame[keys].astype("str")
    return long.assign(value=frame[column].to_numpy(dtype=float, na_value=np.nan))


def _load(study: Study, table: str, base: str) -> pd.DataFrame | None:
    """Return the logarithm of the rows of a table per value of a column of the panel or the units table."""
    rows, panel, units = (study.role_table(role) for role in (table, "panel", "units"))
    if rows is None or not set(KEY) <= set(rows.columns):
        return None
    count = rows.groupby([rows["unit"].astype("str"), rows["period"].astype("str")]).size()
    frame = count.rename_axis(KEY).rename("rows").reset_index()
    for source in (panel, units):
        if source is not None and base in source.columns:
            measured = _long(source, base)
            frame = frame.merge(measured, on=[name for name in KEY if name in measured], how="left")
            ratio = frame["rows"] / frame["value"].where(frame["value"] > 0)
            return frame[KEY].assign(value=np.log(ratio))
    return None


def _ratings(study: Study, column: str) -> pd.DataFrame | None:
    kind, _, item = column.partition(".")
    ratings = study.role_table("ratings")
    if ratings is None or not {"target", "kind", "item", "rating", "period"} <= set(ratings.columns):
        return None
    kept = ratings[(ratings["kind"] == kind) & (ratings["item"] == item)]
    if "target_kind" in kept.columns:
        kept = kept[kept["target_kind"] == "unit"]
    if kept.empty:
        return None
    grouped = kept["rating"].groupby([kept["target"].astype("str"), kept["period"].astype("str")]).mean()
    return grouped.rename_axis(KEY).rename("value").reset_index()
