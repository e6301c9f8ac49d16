"""From all evidence to one verdict per indicator, with the reasons that led to it."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from kpi_research.study.findings import Language
from kpi_research.validity.evidence import ASPECTS
from kpi_research.validity.verdict.rules import DOUBTED, TOGETHER, VerdictRule, asked_verdict, gravest, silent_verdict
from kpi_research.validity.verdict.words import ASPECTS as ASPECT_NAMES
from kpi_research.validity.verdict.words import Both

_ORDER = ("unknown", "pass", "care", "fail")
LANGUAGES: tuple[Language, ...] = ("en", "zh")
COLUMNS = ("indicator", "verdict", *ASPECTS, "deciding", "reason_en", "reason_zh")


def decide(evidence: pd.DataFrame, indicators: Sequence[str], rules: Sequence[VerdictRule]) -> pd.DataFrame:
    """Return one verdict per indicator.

    Parameters
    ----------
    evidence : pandas.DataFrame
        All rows of evidence, see `kpi_research.validity.evidence.Evidence`.
    indicators : sequence of str
        Ids, in the order wanted.
    rules : sequence of VerdictRule
        The written rule.

    Returns
    -------
    pandas.DataFrame
        One row per indicator: ``indicator``; ``verdict`` (the gravest that any row of evidence asks for); one column
        per aspect with its gravest grade (``unknown`` only where no check spoke); ``deciding`` (the checks that asked
        for the verdict, parted by ``", "``); ``reason_en``, ``reason_zh`` (their sentences).
    """
    asked = [
        asked_verdict(check, aspect, grade, rules)
        for check, aspect, grade in zip(evidence["check"], evidence["aspect"], evidence["grade"], strict=True)
    ]
    of_indicator = dict(iter(evidence.assign(asked=asked).groupby("indicator", sort=False)))
    nothing = evidence.iloc[:0].assign(asked="")
    rows = [_row(name, of_indicator.get(name, nothing), rules) for name in indicators]
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype("str")


def _row(name: str, rows: pd.DataFrame, rules: Sequence[VerdictRule]) -> dict[str, str]:
    grades: dict[str, str] = {
        aspect: worst_grade(rows.loc[rows["aspect"] == aspect, "grade"].tolist()) for aspect in ASPECTS
    }
    silent = {aspect: silent_verdict(aspect, rules) for aspect in ASPECTS if grades[aspect] == "unknown"}
    doubts = rows[(rows["grade"] == "care") & rows["aspect"].isin(DOUBTED)]
    adding = doubts if len(doubts) >= TOGETHER else doubts.iloc[:0]
    verdict = gravest([*rows["asked"], *silent.values(), *(["repair"] if len(adding) else [])])
    deciding = rows.loc[rows["asked"] == verdict] if verdict != "use" else rows.iloc[:0]
    if verdict == "repair":
        deciding = rows.loc[(rows["asked"] == verdict) | rows.index.isin(adding.index)]
    unheard = [aspect for aspect, asked in silent.items() if asked == verdict != "use"]
    reasons = {f"reason_{lang}": _reason(deciding, unheard, lang) for lang in LANGUAGES}
    return {"indicator": name, "verdict": verdict, **grades, "deciding": ", ".join(deciding["check"]), **reasons}


def worst_grade(grades: Sequence[str]) -> str:
    """Return the gravest of the grades that spoke.

    Parameters
    ----------
    grades : sequence of str
        Grades of checks.

    Returns
    -------
    str
        ``fail`` before ``care`` before ``pass``; ``unknown`` where no check spoke.

    Examples
    --------
    >>> worst_grade(["unknown", "pass"]), worst_grade([])
    ('pass', 'unknown')
    """
    return max(grades, key=_ORDER.index, default="unknown")


_NOTHING: Both = {"en": "no check could speak on: {aspects}.", "zh": "以下方面缺少可用的检验：{aspects}。"}
_NONE_AGAINST: Both = {"en": "no check speaks against it.", "zh": "各项检验均未发现问题。"}


def _reason(deciding: pd.DataFrame, silent: Sequence[str], lang: Language) -> str:
    colon, space, comma = ("：", "", "、") if lang == "zh" else (": ", " ", ", ")
    sentences = [
        f"{name}{colon}{reason}"
        for name, reason in zip(deciding[f"name_{lang}"], deciding[f"reason_{lang}"], strict=True)
    ]
    if silent:
        names = comma.join(ASPECT_NAMES[aspect][lang] for aspect in silent)
        sentences.append(_NOTHING[lang].format(aspects=names))
    return space.join(sentences) or _NONE_AGAINST[lang]
