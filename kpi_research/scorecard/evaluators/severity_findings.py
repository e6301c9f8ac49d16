"""What the user must know about ratings and their raters."""

from __future__ import annotations

import pandas as pd

from kpi_research.study.findings import Finding, finding

LARGE = 0.5
"""Severity is worth a warning from this share of the spread between targets on."""

AGREE = 0.5
"""Two kinds of raters whose correlation surely lies below this do not speak of the same thing."""


def severity_findings(
    table: pd.DataFrame,
    severities: pd.DataFrame,
    kinds: pd.DataFrame,
    between: pd.DataFrame,
    self_kind: str | None,
    dropped: int,
) -> tuple[Finding, ...]:
    """Return the findings of `rater_severity`.

    Parameters
    ----------
    table, severities, kinds, between : pandas.DataFrame
        As in `RaterSeverity`.
    self_kind : str or None
        Kind of self-ratings.
    dropped : int
        Ratings left out.

    Returns
    -------
    tuple of Finding
    """
    found = [finding("ratings-dropped", count=dropped)] if dropped else []
    alone = int(severities["alone"].astype(bool).sum())
    if alone:
        found.append(finding("ratings-rater-alone", count=alone))
    if table.empty:
        return (*found, finding("ratings-without-scores"))
    for row in kinds.dropna(subset=["leniency"]).to_dict("records"):
        if row["kind"] == self_kind:
            found.append(_about_self(row))
        elif row["severity_sd"] > LARGE * row["target_sd"]:
            facts = {name: f"{row[name]:.2f}" for name in ("severity_sd", "target_sd")}
            found.append(finding("ratings-severity-matters", kind=row["kind"], **facts))
    for row in between[between["high"] < AGREE].to_dict("records"):
        facts = {name: f"{row[name]:.2f}" for name in ("correlation", "low", "high")}
        found.append(finding("ratings-kinds-disagree", first=row["first"], second=row["second"], **facts))
    return tuple(found)


def _about_self(row: dict[object, object]) -> Finding:
    facts = {name: f"{row[name]:.2f}" for name in ("leniency", "low", "high")}
    return finding("ratings-of-oneself", reference=row["reference"], **facts)
