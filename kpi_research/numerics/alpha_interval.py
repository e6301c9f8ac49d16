"""Bootstrap interval of alpha: cases are drawn anew, bias-corrected and accelerated."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from kpi_research.numerics.krippendorff import Pairable, krippendorff

Floats = NDArray[np.float64]
LEAST_CASES = 5
"""Cases with two raters or more below which no interval is given."""


def alpha_interval(
    data: Pairable, level: str, *, confidence: float, draws: int, seed: np.random.SeedSequence
) -> tuple[float, float]:
    """Return the interval of Krippendorff's alpha over cases like these, for these raters.

    The cases are independent, the raters given: the interval says nothing of other raters. Cases with the same ratings
    are exchangeable, so the bootstrap draws numbers of cases per pattern from a multinomial distribution.

    Parameters
    ----------
    data : Pairable
        The ratings.
    level : {"nominal", "ordinal", "interval"}
        Level of measurement.
    confidence : float
        Confidence level.
    draws : int
        Bootstrap samples.
    seed : numpy.random.SeedSequence
        Seed.

    Returns
    -------
    low, high : float
        NaN with fewer than 5 cases or where all ratings are equal. If all raters agree on every case, ``low`` is the
        alpha at the exact upper limit of the share of cases on which one rater would deviate.

    References
    ----------
    Efron, B. (1987), Better bootstrap confidence intervals, doi:10.1080/01621459.1987.10478410. Zapf, A. et al. (2016),
    Measuring inter-rater reliability for nominal data, doi:10.1186/s12874-016-0200-9.
    """
    estimate = float(krippendorff(data, level)[0])
    n = float(data.cases.sum())
    if n < LEAST_CASES or not np.isfinite(estimate):
        return float("nan"), float("nan")
    if estimate >= 1.0:
        return _perfect(data, level, confidence), 1.0
    rng = np.random.default_rng(seed)
    drawn = rng.multinomial(int(n), data.cases / n, size=draws).astype(float)
    values = krippendorff(data, level, drawn)
    values = values[np.isfinite(values)]
    left_out = krippendorff(data, level, data.cases[None, :] - np.eye(len(data.cases)))
    low, high = _accelerated(estimate, values, left_out, data.cases, confidence)
    return min(low, estimate), max(high, estimate)


def _accelerated(
    estimate: float, values: Floats, left_out: Floats, cases: Floats, confidence: float
) -> tuple[float, float]:
    below = float((values < estimate).mean() + (values == estimate).mean() / 2)
    edge = 1.0 / (len(values) + 1)
    shift = float(stats.norm.ppf(np.clip(below, edge, 1 - edge)))
    known = np.isfinite(left_out)
    center = float(np.average(left_out[known], weights=cases[known]))
    gap = center - left_out[known]
    size = float(cases[known] @ gap**2)
    bend = float(cases[known] @ gap**3) / (6 * size**1.5) if size > 0 else 0.0
    z = shift + np.array([-1.0, 1.0]) * float(stats.norm.isf((1 - confidence) / 2))
    at = stats.norm.cdf(shift + z / (1 - bend * z))
    low, high = np.quantile(values, at)
    return float(low), float(high)


def _perfect(data: Pairable, level: str, confidence: float) -> float:
    """Return alpha if as many cases as the exact binomial limit allows had one deviating rater."""
    share = 1 - (1 - confidence) ** (1 / float(data.cases.sum()))
    raters = float(data.cases @ data.raters / data.cases.sum())
    marginal = data.cases @ data.counts
    seen = marginal > 0
    scores = data.scores[seen] if level == "interval" else (marginal.cumsum() - marginal / 2)[seen]
    apart = (scores[:, None] - scores[None, :]) ** 2 if level != "nominal" else 1.0 - np.eye(int(seen.sum()))
    n = float(marginal.sum())
    expected = float(marginal[seen] @ apart @ marginal[seen]) / (n * (n - 1))
    return 1 - share * 2 / raters * float(apart.max()) / expected
