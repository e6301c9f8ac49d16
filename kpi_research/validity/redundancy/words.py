"""Words of the figures on redundancy and balance in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping

from kpi_research.study.findings import Language

WORDS: Mapping[str, Mapping[Language, str]] = {
    "alike": {"en": "How alike indicators rank units", "zh": "指标对单位排序的相似程度"},
    "correlation": {"en": "absolute rank correlation", "zh": "秩相关系数绝对值"},
    "share": {"en": "Percent", "zh": "占比（%）"},
    "nominal": {"en": "weight", "zh": "名义权重"},
    "effective": {"en": "share of the spread of the score", "zh": "占得分差异的比重"},
    "quantity": {"en": "quantity", "zh": "数量"},
    "quality": {"en": "quality", "zh": "质量"},
    "preventive": {"en": "prevention", "zh": "预防"},
    "process": {"en": "process", "zh": "过程"},
    "outcome": {"en": "outcome", "zh": "结果"},
    "public": {"en": "public", "zh": "群众"},
    "people": {"en": "people", "zh": "队伍"},
    "resources": {"en": "resources", "zh": "保障"},
    "system": {"en": "system", "zh": "系统"},
    "superior": {"en": "superior", "zh": "上级"},
    "peer": {"en": "peer", "zh": "同级"},
    "third_party": {"en": "third party", "zh": "第三方"},
    "self": {"en": "self", "zh": "自评"},
    "": {"en": "(not given)", "zh": "（未注明）"},
}


def text(key: str, lang: Language) -> str:
    """Return a word in the language asked for, or the key itself where there is none.

    Parameters
    ----------
    key : str
        A key of `WORDS`, or a group of the user's own.
    lang : {"en", "zh"}
        Language.

    Returns
    -------
    str

    Examples
    --------
    >>> text("quality", "zh"), text("traffic", "zh")
    ('质量', 'traffic')
    """
    return WORDS[key][lang] if key in WORDS else key
