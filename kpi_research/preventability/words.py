"""Words of the figures of this room."""

from __future__ import annotations

from collections.abc import Mapping

from kpi_research.study.findings import Language

FIGURE: Mapping[str, Mapping[Language, str]] = {
    "share": {"en": "share of preventable cases", "zh": "可防性案件占比"},
    "shares": {"en": "Preventable cases per unit", "zh": "各单位可防性案件占比"},
    "shrunk": {"en": "shrunk to what its cases let expect", "zh": "收缩估计"},
    "design": {"en": "not shrunk: own labels, steadied by predictions", "zh": "未收缩：以本单位评定为准"},
    "expected": {"en": "preventable cases to expect", "zh": "预期可防性案件数"},
    "ratio": {"en": "observed ÷ expected", "zh": "实际数 ÷ 预期数"},
    "funnel": {"en": "More or fewer than expected?", "zh": "是否多于或少于预期"},
    "limit": {"en": "{level} % limits", "zh": "{level}% 控制限"},
    "higher": {"en": "more than expected", "zh": "高于预期"},
    "lower": {"en": "fewer than expected", "zh": "低于预期"},
    "as_expected": {"en": "as expected", "zh": "与预期无明显差异"},
    "calibration": {"en": "Do the probabilities hold?", "zh": "概率是否可信"},
    "predicted": {"en": "predicted share", "zh": "预测占比"},
    "observed": {"en": "share found by the raters", "zh": "评定所得占比"},
    "all": {"en": "all units", "zh": "全部单位"},
}


def figure_text(key: str, lang: Language, **facts: object) -> str:
    """Return a text of a figure.

    Parameters
    ----------
    key : str
        Name of the text.
    lang : {"en", "zh"}
        Language.
    **facts
        A value for each placeholder.

    Returns
    -------
    str

    Examples
    --------
    >>> figure_text("limit", "zh", level="95")
    '95% 控制限'
    """
    return FIGURE[key][lang].format(**facts)
