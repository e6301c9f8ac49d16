"""How many cases a panel must decide, and which."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from kpi_research.preventability.panel.sampling import inclusion_probabilities, systematic_sample
from kpi_research.study.findings import Finding, finding
from kpi_research.study.frame_checks import require_columns, require_filled, require_share
from kpi_research.study.results import Result

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
LEAST_LABELS = 4
"""Cases per unit that are drawn at the least, or all it has."""
ERROR_WIDTH = 0.10
"""Width of the intervals of the two error rates that the number of double-coded cases aims at."""
SMALLEST_SIZE = 0.3
"""Least measure of size relative to the largest, so that no case is nearly excluded."""


@dataclass(frozen=True)
class LabelPlan(Result):
    """How many cases to label, and the sample itself.

    ``table`` has one row per unit: ``unit``; ``cases``; ``share`` planned for (0 to 1); ``labels`` to draw, of which
    ``double`` by several raters; ``width`` of the interval that this should give; ``reached`` (at most the width wanted).

    Attributes
    ----------
    sample : pandas.DataFrame
        One row per drawn case: ``case``, ``unit``, ``stratum``, ``inclusion`` (probability that it was drawn), ``double``
        (to be decided by several raters and the panel).
    width : float
        Width wanted.
    """

    sample: pd.DataFrame
    width: float


def plan_labels(
    cases: pd.DataFrame,
    *,
    unit: str,
    case: str | None = None,
    width: float = 0.3,
    share: float = 0.5,
    error: tuple[float, float] = (0.1, 0.1),
    explained: float = 0.0,
    double: int | None = None,
    raters: int = 3,
    probability: str | None = None,
    strata: str | None = None,
    level: float = 0.95,
    seed: int = 0,
) -> LabelPlan:
    r"""Plan how many cases of each unit a panel should decide for intervals of a given width, and draw them.

    The share of N cases, estimated from n simple random labels that are wrong with the probabilities e01 and e10 and
    corrected for it, has the variance

    .. math:: \frac{1}{n}\left[ p(1-p)(1-R^2)\left(1-\frac nN\right)
        + \frac{p\,e_{10}(1-e_{10}) + (1-p)\,e_{01}(1-e_{01})}{(1-e_{01}-e_{10})^2} \right]

    and n is the least number for which twice the t quantile times its root is at most ``width``. Errors of labels remain
    when all cases are labelled, so a width may be out of reach.

    Parameters
    ----------
    cases : pandas.DataFrame
        One row per case, the whole population.
    unit : str
        Column of the unit.
    case : str, optional
        Column that names the case; the index by default.
    width : float
        Width wanted of the interval of a unit's share, above 0 and below 1.
    share : float
        Share of preventable cases to plan for; .5 is safe. With ``probability`` each unit's mean is used instead.
    error : (float, float)
        Errors (e01, e10) expected of a single label.
    explained : float
        Share of the variance of labels that a model explains, 0 to 1; 0 is safe.
    double : int, optional
        Cases to be decided by several raters, over all units; by default as many as give the error rates intervals of
        about .1, at least a tenth of the labels.
    raters : int
        Raters of a double-coded case, at least 2.
    probability : str, optional
        Column of a first guess of the probability of being preventable; uncertain cases are then drawn more often, in
        proportion to :math:`\sqrt{p(1-p)}`.
    strata : str, optional
        Column whose values are met in proportion, e.g. the type.
    level : float
        Confidence level.
    seed : int
        Seed of the draw.

    Returns
    -------
    LabelPlan
        Finding: ``plan-width-out-of-reach`` for units that cannot reach the width.

    Raises
    ------
    ValueError
        If a column is missing, an argument is out of range, or a probability is not from 0 to 1.

    References
    ----------
    Rogan, W. J. & Gladen, B. (1978), Estimating prevalence from the results of a screening test,
    doi:10.1093/oxfordjournals.aje.a112510. Cochran, W. G. (1977), Sampling Techniques, ch. 2 and 5.

    Examples
    --------
    >>> cases = pd.DataFrame({"unit": ["a"] * 300 + ["b"] * 60})
    >>> plan = plan_labels(cases, unit="unit", width=0.3)
    >>> plan.table[["unit", "labels"]].values.tolist()
    [['a', 61], ['b', 41]]
    """
    require_columns(cases, "cases", {"unit": unit, "case": case, "probability": probability, "strata": strata})
    require_filled(cases, "cases", unit)
    _require_numbers(width, share, error, explained, raters, level)
    codes, names = pd.factorize(cases[unit], sort=True)
    chance = _chances(cases, probability)
    count = np.bincount(codes)
    planned = np.full(len(count), share) if chance is None else np.bincount(codes, chance) / count
    demand = _Demand(planned, count.astype(float), error, explained, level)
    wanted = demand.least(width)
    size = np.ones(len(cases)) if chance is None else np.maximum(np.sqrt(chance * (1 - chance)) / 0.5, SMALLEST_SIZE)
    stratum = pd.factorize(cases[strata], sort=True)[0] if strata else np.zeros(len(cases), dtype=np.intp)
    rng = np.random.default_rng(seed)
    inclusion = inclusion_probabilities(codes, size, wanted)
    drawn = np.flatnonzero(systematic_sample(codes, stratum, inclusion, rng))
    pairs = min(len(drawn), _double(double, len(drawn), float(planned.mean()), error, raters, level))
    twice = systematic_sample(
        np.zeros(len(drawn), dtype=np.intp), codes[drawn], np.full(len(drawn), pairs / max(len(drawn), 1)), rng
    )
    sample = pd.DataFrame(
        {
            "case": (cases[case] if case else cases.index.to_series()).to_numpy()[drawn],
            "unit": names.to_numpy()[codes[drawn]],
            "stratum": cases[strata].to_numpy()[drawn] if strata else "",
            "inclusion": inclusion[drawn],
            "double": twice,
        }
    )
    table = pd.DataFrame(
        {
            "unit": names, "cases": count, "share": planned, "labels": wanted,
            "double": np.bincount(codes[drawn], twice, minlength=len(count)).astype(np.int64),
            "width": demand.width(wanted.astype(float)),
        }
    )  # fmt: skip
    table["reached"] = table["width"] <= width * (1 + 1e-9)
    return LabelPlan(table, _findings(table, width), sample, width)


@dataclass(frozen=True, eq=False)
class _Demand:
    """What decides the width of the interval of each unit."""

    share: Floats
    cases: Floats
    error: tuple[float, float]
    explained: float
    level: float

    def width(self, n: Floats) -> Floats:
        """Return the width of the interval from n labels; infinite for one label."""
        e01, e10 = self.error
        p = self.share
        noise = (p * e10 * (1 - e10) + (1 - p) * e01 * (1 - e01)) / (1 - e01 - e10) ** 2
        variance = (p * (1 - p) * (1 - self.explained) * (1 - n / self.cases) + noise) / n
        t = stats.t.isf((1 - self.level) / 2, np.maximum(n - 1, 1))
        return np.where(n >= 2, 2 * t * np.sqrt(np.maximum(variance, 0.0)), np.inf)

    def least(self, width: float) -> Ints:
        """Return the least number of labels of each unit that reaches a width, or all its cases."""
        low = np.minimum(LEAST_LABELS, self.cases)
        high = self.cases.copy()
        while (high - low > 0.5).any():
            middle = np.floor((low + high) / 2)
            enough = self.width(middle) <= width
            high = np.where(enough, middle, high)
            low = np.where(enough, low, np.minimum(middle + 1, high))
        return high.astype(np.intp)


def _require_numbers(
    width: float, share: float, error: tuple[float, float], explained: float, raters: int, level: float
) -> None:
    for name, value in {"width": width, "share": share, "level": level}.items():
        require_share(name, value)
    require_share("explained", explained, closed=True)
    if len(error) != 2 or min(error) < 0 or sum(error) >= 1:
        raise ValueError(
            f"error is {error}; it must be two numbers (e01, e10) of at least 0 that add up to less than 1"
        )
    if raters < 2:
        raise ValueError(f"raters is {raters}; a double-coded case needs at least 2")


def _chances(cases: pd.DataFrame, probability: str | None) -> Floats | None:
    if probability is None:
        return None
    chance = cases[probability].to_numpy(dtype=float, na_value=np.nan)
    wrong = ~((chance >= 0) & (chance <= 1))
    if wrong.any():
        raise ValueError(f"probability: {int(wrong.sum())} values of '{probability}' are missing or outside 0 to 1")
    return chance


def _double(
    double: int | None, labels: int, share: float, error: tuple[float, float], raters: int, level: float
) -> int:
    if double is not None:
        return double
    z = float(stats.norm.isf((1 - level) / 2))
    needed = [
        (2 * z / ERROR_WIDTH) ** 2 * e * (1 - e) / max(part * raters, 0.1)
        for e, part in zip(error, (1 - share, share), strict=True)
    ]
    return int(np.ceil(max(*needed, labels / 10)))


def _findings(table: pd.DataFrame, width: float) -> tuple[Finding, ...]:
    short = table.loc[~table["reached"], "unit"].astype(str)
    if short.empty:
        return ()
    widest = f"{table['width'].max():.2f}"
    return (
        finding("plan-width-out-of-reach", count=len(short), first=short.iloc[0], width=f"{width:g}", widest=widest),
    )
