"""The validity stage: what each indicator of a study is worth."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.model import Study
from kpi_research.validity.areas import AREAS
from kpi_research.validity.assess_areas import Progress, gather_evidence
from kpi_research.validity.assess_effects import study_effects
from kpi_research.validity.assess_faults import fault_findings, study_faults
from kpi_research.validity.assess_signs import WITHOUT_OUTCOME, sign_findings
from kpi_research.validity.assess_table import reliability_findings, study_table
from kpi_research.validity.evidence import evidence_frame
from kpi_research.validity.panel_frame import StudyPanel, gather
from kpi_research.validity.result import Validity
from kpi_research.validity.verdict.decide import decide
from kpi_research.validity.verdict.gate import hold_back
from kpi_research.validity.verdict.rules import verdict_rules

STAGE = {"en": "validity", "zh": "效度"}


def assess_validity(study: Study, progress: Progress | None = None, *, jobs: int = 1) -> Validity:
    """Assess what each indicator of a study is worth.

    Parameters
    ----------
    study : Study
        A loaded study.
    progress : callable, optional
        Called with name, number and total before each part; with several processes when the evidence is gathered.
    jobs : int, default 1
        Processes. Two pay from about a million values; the result is the same.

    Returns
    -------
    Validity
        A verdict per indicator with the evidence behind it, in the order importance, authenticity, reliability,
        validity, robustness to gaming, use; the panel models that ``[validity]`` asks for; impossible values and
        jumps; and findings on all of them. Without an outcome the parts that need one say so, and without any value
        the stage is skipped.
    """
    tell, total = progress or _silent, len(AREAS) + 2
    panel = gather(study)
    gathered = gather_evidence(study, panel, tell, total, jobs)
    parts = gathered.parts
    evidence = hold_back(pd.concat([evidence_frame([]), *(part.rows for part in parts)], ignore_index=True))
    ids = [str(name) for name in study.indicators["id"]]
    verdicts = decide(evidence, ids, verdict_rules(study.spec.validity.verdicts))
    tell("table", total - 2, total)
    details = {name: frame for part in parts for name, frame in part.tables.items()}
    table = study_table(study, panel, verdicts, details["reliability"])
    tell("effects", total - 1, total)
    faults = study_faults(study, panel)
    effects, of_effects = gathered.effects if gathered.effects is not None else study_effects(study, panel)
    of_numbers = (*fault_findings(study, panel, faults), *reliability_findings(study, panel, table))
    of_outcome = (*_outcome_findings(study, panel), *sign_findings(study, table), *of_effects)
    findings = (*of_numbers, *of_outcome, *(item for part in parts for item in part.findings))
    if not panel.indicators:
        findings = (finding("stage-skipped", stage=STAGE, missing="panel"),)
    logs = study.spec.validity.logs
    return Validity(table, findings, effects, faults, evidence, verdicts, details, *_outcome_names(study), logs)


def _outcome_names(study: Study) -> tuple[str, str]:
    label = study.spec.validity.outcome_label
    name = (study.spec.validity.outcome or "").rpartition(".")[2]
    return (label["en"], label["zh"]) if label else (name, name)


def _outcome_findings(study: Study, panel: StudyPanel) -> Iterator[Finding]:
    if panel.outcome is None:
        yield finding(WITHOUT_OUTCOME, Where(file="study.toml", column="validity.outcome"))
    for name in panel.same_as_outcome:
        yield finding("indicator-is-outcome", Where(column=name), label=_label(study, name))


def _label(study: Study, name: str) -> dict[str, str]:
    return {"en": study.label(name, "en"), "zh": study.label(name, "zh")}


def _silent(_name: str, _number: int, _total: int) -> None:
    return None
