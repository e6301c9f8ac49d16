"""Whether the catalogue says what an indicator is."""

from __future__ import annotations

from typing import Any

from kpi_research.study.model import Study
from kpi_research.validity.evidence import evidence_row
from kpi_research.validity.use.words import COMMA, FIELDS, join


def definition_rows(study: Study) -> list[dict[str, Any]]:
    """Return the evidence on definitions.

    Parameters
    ----------
    study : Study
        A loaded study.

    Returns
    -------
    list of dict
        Check ``definition`` of each indicator: ``care`` where name, unit of measure, direction, kind or source is not
        given, ``pass`` otherwise.
    """
    rows = []
    for entry in study.indicators.to_dict("records"):
        said = {field: str(entry.get(field) or "").strip() for field in FIELDS if field != "label"}
        said["label"] = str(entry["label_en"] or entry["label_zh"]).strip()
        missing = [FIELDS[field] for field in FIELDS if not said[field]]
        name = str(entry["id"])
        if missing:
            rows.append(evidence_row(name, "use", "definition", "care", missing=join(missing, COMMA)))
        else:
            rows.append(evidence_row(name, "use", "definition", "pass"))
    return rows
