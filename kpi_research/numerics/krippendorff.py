"""Krippendorff's alpha in arrays: cases in rows, values in columns, numbers of raters in the cells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
LEVELS = ("nominal", "ordinal", "interval")
"""Levels of measurement of ratings."""


@dataclass(frozen=True, eq=False)
class Pairable:
    """Ratings of the cases with two raters or more, cases with the same ratings taken together.

    Attributes
    ----------
    counts : numpy.ndarray, shape (patterns, values)
        Raters who gave each value; at least two in each row, no two rows alike.
    scores : numpy.ndarray, shape (values,)
        The values in order: numbers for ``interval``; otherwise only their order counts.
    cases : numpy.ndarray, shape (patterns,)
        Cases with each pattern.
    """

    counts: Floats
    scores: Floats
    cases: Floats

    @property
    def raters(self) -> Floats:
        """Raters of a case of each pattern."""
        return np.asarray(self.counts.sum(axis=1))


def pairable(counts: Floats, scores: Floats) -> Pairable:
    """Keep the cases that two raters or more have rated.

    Parameters
    ----------
    counts : numpy.ndarray, shape (cases, values)
        Raters who gave each value to each case.
    scores : numpy.ndarray, shape (values,)
        The values in order.

    Returns
    -------
    Pairable
    """
    patterns, cases = np.unique(counts[counts.sum(axis=1) >= 2], axis=0, return_counts=True)
    return Pairable(patterns, scores, cases.astype(float))


def krippendorff(data: Pairable, level: str, weights: Floats | None = None) -> Floats:
    r"""Return Krippendorff's alpha, once or for many weightings of the cases.

    .. math:: \alpha = 1 - \frac{D_o}{D_e} = 1 - (n - 1)\frac{\sum_{vw} o_{vw}\delta_{vw}^2}{\sum_{vw} n_v n_w \delta_{vw}^2},
        \quad o_{vw} = \sum_u \frac{n_{uv}(n_{uw} - [v = w])}{m_u - 1}

    with :math:`\delta^2` 1 for different values (nominal), the squared difference of mid-ranks (ordinal) or of values
    (interval). The sum over pairs is written as a sum of squares about the mean, which is the same number.

    Parameters
    ----------
    data : Pairable
        The ratings.
    level : {"nominal", "ordinal", "interval"}
        Level of measurement.
    weights : numpy.ndarray, shape (replicates, patterns), optional
        Number of cases of each pattern; those seen by default.

    Returns
    -------
    numpy.ndarray, shape (replicates,)
        At most 1; NaN where all ratings are equal.

    References
    ----------
    Krippendorff, K. (2011), Computing Krippendorff's alpha-reliability; Krippendorff, K. (2019), Content Analysis,
    4th ed., ch. 12, doi:10.4135/9781071878781.
    """
    w = data.cases[None, :] if weights is None else weights
    marginal = w @ data.counts
    n = marginal.sum(axis=1)
    observed, expected = _PARTS[level](data, w, marginal, n)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = (n - 1) * observed / expected
    return np.where(expected > 0, 1.0 - ratio, np.nan)


def _nominal(data: Pairable, w: Floats, marginal: Floats, n: Floats) -> tuple[Floats, Floats]:
    m = data.raters
    apart = (m * m - (data.counts**2).sum(axis=1)) / (m - 1)
    return w @ apart, n * n - (marginal**2).sum(axis=1)


def _interval(data: Pairable, w: Floats, marginal: Floats, n: Floats) -> tuple[Floats, Floats]:
    scores = data.scores - data.scores.mean()
    m = data.raters
    means = data.counts @ scores / m
    within = (data.counts * (scores[None, :] - means[:, None]) ** 2).sum(axis=1)
    center = marginal @ scores / n
    spread = (marginal * (scores[None, :] - center[:, None]) ** 2).sum(axis=1)
    return w @ (2 * m * within / (m - 1)), 2 * n * spread


def _ordinal(data: Pairable, w: Floats, marginal: Floats, n: Floats) -> tuple[Floats, Floats]:
    """Return the parts for mid-ranks, which differ between weightings."""
    ranks = marginal.cumsum(axis=1) - marginal / 2
    ranks = ranks - ((marginal * ranks).sum(axis=1) / n)[:, None]
    m = data.raters
    plain = w @ (data.counts * (m / (m - 1))[:, None])
    mixed = data.counts[:, :, None] * data.counts[:, None, :] / (m - 1)[:, None, None]
    products = np.einsum("bvx,bv,bx->b", np.tensordot(w, mixed, axes=1), ranks, ranks)
    observed = 2 * ((plain * ranks**2).sum(axis=1) - products)
    return np.maximum(observed, 0.0), 2 * n * (marginal * ranks**2).sum(axis=1)


_PARTS = {"nominal": _nominal, "ordinal": _ordinal, "interval": _interval}


def raw_agreement(data: Pairable, weights: Floats | None = None) -> Floats:
    """Return the share of pairs of raters of one case who gave the same value, mean over cases.

    Parameters
    ----------
    data : Pairable
        The ratings.
    weights : numpy.ndarray, shape (replicates, patterns), optional
        Number of cases of each pattern; those seen by default.

    Returns
    -------
    numpy.ndarray, shape (replicates,)
        0 to 1.
    """
    m = data.raters
    same = ((data.counts**2).sum(axis=1) - m) / (m * (m - 1))
    w = data.cases[None, :] if weights is None else weights
    return np.asarray(w @ same / w.sum(axis=1))
