"""The gate: where records fail, what they say is not reported before they are repaired."""

from __future__ import annotations

import pandas as pd

from kpi_research.validity.verdict.words import Both

HELD_BACK = ("reliability", "validity")
"""Aspects that speak of numbers, not of records."""
_REASON: Both = {
    "en": "held back: the records fail {checks}; repair them first, then read this.",
    "zh": "暂不报告：数据未通过“{checks}”检验，须先核实整改，再作此项评价。",
}


def hold_back(evidence: pd.DataFrame) -> pd.DataFrame:
    """Take back what evidence says of reliability and validity where the records fail.

    Parameters
    ----------
    evidence : pandas.DataFrame
        All rows of evidence, see `kpi_research.validity.evidence.Evidence`.

    Returns
    -------
    pandas.DataFrame
        The same rows; for indicators with a failed check of authenticity those on reliability and validity have the
        grade ``unknown``, no numbers, and the failed checks as their reason.
    """
    failed = evidence[(evidence["aspect"] == "authenticity") & (evidence["grade"] == "fail")]
    held = evidence["aspect"].isin(HELD_BACK) & evidence["indicator"].isin(failed["indicator"])
    if not held.any():
        return evidence
    shown = evidence.copy()
    shown.loc[held, "grade"] = "unknown"
    shown.loc[held, ["value", "low", "high", "p"]] = float("nan")
    for lang, comma in (("en", ", "), ("zh", "”“")):
        names = _failed_checks(failed, f"name_{lang}", comma)
        reason = _REASON["zh" if lang == "zh" else "en"]
        shown.loc[held, f"reason_{lang}"] = [
            reason.format(checks=names[name]) for name in evidence.loc[held, "indicator"]
        ]
    return shown


def _failed_checks(failed: pd.DataFrame, column: str, comma: str) -> dict[str, str]:
    return {str(name): comma.join(dict.fromkeys(rows)) for name, rows in failed.groupby("indicator")[column]}
