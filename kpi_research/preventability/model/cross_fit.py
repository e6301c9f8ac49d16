"""Probabilities for every case from a model that has seen no label of the case's unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import clone

from kpi_research.preventability.labels import read_labels
from kpi_research.preventability.model.classifier import PreventabilityModel, folds_of
from kpi_research.study.frame_checks import require_columns, require_filled

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
INNER_FOLDS = 3


@dataclass(frozen=True, eq=False)
class CrossFit:
    """Probabilities that may be held against the labels of the same cases.

    Attributes
    ----------
    probability : pandas.Series
        Probability of each case of being preventable, 0 to 1, by the model of its fold; index of the cases.
    fold : numpy.ndarray of int, shape (cases,)
        Fold of each case; -1 where its unit has no label, so that the whole model speaks.
    label : numpy.ndarray, shape (cases,)
        1, 0, NaN where not labelled.
    weight : numpy.ndarray, shape (cases,)
        1 / inclusion probability; NaN where not labelled.
    unit : pandas.Series
        Unit of each case.
    features : tuple of str
        Columns the model reads.
    models : tuple of PreventabilityModel
        The model of each fold, fitted to the labels of the other folds.
    whole : PreventabilityModel
        The model of all labels.
    """

    probability: pd.Series
    fold: Ints
    label: Floats
    weight: Floats
    unit: pd.Series
    features: tuple[str, ...]
    models: tuple[PreventabilityModel, ...]
    whole: PreventabilityModel

    @property
    def labelled(self) -> NDArray[np.bool_]:
        """Which cases are labelled."""
        return ~np.isnan(self.label)


def cross_fit(
    cases: pd.DataFrame,
    *,
    features: Sequence[str],
    label: str,
    unit: str,
    inclusion: str | None = None,
    model: PreventabilityModel | None = None,
    folds: int = 5,
) -> CrossFit:
    """Fit the model in folds of whole units, and predict every case by the model that has not seen its unit.

    Labelled and unlabelled cases of a unit are predicted by one and the same model, which knows no label of that unit;
    so the labels of the unit show how far its predictions are off (Zrnic & Candes 2024, doi:10.1073/pnas.2322083121). Units
    are dealt to folds without a look at labels; only the choice between the two learners uses them all. Cases of units
    without labels, and unlabelled cases of a single unit, are predicted by the model of all labels.

    Parameters
    ----------
    cases : pandas.DataFrame
        One row per case, labelled or not.
    features : sequence of str
        Columns known when the case was recorded.
    label : str
        Column of the decision: 1 and 0, yes and no, 是 and 否; missing where not labelled.
    unit : str
        Column of the unit; refused among the features.
    inclusion : str, optional
        Column of the probability with which a labelled case was drawn, above 0 and at most 1; equal by default.
    model : PreventabilityModel, optional
        The model to fit; the default one otherwise.
    folds : int
        Folds, at least 2.

    Returns
    -------
    CrossFit

    Raises
    ------
    ValueError
        If a column is missing, no case or only one class is labelled, an inclusion probability of a labelled case is
        missing or outside 0 to 1, or a feature names the unit.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> cases = pd.DataFrame({"unit": np.repeat(["a", "b", "c", "d"], 100), "gate": rng.choice(["yes", "no"], 400)})
    >>> cases["label"] = np.where(rng.random(400) < 0.3, (cases["gate"] == "no") * 1.0, np.nan)
    >>> fit = cross_fit(cases, features=["gate"], label="label", unit="unit")
    >>> bool(fit.probability.between(0, 1).all())
    True
    """
    used = list(features)
    require_columns(cases, "cases", {"features": used, "label": label, "unit": unit, "inclusion": inclusion})
    if not used:
        raise ValueError("features is empty; at least one feature is needed")
    require_filled(cases, "cases", unit)
    values = read_labels(cases[label])
    known = ~np.isnan(values)
    weight = _weights(cases, inclusion, known)
    base = (model or PreventabilityModel()).set_params(unit=unit)
    group, _ = pd.factorize(cases[unit], sort=True)
    code = values[known].astype(np.intp)
    whole = clone(base).fit(cases.loc[known, used], code, sample_weight=weight[known], groups=group[known])
    frozen = clone(base).set_params(learner=whole.learner_, folds=INNER_FOLDS)
    fold = np.full(len(cases), -1, dtype=np.intp)
    parts = _outer_folds(code, group[known], folds, base.random_state)
    if parts is None:
        return _result(cases, values, weight, used, unit, whole.predict_proba(cases[used])[:, 1], fold, (), whole)
    models = tuple(
        clone(frozen).fit(
            cases.loc[known, used][parts != number],
            code[parts != number],
            sample_weight=weight[known][parts != number],
            groups=group[known][parts != number],
        )
        for number in range(int(parts.max()) + 1)
    )
    fold = _fold_of_cases(group, known, parts)
    chance = _predict(cases[used], fold, models, whole)
    return _result(cases, values, weight, used, unit, chance, fold, models, whole)


def _result(
    cases: pd.DataFrame,
    label: Floats,
    weight: Floats,
    features: list[str],
    unit: str,
    chance: Floats,
    fold: Ints,
    models: tuple[PreventabilityModel, ...],
    whole: PreventabilityModel,
) -> CrossFit:
    probability = pd.Series(chance, index=cases.index, name="probability")
    return CrossFit(probability, fold, label, weight, cases[unit], tuple(features), models, whole)


def _weights(cases: pd.DataFrame, inclusion: str | None, known: NDArray[np.bool_]) -> Floats:
    weight = np.where(known, 1.0, np.nan)
    if inclusion is None:
        return weight
    chance = cases[inclusion].to_numpy(dtype=float, na_value=np.nan)
    wrong = known & ~((chance > 0) & (chance <= 1))
    if wrong.any():
        raise ValueError(
            f"inclusion: {int(wrong.sum())} labelled cases have no probability above 0 and at most 1 in '{inclusion}'"
        )
    return np.where(known, 1.0 / np.where(known, chance, 1.0), np.nan)


def _outer_folds(code: Ints, group: Ints, folds: int, seed: int) -> Ints | None:
    """Deal units to folds of about equal numbers of labels, whatever the labels are; part the cases of a lone unit."""
    units = np.unique(group)
    if len(units) < 2:
        return folds_of(code, None, folds, seed)
    size = np.bincount(group)
    dealt = np.random.default_rng(seed).permutation(units)
    dealt = dealt[np.argsort(-size[dealt], kind="stable")]
    for count in range(min(folds, len(units)), 1, -1):
        turn = np.concatenate([np.arange(count), np.arange(count)[::-1]])
        fold = np.zeros(len(size), dtype=np.intp)
        fold[dealt] = np.resize(turn, len(dealt))
        parts = fold[group]
        if all(len(np.unique(code[parts != number])) == 2 for number in range(count)):
            return np.asarray(parts)
    return None


def _fold_of_cases(group: Ints, known: NDArray[np.bool_], parts: Ints) -> Ints:
    """Return the fold of each case: that of its unit's labels; of its own label where there is only one unit."""
    fold = np.full(len(group), -1, dtype=np.intp)
    if len(np.unique(group[known])) < 2:
        fold[known] = parts
        return fold
    of_unit = np.full(int(group.max()) + 1, -1, dtype=np.intp)
    of_unit[group[known]] = parts
    return np.asarray(of_unit[group])


def _predict(
    frame: pd.DataFrame, fold: Ints, models: tuple[PreventabilityModel, ...], whole: PreventabilityModel
) -> Floats:
    chance = np.empty(len(frame))
    for number, fitted in enumerate(models):
        held = fold == number
        if held.any():
            chance[held] = fitted.predict_proba(frame[held])[:, 1]
    rest = fold < 0
    if rest.any():
        chance[rest] = whole.predict_proba(frame[rest])[:, 1]
    return chance
