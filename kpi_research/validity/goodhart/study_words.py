"""Why a check on targets or audits could not speak."""

from __future__ import annotations

from collections.abc import Mapping

from kpi_research.study.findings import filled
from kpi_research.study.suggest import did_you_mean
from kpi_research.validity.words import Both

WHY: Mapping[str, Both] = {
    "no-target-date": {
        "en": "[[validity.targets]] does not say since when it is a target",
        "zh": "[[validity.targets]] 未说明该指标何时列为考核目标",
    },
    "unobserved": {"en": "it has no value", "zh": "该指标没有数值"},
    "constant": {"en": "it has one and the same value everywhere", "zh": "该指标处处取同一数值"},
    "no-outcome": {
        "en": "there is no outcome from another source to hold it against",
        "zh": "没有来自其他来源的结果变量可供对照",
    },
    "impossible": {"en": "{problem}", "zh": "以 {since} 为界，前后至少各需 2 个有数值的时期"},
    "nothing-before": {
        "en": "before {since} it did not go with {outcome} (slope {before}, p {chance}), so there was no relation to lose",
        "zh": "{since} 之前与“{outcome}”并无关系（斜率 {before}，p {chance}），因而谈不上减弱",
    },
    "not-proven-after": {
        "en": "it went with {outcome} before {since} (slope {before}); since then slope {after} (interval {lower} to {upper}) "
        "neither shows nor excludes it",
        "zh": "{since} 之前与“{outcome}”相关（斜率 {before}）；此后斜率 {after}（区间 {lower} 至 {upper}），既不能肯定也不能排除",
    },
    "few-units": {"en": "fewer than 5 units have values before and after", "zh": "前后均有数值的单位不足 5 个"},
    "wide": {
        "en": "ratio of variances {size} with an interval of {lower} to {upper}",
        "zh": "方差之比 {size}，区间 {lower} 至 {upper}",
    },
    "no-target-value": {"en": "the catalogue gives no target value", "zh": "指标目录未给出目标值"},
    "no-audits": {"en": "the study has no table of the role audits", "zh": "研究没有 audits（核查）表"},
    "not-audited": {"en": "the table of audits has no records of it", "zh": "核查表中没有该指标的记录"},
    "one-unit": {"en": "records of a single unit were audited", "zh": "仅核查了一个单位的记录"},
}


def why(key: str, **facts: object) -> Both:
    """Return a reason for not speaking, filled in.

    Parameters
    ----------
    key : str
        A key of `WHY`.
    **facts
        Values of its placeholders; a mapping with ``en`` and ``zh`` gives one per language.

    Returns
    -------
    mapping of language to str

    Raises
    ------
    ValueError
        If there is no such reason.
    """
    if key not in WHY:
        raise ValueError(f"there is no reason '{key}'.{did_you_mean(key, WHY)['en']}")
    return {lang: filled(text, lang, facts) for lang, text in WHY[key].items()}
