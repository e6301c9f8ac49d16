"""The error that says which rules cannot all hold and what would repair it, in English and Chinese."""

from __future__ import annotations

import math
from collections.abc import Sequence

from kpi_research.study.findings import Finding, Language, Where, finding
from kpi_research.study.text import Text
from kpi_research.weights.conflicts import Repair, conflict_sets, feasible, single_repairs
from kpi_research.weights.limits import Limit
from kpi_research.weights.package import cheapest_package
from kpi_research.weights.rules import ResolvedRules
from kpi_research.weights.wording import Wording


class InfeasibleRules(Exception):  # noqa: N818  (a public name that users catch)
    """The hard rules cannot all hold.

    Parameters
    ----------
    conflicts : sequence of sequences of str
        Minimal sets of rules that contradict each other, disjoint. Without any one of its members a set can hold.
        Catalogue limits are called ``"<indicator>.min_weight"``, ``".max_weight"``, ``".banned"``, ``".no_evidence"``.
    repairs : sequence of Repair
        For each limit in a conflict the nearest value with which all rules can hold, or None.
    findings : sequence of Finding
        One per conflict, with the text in both languages; where there are several conflicts, one more with the package.
    package : sequence of Repair, optional
        The smallest changes that, taken together, let all rules hold; less important rules give way first.
    """

    def __init__(
        self,
        conflicts: Sequence[Sequence[str]],
        repairs: Sequence[Repair],
        findings: Sequence[Finding],
        package: Sequence[Repair] = (),
    ) -> None:
        self.conflicts = tuple(tuple(conflict) for conflict in conflicts)
        self.repairs = tuple(repairs)
        self.findings = tuple(findings)
        self.package = tuple(package)
        super().__init__(self.text())

    def text(self, lang: Language = "en") -> str:
        """Return the conflicts and their repairs as plain text.

        Parameters
        ----------
        lang : {"en", "zh"}
            Language.

        Returns
        -------
        str
        """
        return "\n".join(
            " ".join(item.text(lang)) if lang == "en" else "".join(item.text(lang)) for item in self.findings
        )


def explain_conflict(resolved: ResolvedRules, limits: Sequence[Limit], wording: Wording) -> InfeasibleRules | None:
    """Look for conflicts among hard limits and describe them.

    Parameters
    ----------
    resolved : ResolvedRules
        The rules.
    limits : sequence of Limit
        All limits, those for missing evidence included.
    wording : Wording
        Names of rules and indicators.

    Returns
    -------
    InfeasibleRules or None
        The error to raise, or None where all hard limits can hold.
    """
    conflicts = conflict_sets(resolved.ids, limits)
    if not conflicts:
        return None
    repairs = single_repairs(resolved.ids, limits, conflicts)
    found = [_conflict_finding(conflict, limits, repairs, wording) for conflict in conflicts]
    package = cheapest_package(resolved.ids, limits)
    changes = () if package is None else package[0]
    if changes and (len(conflicts) > 1 or not any(item.new is not None for item in repairs)):
        found.append(_package_finding(changes, limits, wording))
    return InfeasibleRules(conflicts, repairs, found, changes)


def _package_finding(package: Sequence[Repair], limits: Sequence[Limit], wording: Wording) -> Finding:
    names: dict[tuple[str, str], Text] = {
        (limit.rule, _moved(limit)): wording.name(limit) for limit in limits if limit.hard
    }
    mends = [_mend(item, names[item.rule, item.limit]) for item in package if item.new is not None]
    ways = {"en": "; ".join(text["en"] for text in mends), "zh": "；".join(text["zh"] for text in mends)}
    return finding("rules-cheapest-package", Where(column="rules"), count=len(mends), repairs=ways)


def _conflict_finding(
    conflict: Sequence[str],
    limits: Sequence[Limit],
    repairs: Sequence[Repair],
    wording: Wording,
) -> Finding:
    own = _needed(wording.ids, [limit for name in conflict for limit in limits if limit.rule == name and limit.hard])
    by_key: dict[tuple[str, str], Text] = {(limit.rule, _moved(limit)): wording.name(limit) for limit in own}
    said = [wording.statement(limit) for limit in own]
    mends = [
        _mend(item, by_key[item.rule, item.limit]) for item in repairs if item.rule in conflict and item.new is not None
    ]
    rules = {"en": "; ".join(text["en"] for text in said), "zh": "；".join(text["zh"] for text in said)}
    ways = {"en": "; ".join(text["en"] for text in mends), "zh": "；".join(text["zh"] for text in mends)}
    code = "rules-conflict" if mends else "rules-conflict-without-repair"
    facts: dict[str, object] = {"count": len(conflict), "rules": rules} | ({"repairs": ways} if mends else {})
    return finding(code, Where(column="rules"), **facts)


def _needed(ids: tuple[str, ...], limits: list[Limit]) -> list[Limit]:
    """Leave out the single changes that the conflict does without; there is one for every indicator."""
    for limit in [item for item in limits if item.origin == "change"]:
        others = [item for item in limits if item is not limit]
        if not feasible(ids, others):
            limits = others
    return limits


def _moved(limit: Limit) -> str:
    return "each_change" if limit.origin == "change" else limit.kind


def _mend(repair: Repair, name: Text) -> dict[str, str]:
    lower = repair.limit.endswith("min")
    new = _outward(repair.new or 0.0, lower, 4 if repair.unit == "share" else 2)
    word = ("minimum", "下限") if lower else ("maximum", "上限")
    en = f"{word[0]} of '{name['en']}' {repair.old:g} → {new:g}"
    return {"en": en, "zh": f"“{name['zh']}”{word[1]}由{repair.old:g}调整为{new:g}"}


def _outward(value: float, lower: bool, digits: int) -> float:
    """Round a new limit to the side that still repairs the conflict."""
    scaled = value * 10**digits
    return (math.floor(scaled + 1e-6) if lower else math.ceil(scaled - 1e-6)) / 10**digits
