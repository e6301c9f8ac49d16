"""Evidence: one row per indicator and check, in the same form whatever the check is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from kpi_research.study.check_reasons import reasons
from kpi_research.study.findings import Finding, Language, filled

Aspect = Literal["importance", "authenticity", "reliability", "validity", "robustness", "use"]
Grade = Literal["pass", "care", "fail", "unknown"]
ASPECTS: tuple[Aspect, ...] = get_args(Aspect)
"""The questions a card answers, in their order; ``robustness`` is robustness to gaming."""
GRADES: tuple[Grade, ...] = ("pass", "care", "fail", "unknown")
COLUMNS = (
    "indicator", "aspect", "check", "grade", "value", "low", "high", "p", "threshold",
    "name_en", "name_zh", "reason_en", "reason_zh",
)  # fmt: skip


@dataclass(frozen=True)
class Evidence:
    """What one group of checks found.

    Attributes
    ----------
    rows : pandas.DataFrame
        One row per indicator and check: ``indicator``; ``aspect``; ``check`` (stable name, e.g. ``last-digit``);
        ``grade`` (``pass``, ``care``, ``fail``, ``unknown``); ``value`` with ``low``, ``high`` (its interval), ``p`` and
        ``threshold`` (what it was held against), NaN where there is none; ``name_en``, ``name_zh`` (what the check is
        called); ``reason_en``, ``reason_zh`` (one sentence with the numbers).
    tables : mapping of str to pandas.DataFrame
        Details by name, e.g. the units that stand out.
    findings : tuple of Finding
        What the user must know.
    """

    rows: pd.DataFrame = field(default_factory=lambda: evidence_frame([]))
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


def evidence_row(
    indicator: str,
    aspect: Aspect,
    check: str,
    grade: Grade,
    *,
    value: float = np.nan,
    low: float = np.nan,
    high: float = np.nan,
    p: float = np.nan,
    threshold: float = np.nan,
    **facts: Any,
) -> dict[str, Any]:
    """Return one row of evidence with its reason in both languages.

    Parameters
    ----------
    indicator : str
        Id of the indicator.
    aspect : str
        The question the check belongs to, one of `ASPECTS`.
    check : str
        Name of the check; a table of that name stands in ``study/reasons/*.toml``.
    grade : {"pass", "care", "fail", "unknown"}
        What the check says of the indicator.
    value, low, high, p, threshold : float
        The number found, its interval, its p-value, and what it was held against.
    **facts
        Values for the placeholders of the reason; a mapping with ``en`` and ``zh`` gives one per language.

    Returns
    -------
    dict
        The columns of `Evidence.rows`.

    Raises
    ------
    KeyError
        If the check or the grade has no text, or a placeholder has no value.
    """
    texts = reasons()[check]
    numbers = {"value": value, "low": low, "high": high, "p": p, "threshold": threshold}
    row: dict[str, Any] = {"indicator": indicator, "aspect": aspect, "check": check, "grade": grade} | numbers
    for lang in get_args(Language):
        row[f"name_{lang}"] = texts["name"][lang]
        row[f"reason_{lang}"] = filled(texts[grade][lang], lang, facts)
    return row


def evidence_frame(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return rows of evidence as a frame with all columns, also where there is none.

    Parameters
    ----------
    rows : sequence of mapping
        What `evidence_row` returned.

    Returns
    -------
    pandas.DataFrame
        See `Evidence.rows`.
    """
    frame = pd.DataFrame(list(rows), columns=list(COLUMNS))
    kinds = {name: "float64" if name in ("value", "low", "high", "p", "threshold") else "str" for name in COLUMNS}
    return frame.astype(kinds)
