"""What the tables of each role must look like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

ColumnKind = Literal["text", "number", "boolean", "time", "period", "any"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table role.

    Attributes
    ----------
    kind : {"text", "number", "boolean", "time", "period", "any"}
        What its cells hold; ``any`` is inferred.
    required : bool
        Whether the table must have it.
    nullable : bool
        Whether cells may be empty.
    low, high : float or None
        Smallest and largest allowed number.
    choices : tuple of str
        Allowed texts; empty means any.
    """

    kind: ColumnKind = "any"
    required: bool = False
    nullable: bool = True
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Schema:
    """The columns of a table role and the columns that identify a row; other columns may be present."""

    columns: Mapping[str, Column]
    key: tuple[str, ...] = ()


_ID = Column("text", required=True, nullable=False)
_TEXT = Column("text")
_NUMBER = Column("number")
_COUNT = Column("number", low=0)
_TIME = Column("time")
_PERIOD = Column("period", required=True, nullable=False)

ROLES: Mapping[str, Schema] = {
    "units": Schema(
        {"unit": _ID, "sequence": _TEXT, "peer_group": _TEXT, "population": _COUNT, "officers": _COUNT}, ("unit",)
    ),
    "officers": Schema(
        {"officer": _ID, "unit": _ID, "post": _TEXT, "rank": _TEXT, "tenure_years": _COUNT}, ("officer",)
    ),
    "incidents": Schema(
        {
            "incident": _ID,
            "unit": _ID,
            "type": _TEXT,
            "occurred_at": _TIME,
            "reported_at": _TIME,
            "dispatched_at": _TIME,
            "arrived_at": _TIME,
            "recorded_at": _TIME,
            "closed_at": _TIME,
            "outcome": _TEXT,
        },
        ("incident",),
    ),
    "labels": Schema(
        {
            "incident": _ID,
            "rater": _ID,
            "preventable": Column("any", required=True),
            "inclusion": Column("number", low=0, high=1),
            "adjudicated": Column("boolean"),
        },
        ("incident", "rater"),
    ),
    "worklog": Schema(
        {
            "officer": _ID,
            "task": _ID,
            "minutes": Column("number", required=True, low=0),
            "period": Column("period"),
            "count": _COUNT,
        }
    ),
    "ledger": Schema(
        {
            "officer": _ID,
            "event_at": Column("time", required=True),
            "entered_at": Column("time", required=True),
            "kind": _TEXT,
        }
    ),
    "panel": Schema({"unit": _ID, "period": _PERIOD}, ("unit", "period")),
    "outcomes": Schema({"unit": _ID, "period": _PERIOD}, ("unit", "period")),
    "survey": Schema(
        {
            "respondent": _ID,
            "item": _ID,
            "answer": Column("any", required=True),
            "unit": _TEXT,
            "officer": _TEXT,
            "period": Column("period"),
            "weight": Column("number", low=0),
        }
    ),
    "ratings": Schema(
        {
            "rater": _ID,
            "target": _ID,
            "item": _ID,
            "kind": Column("text", choices=("superior", "peer", "public", "third_party", "self")),
            "rating": _NUMBER,
        }
    ),
    "audits": Schema(
        {
            "unit": _ID,
            "indicator": _TEXT,
            "kind": _TEXT,
            "officer": _TEXT,
            "checked_at": _TIME,
            "period": Column("period"),
            "right": Column("number", required=True, nullable=False, low=0, high=1),
        }
    ),
    "experts": Schema(
        {
            "expert": _ID,
            "indicator": _ID,
            "relevance": Column("number", low=1, high=4),
            "essential": Column("boolean"),
        },
        ("expert", "indicator"),
    ),
    "comparisons": Schema(
        {"expert": _ID, "first": _ID, "second": _ID, "ratio": Column("number", required=True, nullable=False, low=0)},
        ("expert", "first", "second"),
    ),
    "events": Schema(
        {
            "target": _ID,
            "period": Column("period"),
            "kind": _TEXT,
            "points": Column("number", required=True),
            "helper": _TEXT,
        }
    ),
}
"""The table roles of a study; the key of the mapping is the name of the role."""

PERSON_COLUMNS = ("officer", "rater", "respondent", "expert")
"""Columns that name a person wherever they stand."""
