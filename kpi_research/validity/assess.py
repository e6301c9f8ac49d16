"""The validity stage: reliability, data faults, relation with the outcome, and panel models of a study."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.model import Study
from kpi_research.validity.assess_effects import study_effects
from kpi_research.validity.assess_faults import fault_findings, study_faults
from kpi_research.validity.assess_signs import WITHOUT_OUTCOME, outcome_relation, sign_findings
from kpi_research.validity.panel_frame import StudyPanel, gather
from kpi_research.validity.reliability.estimate import JACKKNIFE_UNITS, periods_needed, reliability
from kpi_research.validity.reliability.stability import stability
from kpi_research.validity.result import COLUMNS, Validity

STAGE = {"en": "validity", "zh": "效度"}
LOW_RELIABILITY = 0.5
WANTED_RELIABILITY = 0.7
JUMP_PERIODS = 4


def assess_validity(study: Study) -> Validity:
    """Assess what each indicator of a study is worth.

    Parameters
    ----------
    study : Study
        A loaded study.

    Returns
    -------
    Validity
        One row per indicator: reliability of a single period, stability of the order of units, and relation with the
        outcome; the panel models that ``[validity]`` asks for; impossible values and jumps; and findings on all of
        them. Without an outcome the parts that need one are left out, and without any value the stage is skipped;
        a finding says so.
    """
    panel = gather(study)
    rows = [_row(study, panel, str(name)) for name in study.indicators["id"]]
    table = pd.DataFrame(rows, columns=list(COLUMNS)).astype({"expected_sign": "Int64", "wrong_sign": bool})
    faults = study_faults(study, panel)
    effects, of_effects = study_effects(study, panel)
    findings = (
        *fault_findings(study, panel, faults),
        *_reliability_findings(study, panel, table),
        *_outcome_findings(study, panel),
        *sign_findings(study, table),
        *of_effects,
    )
    if not panel.indicators:
        findings = (finding("stage-skipped", stage=STAGE, missing="panel"),)
    label = study.spec.validity.outcome_label
    name = (study.spec.validity.outcome or "").rpartition(".")[2]
    outcome = (label["en"], label["zh"]) if label else (name, name)
    return Validity(table, findings, effects, faults, *outcome, logs=study.spec.validity.logs)


def _row(study: Study, panel: StudyPanel, name: str) -> dict[str, object]:
    labels = {"indicator": name, "label_en": study.label(name, "en"), "label_zh": study.label(name, "zh")}
    return labels | _consistency(panel, name) | outcome_relation(study, panel, name)


def _consistency(panel: StudyPanel, name: str) -> dict[str, object]:
    """Return counts, ICC(1) and stability of an indicator."""
    values = panel.frame[name] if name in panel.indicators else pd.Series(np.nan, index=panel.frame.index)
    seen = panel.frame[values.notna()]
    row: dict[str, object] = {
        "n": len(seen),
        "units": seen["unit"].nunique(),
        "periods": seen["period"].nunique(),
    }
    numbers = dict.fromkeys(("icc1", "icc1_low", "icc1_high", "stability", "stability_low", "stability_high"), np.nan)
    if name in panel.indicators and name not in panel.constant and _repeated(seen):
        found = reliability(seen, unit="unit", period="period", value=name, method="icc")
        order = stability(seen, unit="unit", period="period", value=name)
        numbers |= {"icc1": found.estimate, "icc1_low": found.low, "icc1_high": found.high}
        numbers |= {"stability": order.estimate, "stability_low": order.low, "stability_high": order.high}
    return row | numbers | {"missing": float(values.isna().mean())}


def _repeated(seen: pd.DataFrame) -> bool:
    return seen["unit"].nunique() >= 2 and int(seen["unit"].value_counts().max()) >= 2


def _reliability_findings(study: Study, panel: StudyPanel, table: pd.DataFrame) -> Iterator[Finding]:
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


def _outcome_findings(study: Study, panel: StudyPanel) -> Iterator[Finding]:
    if panel.outcome is None:
        yield finding(WITHOUT_OUTCOME, Where(file="study.toml", column="validity.outcome"))
    for name in panel.same_as_outcome:
        yield finding("indicator-is-outcome", Where(column=name), label=_label(study, name))


def _label(study: Study, name: str) -> dict[str, str]:
    return {"en": study.label(name, "en"), "zh": study.label(name, "zh")}
