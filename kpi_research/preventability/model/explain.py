"""What the model's probability rests on: importance by permutation, and the mean probability by level of a feature."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpi_research.preventability.model.cross_fit import CrossFit
from kpi_research.preventability.model.design import as_text, is_categorical
from kpi_research.preventability.model.learners import log_losses

Floats = NDArray[np.float64]
REPEATS = 5
GRID = 9
"""Quantiles of a numeric feature at which partial dependence is computed."""
MOST_ROWS = 500
"""Cases over which partial dependence is averaged."""


def permutation_importance(
    fit: CrossFit, cases: pd.DataFrame, *, repeats: int = REPEATS, seed: int = 0
) -> pd.DataFrame:
    """Return how much worse the labels of unseen units are predicted when a feature is shuffled.

    Parameters
    ----------
    fit : CrossFit
        The cross-fitted model.
    cases : pandas.DataFrame
        The cases it was fitted to.
    repeats : int
        Times each feature is shuffled.
    seed : int
        Seed.

    Returns
    -------
    pandas.DataFrame
        ``feature``, ``importance`` (growth of the mean log loss), ``sd`` (over shuffles); largest first. A feature that
        another one can replace looks unimportant.

    References
    ----------
    Breiman, L. (2001), Random forests, doi:10.1023/A:1010933404324; Fisher, A., Rudin, C. & Dominici, F. (2019), All
    models are wrong, but many are useful, JMLR 20:177.
    """
    known = fit.labelled
    frame = cases.loc[known, list(fit.features)].reset_index(drop=True)
    label, weight, fold = fit.label[known].astype(np.intp), fit.weight[known], fit.fold[known]
    base = float(np.average(log_losses(label, _speak(fit, frame, fold)), weights=weight))
    rng = np.random.default_rng(seed)
    rows = []
    for name in fit.features:
        grown = []
        for _ in range(repeats):
            shuffled = frame.assign(**{name: frame[name].take(rng.permutation(len(frame))).to_numpy()})
            shuffled[name] = shuffled[name].astype(frame[name].dtype)
            grown.append(float(np.average(log_losses(label, _speak(fit, shuffled, fold)), weights=weight)) - base)
        rows.append((name, float(np.mean(grown)), float(np.std(grown, ddof=1))))
    table = pd.DataFrame(rows, columns=["feature", "importance", "sd"])
    return table.sort_values("importance", ascending=False, kind="stable", ignore_index=True)


def _speak(fit: CrossFit, frame: pd.DataFrame, fold: NDArray[np.intp]) -> Floats:
    chance = np.empty(len(frame))
    for number in np.unique(fold):
        held = fold == number
        model = fit.models[number] if number >= 0 and fit.models else fit.whole
        chance[held] = model.predict_proba(frame[held])[:, 1]
    return chance


def partial_dependence(fit: CrossFit, cases: pd.DataFrame, *, seed: int = 0) -> pd.DataFrame:
    """Return the mean probability of cases if all of them had the same value of one feature.

    Parameters
    ----------
    fit : CrossFit
        The cross-fitted model.
    cases : pandas.DataFrame
        The cases it was fitted to.
    seed : int
        Seed of the sample of cases over which the mean is taken.

    Returns
    -------
    pandas.DataFrame
        ``feature``, ``value`` (as text), ``probability`` (by the whole model), ``low``, ``high`` (least and largest of the
        models of the folds), ``share`` (of the cases that have the value; NaN for numbers).

    References
    ----------
    Friedman, J. H. (2001), Greedy function approximation, doi:10.1214/aos/1013203451.
    """
    frame = cases[list(fit.features)]
    if len(frame) > MOST_ROWS:
        chosen = np.sort(np.random.default_rng(seed).choice(len(frame), MOST_ROWS, replace=False))
        frame = frame.iloc[chosen]
    rows = []
    for name in fit.features:
        for value, text, share in _values(cases[name]):
            moved = frame.assign(**{name: pd.Series([value] * len(frame), index=frame.index, dtype=frame[name].dtype)})
            means = [float(model.predict_proba(moved)[:, 1].mean()) for model in fit.models]
            center = float(fit.whole.predict_proba(moved)[:, 1].mean())
            rows.append((name, text, center, min(means, default=center), max(means, default=center), share))
    return pd.DataFrame(rows, columns=["feature", "value", "probability", "low", "high", "share"])


def _values(values: pd.Series) -> list[tuple[object, str, float]]:
    if is_categorical(values):
        texts = as_text(values)
        shares = texts.value_counts(normalize=True)
        new = ~texts.duplicated().to_numpy()
        first = dict(zip(texts[new], values[new], strict=True))
        return [(first[str(text)], str(text), float(share)) for text, share in shares.head(2 * GRID).items()]
    known = values.dropna()
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        day = known.iloc[0].normalize() if len(known) else pd.Timestamp(0)
        return [(day + pd.Timedelta(hours=hour), f"{hour}:00", float("nan")) for hour in range(0, 24, 3)]
    grid = known.quantile(np.linspace(0.05, 0.95, GRID), interpolation="nearest").unique()
    return [(value, _written(value), float("nan")) for value in grid]


def _written(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, int | float | np.number) else str(value)
