"""Variance between units beyond chance, from the middle of the units so that outliers do not hide themselves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]
METHODS = ("winsorized", "winsorized_uncorrected", "truncated_log", "untrimmed", "none")
TRIM = 0.1
"""Share of units at either end that is pulled in or left out (Spiegelhalter 2005)."""


@dataclass(frozen=True, slots=True)
class Dispersion:
    """How far units differ beyond chance.

    Attributes
    ----------
    phi : float
        Mean squared z-score of the middle of the units, 1 where there is nothing but chance.
    tau2 : float
        Variance between units on the scale of the scores.
    """

    phi: float
    tau2: float


def winsorized_variance(trim: float = TRIM) -> float:
    """Return the variance of a standard normal variable whose tails are pulled in to its quantiles.

    Parameters
    ----------
    trim : float
        Share of either tail.

    Returns
    -------
    float

    Examples
    --------
    >>> round(winsorized_variance(), 4)
    0.6787
    """
    edge = float(stats.norm.isf(trim))
    return 1 - 2 * trim - 2 * edge * float(stats.norm.pdf(edge)) + 2 * edge**2 * trim


def dispersion(z: Floats, variance: Floats, method: str) -> Dispersion:
    r"""Estimate the variance between units by the method of moments (DerSimonian & Laird 1986).

    .. math:: \tau^2 = \max\left(0, \frac{n\phi - (n - 1)}{\sum w - \sum w^2 / \sum w}\right), \quad w = 1/s^2

    ``winsorized`` divides the mean square of the pulled-in scores by its value under chance, .6787 at 10 %, and takes the
    quantiles of few units without bias for a normal distribution: without it (``winsorized_uncorrected``, and
    ``truncated_log`` which leaves the tails out) the variance is underestimated and far too many units stand out.

    Parameters
    ----------
    z : numpy.ndarray, shape (units,)
        Scores with variance 1 under chance.
    variance : numpy.ndarray, shape (units,)
        Variance of the transformed ratio under chance.
    method : {"winsorized", "winsorized_uncorrected", "truncated_log", "untrimmed", "none"}
        How the tails are treated.

    Returns
    -------
    Dispersion

    References
    ----------
    Spiegelhalter, D. J. (2005), Handling over-dispersion of performance indicators, doi:10.1136/qshc.2005.013755.
    """
    if method == "none" or len(z) < 3:
        return Dispersion(1.0, 0.0)
    kept = np.ones(len(z), dtype=bool)
    used, scale = z, 1.0
    if method.startswith("winsorized"):
        edges = np.array([TRIM, 1 - TRIM])
        unbiased = np.quantile(z, edges, method="normal_unbiased")
        low, high = unbiased if method == "winsorized" else np.quantile(z, edges)
        used = np.clip(z, low, high)
        scale = winsorized_variance() if method == "winsorized" else 1.0
    elif method == "truncated_log":
        rank = stats.rankdata(z, method="ordinal")
        out = int(np.floor(TRIM * len(z)))
        kept = (rank > out) & (rank <= len(z) - out)
    phi = float((used[kept] ** 2).mean()) / scale
    w = 1.0 / variance[kept]
    n = int(kept.sum())
    return Dispersion(phi, max(0.0, (n * phi - (n - 1)) / float(w.sum() - (w**2).sum() / w.sum())))
