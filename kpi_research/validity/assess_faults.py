"""Data faults of a study and the findings that tell of them, short enough to be read."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.model import Study
from kpi_research.validity.integrity.faults import COLUMNS, find_faults
from kpi_research.validity.integrity.impossible import MEASURES, measure_of
from kpi_research.validity.panel_frame import StudyPanel
from kpi_research.validity.words import MEASURES as MEASURE_WORDS
from kpi_research.validity.words import span, times

LISTED = 4
COMMON_UNITS = 5
COMMON_SHARE = 0.05


def study_faults(study: Study, panel: StudyPanel) -> pd.DataFrame:
    """Return the impossible values of the indicators, and the jumps of indicators, controls and checked columns.

    Parameters
    ----------
    study : Study
        A loaded study.
    panel : StudyPanel
        Its columns.

    Returns
    -------
    pandas.DataFrame
        See `kpi_research.validity.integrity.faults.find_faults`.
    """
    if panel.frame.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    asked = study.spec.validity
    further = [name for name in (*asked.controls, *asked.checked) if name in panel.frame.columns]
    columns = [
        name
        for name in dict.fromkeys([*panel.indicators, *further])
        if pd.api.types.is_numeric_dtype(panel.frame[name])
    ]
    return find_faults(
        panel.frame,
        unit="unit",
        period="period",
        columns=columns,
        measures=_measures(study, panel),
        factor=asked.jump_factor,
    )


def _measures(study: Study, panel: StudyPanel) -> dict[str, str]:
    units = study.indicators.set_index("id")["unit"]
    known = {name: measure_of(str(units[name])) for name in panel.indicators if isinstance(units[name], str)}
    return {name: measure for name, measure in known.items() if measure is not None}


def fault_findings(study: Study, panel: StudyPanel, faults: pd.DataFrame) -> Iterator[Finding]:
    """Yield one finding per column with impossible values, and the clearest jumps of each column.

    Parameters
    ----------
    study : Study
        A loaded study.
    panel : StudyPanel
        Its columns.
    faults : pandas.DataFrame
        As `study_faults` returns it.

    Yields
    ------
    Finding
        ``impossible-value``, ``jump``; ``jump-common`` in place of jumps that many units share; ``jump-more`` where a
        column has more jumps than are worth a line each.
    """
    measures = _measures(study, panel)
    for column, part in _by_column(faults, "impossible-value"):
        yield _impossible(_label(study, column), column, measures[column], part, int(panel.frame[column].notna().sum()))
    units = panel.frame["unit"].nunique()
    for column, part in _by_column(faults, "jump"):
        yield from _jumps(_label(study, column), column, part, units)


def _by_column(faults: pd.DataFrame, kind: str) -> Iterator[tuple[str, pd.DataFrame]]:
    of_kind = faults[faults["kind"] == kind]
    for column in dict.fromkeys(of_kind["column"]):
        yield str(column), of_kind[of_kind["column"] == column]


def _impossible(label: dict[str, str], column: str, measure: str, part: pd.DataFrame, total: int) -> Finding:
    gap = (part["value"] - part["reference"]).abs().astype(float)
    worst = part.iloc[int(gap.fillna(np.inf).to_numpy().argmax())]
    low, high = MEASURES[measure]
    allowed = f"{low:g}–{high:g}" if np.isfinite(high) else f"≥ {low:g}"
    where = Where(column=column, unit=str(worst["unit"]), period=str(worst["period_from"]))
    words, value = MEASURE_WORDS[measure], f"{worst['value']:.4g}"
    return finding(
        "impossible-value",
        where,
        label=label,
        measure=words,
        count=len(part),
        total=total,
        allowed=allowed,
        worst=value,
    )


def _jumps(label: dict[str, str], column: str, part: pd.DataFrame, units: int) -> Iterator[Finding]:
    part = part.assign(size=np.abs(np.log(part["ratio"].astype(float))), up=part["ratio"].astype(float) > 1)
    common = part.groupby(["period_from", "period_to", "up"], sort=True)["unit"].transform("nunique")
    shared = common >= max(COMMON_UNITS, COMMON_SHARE * units)
    for (first, last, up), group in part[shared].groupby(["period_from", "period_to", "up"], sort=True):
        rises = {"en": "rise", "zh": "上升"} if up else {"en": "fall", "zh": "下降"}
        where = Where(column=column, period=span(first, last))
        facts = {"label": label, "count": len(group), "units": units, "moves": rises, "periods": span(first, last)}
        yield finding("jump-common", where, **facts)
    single = part[~shared].sort_values("size", ascending=False, kind="stable")
    for _, row in single.head(LISTED).sort_index().iterrows():
        yield _jump(label, column, row)
    if len(single) > LISTED:
        yield finding("jump-more", Where(column=column), label=label, count=len(single) - LISTED)


def _jump(label: dict[str, str], column: str, row: pd.Series) -> Finding:
    periods = span(row["period_from"], row["period_to"])
    where = Where(column=column, unit=str(row["unit"]), period=periods)
    facts = {
        "value": f"{row['value']:.4g}",
        "reference": f"{row['reference']:.4g}",
        "times": times(float(row["ratio"])),
    }
    return finding("jump", where, label=label, unit=str(row["unit"]), periods=periods, **facts)


def _label(study: Study, column: str) -> dict[str, str]:
    if column in set(study.indicators["id"]):
        return {"en": study.label(column, "en"), "zh": study.label(column, "zh")}
    return {"en": column, "zh": column}
