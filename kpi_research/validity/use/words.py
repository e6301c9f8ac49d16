"""Sentences on rules of use in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kpi_research.study.findings import filled
from kpi_research.study.model import Study
from kpi_research.validity.words import Both

WHY: Mapping[str, Both] = {
    "banned": {"en": "so says the catalogue{source}", "zh": "指标目录已注明{source}"},
    "built": {"en": "it is computed from {trace}", "zh": "由下列数据计算而来——{trace}"},
    "counted": {"en": "{what} (counted by {label}, which may not be a target)", "zh": "{what}（即不得作为考核指标的“{label}”所计数据）"},
    "listed": {"en": "{what} (named in [validity] banned_sources)", "zh": "{what}（列于 [validity] banned_sources）"},
    "through": {"en": "{what} through {via}", "zh": "{what}（经由 {via}）"},
    "rows": {"en": "rows of {table} where {condition}", "zh": "{table} 中满足 {condition} 的记录"},
    "no-units": {"en": "the study has no table of units", "zh": "研究没有 units（单位）表"},
    "no-value": {"en": "no unit has a value of it", "zh": "没有单位有该指标的数值"},
    "no-such-sequence": {"en": "it belongs to the sequence {name}, and no unit does", "zh": "所属序列为 {name}，但没有单位属于该序列"},
    "outside": {"en": "it belongs to the sequence {name}, but others have values too: {units}", "zh": "所属序列为 {name}，但其他序列的单位也有数值：{units}"},
    "silent": {"en": "{share} of the units that are asked have no value: {units}", "zh": "{share} 的被考核单位没有数值：{units}"},
    "whole-sequence": {"en": "it belongs to all sequences, but no unit of {name} has a value", "zh": "适用于全部序列，但 {name} 序列的单位均无数值"},
    "post": {"en": "{share} of the units that are asked have no officer of the post {name}: {units}", "zh": "{share} 的被考核单位没有 {name} 岗位的人员：{units}"},
    "no-cases": {"en": "the study has no table of incidents with types and periods", "zh": "研究没有含类型和时期的 incidents（警情）表"},
    "untold": {"en": "neither its formula nor [validity.covers] says which types of case it is about", "zh": "计算公式和 [validity.covers] 均未说明该指标涉及哪些案件类型"},
    "few": {"en": "too few cases or periods to tell a trend of its types ({types})", "zh": "案件或时期过少，无法判断所涉类型（{types}）的趋势"},
    "all-types": {"en": "it is about cases of all types", "zh": "涉及全部类型的案件"},
    "steady": {
        "en": "the types it is about ({types}) do not surely lose share: {first} of cases became {last} ({change}, interval {lower} to {upper})",
        "zh": "所涉类型（{types}）占案件的比例未见明确下降：由 {first} 变为 {last}（{change}，区间 {lower} 至 {upper}）",
    },
    "grown": {"en": "; meanwhile {type} grew by {change}, and no indicator with weight is about it", "zh": "；与此同时，{type} 上升 {change}，却没有带权重的指标与之相关"},
    "nothing": {"en": "", "zh": ""},
    "none-covers": {"en": "no indicator that may be used is about it in particular", "zh": "没有可用指标专门针对该类案件"},
    "no-weight": {"en": "the indicators about it carry no weight: {names}", "zh": "相关指标均无权重：{names}"},
}  # fmt: skip
"""Reasons with placeholders."""

FIELDS: Mapping[str, Both] = {
    "label": {"en": "name", "zh": "名称"},
    "unit": {"en": "unit of measure", "zh": "计量单位"},
    "direction": {"en": "direction", "zh": "方向"},
    "kind": {"en": "kind", "zh": "类别"},
    "source": {"en": "source", "zh": "依据"},
}
"""What the catalogue should say of every indicator."""


def say(key: str, **facts: object) -> Both:
    """Return a sentence, filled in.

    Parameters
    ----------
    key : str
        A key of `WHY`.
    **facts
        Values of its placeholders; a mapping with ``en`` and ``zh`` gives one per language.

    Returns
    -------
    mapping of language to str

    Examples
    --------
    >>> say("no-such-sequence", name="station")["en"]
    'it belongs to the sequence station, and no unit does'
    """
    return {lang: filled(text, lang, facts) for lang, text in WHY[key].items()}


def join(sentences: Sequence[Both], mark: Both | None = None) -> Both:
    """Return sentences side by side.

    Parameters
    ----------
    sentences : sequence of mapping
        A text per language each.
    mark : mapping, optional
        What parts them; a semicolon by default.

    Returns
    -------
    mapping of language to str
    """
    between = mark or {"en": "; ", "zh": "；"}
    return {
        "en": between["en"].join(item["en"] for item in sentences),
        "zh": between["zh"].join(item["zh"] for item in sentences),
    }


COMMA: Both = {"en": ", ", "zh": "、"}
"""Parts the items of a list."""


def label_of(study: Study, name: str) -> Both:
    """Return the label of an indicator in both languages.

    Parameters
    ----------
    study : Study
        A loaded study.
    name : str
        Id of the indicator.

    Returns
    -------
    mapping of language to str
    """
    return {"en": study.label(name, "en"), "zh": study.label(name, "zh")}


def listed(names: Sequence[str], most: int = 5) -> Both:
    """Return names as text, the first few of many.

    Parameters
    ----------
    names : sequence of str
        The names.
    most : int
        Number of names to write out.

    Returns
    -------
    mapping of language to str

    Examples
    --------
    >>> listed(["a", "b", "c"], most=2)["en"]
    'a, b, ... (3)'
    """
    shown = list(names[:most])
    if len(names) <= most:
        return {"en": ", ".join(shown), "zh": "、".join(shown)}
    return {"en": f"{', '.join(shown)}, ... ({len(names)})", "zh": f"{'、'.join(shown)}等 {len(names)} 个"}
