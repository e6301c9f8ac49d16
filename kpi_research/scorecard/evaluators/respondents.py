"""How many respondents it takes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import optimize, stats

from kpi_research.scorecard.evaluators.arguments import check_level
from kpi_research.study.findings import finding
from kpi_research.study.results import Result

FAR = 1e4
"""Answers per unit beyond which the noncentral t-distribution is taken as normal; it overflows far out."""

AIMS = {
    "tell_apart": {"en": "telling two units apart that differ by", "zh": "分辨两个单位之间的差距"},
    "reliability": {"en": "a reliability of", "zh": "信度达到"},
}
"""Words for the aims."""


@dataclass(frozen=True)
class RespondentsNeeded(Result):
    """Answers needed per unit.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per aim: ``aim`` (``tell_apart``: two units that differ as stated; ``reliability``: of the units'
        estimates), ``value`` (the difference, or the reliability), ``answers`` (per unit, whole number), ``approached``
        (persons to approach per unit at the response rate given).
    findings : tuple of Finding
        What the user must know.
    """


def respondents_needed(
    *,
    difference: float | None = None,
    share: float | None = None,
    sd: float | None = None,
    reliability: float | None = None,
    between_sd: float | None = None,
    units: int = 2,
    power: float = 0.8,
    level: float = 0.95,
    design_effect: float = 1.0,
    response: float = 1.0,
) -> RespondentsNeeded:
    r"""Return how many answers per unit tell two units apart, or make the units' estimates reliable.

    Parameters
    ----------
    difference : float, optional
        Difference between the true levels of two units that should be found: share points, 0 to 1, or points of the scale.
    share : float, optional
        Share satisfied, above 0 and below 1, around which the two units lie. Give this or ``sd``.
    sd : float, optional
        Standard deviation of single answers in points, above 0.
    reliability : float, optional
        Share of the variance of estimates that is between units, above 0 and below 1, such as 0.8.
    between_sd : float, optional
        Standard deviation between the true levels of units, above 0; for ``reliability``.
    units : int
        Number of units of which every two are compared; the level holds for all comparisons together.
    power : float
        Probability of finding the difference, between 0 and 1.
    level : float
        Confidence level, between 0 and 1.
    design_effect : float
        Factor by which weights and clusters raise the variance, as in `SurveyEstimate`; above 0.
    response : float
        Share of those approached who answer, above 0, up to 1.

    Returns
    -------
    RespondentsNeeded

    Raises
    ------
    ValueError
        If neither aim is given, an aim lacks what it needs, or a number is out of range.

    Notes
    -----
    Shares: :math:`n = (z_\alpha \sqrt{2 \bar p \bar q} + z_\beta \sqrt{p_1 q_1 + p_2 q_2})^2 / \Delta^2` (Fleiss, Levin &
    Paik 2003, eq. 4.14, doi:10.1002/0471445428), the units lying half the difference above and below ``share``. Means: the
    two-sample t-test with its noncentral distribution. Of K units, :math:`\alpha = (1 - level) / \binom K 2`. Reliability
    R: :math:`n = \sigma^2_{within} / \sigma^2_{between} \cdot R / (1 - R)` (Spearman 1910, Brown 1910).

    Examples
    --------
    >>> found = respondents_needed(difference=0.05, share=0.9, reliability=0.8, between_sd=0.04, response=0.35)
    >>> found.table[["aim", "answers", "approached"]].to_string(index=False).splitlines()[1].split()
    ['tell_apart', '564', '1612']
    """
    _check(share, sd, between_sd, units, power, level, design_effect, response)
    rows = []
    if difference is not None:
        rows.append(
            ("tell_apart", difference, _apart(difference, share, sd, (1 - level) / (units * (units - 1) / 2), power))
        )
    if reliability is not None:
        rows.append(("reliability", reliability, _reliable(reliability, share, sd, between_sd)))
    if not rows:
        raise ValueError("give difference (to tell two units apart), reliability (e.g. 0.8), or both")
    table = pd.DataFrame(rows, columns=["aim", "value", "plain"])
    needed = table.pop("plain").to_numpy() * design_effect
    # A hair below a whole number is that number: the search leaves rounding errors.
    table["answers"] = np.ceil(needed - 1e-6).astype(np.int64)
    table["approached"] = np.ceil(table["answers"] / response - 1e-9).astype(np.int64)
    found = []
    for aim, value, count, approached in table.itertuples(index=False):
        facts = {"value": f"{value:g}", "answers": count, "approached": approached}
        found.append(finding("survey-respondents-needed", aim=AIMS[aim], **facts))
    return RespondentsNeeded(table, tuple(found))


def _apart(difference: float, share: float | None, sd: float | None, error: float, power: float) -> float:
    if not 0 < difference < np.inf:
        raise ValueError(f"difference is {difference}; allowed: a finite number above 0")
    if share is not None:
        first, second = share - difference / 2, share + difference / 2
        if first < 0 or second > 1:
            raise ValueError(
                f"difference is {difference}; around share {share} at most {2 * min(share, 1 - share):.4g} fits"
            )
        common = stats.norm.isf(error / 2) * np.sqrt(2 * share * (1 - share))
        own = stats.norm.isf(1 - power) * np.sqrt(first * (1 - first) + second * (1 - second))
        return float(max((common + own) / difference, 0.0) ** 2)
    if sd is None:
        raise ValueError("difference needs share (of the satisfied) or sd (of single answers)")
    return _means_apart(difference / sd, error, power)


def _means_apart(effect: float, error: float, power: float) -> float:
    """Return the answers per unit of a two-sided two-sample t-test."""

    def lack(log_n: float) -> float:
        n = float(np.exp(log_n))
        free, shift = 2 * (n - 1), effect * np.sqrt(n / 2)
        edge = float(stats.t.isf(error / 2, free))
        return power - float(stats.nct.sf(edge, free, shift) + stats.nct.cdf(-edge, free, shift))

    # The normal distribution and a first correction for Student's; beyond FAR answers there is nothing left to correct.
    rough = ((stats.norm.isf(error / 2) + stats.norm.isf(1 - power)) / effect) ** 2 * 2
    rough += stats.norm.isf(error / 2) ** 2 / 4
    if rough > FAR:
        return float(rough)
    low = float(np.log(2.0 + 1e-9))
    return 2.0 if lack(low) <= 0 else float(np.exp(optimize.brentq(lack, low, np.log(rough + 20), xtol=1e-12)))


def _reliable(reliability: float, share: float | None, sd: float | None, between_sd: float | None) -> float:
    if not 0 < reliability < 1:
        raise ValueError(f"reliability is {reliability}; allowed: above 0 and below 1, e.g. 0.8")
    if between_sd is None or (share is None and sd is None):
        raise ValueError("reliability needs between_sd (of units), and share or sd (of single answers)")
    within = sd**2 if sd is not None else float(share or 0) * (1 - float(share or 0)) - between_sd**2
    if within <= 0:
        raise ValueError(f"between_sd is {between_sd}; shares around {share} cannot differ that much between units")
    return within / between_sd**2 * reliability / (1 - reliability)


def _check(
    share: float | None, sd: float | None, between_sd: float | None, units: int, power: float, level: float,
    design_effect: float, response: float,
) -> None:  # fmt: skip
    check_level(level)
    if share is not None and sd is not None:
        raise ValueError("give share (of the satisfied) or sd (of single answers), not both")
    for name, value, high in (("share", share, 1.0), ("sd", sd, np.inf), ("between_sd", between_sd, np.inf),
                              ("power", power, 1.0), ("design_effect", design_effect, np.inf)):  # fmt: skip
        if value is not None and not 0 < value < high:
            end = "" if np.isinf(high) else f" and below {high:g}"
            raise ValueError(f"{name} is {value}; allowed: above 0{end}")
    if not 0 < response <= 1:
        raise ValueError(f"response is {response}; allowed: above 0, up to 1")
    if units < 2:
        raise ValueError(f"units is {units}; allowed: 2 or more")
