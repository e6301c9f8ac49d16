"""Why a check of prediction could not speak, and short phrases of its reasons."""

from __future__ import annotations

from collections.abc import Mapping

from kpi_research.study.findings import Language, filled
from kpi_research.study.model import Study
from kpi_research.study.suggest import did_you_mean
from kpi_research.validity.panel_frame import StudyPanel
from kpi_research.validity.words import Both

WHY: Mapping[str, Both] = {
    "no-outcome": {"en": "the study names no outcome", "zh": "研究未指定结果变量"},
    "is-outcome": {"en": "the indicator is the outcome itself", "zh": "该指标就是结果变量本身"},
    "constant": {"en": "it has one and the same value everywhere", "zh": "该指标处处取同一数值"},
    "unobserved": {"en": "it has no value", "zh": "该指标没有数值"},
    "no-overlap": {
        "en": "hardly any unit has both the indicator and the outcome",
        "zh": "几乎没有单位同时具有该指标和结果变量",
    },
    "weak": {
        "en": "it hardly goes with {outcome}: rank correlation {size} (interval {lower} to {upper}), less than {limit}",
        "zh": "与“{outcome}”几乎无关：秩相关 {size}（区间 {lower} 至 {upper}），低于 {limit}",
    },
    "against": {
        "en": "over all units it goes with {outcome} against its direction (rank correlation {size}, interval {lower} to "
        "{upper}), but not inside units: something that differs between units may move both",
        "zh": "总体上与“{outcome}”的关系同指标方向相反（秩相关 {size}，区间 {lower} 至 {upper}），但单位内部并非如此：可能有单位间的其他差异同时影响两者",
    },
    "wide": {
        "en": "rank correlation {size} with an interval of {lower} to {upper}, which holds both nothing and what would matter",
        "zh": "秩相关 {size}，区间 {lower} 至 {upper}，既包含零，也包含有意义的大小",
    },
    "short": {
        "en": "units have {periods} periods with both values; the test needs {needed}",
        "zh": "各单位两项数值俱全的时期为 {periods} 期，检验至少需要 {needed} 期",
    },
    "neither": {
        "en": "neither side moves ahead of the other (p {chance} and {reverse}). {effect}",
        "zh": "双方均不先于对方变动（p 分别为 {chance} 和 {reverse}）。{effect}",
    },
    "both": {
        "en": "each side moves ahead of the other (p {chance} and {reverse}), so that neither can be called the leader",
        "zh": "双方互为先导（p 分别为 {chance} 和 {reverse}），不能断定孰先孰后",
    },
    "no-within": {"en": "it does not vary inside units", "zh": "该指标在单位内部没有变动"},
    "no-gain": {
        "en": "{size} of the squared error (interval {lower} to {upper})",
        "zh": "平方误差减少 {size}（区间 {lower} 至 {upper}）",
    },
    "no-forecast": {"en": "too few periods or units for a forecast", "zh": "时期或单位过少，无法作预测"},
    "no-groups": {
        "en": "[[validity.known_groups]] names no groups for it",
        "zh": "[[validity.known_groups]] 未为其指定组别",
    },
    "no-group-column": {
        "en": "the study has no table of units with the column '{column}'",
        "zh": "研究没有含“{column}”列的单位表",
    },
    "groups-empty": {
        "en": "'{better}' and '{worse}' do not have two units with values each",
        "zh": "“{better}”与“{worse}”未能各有两个有数值的单位",
    },
    "groups-wide": {
        "en": "'{better}' and '{worse}' differ by {size} standard deviations (Hedges g, interval {lower} to {upper})",
        "zh": "“{better}”与“{worse}”相差 {size} 个标准差（Hedges g，区间 {lower} 至 {upper}）",
    },
    "no-effect": {
        "en": "neither inside units nor between them is there an effect in its direction that an omitted variable could "
        "explain away. {effect}",
        "zh": "单位内部和单位之间均未发现与指标方向一致、可被遗漏变量解释掉的效应。{effect}",
    },
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


def outcome_name(study: Study) -> Both:
    """Return what the outcome of a study is called.

    Parameters
    ----------
    study : Study
        A loaded study.

    Returns
    -------
    mapping of language to str
        The column where the study gives no label.
    """
    label = study.spec.validity.outcome_label
    column = (study.spec.validity.outcome or "").rpartition(".")[2]
    return {"en": label["en"], "zh": label["zh"]} if label else {"en": column, "zh": column}


def label_of(study: Study, name: str) -> Both:
    """Return the labels of an indicator.

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
    languages: tuple[Language, ...] = ("en", "zh")
    return {lang: study.label(name, lang) for lang in languages}


def cannot_speak(study: Study, panel: StudyPanel, name: str) -> Both | None:
    """Return why an indicator cannot be held against the outcome at all, or None where it can.

    Parameters
    ----------
    study : Study
        A loaded study.
    panel : StudyPanel
        Its columns.
    name : str
        Id of the indicator.

    Returns
    -------
    mapping of language to str, or None
    """
    if panel.outcome is None:
        return why("no-outcome")
    if name not in panel.indicators:
        return why("unobserved")
    if name in panel.same_as_outcome:
        return why("is-outcome")
    return why("constant") if name in panel.constant else None
