"""Chinese and English headers and words of the indicator catalogue."""

from __future__ import annotations

from collections.abc import Mapping

HEADERS: Mapping[str, tuple[str, ...]] = {
    "id": ("编号", "指标编号", "指标代码", "代码"),
    "label_en": ("英文名称", "英文名", "label"),
    "label_zh": ("名称", "指标", "指标名称", "中文名称"),
    "perspective": ("维度", "视角"),
    "module": ("模块", "板块"),
    "kind": ("类型", "指标类型", "性质"),
    "evaluator": ("评价主体", "考核主体", "评价者"),
    "direction": ("方向", "指标方向"),
    "sequence": ("序列", "考核序列"),
    "post": ("岗位",),
    "role": ("层级", "线别"),
    "table": ("数据表", "表"),
    "value": ("取值", "数值", "算式"),
    "numerator": ("分子",),
    "denominator": ("分母",),
    "rubric": ("评分标准", "评分细则", "评分档次"),
    "unit": ("计量单位", "单位"),
    "normalization": ("标准化", "标准化方法", "计分方法"),
    "target": ("目标", "目标值"),
    "floor": ("下限", "门槛值"),
    "ceiling": ("上限", "满分值"),
    "current_weight": ("现行权重", "当前权重", "权重"),
    "min_weight": ("最低权重", "权重下限"),
    "max_weight": ("最高权重", "权重上限"),
    "banned": ("禁用", "禁止", "是否禁用"),
    "source": ("依据", "来源", "文件依据"),
}
"""Our column name -> other headers it is known by."""

WORDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "kind": {
        "quantity": ("数量",),
        "quality": ("质量",),
        "preventive": ("预防",),
        "outcome": ("结果", "成效"),
        "process": ("过程",),
    },
    "direction": {"higher": ("越高越好", "正向", "高优"), "lower": ("越低越好", "逆向", "负向", "低优")},
    "normalization": {"z": ("标准分",), "rank": ("名次", "排名"), "goalposts": ("区间",), "ratio": ("完成率",)},
    "role": {"veto": ("底线", "一票否决"), "threshold": ("基线",), "graded": ("高线", "计分")},
}
"""Column of the catalogue -> allowed word -> Chinese words for it."""


def canonical_header(header: str) -> str:
    """Return our name of a catalogue column, or the tidied header where it is none of ours.

    Parameters
    ----------
    header : str
        A header cell, in English or Chinese.

    Returns
    -------
    str
    """
    tidy = "_".join(header.strip().casefold().split())
    for name, others in HEADERS.items():
        if tidy == name or tidy in others:
            return name
    return tidy


def canonical_word(column: str, word: str) -> str:
    """Return the allowed English word for a cell of a catalogue column with fixed words.

    Parameters
    ----------
    column : str
        A key of `WORDS`.
    word : str
        The cell.

    Returns
    -------
    str
        The allowed word, or the cell itself where it is not known.
    """
    tidy = word.strip()
    for allowed, others in WORDS[column].items():
        if tidy.casefold() == allowed or tidy in others:
            return allowed
    return tidy
