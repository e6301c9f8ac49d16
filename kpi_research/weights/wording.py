"""Names of rules, limits and indicators in sentences, in English and Chinese."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from kpi_research.study.text import Text
from kpi_research.weights.limits import Limit
from kpi_research.weights.rules import ResolvedRules


@dataclass(frozen=True)
class Wording:
    """What rules and indicators are called.

    Attributes
    ----------
    ids : tuple of str
        Indicator ids in canonical order.
    rules, indicators : mapping of str to Text
        Names by id.
    """

    ids: tuple[str, ...]
    rules: Mapping[str, Text]
    indicators: Mapping[str, Text]

    def name(self, limit: Limit) -> Text:
        """Return the name of the rule, or of the indicator whose catalogue row sets the limit.

        Parameters
        ----------
        limit : Limit
            The limit.

        Returns
        -------
        Text
        """
        return (
            self.rules[limit.rule]
            if limit.origin in ("rule", "change")
            else self.indicators[self.ids[int(limit.selected.argmax())]]
        )

    def statement(self, limit: Limit) -> dict[str, str]:
        """Return what a limit says, such as ``'Business work' at least 60 points``.

        Parameters
        ----------
        limit : Limit
            The limit.

        Returns
        -------
        dict
            ``{"en": ..., "zh": ...}``.
        """
        name = self.name(limit)
        if limit.origin in _FIXED:
            en, zh = _FIXED[limit.origin]
            return {"en": en.format(name["en"]), "zh": zh.format(name["zh"])}
        if limit.origin == "change":
            own = self.indicators[self.ids[int(limit.selected.argmax())]]
            side, points = _SIGN[limit.is_lower], f"{limit.value:g}"
            en = f"'{name['en']}' keeps '{own['en']}' {side[0]} {points} points"
            return {"en": en, "zh": f"“{name['zh']}”要求“{own['zh']}”{side[1]}{points}分"}
        sign, each = _SIGN[limit.is_lower], limit.is_each and limit.origin == "rule"
        number = f"{100 * limit.value:g}" if limit.base is not None else f"{limit.value:g}"
        unit = (" %", "%") if limit.base is not None else (" points", "分")
        en = f"'{name['en']}'{' each' if each else ''} {sign[0]} {number}{unit[0]}"
        return {"en": en, "zh": f"“{name['zh']}”{'每项' if each else ''}{sign[1]}{number}{unit[1]}"}

    def listed(self, ids: Iterable[str]) -> dict[str, str]:
        """Return the names of some indicators as a list.

        Parameters
        ----------
        ids : iterable of str
            Indicator ids.

        Returns
        -------
        dict
            ``{"en": ..., "zh": ...}``.
        """
        names = [self.indicators[name] for name in ids]
        return {"en": ", ".join(name["en"] for name in names), "zh": "、".join(name["zh"] for name in names)}


_FIXED = {
    "banned": ("'{}' is banned (weight 0)", "“{}”禁止计分（权重为0）"),
    "no_evidence": ("'{}' has no evidence (weight 0)", "“{}”缺乏数据依据（权重为0）"),
}
_SIGN = {True: ("at least", "不低于"), False: ("at most", "不超过")}


def wording_of(resolved: ResolvedRules, indicators: pd.DataFrame) -> Wording:
    """Collect names of rules and indicators.

    Parameters
    ----------
    resolved : ResolvedRules
        The rules.
    indicators : pandas.DataFrame
        The catalogue; ``label_en`` and ``label_zh`` where given, otherwise the id.

    Returns
    -------
    Wording
    """
    names = {str(row["id"]): _label(row) for row in indicators.to_dict("records")}
    return Wording(resolved.ids, {rule.id: rule.text for rule in resolved.rules}, names)


def _label(row: Mapping[Any, Any]) -> Text:
    en, zh = (str(row[name]) if isinstance(row.get(name), str) else "" for name in ("label_en", "label_zh"))
    return Text(en or zh or str(row["id"]), zh)
