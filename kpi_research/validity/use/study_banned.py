"""Banned sources of a study's indicators, traced through formulas and derived columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.model import Study
from kpi_research.validity.evidence import evidence_row
from kpi_research.validity.use.trace import JOINT, study_trace
from kpi_research.validity.use.words import join, label_of, say
from kpi_research.validity.words import Both

Row = dict[str, Any]


def banned_rows(study: Study) -> tuple[list[Row], pd.DataFrame, list[Finding]]:
    """Return the evidence on banned sources.

    Parameters
    ----------
    study : Study
        A loaded study.

    Returns
    -------
    rows : list of dict
        Check ``banned`` of each indicator: ``fail`` where it is banned or computed from a banned count, ``care`` where
        it only divides by one, ``pass`` otherwise.
    traces : pandas.DataFrame
        See `kpi_research.validity.use.trace.trace`.
    findings : list of Finding
    """
    catalogue = study.indicators
    banned = [str(name) for name in catalogue.loc[catalogue["banned"].astype(bool), "id"]]
    traces = study_trace(study)
    of_indicator = dict(iter(traces.groupby("indicator", sort=False)))
    rows: list[Row] = []
    findings: list[Finding] = []
    for entry in catalogue.to_dict("records"):
        name = str(entry["id"])
        if name in banned:
            source = str(entry["source"])
            given: Both = {"en": f" ({source})", "zh": f"（{source}）"} if source else {"en": "", "zh": ""}
            rows.append(evidence_row(name, "use", "banned", "fail", trace=say("banned", source=given)))
        elif name in of_indicator:
            row, found = _built(study, name, of_indicator[name])
            rows.append(row)
            findings += found
        else:
            rows.append(evidence_row(name, "use", "banned", "pass"))
    return rows, traces, findings


def _built(study: Study, name: str, traces: pd.DataFrame) -> tuple[Row, list[Finding]]:
    counts = traces[traces["use"] != "divided_by"]
    shown = counts if len(counts) else traces
    ways = join([_way(study, {str(key): str(cell) for key, cell in way.items()}) for way in shown.to_dict("records")])
    if counts.empty:
        return evidence_row(name, "use", "banned", "care", trace=ways), []
    told = finding("built-on-banned", Where(column=name), label=label_of(study, name), trace=ways)
    return evidence_row(name, "use", "banned", "fail", trace=say("built", trace=ways)), [told]


def _way(study: Study, step: Mapping[str, str]) -> Both:
    """Return one way from an indicator to a banned source in words."""
    column = f"{step['table']}.{step['source']}"
    what: Both = {"en": column, "zh": column}
    if step["use"] == "rows":
        what = say("rows", table=step["table"], condition=step["source"].replace(JOINT, " AND "))
    if step["via"]:
        what = say("through", what=what, via=step["via"])
    if not step["banned_by"]:
        return say("listed", what=what)
    return say("counted", what=what, label=label_of(study, step["banned_by"]))
