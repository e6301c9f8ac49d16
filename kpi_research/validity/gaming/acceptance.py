"""Spot checks: how many records to check, and what the result can say, with both error rates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from kpi_research.study.results import Result

MOST = 5000


@dataclass(frozen=True)
class AcceptanceSample(Result):
    """A plan of a spot check and its verdict.

    Attributes
    ----------
    table : pandas.DataFrame
        Operating characteristic of the plan: ``share_right`` (true share of right records), ``accepted`` (probability
        that the check is passed).
    n, c : int
        Records to check, and wrong records at which it is still passed.
    producer_risk, consumer_risk : float
        Probability that records of which ``good`` are right fail, and that records of which ``bad`` are right pass.
    verdict : str
        ``pass``: the interval of the share lies above the requirement; ``fail``: below; ``cannot_tell``; empty without
        results.
    share, low, high : float
        Share of right records with its exact interval; NaN without results.
    naive_producer_risk, naive_consumer_risk : float
        The same risks under the rule "failed if fewer than the required share of the records checked are right".
    """

    n: int
    c: int
    producer_risk: float
    consumer_risk: float
    verdict: str
    share: float
    low: float
    high: float
    naive_producer_risk: float
    naive_consumer_risk: float


def acceptance_sample(
    *,
    required: float = 0.85,
    good: float | None = None,
    bad: float | None = None,
    checked: int | None = None,
    right: int | None = None,
    population: int | None = None,
    producer_risk: float = 0.05,
    consumer_risk: float = 0.10,
    level: float = 0.95,
) -> AcceptanceSample:
    r"""Plan a spot check and judge its result.

    Parameters
    ----------
    required : float
        Share of records that must be right, above 0 and below 1.
    good, bad : float, optional
        Shares of right records that should pass and fail; by default half of the gap to 1 above the requirement, and
        the same distance below it.
    checked, right : int, optional
        Records checked and found right.
    population : int, optional
        Records that were there to be drawn from; then errors are hypergeometric.
    producer_risk, consumer_risk : float
        Largest probability that good records fail and that bad records pass.
    level : float
        Coverage of the interval.

    Returns
    -------
    AcceptanceSample

    Raises
    ------
    ValueError
        If a share or count is impossible, or no plan of up to 5,000 records (or the population) meets both risks.

    Notes
    -----
    The smallest ``n`` with a ``c`` so that :math:`P(X \le c \mid good) \ge 1 - \alpha` and
    :math:`P(X \le c \mid bad) \le \beta`, ``X`` wrong records, exactly binomial or hypergeometric (Schilling & Neubauer
    2017, Acceptance Sampling in Quality Control). Interval: Clopper & Pearson 1934 (doi:10.1093/biomet/26.4.404), for
    a finite population by inverting the hypergeometric tails.

    Examples
    --------
    >>> plan = acceptance_sample(good=0.95, bad=0.85, consumer_risk=0.075)
    >>> plan.n, plan.c
    (80, 7)
    >>> acceptance_sample(checked=20, right=16).verdict
    'cannot_tell'
    """
    upper = good if good is not None else required + (1.0 - required) / 2.0
    lower = bad if bad is not None else max(required - (1.0 - required) / 2.0, 0.01)
    _check(required, upper, lower, checked, right, population)
    n, c = _plan(upper, lower, producer_risk, consumer_risk, population)
    grid = np.round(np.arange(0.5, 1.0001, 0.01), 2)
    table = pd.DataFrame({"share_right": grid, "accepted": [_passes(c, n, share, population) for share in grid]})
    share, low, high, verdict = float("nan"), float("nan"), float("nan"), ""
    of = checked or n
    if checked is not None and right is not None:
        share = right / checked
        low, high = exact_interval(right, checked, level, population)
        verdict = "pass" if low >= required else "fail" if high < required else "cannot_tell"
    allowed = int(np.floor(of * (1.0 - required) + 1e-9))
    naive = 1.0 - _passes(allowed, of, upper, population), _passes(allowed, of, lower, population)
    risks = 1.0 - _passes(c, n, upper, population), _passes(c, n, lower, population)
    return AcceptanceSample(table, (), n, c, *risks, verdict, share, low, high, *naive)


def _check(
    required: float, good: float, bad: float, checked: int | None, right: int | None, population: int | None
) -> None:
    if not 0 < bad < good <= 1 or not 0 < required < 1:
        raise ValueError(
            f"required is {required}, good {good}, bad {bad}; needed is 0 < bad < good <= 1 and 0 < required < 1"
        )
    if (checked is None) != (right is None):
        raise ValueError("give both checked and right, or neither")
    if checked is not None and right is not None and not 0 <= right <= checked > 0:
        raise ValueError(
            f"right is {right} of {checked} checked; it must lie between 0 and the number checked, which is above 0"
        )
    if population is not None and population < max(checked or 1, 1):
        raise ValueError(f"population is {population}; it must be at least the {checked or 1} records checked")


def _passes(c: int, n: int, share_right: float, population: int | None) -> float:
    if population is None:
        return float(stats.binom.cdf(c, n, 1.0 - share_right))
    wrong = int(np.rint(population * (1.0 - share_right)))
    return float(stats.hypergeom.cdf(c, population, wrong, min(n, population)))


def _plan(good: float, bad: float, producer: float, consumer: float, population: int | None) -> tuple[int, int]:
    for c in range(0, 400):
        most = min(MOST, population or MOST)
        low, high = c + 1, most
        if _passes(c, high, bad, population) > consumer:
            continue
        while low < high:
            middle = (low + high) // 2
            if _passes(c, middle, bad, population) <= consumer:
                high = middle
            else:
                low = middle + 1
        if _passes(c, low, good, population) >= 1.0 - producer:
            return low, c
    limit = population or MOST
    raise ValueError(
        f"no plan of up to {limit} records tells {good:g} from {bad:g} with risks {producer:g} and {consumer:g}"
    )


def exact_interval(right: int, checked: int, level: float, population: int | None = None) -> tuple[float, float]:
    """Return the exact interval of a share.

    Parameters
    ----------
    right, checked : int
        Successes and trials.
    level : float
        Least coverage.
    population : int, optional
        Size of the population that was drawn from without replacement.

    Returns
    -------
    low, high : float

    Examples
    --------
    >>> [round(bound, 4) for bound in exact_interval(17, 20, 0.95)]
    [0.6211, 0.9679]
    """
    tail = (1.0 - level) / 2.0
    if population is None:
        low = stats.beta.ppf(tail, right, checked - right + 1) if right else 0.0
        high = stats.beta.ppf(1.0 - tail, right + 1, checked - right) if right < checked else 1.0
        return float(low), float(high)
    possible = np.arange(right, population - (checked - right) + 1)
    at_least = stats.hypergeom.sf(right - 1, population, possible, checked)
    at_most = stats.hypergeom.cdf(right, population, possible, checked)
    kept = possible[(at_least > tail) & (at_most > tail)]
    return float(kept.min() / population), float(kept.max() / population)
