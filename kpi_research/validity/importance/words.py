"""Sentences on what weights do, in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping

from kpi_research.validity.words import Both

WHY: Mapping[str, Both] = {
    "no-weights": {"en": "the catalogue gives no current weight", "zh": "指标目录未给出现行权重"},
    "no-weight": {"en": "it has no current weight", "zh": "该指标没有现行权重"},
    "no-value": {"en": "it has a weight, but no value", "zh": "该指标有权重，但没有数值"},
    "few-indicators": {
        "en": "fewer than two indicators with a weight have values",
        "zh": "有权重且有数值的指标不足两个",
    },
    "few-units": {
        "en": "only {count} units have values of all indicators with a weight; {needed} are needed",
        "zh": "仅有 {count} 个单位具备全部有权重指标的数值，至少需要 {needed} 个",
    },
    "all-equal": {"en": "all units have the same score", "zh": "各单位得分完全相同"},
    "more": {"en": "It moves the score more than its weight says", "zh": "其实际作用大于名义权重"},
    "less": {"en": "It moves the score less than its weight says", "zh": "其实际作用小于名义权重"},
    "against": {"en": "It runs against the score", "zh": "其变动方向与总分相反"},
}
"""Reasons with placeholders."""


def say(key: str, **facts: object) -> Both:
    """Return a sentence, filled in.

    Parameters
    ----------
    key : str
        A key of `WHY`.
    **facts
        Values of its placeholders.

    Returns
    -------
    mapping of language to str

    Examples
    --------
    >>> say("few-units", count=3, needed=8)["en"]
    'only 3 units have values of all indicators with a weight; 8 are needed'
    """
    return {lang: text.format(**facts) for lang, text in WHY[key].items()}
