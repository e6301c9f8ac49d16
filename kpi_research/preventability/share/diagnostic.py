"""Shares that rest on the model alone, to be read as diagnostics: which one breaks depends on the kind of shift."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from kpi_research.preventability.share.data import UnitData
from kpi_research.preventability.share.design import Estimates

Floats = NDArray[np.float64]
BINS = 400
"""Classes of probability in which the cases of a unit are counted."""
STEPS = 500
TOLERANCE = 1e-8
EDGE = 1e-4


def by_model(data: UnitData, level: float) -> Estimates:
    """Return the mean probability of each unit; its interval takes the model to be right and is too short where it is not.

    Parameters
    ----------
    data : UnitData
        Cases by unit.
    level : float
        Confidence level.

    Returns
    -------
    Estimates
    """
    of_case = data.p * (1 - data.p)
    se = np.sqrt(np.bincount(data.unit, of_case, minlength=len(data.cases))) / data.cases
    return _normal(data.mean, np.maximum(se, 1e-6), level)


def by_shift(data: UnitData, level: float) -> Estimates:
    r"""Return the share that explains a unit's probabilities if only the mix of classes differs between units (label shift).

    Expectation and maximization take turns: :math:`p_i' \propto p_i \theta_u / \pi` and
    :math:`\theta_u = \overline{p'}`, with the share :math:`\pi` among the labels. Far from the design estimate it shows
    that more than the mix differs.

    Parameters
    ----------
    data : UnitData
        Cases by unit.
    level : float
        Confidence level.

    Returns
    -------
    Estimates
        The standard error takes the model to be right.

    References
    ----------
    Saerens, M., Latinne, P. & Decaestecker, C. (2002), Adjusting the outputs of a classifier to new a priori
    probabilities, doi:10.1162/089976602753284446.
    """
    counts, p = _counted(data)
    base = float(np.clip(np.average(data.z, weights=data.w), EDGE, 1 - EDGE))
    yes, no = p / base, (1 - p) / (1 - base)
    share = np.clip(data.mean, EDGE, 1 - EDGE)
    for _ in range(STEPS):
        top = share[:, None] * yes
        fresh = (counts * (top / (top + (1 - share[:, None]) * no))).sum(axis=1) / data.cases
        change = float(np.abs(fresh - share).max())
        share = np.clip(fresh, EDGE, 1 - EDGE)
        if change < TOLERANCE:
            break
    slope = (yes - no) / (share[:, None] * yes + (1 - share[:, None]) * no)
    information = (counts * slope**2).sum(axis=1)
    se = np.where(information > 0, 1 / np.sqrt(np.maximum(information, 1e-9)), 1.0)
    return _normal(share, np.minimum(se, 1.0), level)


def _counted(data: UnitData) -> tuple[Floats, Floats]:
    """Return the cases of each unit by class of probability, and the middle of each class."""
    place = np.minimum((data.p * BINS).astype(np.intp), BINS - 1)
    cell = np.bincount(data.unit * BINS + place, minlength=len(data.cases) * BINS)
    middle = np.clip((np.arange(BINS) + 0.5) / BINS, EDGE, 1 - EDGE)
    return cell.reshape(-1, BINS).astype(float), middle


def _normal(estimate: Floats, se: Floats, level: float) -> Estimates:
    half = float(stats.norm.isf((1 - level) / 2)) * se
    return Estimates(estimate, se, estimate - half, estimate + half)
