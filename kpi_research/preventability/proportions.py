"""Intervals of proportions, from plain, weighted and clustered samples."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]


def wilson(yes: float, n: float, *, level: float = 0.95) -> tuple[float, float]:
    r"""Return Wilson's score interval of a proportion; ``n`` may be an effective sample size.

    .. math:: \frac{p + z^2/2n \pm z \sqrt{p(1-p)/n + z^2/4n^2}}{1 + z^2/n}

    Parameters
    ----------
    yes, n : float
        Cases with the property, and all cases.
    level : float
        Confidence level.

    Returns
    -------
    low, high : float
        0 to 1; NaN without cases.

    References
    ----------
    Wilson, E. B. (1927), Probable inference, doi:10.1080/01621459.1927.10502953.

    Examples
    --------
    >>> [round(limit, 3) for limit in wilson(48, 50)]
    [0.865, 0.989]
    """
    if not n > 0:
        return float("nan"), float("nan")
    z = float(stats.norm.isf((1 - level) / 2))
    p = yes / n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))


def weighted_share(yes: Floats, weight: Floats, *, level: float = 0.95) -> tuple[float, float, float]:
    """Return a weighted share (Hajek) with Wilson's interval at Kish's effective sample size.

    Parameters
    ----------
    yes : numpy.ndarray, shape (cases,)
        1 with the property, 0 without.
    weight : numpy.ndarray, shape (cases,)
        Positive weights.
    level : float
        Confidence level.

    Returns
    -------
    estimate, low, high : float
        NaN without cases.

    References
    ----------
    Kish, L. (1965), Survey Sampling, ch. 8.
    """
    total = float(weight.sum())
    if not total > 0:
        return float("nan"), float("nan"), float("nan")
    share = float(yes @ weight) / total
    effective = total * total / float(weight @ weight)
    return share, *wilson(share * effective, effective, level=level)


def clustered_share(yes: Floats, trials: Floats, *, level: float = 0.95) -> tuple[float, float, float, float]:
    r"""Return the share of successes over clusters, e.g. wrong decisions over the raters of a case.

    The variance of the ratio :math:`\sum y_c / \sum m_c` over independent clusters,
    :math:`\sum (y_c - p m_c)^2 / (\sum m_c)^2`, gives a design effect, at least 1, and Wilson's interval is taken at the
    sample size divided by it; with one trial in each cluster it is the plain one.

    Parameters
    ----------
    yes, trials : numpy.ndarray, shape (clusters,)
        Successes and trials of each cluster.
    level : float
        Confidence level.

    Returns
    -------
    estimate, se, low, high : float
        NaN without trials.

    References
    ----------
    Korn, E. L. & Graubard, B. I. (1998), Confidence intervals for proportions with small expected number of positive
    counts, Survey Methodology 24:193-201.
    """
    used = trials > 0
    y, m = yes[used], trials[used]
    total = float(m.sum())
    if not len(m):
        return (float("nan"),) * 4
    p = float(y.sum()) / total
    plain = p * (1 - p) / total
    rest = y - p * m
    variance = float(rest @ rest) / total**2
    effect = max(1.0, variance / plain) if plain > 0 else float(np.mean(m))
    return p, float(np.sqrt(plain * effect)), *wilson(p * total / effect, total / effect, level=level)
