"""Everything a study knows about each case before units are looked at: label, probability, class by each definition."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpi_research.preventability.definition.classify import classify
from kpi_research.preventability.definition.sensitivity import DefinitionShares, definition_accuracy, definition_shares
from kpi_research.preventability.model.calibration import calibration_table
from kpi_research.preventability.model.classifier import PreventabilityModel
from kpi_research.preventability.model.cross_fit import CrossFit, cross_fit
from kpi_research.preventability.model.explain import partial_dependence, permutation_importance
from kpi_research.preventability.model.measures import measure_fit
from kpi_research.preventability.study_cases import StudyCases, study_cases
from kpi_research.preventability.study_labels import StudyLabels, study_labels
from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.model import Study

LEAST_LABELS = 40
"""Labelled cases, with at least 10 of either class, from which a model is fitted."""
LEAST_OF_CLASS = 10
GOOD_SLOPE = (0.7, 1.3)
"""Slopes of the calibration line that are not worth a word."""


@dataclass(frozen=True, eq=False)
class StudyProbabilities:
    """What is known of each case of a study.

    Attributes
    ----------
    cases : pandas.DataFrame
        One row per case: ``incident``, ``unit``, ``period`` where there is one, ``probability`` (of being preventable, by
        a model that has seen no label of its unit, with the errors of raters taken out), ``label`` (1, 0, missing), ``inclusion`` (probability that a labelled
        case was drawn; missing for others).
    labels : StudyLabels
        Decisions with agreement, consensus and errors.
    error : (float, float) or None
        Mean errors e01 and e10 of the labels in ``cases``; None where unknown.
    definitions : DefinitionShares or None
        Shares per unit under each written definition; None where the study has none.
    counts : pandas.DataFrame
        Cases per ``definition``, ``unit`` and ``period``: ``preventable`` and ``not``; empty without periods.
    accuracy : pandas.DataFrame
        Each definition against the labels; see `definition_accuracy`.
    fit : CrossFit or None
        The cross-fitted model; None where too few labels allow none.
    learner : str
        Learner and calibration, e.g. ``logistic, sigmoid``; empty without a model.
    measures, calibration, importance, dependence : pandas.DataFrame
        See `measure_fit`, `calibration_table`, `permutation_importance`, `partial_dependence`.
    findings : tuple of Finding
        What a reader must know.
    """

    cases: pd.DataFrame
    labels: StudyLabels
    error: tuple[float, float] | None
    definitions: DefinitionShares | None
    counts: pd.DataFrame
    accuracy: pd.DataFrame
    fit: CrossFit | None
    learner: str
    measures: pd.DataFrame
    calibration: pd.DataFrame
    importance: pd.DataFrame
    dependence: pd.DataFrame
    findings: tuple[Finding, ...]


def study_probabilities(study: Study) -> StudyProbabilities:
    """Bring cases, labels, definitions and the model of a study together.

    Parameters
    ----------
    study : Study
        A study with tables of role ``incidents`` and ``labels``.

    Returns
    -------
    StudyProbabilities
        Ready for `preventable_share` with ``unit="unit"``, ``probability="probability"``, ``label="label"``,
        ``inclusion="inclusion"`` and ``error``.

    Raises
    ------
    ValueError
        If the study has no such tables, or a label is no decision.
    StudyError
        If a table is too large.
    """
    found = study_cases(study)
    table = study.role_table("labels")
    if table is None:
        raise ValueError("study has no table of role 'labels'")
    by = tuple(name for name in ("type", "unit") if name in found.frame)
    level, seed = study.spec.preventability.level, study.spec.study.seed
    labels = study_labels(table, found.frame, by=by, level=level, seed=seed)
    cases = found.frame.merge(labels.table[["incident", "label", "inclusion"]], on="incident", how="left")
    fit, findings = _fit(study, found, cases)
    said = fit.probability.to_numpy() if fit is not None else np.full(len(cases), _constant(cases))
    cases["probability"] = _without_errors(said, labels.error)
    definitions, counts, accuracy = _definitions(found, cases, level)
    described = _described(study, cases, fit)
    kept = [name for name in ("incident", "unit", "period", "probability", "label", "inclusion") if name in cases]
    return StudyProbabilities(
        cases[kept],
        labels,
        labels.error,
        definitions,
        counts,
        accuracy,
        fit,
        f"{fit.whole.learner_}, {fit.whole.calibration_}" if fit is not None else "",
        *described,
        findings=(
            *found.findings,
            *labels.findings,
            *findings,
            *_slope_findings(described[0]),
            *(definitions.findings if definitions else ()),
        ),
    )


def _fit(study: Study, found: StudyCases, cases: pd.DataFrame) -> tuple[CrossFit | None, tuple[Finding, ...]]:
    counts = cases["label"].value_counts()
    least = int(counts.reindex([0.0, 1.0], fill_value=0).min())
    if counts.sum() < LEAST_LABELS or least < LEAST_OF_CLASS or not found.features:
        facts = {"labels": int(counts.sum()), "least": least, "needed": LEAST_LABELS, "of_class": LEAST_OF_CLASS}
        return None, (finding("model-not-fitted", Where("labels"), **facts),)
    model = PreventabilityModel(learner=study.spec.preventability.learner, random_state=study.spec.study.seed % 2**32)
    fit = cross_fit(cases, features=found.features, label="label", unit="unit", inclusion="inclusion", model=model)
    return fit, ()


def _constant(cases: pd.DataFrame) -> float:
    known = cases["label"].notna()
    if not known.any():
        return 0.5
    return float(np.average(cases.loc[known, "label"], weights=1 / cases.loc[known, "inclusion"]))


def _without_errors(said: NDArray[np.float64], error: tuple[float, float] | None) -> NDArray[np.float64]:
    """Turn the probability that raters call a case preventable into that of being so."""
    e01, e10 = error or (0.0, 0.0)
    return np.clip((said - e01) / (1 - e01 - e10), 0.0, 1.0)


def _definitions(
    found: StudyCases, cases: pd.DataFrame, level: float
) -> tuple[DefinitionShares | None, pd.DataFrame, pd.DataFrame]:
    classes = {item.id: classify(cases, item) for item in found.definitions}
    accuracy = definition_accuracy(classes, cases["label"], weight=1 / cases["inclusion"], level=level)
    counts = _counts(cases, classes)
    if not found.definitions:
        return None, counts, accuracy
    return definition_shares(cases, found.definitions, unit="unit", probability="probability"), counts, accuracy


def _counts(cases: pd.DataFrame, classes: dict[str, pd.Series]) -> pd.DataFrame:
    names = ["definition", "unit", "period", "preventable", "not"]
    if "period" not in cases or not classes:
        return pd.DataFrame(columns=names)
    frame = cases[["unit", "period"]].astype("str")
    parts = []
    for name, told in classes.items():
        marks = frame.assign(**{side: (told == side).to_numpy(dtype=int) for side in ("preventable", "not")})
        parts.append(marks.groupby(["unit", "period"], as_index=False).sum().assign(definition=name))
    return pd.concat(parts, ignore_index=True)[names]


def _described(
    study: Study, cases: pd.DataFrame, fit: CrossFit | None
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return measures, calibration, importance and dependence of the model, as a model of what raters say."""
    if fit is None:
        return _empty("measure"), _empty("group"), _empty("feature"), _empty("feature", "value")
    known, seed, level = fit.labelled, study.spec.study.seed, study.spec.preventability.level
    label, chance, weight = fit.label[known], fit.probability.to_numpy()[known], fit.weight[known]
    unit, _ = pd.factorize(fit.unit[known])
    return (
        measure_fit(label, chance, unit, weight=weight, level=level, seed=seed),
        calibration_table(label, chance, group=_groups(study, fit.unit[known]), weight=weight, level=level),
        permutation_importance(fit, cases, seed=seed),
        partial_dependence(fit, cases, seed=seed),
    )


def _groups(study: Study, unit: pd.Series) -> pd.Series | None:
    """Return the peer group of each case's unit, where the study has groups."""
    groups = study.unit_column("peer_group")
    return None if groups is None else unit.map(groups)


def _empty(*names: str) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype="str") for name in names})


def _slope_findings(measures: pd.DataFrame) -> tuple[Finding, ...]:
    slope = measures[measures["measure"] == "slope"] if len(measures) else measures
    if slope.empty:
        return ()
    estimate, low, high = (float(slope[name].iloc[0]) for name in ("estimate", "low", "high"))
    if not (high < GOOD_SLOPE[0] or low > GOOD_SLOPE[1]):
        return ()
    return (finding("model-miscalibrated", slope=f"{estimate:.2f}", low=f"{low:.2f}", high=f"{high:.2f}"),)
