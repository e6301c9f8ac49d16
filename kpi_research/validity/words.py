"""Names of models, units of measure and figure labels in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping

from kpi_research.study.findings import Language

Both = Mapping[Language, str]

MODELS: Mapping[str, Both] = {
    "two_way": {"en": "two-way fixed effects", "zh": "双向固定效应模型"},
    "between": {"en": "between units", "zh": "组间模型"},
    "first_difference": {"en": "first differences", "zh": "一阶差分模型"},
    "iv_two_way": {"en": "two-way effects, instruments", "zh": "双向固定效应工具变量模型"},
}

MEASURES: Mapping[str, Both] = {
    "share": {"en": "share", "zh": "比例"},
    "percent": {"en": "percentage", "zh": "百分比"},
    "count": {"en": "count", "zh": "计数"},
    "rate": {"en": "rate", "zh": "比率"},
    "minutes": {"en": "number of minutes", "zh": "分钟数"},
    "hours": {"en": "number of hours", "zh": "小时数"},
    "days": {"en": "number of days", "zh": "天数"},
}

FIGURE: Mapping[str, Both] = {
    "icc": {"en": "Reliability of one period", "zh": "单期信度"},
    "correlation": {"en": "Rank correlation", "zh": "秩相关系数"},
    "with_outcome": {"en": "with {outcome}", "zh": "与“{outcome}”"},
    "coefficient": {"en": "effect on {outcome}", "zh": "对“{outcome}”的效应"},
    "elasticity": {"en": "elasticity of {outcome}", "zh": "“{outcome}”的弹性"},
    "outcome": {"en": "the outcome", "zh": "结果变量"},
    "cases": {"en": "Values or cases per unit", "zh": "每单位的数值或案件数"},
    "reliability": {"en": "Reliability of the unit", "zh": "单位信度"},
    "units": {"en": "Units", "zh": "单位"},
}


def figure_text(key: str, lang: Language, **facts: str) -> str:
    """Return a label of a figure.

    Parameters
    ----------
    key : str
        A key of `FIGURE`.
    lang : {"en", "zh"}
        Language.
    **facts
        Values for its placeholders.

    Returns
    -------
    str

    Examples
    --------
    >>> figure_text("coefficient", "zh", outcome="人均发案数")
    '对“人均发案数”的效应'
    """
    return FIGURE[key][lang].format(**facts)


def times(ratio: float) -> Both:
    """Return how a value stands to its reference, in words.

    Parameters
    ----------
    ratio : float
        Value over reference, above 0.

    Returns
    -------
    mapping of language to str

    Examples
    --------
    >>> times(27.16)["en"], times(1 / 12)["zh"]
    ('27.2 times', '1/12')
    """
    if ratio >= 1:
        return {"en": f"{ratio:.3g} times", "zh": f"{ratio:.3g}倍"}
    return {"en": f"1/{1 / ratio:.3g} of", "zh": f"1/{1 / ratio:.3g}"}


def span(first: object, last: object) -> str:
    """Return a run of periods as text.

    Parameters
    ----------
    first, last : object
        Period labels.

    Returns
    -------
    str

    Examples
    --------
    >>> span(1984, 1986), span(1987, 1987)
    ('1984–1986', '1987')
    """
    return str(first) if first == last else f"{first}–{last}"
