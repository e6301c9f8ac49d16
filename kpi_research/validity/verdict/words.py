"""Names of verdicts, aspects and grades in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping

from kpi_research.study.findings import Language

Both = Mapping[Language, str]

VERDICTS: Mapping[str, Both] = {
    "use": {"en": "use", "zh": "可用"},
    "use_with_care": {"en": "use with care", "zh": "慎用"},
    "cannot_tell": {"en": "cannot tell", "zh": "暂无法判断"},
    "repair": {"en": "repair first", "zh": "须先整改"},
    "do_not_use": {"en": "do not use", "zh": "不宜使用"},
}
"""The verdicts from the mildest to the gravest; the gravest that any evidence asks for is the indicator's."""

ASPECTS: Mapping[str, Both] = {
    "importance": {"en": "importance", "zh": "重要性"},
    "authenticity": {"en": "authenticity of the records", "zh": "数据真实性"},
    "reliability": {"en": "reliability", "zh": "信度"},
    "validity": {"en": "validity", "zh": "效度"},
    "robustness": {"en": "robustness to gaming", "zh": "抗操纵性"},
    "use": {"en": "fitness for use", "zh": "适用性"},
}
"""The questions of a card in their order."""

GRADES: Mapping[str, Both] = {
    "pass": {"en": "pass", "zh": "通过"},
    "care": {"en": "care", "zh": "注意"},
    "fail": {"en": "fail", "zh": "未通过"},
    "unknown": {"en": "unknown", "zh": "未知"},
}
"""What a check can say."""
