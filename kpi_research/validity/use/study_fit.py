"""Whether the units that are asked for an indicator are those it belongs to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from kpi_research.study.model import Study
from kpi_research.validity.evidence import evidence_row
from kpi_research.validity.panel_frame import StudyPanel
from kpi_research.validity.use.words import join, listed, say
from kpi_research.validity.words import Both

Row = dict[str, Any]


def fit_rows(study: Study, panel: StudyPanel) -> list[Row]:
    """Return the evidence on units and posts.

    Parameters
    ----------
    study : Study
        A loaded study.
    panel : StudyPanel
        Its columns.

    Returns
    -------
    list of dict
        Check ``fit`` of each indicator: ``care`` where units outside its sequence have values, or many units of it have
        none, or many of them have no officer of its post; ``unknown`` without a table of units or without any value.
    """
    units = study.role_table("units")
    if units is None or "sequence" not in units.columns:
        return [
            evidence_row(str(name), "use", "fit", "unknown", why=say("no-units")) for name in study.indicators["id"]
        ]
    sequences = units.set_index("unit")["sequence"].astype("str").where(units.set_index("unit")["sequence"].notna(), "")
    seen = panel.frame.groupby("unit")[list(panel.indicators)].count() > 0
    posts = _posts(study)
    limit = study.spec.validity.thresholds.use.unfit
    rows = []
    for entry in study.indicators.to_dict("records"):
        name = str(entry["id"])
        if name not in panel.indicators:
            rows.append(evidence_row(name, "use", "fit", "unknown", why=say("no-value")))
            continue
        with_value = seen.index[seen[name]].astype("str")
        rows.append(_row(name, str(entry["sequence"]), str(entry["post"]), set(with_value), sequences, posts, limit))
    return rows


def _posts(study: Study) -> dict[str, set[str]] | None:
    """Return the posts that each unit has officers of."""
    officers = study.role_table("officers")
    if officers is None or "post" not in officers.columns:
        return None
    known = officers.dropna(subset=["unit", "post"]).astype({"unit": "str", "post": "str"})
    return {str(unit): set(group) for unit, group in known.groupby("unit")["post"]}


def _row(
    name: str,
    sequence: str,
    post: str,
    with_value: set[str],
    sequences: pd.Series,
    posts: dict[str, set[str]] | None,
    limit: float,
) -> Row:
    asked = [str(unit) for unit in sequences.index if not sequence or sequences[unit] == sequence]
    doubts = [*_of_sequence(sequence, asked, with_value, sequences, limit)]
    if post and posts is not None:
        doubts += _of_post(post, [unit for unit in asked if unit in with_value], posts, limit)
    share = sum(unit in with_value for unit in asked) / len(asked) if asked else 0.0
    if doubts:
        return evidence_row(name, "use", "fit", "care", value=share, why=join(doubts))
    return evidence_row(name, "use", "fit", "pass", value=share, count=sum(unit in with_value for unit in asked))


def _of_sequence(
    sequence: str, asked: list[str], with_value: set[str], sequences: pd.Series, limit: float
) -> Iterator[Both]:
    if not asked:
        yield say("no-such-sequence", name=sequence)
        return
    outside = sorted(with_value - set(asked))
    if outside:
        yield say("outside", name=sequence or "–", units=listed(outside))
    silent = [unit for unit in asked if unit not in with_value]
    for other in sorted(set(sequences[asked])) if not sequence else []:
        members = [unit for unit in asked if sequences[unit] == other]
        if other and all(unit in silent for unit in members):
            yield say("whole-sequence", name=other)
            silent = [unit for unit in silent if unit not in members]
    if len(silent) >= limit * len(asked):
        yield say("silent", share=f"{len(silent) / len(asked):.0%}", units=listed(silent))


def _of_post(post: str, asked: list[str], posts: dict[str, set[str]], limit: float) -> Iterator[Both]:
    without = [unit for unit in asked if unit in posts and post not in posts[unit]]
    if asked and len(without) >= limit * len(asked):
        yield say("post", share=f"{len(without) / len(asked):.0%}", name=post, units=listed(without))
