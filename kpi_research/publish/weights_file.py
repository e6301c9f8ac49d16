"""``weights.json``: the weights with everything another system needs to compute the same scores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import pandas as pd

from kpi_research.publish.json_text import decimal_text
from kpi_research.scorecard.normalize import fit_normalization

if TYPE_CHECKING:
    from kpi_research.result import StudyResult

SCHEMA = "kpi_research/weights/1"


def weights_content(result: StudyResult) -> dict[str, Any]:
    """Return the content of ``weights.json``.

    Parameters
    ----------
    result : StudyResult

    Returns
    -------
    dict
        ``schema``; ``study`` (id, title, digest); ``unit_of_weight``; ``indicators`` by id: ``weight`` and the range
        ``low`` and ``high`` as decimal texts (exact, points of 100), ``direction``, labels, ``module``, ``unit``;
        ``scales``, see `scales_of`; ``rules``; ``objective``; ``validity``; ``certificate``;
        ``signature`` (null: not signed).
    """
    study, weights = result.study, result.weights
    catalogue = {str(row["id"]): row for row in study.indicators.to_dict("records")}
    rows = weights.table.to_dict("records")
    return {
        "schema": SCHEMA,
        "study": {"id": study.spec.study.id, "title": _text(study.spec.study.title), "digest": study.digest},
        "unit_of_weight": "points of 100",
        "normalization": study.spec.scorecard.normalization,
        "missing": "weights of the indicators a unit has are scaled up to 100 points",
        "indicators": {str(row["id"]): _indicator(row, catalogue[str(row["id"])]) for row in rows},
        "scales": scales_of(result),
        "rules": [_rule(row) for row in weights.rules.to_dict("records")],
        "objective": {"name": weights.aim, "value": weights.objective},
        "validity": {
            "in_sample": weights.validity_of("optimized"),
            "out_of_bag": weights.validity_of("optimized_out_of_bag"),
            "cross_validated": weights.validity_of("optimized_cross_validated"),
            "current_weights": weights.validity_reference,
        },
        "certificate": asdict(weights.certificate),
        "signature": None,
    }


def _indicator(row: Mapping[Any, Any], known: Mapping[Any, Any]) -> dict[str, Any]:
    numbers = {
        name: decimal_text(float(row[name])) if pd.notna(row[name]) else None
        for name in ("weight", "low", "high", "current")
    }
    return {
        **numbers,
        "direction": known["direction"],
        "label": {"en": known["label_en"], "zh": known["label_zh"]},
        "module": known["module"],
        "unit": known["unit"],
        "role": known["role"],
    }


def scales_of(result: StudyResult) -> dict[str, dict[str, dict[str, Any]]]:
    """Return how the value of each indicator becomes points, per comparison group (``"all"`` where there is one).

    The scales are fitted again to the values the scorecard was made from, and give the same points.

    Parameters
    ----------
    result : StudyResult

    Returns
    -------
    dict
        Group to indicator to ``kind`` of the scale and its parameters.
    """
    scorecard, method = result.scorecard, result.study.spec.scorecard.normalization
    found = {}
    for group, units in _groups(scorecard.table).items():
        part = scorecard.contributions.loc[scorecard.contributions["unit"].isin(units)]
        part = part[~part["indicator"].str.startswith("event:")]
        levels = part.pivot_table("value", "unit", "indicator", aggfunc="first", dropna=False)
        scales = fit_normalization(levels, result.study.indicators, method).scales
        found[group] = {name: _parameters(scale) for name, scale in scales.items()}
    return found


def _groups(table: pd.DataFrame) -> dict[str, pd.Series]:
    if "group" not in table:
        return {"all": table["unit"]}
    return {str(name): part["unit"] for name, part in table.groupby("group", sort=True)}


def _parameters(scale: Any) -> dict[str, Any]:
    return {"kind": type(scale).__name__.removesuffix("Scale").lower(), **asdict(scale)}


def _rule(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {
        "id": str(row["rule"]),
        "kind": str(row["kind"]),
        "label": {"en": row["label_en"], "zh": row["label_zh"]},
        "value": float(row["value"]),
        "min": float(row["min"]),
        "max": float(row["max"]),
        "binding": bool(row["binding"]),
        "hard": bool(row["hard"]),
        "violation": float(row["violation"]),
        "source": row["source"],
    }


def _text(text: Any) -> dict[str, str]:
    return {"en": text["en"], "zh": text["zh"]}
