"""How well probabilities fit the labels: losses, discrimination and calibration, with intervals over units."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, logit

from kpi_research.numerics.jackknife import jackknife_interval

Floats = NDArray[np.float64]
MOST_GROUPS = 60
"""Groups of units that are left out one after the other; more units are put into so many groups."""
EDGE = 1e-6
STEPS = 25


def log_loss(y: Floats, p: Floats, w: Floats) -> float:
    """Return the weighted mean log loss; lower is better."""
    q = np.clip(p, EDGE, 1 - EDGE)
    return float(-np.average(np.where(y == 1, np.log(q), np.log1p(-q)), weights=w))


def brier(y: Floats, p: Floats, w: Floats) -> float:
    """Return the weighted mean squared difference of label and probability (Brier 1950); lower is better."""
    return float(np.average((y - p) ** 2, weights=w))


def auc(y: Floats, p: Floats, w: Floats) -> float:
    """Return the probability that a preventable case has a higher probability than another one, ties counted half."""
    order = np.argsort(p, kind="stable")
    values, groups = np.unique(p[order], return_inverse=True)
    up = np.bincount(groups, (w * y)[order], minlength=len(values))
    down = np.bincount(groups, (w * (1 - y))[order], minlength=len(values))
    total = up.sum() * down.sum()
    below = np.cumsum(down) - down
    return float((up @ (below + down / 2)) / total) if total > 0 else float("nan")


def calibration_line(y: Floats, p: Floats, w: Floats) -> tuple[float, float]:
    r"""Return slope and intercept of :math:`\mathrm{logit} P(y=1) = a + b\,\mathrm{logit}\,p` (Cox 1958).

    Parameters
    ----------
    y, p, w : numpy.ndarray
        Labels, probabilities, weights.

    Returns
    -------
    slope, intercept : float
        1 and 0 where probabilities are calibrated; NaN where they do not vary or separate the labels.

    References
    ----------
    Cox, D. R. (1958), Two further applications of a model for binary regression, doi:10.1093/biomet/45.3-4.562.
    """
    x = np.column_stack([np.ones(len(p)), logit(np.clip(p, EDGE, 1 - EDGE))])
    scale = w / w.mean()
    beta = np.array([0.0, 1.0])
    for _ in range(STEPS):
        mu = expit(x @ beta)
        root = np.sqrt(scale * mu * (1 - mu))
        if not (root > 0).all() or np.ptp(x[:, 1]) < EDGE:
            return float("nan"), float("nan")
        step = np.linalg.lstsq(root[:, None] * x, scale * (y - mu) / root, rcond=None)[0]
        beta = beta + step
        if np.abs(step).max() < 1e-9:
            break
    return (float(beta[1]), float(beta[0])) if np.abs(beta).max() < 50 else (float("nan"), float("nan"))


MEASURES: dict[str, Callable[[Floats, Floats, Floats], float]] = {
    "log_loss": log_loss,
    "brier": brier,
    "auc": auc,
    "slope": lambda y, p, w: calibration_line(y, p, w)[0],
    "intercept": lambda y, p, w: calibration_line(y, p, w)[1],
}
"""Measures of fit by name."""


def measure_fit(
    label: Floats,
    probability: Floats,
    unit: NDArray[np.intp],
    *,
    weight: Floats | None = None,
    level: float = 0.95,
    seed: int = 0,
) -> pd.DataFrame:
    """Measure probabilities against labels, with jackknife intervals over units.

    Parameters
    ----------
    label : numpy.ndarray
        1 and 0.
    probability : numpy.ndarray
        Out-of-fold probability of 1.
    unit : numpy.ndarray of int
        Unit of each case; cases of a unit are not independent.
    weight : numpy.ndarray, optional
        Weights.
    level : float
        Confidence level.
    seed : int
        Seed of the groups into which many units are put.

    Returns
    -------
    pandas.DataFrame
        One row per measure: ``measure`` (``log_loss``, ``brier``, ``auc``, ``slope``, ``intercept``), ``estimate``, ``low``,
        ``high``. Slope and intercept are those of the calibration line, 1 and 0 at best; below 1 the probabilities are too
        extreme.

    Examples
    --------
    >>> y, p = np.array([0.0, 1.0, 0.0, 1.0]), np.array([0.2, 0.7, 0.4, 0.6])
    >>> measure_fit(y, p, np.arange(4)).set_index("measure").loc["auc", "estimate"]
    np.float64(1.0)
    """
    w = np.ones(len(label)) if weight is None else weight
    groups = _groups(unit, seed)
    rows = []
    for name, measure in MEASURES.items():
        whole = measure(label, probability, w)
        left = np.array([measure(label[k], probability[k], w[k]) for k in _without(groups)])
        rows.append((name, whole, *jackknife_interval(whole, left, level)))
    return pd.DataFrame(rows, columns=["measure", "estimate", "low", "high"])


def _groups(unit: NDArray[np.intp], seed: int) -> NDArray[np.intp]:
    names, code = np.unique(unit, return_inverse=True)
    if len(names) <= MOST_GROUPS:
        return np.asarray(code, dtype=np.intp)
    dealt = np.random.default_rng(seed).permutation(len(names)) % MOST_GROUPS
    return np.asarray(dealt[code], dtype=np.intp)


def _without(groups: NDArray[np.intp]) -> list[NDArray[np.bool_]]:
    return [groups != number for number in range(int(groups.max()) + 1)]
