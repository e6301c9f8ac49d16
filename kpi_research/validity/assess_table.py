"""The main table of the validity stage: counts, reliability of one period, stability, relation with the outcome."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.model import Study
from kpi_research.validity.assess_signs import outcome_relation
from kpi_research.validity.panel_frame import StudyPanel
from kpi_research.validity.reliability.estimate import JACKKNIFE_UNITS, periods_needed
from kpi_research.validity.result import COLUMNS

LOW_RELIABILITY = 0.5
WANTED_RELIABILITY = 0.7
JUMP_PERIODS = 4
KEPT = ("icc1", "icc1_low", "icc1_high", "stability", "stability_low", "stability_high")


def study_table(study: Study, panel: StudyPanel, verdicts: pd.DataFrame, consistency: pd.DataFrame) -> pd.DataFrame:
    """Return the main table of the stage.

    Parameters
    ----------
    study : Study
    panel : StudyPanel
    verdicts : pandas.DataFrame
        See `kpi_research.validity.verdict.decide.decide`.
    consistency : pandas.DataFrame
        Table ``reliability`` of `kpi_research.validity.reliability.study.study_reliability`.

    Returns
    -------
    pandas.DataFrame
        See `kpi_research.validity.result.Validity`.
    """
    verdict = dict(zip(verdicts["indicator"], verdicts["verdict"], strict=True))
    known = consistency.set_index("indicator")[list(KEPT)].to_dict("index")
    rows = [
        _row(study, panel, str(name)) | known.get(str(name), {}) | {"verdict": verdict[str(name)]}
        for name in study.indicators["id"]
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(
        {"expected_sign": "Int64", "wrong_sign": bool, "verdict": "str"}
    )


def _row(study: Study, panel: StudyPanel, name: str) -> dict[str, object]:
    labels = {"indicator": name, "label_en": study.label(name, "en"), "label_zh": study.label(name, "zh")}
    return labels | _counts(panel, name) | dict.fromkeys(KEPT, np.nan) | outcome_relation(study, panel, name)


def _counts(panel: StudyPanel, name: str) -> dict[str, object]:
    values = panel.frame[name] if name in panel.indicators else pd.Series(np.nan, index=panel.frame.index)
    seen = panel.frame[values.notna()]
    row: dict[str, object] = {"n": len(seen), "units": seen["unit"].nunique(), "periods": seen["period"].nunique()}
    return row | {"missing": float(values.isna().mean())}


def reliability_findings(study: Study, panel: StudyPanel, table: pd.DataFrame) -> Iterator[Finding]:
    """Yield what the user must know about counts and reliability.

    Parameters
    ----------
    study : Study
    panel : StudyPanel
    table : pandas.DataFrame
        The main table.

    Returns
    -------
    iterator of Finding
    """
    for code, names in (("indicator-not-observed", panel.unobserved), ("indicator-constant", panel.constant)):
        for name in names:
            yield finding(code, Where(column=name), label=_label(study, name))
    seen = table[table["indicator"].isin([name for name in panel.indicators if name not in panel.constant])]
    few = seen["periods"] < JUMP_PERIODS
    if few.any():
        yield finding("few-periods", Where(), indicators=", ".join(seen.loc[few, "indicator"]), needed=JUMP_PERIODS)
    if not seen.empty and seen["units"].min() < JACKKNIFE_UNITS:
        yield finding("few-units", Where(), units=int(seen["units"].min()), enough=JACKKNIFE_UNITS)
    for _, row in seen[seen["icc1"] < LOW_RELIABILITY].iterrows():
        yield _low_reliability(study, row)


def _low_reliability(study: Study, row: pd.Series) -> Finding:
    icc = float(row["icc1"])
    periods = periods_needed(icc / (1.0 - icc), WANTED_RELIABILITY)
    none = {
        "en": "Units do not differ more than chance, so no number of periods makes it reliable.",
        "zh": "各单位之间的差异不超过随机波动，增加期数也无法使其可信。",
    }
    some = {
        "en": f"The mean of {periods} periods would reach {WANTED_RELIABILITY:g}.",
        "zh": f"取 {periods} 期均值可使信度达到 {WANTED_RELIABILITY:g}。",
    }
    facts = {key: f"{row[column]:.2f}" for key, column in (("icc", "icc1"), ("low", "icc1_low"), ("high", "icc1_high"))}
    where = Where(column=str(row["indicator"]))
    return finding(
        "low-reliability", where, label=_label(study, where.column or ""), needed=some if periods else none, **facts
    )


def _label(study: Study, name: str) -> dict[str, str]:
    return {"en": study.label(name, "en"), "zh": study.label(name, "zh")}
