"""How causes and kinds of incidents are called in findings and figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kpi_research.study.findings import Language

Names = Mapping[str, Mapping[Language, str]]
CAUSES: Names = {
    "staffing": {"en": "staffing and overload", "zh": "警力与负荷"},
    "case_mix": {"en": "case mix", "zh": "案情结构"},
    "training": {"en": "training", "zh": "培训"},
    "procedure": {"en": "procedure", "zh": "执法程序"},
    "manner": {"en": "manner", "zh": "服务态度"},
    "unexplained": {"en": "unexplained", "zh": "未能解释"},
}
"""The usual causes; others are shown as the study file names them."""
JOINTS: Mapping[Language, str] = {"en": ", ", "zh": "、"}


def cause_text(name: str) -> Mapping[Language, str]:
    """Return what a cause is called in both languages.

    Parameters
    ----------
    name : str
        Its name.

    Returns
    -------
    mapping of str to str
    """
    return CAUSES.get(name, {"en": name, "zh": name})


def kinds_text(kinds: Sequence[str], names: Names | None) -> Mapping[Language, str]:
    """Return what kinds of incidents are called in both languages.

    Parameters
    ----------
    kinds : sequence of str
        The kinds.
    names : mapping of str to mapping, or None
        Their names by language; kinds without one are shown as they are.

    Returns
    -------
    mapping of str to str

    Examples
    --------
    >>> kinds_text(["theft", "fire"], {"theft": {"en": "theft", "zh": "盗窃"}})["zh"]
    '盗窃、fire'
    """
    known = names or {}
    return {lang: joint.join(known.get(kind, {}).get(lang, kind) for kind in kinds) for lang, joint in JOINTS.items()}
