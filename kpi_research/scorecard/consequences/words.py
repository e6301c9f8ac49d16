"""How rules, links and schemes are called in findings and figures."""

from __future__ import annotations

from collections.abc import Mapping

from kpi_research.study.spec_consequences import ConsequenceSection

LINKS: Mapping[str, Mapping[str, str]] = {
    "reward": {"en": "reward", "zh": "奖励"},
    "sanction": {"en": "sanction", "zh": "惩处"},
    "promotion": {"en": "promotion", "zh": "晋升"},
    "training": {"en": "training", "zh": "培训"},
    "resources": {"en": "resources", "zh": "资源配置"},
    "grade": {"en": "grade", "zh": "定级"},
}
SCHEMES: Mapping[str, Mapping[str, str]] = {
    "current": {"en": "current", "zh": "现行"},
    "equal": {"en": "equal", "zh": "等权"},
    "optimized": {"en": "optimized", "zh": "优化"},
}


def scheme_text(name: str) -> Mapping[str, str]:
    """Return what a scheme of weights is called in both languages.

    Parameters
    ----------
    name : str
        Its name; others than current, equal and optimized are shown as they are.

    Returns
    -------
    mapping of str to str
    """
    return SCHEMES.get(name, {"en": name, "zh": name})


def rule_text(rule: ConsequenceSection) -> Mapping[str, str]:
    """Return what a rule is called in both languages: its label, or its id without one.

    Parameters
    ----------
    rule : ConsequenceSection
        The rule.

    Returns
    -------
    mapping of str to str

    Examples
    --------
    >>> rule_text(ConsequenceSection(id="talk", link="sanction", kind="bottom", count=3))["en"]
    'talk'
    """
    return {"en": rule.label["en"], "zh": rule.label["zh"]} if rule.label else {"en": rule.id, "zh": rule.id}
