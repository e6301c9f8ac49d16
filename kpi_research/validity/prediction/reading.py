"""Effects in words: size in plain units, and what would have to be true to read them causally."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from kpi_research.study.findings import Language
from kpi_research.study.suggest import did_you_mean
from kpi_research.validity.words import Both

LANGUAGES: tuple[Language, ...] = ("en", "zh")
CONDITIONS: Mapping[str, Both] = {
    "no-third-within": {
        "en": "nothing that changed inside units at the same time moved both sides",
        "zh": "没有在单位内部同时变化并影响两者的其他因素",
    },
    "no-third-between": {
        "en": "units that differ in the indicator differ in nothing else that moves the outcome",
        "zh": "指标不同的单位在影响结果的其他方面并无差别",
    },
    "no-reverse": {"en": "the outcome does not move the indicator", "zh": "结果不会反过来影响指标"},
    "same-record": {
        "en": "both are recorded in the same way in all units and periods",
        "zh": "各单位、各时期的记录口径一致",
    },
    "lags-enough": {"en": "effects arrive within the lags looked at", "zh": "影响在所取的滞后期内已经显现"},
    "instruments-only": {
        "en": "the instruments move the outcome through the indicator only",
        "zh": "工具变量只通过该指标影响结果",
    },
    "same-without-target": {
        "en": "without the target, relation and spread would have stayed as they were before",
        "zh": "若未列为考核目标，其关系和离散程度本应保持原状",
    },
}
"""What would have to be true, by name."""

FAILURES: Mapping[str, Both] = {
    "reversed": {
        "en": "Here the outcome moves first, so it cannot be read as an effect of the indicator.",
        "zh": "此处结果先行变动，不能解读为指标的作用。",
    },
    "both-ways": {
        "en": "Here each side moves ahead of the other, so the second condition fails.",
        "zh": "此处双方互为先导，第二项条件不成立。",
    },
    "no-within": {
        "en": "The indicator hardly varies inside units, so changes inside them say little.",
        "zh": "该指标在单位内部几乎没有变动，组内变化的信息很少。",
    },
    "weak-instruments": {
        "en": "The instruments are weak, so the estimate leans towards the plain one and its interval is too narrow.",
        "zh": "工具变量较弱，估计值偏向普通回归，区间偏窄。",
    },
}
"""Where a design fails, by name."""


def causal_statement(conditions: Sequence[str], failures: Sequence[str] = ()) -> Both:
    """Return what would have to be true to read an effect causally, and where the design fails.

    Parameters
    ----------
    conditions : sequence of str
        Keys of `CONDITIONS`.
    failures : sequence of str
        Keys of `FAILURES`.

    Returns
    -------
    mapping of language to str

    Raises
    ------
    ValueError
        If a name is unknown.

    Examples
    --------
    >>> causal_statement(["no-reverse"])["en"]
    'To read it as cause and effect it would have to be true that (1) the outcome does not move the indicator.'
    """
    for names, known in ((conditions, CONDITIONS), (failures, FAILURES)):
        for name in names:
            if name not in known:
                raise ValueError(f"there is no condition '{name}'.{did_you_mean(name, known)['en']}")
    parts = {
        lang: [f"({number}) {CONDITIONS[name][lang]}" for number, name in enumerate(conditions, 1)]
        for lang in LANGUAGES
    }
    english = f"To read it as cause and effect it would have to be true that {', '.join(parts['en'])}."
    chinese = f"若要作因果解读，须满足：{'；'.join(parts['zh'])}。"
    fail = {lang: [FAILURES[name][lang] for name in failures] for lang in LANGUAGES}
    return {"en": " ".join([english, *fail["en"]]), "zh": "".join([chinese, *fail["zh"]])}


def plain_effect(
    indicator: Both, outcome: Both, numbers: tuple[float, float, float], step: float, *, share: bool = False
) -> Both:
    """Return a slope in plain units.

    Parameters
    ----------
    indicator, outcome : mapping of language to str
        What both sides are called.
    numbers : tuple of float
        Slope and its interval, in units of the outcome per unit of the indicator.
    step : float
        Change of the indicator that is spoken of, see `plain_step`.
    share : bool
        Whether the indicator is a share of 0 to 1, so that the step is told in percentage points.

    Returns
    -------
    mapping of language to str

    Examples
    --------
    >>> name, safety = {"en": "patrols", "zh": "巡逻"}, {"en": "safety", "zh": "安全感"}
    >>> plain_effect(name, safety, (8.0, 2.0, 14.0), 0.1, share=True)["en"]
    '10 percentage points more patrols go with 0.8 more safety (interval 0.2 to 1.4)'
    """
    value, low, high = (number * step for number in numbers)
    more: Both = {"en": "more", "zh": "上升"} if value >= 0 else {"en": "less", "zh": "下降"}
    points = f"{100 * step:g}"
    size: Both = {"en": f"{points} percentage points", "zh": f"{points} 个百分点"} if share else _number(step)
    english = (
        f"{size['en']} more {indicator['en']} go with {abs(value):.3g} {more['en']} {outcome['en']} "
        f"(interval {low:.3g} to {high:.3g})"
    )
    chinese = (
        f"{indicator['zh']}每上升 {size['zh']}，{outcome['zh']}相应{more['zh']} {abs(value):.3g}"
        f"（区间 {low:.3g} 至 {high:.3g}）"
    )
    return {"en": english, "zh": chinese}


def plain_elasticity(indicator: Both, outcome: Both, numbers: tuple[float, float, float]) -> Both:
    """Return an elasticity in plain words: what goes with ten per cent more.

    Parameters
    ----------
    indicator, outcome : mapping of language to str
        What both sides are called.
    numbers : tuple of float
        Elasticity and its interval.

    Returns
    -------
    mapping of language to str

    Examples
    --------
    >>> plain_elasticity({"en": "arrests", "zh": "逮捕"}, {"en": "crimes", "zh": "发案"}, (-0.5, -0.8, -0.2))["en"]
    '10 % more arrests go with 4.65 % less crimes (interval -7.34 % to -1.89 %)'
    """
    value, low, high = (100.0 * float(np.expm1(number * np.log(1.1))) for number in numbers)
    more: Both = {"en": "more", "zh": "上升"} if value >= 0 else {"en": "less", "zh": "下降"}
    return {
        "en": f"10 % more {indicator['en']} go with {abs(value):.3g} % {more['en']} {outcome['en']} "
        f"(interval {low:.3g} % to {high:.3g} %)",
        "zh": f"{indicator['zh']}每上升 10%，{outcome['zh']}相应{more['zh']} {abs(value):.3g}%"
        f"（区间 {low:.3g}% 至 {high:.3g}%）",
    }


def _number(step: float) -> Both:
    return {"en": f"{step:g}", "zh": f"{step:g}"}


def plain_step(spread: float, *, share: bool = False) -> float:
    """Return a round change of an indicator to speak of: 1, 2 or 5 times a power of ten near its spread.

    Parameters
    ----------
    spread : float
        Standard deviation of the indicator.
    share : bool
        Whether it is a share of 0 to 1; then 0.1, ten percentage points.

    Returns
    -------
    float

    Examples
    --------
    >>> plain_step(0.37), plain_step(812.0), plain_step(0.03, share=True)
    (0.5, 1000.0, 0.1)
    """
    if share or not spread > 0:
        return 0.1 if share else 1.0
    power = float(np.floor(np.log10(spread)))
    choices = np.array([1.0, 2.0, 5.0, 10.0]) * 10.0**power
    return float(choices[np.abs(np.log(choices / spread)).argmin()])
