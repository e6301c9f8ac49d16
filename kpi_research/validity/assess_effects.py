"""The panel models of a study."""

from __future__ import annotations

import pandas as pd

from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.model import Study
from kpi_research.validity.panel_frame import StudyPanel
from kpi_research.validity.prediction.panel_effect import Model, PanelEffect, panel_effect
from kpi_research.validity.words import MODELS

COLUMNS = ("model", "term", "estimate", "se", "low", "high", "p", "n", "r2", "role")


def study_effects(study: Study, panel: StudyPanel) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    """Return the panel models that ``[validity]`` asks for, and what must be known about them.

    Parameters
    ----------
    study : Study
        A loaded study.
    panel : StudyPanel
        Its columns.

    Returns
    -------
    effects : pandas.DataFrame
        See `kpi_research.validity.result.Validity`; empty without an outcome or without an indicator that varies.
    findings : tuple of Finding
        A model that cannot be estimated is left out with a finding.
    """
    parts, findings = [pd.DataFrame(columns=list(COLUMNS))], []
    if panel.outcome is not None and panel.regressors:
        for model in study.spec.validity.models:
            found = _estimate(study, panel, model)
            if isinstance(found, Finding):
                findings.append(found)
            else:
                parts.append(_tidy(found, panel))
                findings.extend(found.findings)
    filled = [part for part in parts if not part.empty] or parts[:1]
    return pd.concat(filled, ignore_index=True), tuple(findings)


def _estimate(study: Study, panel: StudyPanel, model: Model) -> PanelEffect | Finding:
    asked = study.spec.validity
    controls = (*asked.controls, *asked.unit_controls) if model == "between" else asked.controls
    try:
        return panel_effect(
            panel.frame,
            outcome=str(panel.outcome),
            indicators=panel.regressors,
            unit="unit",
            period="period",
            model=model,
            controls=[name for name in dict.fromkeys(controls) if name not in panel.regressors],
            logs=asked.logs,
            instruments=asked.instruments if model == "iv_two_way" else None,
            cluster=asked.cluster,
        )
    except ValueError as problem:
        return finding("panel-model-failed", Where(), model=MODELS[model], problem=str(problem).rstrip("."))


def _tidy(found: PanelEffect, panel: StudyPanel) -> pd.DataFrame:
    extra = found.table["term"].eq("const") | found.table["term"].str.startswith("period=")
    role = found.table["term"].isin(panel.regressors).map({True: "indicator", False: "control"}).mask(extra, "effect")
    return found.table.assign(model=found.model, n=found.n, r2=found.r2, role=role)[list(COLUMNS)]
