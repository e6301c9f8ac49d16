"""Populations of units whose cases differ in four ways, with noisy labels and probabilities fitted across units."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import expit, logit

SCENARIOS = ("label", "covariate", "concept", "mixed")
SLOPES = np.array([1.1, 0.7])
"""Within a unit the two features then tell preventable cases from others with an AUC of about .80."""


def draw_world(
    rng: np.random.Generator,
    scenario: str,
    units: int = 100,
    cases: int = 300,
    labels: int = 30,
    error: tuple[float, float] = (0.05, 0.05),
    shares: tuple[float, float] = (0.2, 0.7),
    strength: float = 1.0,
    folds: int = 5,
) -> pd.DataFrame:
    """Return cases with ``unit``, ``truth``, ``label`` (noisy, mostly missing) and ``p`` (a model blind to the unit, errors out)."""
    target = np.linspace(*shares, units)
    unit = np.repeat(np.arange(units), cases)
    truth, x = _draw(rng, scenario, target, cases, strength * SLOPES)
    label = np.full(len(unit), np.nan)
    for number in range(units):
        chosen = number * cases + rng.choice(cases, labels, replace=False)
        said = rng.random(labels) < np.where(truth[chosen], 1 - error[1], error[0])
        label[chosen] = said
    fold = rng.permutation(units)[unit] % folds
    p = np.empty(len(unit))
    for number in range(folds):
        held, train = fold == number, (fold != number) & ~np.isnan(label)
        p[held] = expit(_terms(x[held]) @ _logistic(_terms(x[train]), label[train]))
    p = np.clip((p - error[0]) / (1 - sum(error)), 0.0, 1.0)
    return pd.DataFrame({"unit": [f"u{n:03}" for n in unit], "truth": truth.astype(float), "label": label, "p": p})


def _draw(
    rng: np.random.Generator, scenario: str, target: np.ndarray, cases: int, slopes: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    size = (len(target), cases)
    if scenario == "label":
        truth = rng.random(size) < target[:, None]
        x = rng.normal(size=(*size, 2)) + truth[..., None] * slopes * 0.92
        return truth.ravel(), x.reshape(-1, 2)
    part = {"covariate": np.ones(len(target)), "concept": np.zeros(len(target))}.get(
        scenario, rng.uniform(0.1, 0.9, len(target))
    )
    need = (logit(target) - logit(0.45)) * np.sqrt(1 + 0.3 * float(slopes @ slopes))
    shift = (part * need)[:, None, None] * slopes / float(slopes @ slopes)
    x = rng.normal(size=(*size, 2)) + shift
    score = logit(0.45) + x @ slopes + ((1 - part) * need)[:, None]
    return (rng.random(size) < expit(score)).ravel(), x.reshape(-1, 2)


def _terms(x: np.ndarray) -> np.ndarray:
    return np.column_stack([np.ones(len(x)), x])


def _logistic(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    beta = np.zeros(x.shape[1])
    for _ in range(12):
        mu = expit(x @ beta)
        root = np.sqrt(mu * (1 - mu))
        beta = beta + np.linalg.lstsq(root[:, None] * x, (y - mu) / root, rcond=None)[0]
    return beta
