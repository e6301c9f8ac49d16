"""Which units have more or fewer cases than expected: control limits that allow for what nobody has explained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from kpi_research.numerics.false_discovery import q_values
from kpi_research.preventability.expected.dispersion import METHODS, Dispersion, dispersion
from kpi_research.study.findings import Finding, Language, finding
from kpi_research.study.frame_checks import require_choice, require_share
from kpi_research.study.results import Result

Floats = NDArray[np.float64]
SMALL = 30.0
"""Expected cases below which p-values of whole counts are mid-p values of the count's own distribution."""
FEW_UNITS = 10
"""Units below which the variance between them is hardly known."""


@dataclass(frozen=True)
class Funnel(Result):
    """Observed against expected cases of each unit.

    ``table`` has one row per unit:

    - ``unit``; ``observed``, ``expected`` (cases); ``ratio``.
    - ``low_95``, ``high_95``, ``low_998``, ``high_998`` (or the levels asked for): limits of the ratio for a unit like the
      others.
    - ``p``: two-sided p-value of the ratio; ``q``: adjusted so that units at or below .05 are false alarms in at most 5 % of
      the flags (Benjamini-Hochberg).
    - ``verdict``: ``higher`` or ``lower`` where q is at most one minus the first level; else ``as_expected``.

    Attributes
    ----------
    phi : float
        Mean squared score of the middle of the units, 1 under chance.
    tau2 : float
        Variance between units beyond chance, of the square root of the ratio (of its logarithm for ``truncated_log``).
    overdispersion : str
        How it was estimated.
    level : tuple of float
        Levels of the limits.
    """

    phi: float
    tau2: float
    overdispersion: str
    level: tuple[float, ...]

    def plot(self, lang: Language = "en") -> Figure:
        """Draw the ratios against the expected cases with their limits.

        Parameters
        ----------
        lang : {"en", "zh"}
            Language of the labels.

        Returns
        -------
        matplotlib.figure.Figure
        """
        from kpi_research.preventability.draw import funnel_chart

        return funnel_chart(self.table, lang)


def funnel(
    observed: ArrayLike,
    expected: ArrayLike,
    *,
    unit: Sequence[object] | pd.Series | None = None,
    level: Sequence[float] = (0.95, 0.998),
    observed_variance: ArrayLike | None = None,
    overdispersion: str = "winsorized",
) -> Funnel:
    r"""Compare observed with expected counts of units.

    On the scale of :math:`\sqrt{O/E}` chance has the variance :math:`s^2 = (E + v)/4E^2` with v the variance of an estimated
    count; units differ beyond it with variance :math:`\tau^2`. The limits :math:`1 \pm z\sqrt{s^2 + \tau^2}` are squared
    back to the scale of the ratio. Whole counts with fewer than 30 expected cases are judged by the mid-p value of the
    Poisson distribution, or of the negative binomial one where units differ; estimated counts by a distribution that has
    the skewness of the count and the normal error of the estimate.

    Parameters
    ----------
    observed : array, shape (units,)
        Observed cases, at least 0; zeros are fine.
    expected : array, shape (units,)
        Expected cases, above 0.
    unit : sequence, optional
        Names of the units; their number by default.
    level : sequence of float
        Levels of the limits, the first also that of the verdict.
    observed_variance : array, shape (units,), optional
        Variance of the observed counts as estimates, e.g. squared cases times the squared standard error of a share.
        Leaving it out where counts are estimated makes average units stand out.
    overdispersion : {"winsorized", "winsorized_uncorrected", "truncated_log", "untrimmed", "none"}
        See `dispersion`; all but the first are for comparison.

    Returns
    -------
    Funnel
        Findings: ``funnel-few-units``, ``funnel-overdispersed``.

    Raises
    ------
    ValueError
        If lengths differ, a number is missing, negative or infinite, an expected count is 0, or an option is unknown.

    References
    ----------
    Spiegelhalter, D. J. (2005), Funnel plots for comparing institutional performance, doi:10.1002/sim.1970, and
    doi:10.1136/qshc.2005.013755; Lancaster, H. O. (1961), doi:10.1080/01621459.1961.10482105 (mid-p); Benjamini, Y. &
    Hochberg, Y. (1995), doi:10.1111/j.2517-6161.1995.tb02031.x.

    Examples
    --------
    >>> found = funnel([50, 52, 48, 51, 47, 49, 53, 50, 95, 50], [50.0] * 10)
    >>> found.table["verdict"].tolist()[8]
    'higher'
    """
    require_choice("overdispersion", overdispersion, METHODS)
    for value in level:
        require_share("level", value)
    o, e = _numbers("observed", observed), _numbers("expected", expected)
    v = np.zeros(len(o)) if observed_variance is None else _numbers("observed_variance", observed_variance)
    names = pd.Series(np.arange(len(o)) if unit is None else np.asarray(unit))
    _require_alike(o, e, v, names)
    log = overdispersion == "truncated_log"
    if log and (o == 0).any():
        raise ValueError("overdispersion 'truncated_log' takes no zero counts; choose 'winsorized'")
    variance = (e + v) / e**2 if log else (e + v) / (4 * e**2)
    score = np.log(o / e) if log else np.sqrt(o / e) - 1
    found = dispersion(score / np.sqrt(variance), variance, overdispersion)
    spread = np.sqrt(variance + found.tau2)
    p = _p_values(o, e, v, score / spread, found, log=log)
    table = pd.DataFrame({"unit": names, "observed": o, "expected": e, "ratio": o / e})
    for value in level:
        half = float(stats.norm.isf((1 - value) / 2)) * spread
        mark = f"{100 * value:g}".replace(".", "")
        table[f"low_{mark}"] = np.exp(-half) if log else np.maximum(1 - half, 0.0) ** 2
        table[f"high_{mark}"] = np.exp(half) if log else (1 + half) ** 2
    table["p"], table["q"] = p, q_values(p)
    out = table["q"] <= 1 - level[0]
    table["verdict"] = np.where(out & (o > e), "higher", np.where(out & (o < e), "lower", "as_expected"))
    return Funnel(table, _findings(found, len(o)), found.phi, found.tau2, overdispersion, tuple(level))


def _numbers(name: str, values: ArrayLike) -> Floats:
    try:
        numbers = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        raise ValueError(f"{name} must hold numbers") from None
    if numbers.ndim != 1 or not numbers.size:
        raise ValueError(f"{name} has shape {numbers.shape}; it must be one row of numbers, at least one")
    wrong = ~np.isfinite(numbers) | (numbers < 0) | ((numbers == 0) & (name == "expected"))
    if wrong.any():
        least = "above 0" if name == "expected" else "of at least 0"
        raise ValueError(f"{name}: found {numbers[wrong][0]:g}; every number must be finite and {least}")
    return numbers


def _require_alike(o: Floats, e: Floats, v: Floats, names: pd.Series) -> None:
    sizes = {"observed": len(o), "expected": len(e), "observed_variance": len(v), "unit": len(names)}
    if len(set(sizes.values())) > 1:
        raise ValueError(f"lengths differ: {', '.join(f'{name} {size}' for name, size in sizes.items())}")
    if names.duplicated().any():
        raise ValueError(f"unit: '{names[names.duplicated()].iloc[0]}' stands twice")


def _p_values(o: Floats, e: Floats, v: Floats, z: Floats, found: Dispersion, *, log: bool) -> Floats:
    p = 2 * stats.norm.sf(np.abs(z))
    small = (e < SMALL) & (v == 0) & (o == np.round(o)) & (not log)
    if small.any():
        p[small] = count_mid_p(o[small], e[small], 4 * found.tau2)
    estimated = (v > 0) & (not log)
    if estimated.any():
        p[estimated] = estimate_p(o[estimated], e[estimated], v[estimated], 4 * found.tau2)
    return np.asarray(np.minimum(p, 1.0))


def count_mid_p(observed: Floats, expected: Floats, spread: float = 0.0) -> Floats:
    """Return two-sided mid-p values of counts.

    Parameters
    ----------
    observed : numpy.ndarray
        Whole counts.
    expected : numpy.ndarray
        Their expectations.
    spread : float
        Squared coefficient of variation of the true rates between units; 0 for a Poisson distribution, otherwise negative
        binomial.

    Returns
    -------
    numpy.ndarray
        Twice the smaller tail, with half the probability of the count itself, at most 1.

    Examples
    --------
    >>> count_mid_p(np.array([5.0]), np.array([5.0])).round(2).tolist()
    [0.94]
    """
    if spread > 0:
        size = 1.0 / spread
        law = stats.nbinom(size, size / (size + expected))
    else:
        law = stats.poisson(expected)
    half = 0.5 * law.pmf(observed)
    tail = np.minimum(law.cdf(observed - 1) + half, law.sf(observed) + half)
    return np.asarray(np.minimum(2 * tail, 1.0))


def estimate_p(observed: Floats, expected: Floats, variance: Floats, spread: float = 0.0) -> Floats:
    r"""Return two-sided p-values of counts that are estimates.

    An estimate is the count, negative binomial around its expectation, plus an error of the estimate. It is referred to
    the Pearson type III distribution with the mean, variance and third moment of that sum,

    .. math:: E, \quad V = E + sE^2 + v, \quad E + 3sE^2 + 2s^2E^3,

    which is skewed like the count where the count rules and normal where the error does: on the scale of the root, the
    lower tail of an estimate with a large error would be far too long.

    Parameters
    ----------
    observed, expected : numpy.ndarray
        Estimated counts and their expectations.
    variance : numpy.ndarray
        Variance v of each estimate around its count.
    spread : float
        Squared coefficient of variation s of the true rates between units.

    Returns
    -------
    numpy.ndarray
        Twice the smaller tail, at most 1.

    Examples
    --------
    >>> estimate_p(np.array([70.0]), np.array([50.0]), np.array([50.0])).round(3).tolist()
    [0.048]
    """
    total = expected + spread * expected**2 + variance
    third = expected + 3 * spread * expected**2 + 2 * spread**2 * expected**3
    law = stats.pearson3(third / total**1.5, loc=expected, scale=np.sqrt(total))
    return np.asarray(np.minimum(2 * np.minimum(law.cdf(observed), law.sf(observed)), 1.0))


def _findings(found: Dispersion, units: int) -> tuple[Finding, ...]:
    made = []
    if units < FEW_UNITS:
        made.append(finding("funnel-few-units", units=units, needed=FEW_UNITS))
    if found.tau2 > 0:
        made.append(finding("funnel-overdispersed", phi=f"{found.phi:.1f}"))
    return tuple(made)
