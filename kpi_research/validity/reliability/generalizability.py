"""Generalizability: how much of a rating is the person, and how much rater, item, occasion and chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from kpi_research.numerics.henderson import variance_components
from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.results import Result
from kpi_research.validity.frames import check_columns, numbers

Codes = NDArray[np.int64]
SIGN = ":"
BLOCKS = 40
"""Most groups of targets that the jackknife leaves out in turn."""


@dataclass(frozen=True)
class Decision:
    """What a design of so many raters, items, occasions would reach.

    Attributes
    ----------
    relative : float
        Generalizability coefficient of ranks and differences (E rho squared).
    absolute : float
        Index of dependability of levels, held against a standard (Phi).
    """

    relative: float
    absolute: float


@dataclass(frozen=True)
class Generalizability(Result):
    """Variance components of ratings.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per effect: ``effect`` (names joined by ``:``), ``variance`` (0 where the estimate was negative),
        ``share`` of the total.
    relative, absolute : float
        Coefficients for the design as observed, with the harmonic mean numbers of levels.
    low, high : float
        Interval of ``relative``.
    target : str
        The column rated.
    nested : mapping of str to str
        Facets within another.
    levels : mapping of str to float
        Levels of each facet per target.
    level : float
        Coverage of the interval.
    """

    relative: float
    absolute: float
    low: float
    high: float
    target: str
    nested: Mapping[str, str]
    levels: Mapping[str, float]
    level: float

    def decide(self, **levels: float) -> Decision:
        """Return the coefficients of another design.

        Parameters
        ----------
        **levels
            Number of levels of each facet per target; facets not named keep those observed.

        Returns
        -------
        Decision

        Raises
        ------
        ValueError
            If a facet is unknown or a number is below 1.
        """
        for name, count in levels.items():
            if name not in self.levels or count < 1:
                raise ValueError(f"{name}={count}: facets are {', '.join(self.levels)}, numbers at least 1")
        variances = dict(zip(self.table["effect"], self.table["variance"], strict=True))
        return _decision(variances, self.target, dict(self.levels) | levels)


def g_study(
    ratings: pd.DataFrame,
    *,
    target: str,
    facets: Sequence[str],
    rating: str,
    nested: Mapping[str, str] | None = None,
    level: float = 0.95,
) -> Generalizability:
    r"""Take ratings apart into targets, facets, their interactions and chance.

    Parameters
    ----------
    ratings : pandas.DataFrame
        One row per rating, at most one per target and combination of facets.
    target : str
        Name of the column with the person or unit rated.
    facets : sequence of str
        Names of columns that make conditions of rating: rater, item, occasion.
    rating : str
        Name of the column with the rating.
    nested : mapping of str to str, optional
        Facets that lie within another, e.g. ``{"rater": "task"}`` where each task has raters of its own.
    level : float
        Coverage of the interval, above 0 and below 1.

    Returns
    -------
    Generalizability
        With the finding ``negative-variance`` for components whose estimate was negative and is shown as 0.

    Raises
    ------
    ValueError
        If a column is missing, a combination stands twice, or the design cannot tell two effects apart.

    Notes
    -----
    Henderson's first method (1953, doi:10.2307/3001853): the estimates from expected mean squares in balanced designs,
    usable in unbalanced ones. :math:`E\rho^2 = \sigma^2_p / (\sigma^2_p + \sigma^2_\delta)`,
    :math:`\Phi = \sigma^2_p / (\sigma^2_p + \sigma^2_\Delta)` (Brennan 2001, doi:10.1007/978-1-4757-3456-0). The
    interval is a jackknife over targets, in at most forty groups, of :math:`\log(1 - E\rho^2)`.

    Examples
    --------
    >>> rows = [(p, r, 3 * p + r) for p in range(6) for r in range(4)]
    >>> frame = pd.DataFrame(rows, columns=["person", "rater", "score"])
    >>> found = g_study(frame, target="person", facets=["rater"], rating="score")
    >>> found.relative, found.table["effect"].tolist()
    (1.0, ['person', 'rater', 'person:rater'])
    """
    within = dict(nested or {})
    check_columns(ratings, {"target": target, "facets": list(facets), "rating": rating})
    if bad := [name for name in (*within, *within.values()) if name not in facets]:
        raise ValueError(f"nested names '{bad[0]}', which is no facet; facets are {', '.join(facets)}")
    if not 0 < level < 1:
        raise ValueError(f"level is {level}; it must lie between 0 and 1")
    clean = ratings[[target, *facets]].assign(**{rating: numbers(ratings, rating)}).dropna()
    if clean.duplicated([target, *facets]).any():
        raise ValueError("a target has two ratings in one combination of facets; one is allowed")
    effects = _effects([target, *facets], within)
    raw = _components(clean, effects, rating)
    levels = {name: _levels(clean, target, name, within) for name in facets}
    variances = {name: max(value, 0.0) for name, value in raw.items()}
    found = _decision(variances, target, levels)
    low, high = _interval(clean, effects, rating, target, levels, level)
    total = sum(variances.values())
    table = pd.DataFrame({"effect": list(variances), "variance": list(variances.values())})
    table["share"] = table["variance"] / total if total > 0 else np.nan
    said = tuple(_negative(raw))
    return Generalizability(table, said, found.relative, found.absolute, low, high, target, within, levels, level)


def _effects(names: list[str], nested: Mapping[str, str]) -> list[tuple[str, ...]]:
    """Return the effects that exist: a facet within another never stands without it."""
    subsets = [part for size in range(1, len(names) + 1) for part in combinations(names, size)]
    return [part for part in subsets if all(nested[name] in part for name in part if name in nested)]


def _components(clean: pd.DataFrame, effects: list[tuple[str, ...]], rating: str) -> dict[str, float]:
    codes = {SIGN.join(part): _codes(clean, part) for part in effects}
    return variance_components(clean[rating].to_numpy(float), codes)


def _codes(clean: pd.DataFrame, names: Sequence[str]) -> Codes:
    return np.asarray(clean.groupby(list(names), sort=False).ngroup(), dtype=np.int64)


def _levels(clean: pd.DataFrame, target: str, facet: str, nested: Mapping[str, str]) -> float:
    """Return the harmonic mean over targets of the levels of a facet, within its nest where it has one."""
    keys = [target, *([nested[facet]] if facet in nested else [])]
    counts = clean.groupby(keys)[facet].nunique()
    return float(len(counts) / (1.0 / counts).sum())


def _decision(variances: Mapping[str, float], target: str, levels: Mapping[str, float]) -> Decision:
    relative = absolute = 0.0
    for effect, variance in variances.items():
        parts = effect.split(SIGN)
        if parts == [target]:
            continue
        share = variance / float(np.prod([levels[name] for name in parts if name != target]))
        absolute += share
        relative += share if target in parts else 0.0
    own = variances[target]
    if own == 0:
        return Decision(0.0, 0.0)
    return Decision(own / (own + relative), own / (own + absolute))


def _interval(
    clean: pd.DataFrame,
    effects: list[tuple[str, ...]],
    rating: str,
    target: str,
    levels: Mapping[str, float],
    level: float,
) -> tuple[float, float]:
    targets = clean[target].unique()
    blocks = np.array_split(targets, min(len(targets), BLOCKS))
    count = len(blocks)
    if count < 5:
        return float("nan"), float("nan")
    logs = []
    for left_out in [targets[:0], *blocks]:
        part = clean[~clean[target].isin(list(left_out))]
        raw = _components(part, effects, rating)
        found = _decision({name: max(value, 0.0) for name, value in raw.items()}, target, levels).relative
        logs.append(np.log(max(1.0 - found, 1e-12)))
    pseudo = count * logs[0] - (count - 1) * np.array(logs[1:])
    reach = stats.t.ppf(0.5 + level / 2, count - 1) * pseudo.std(ddof=1) / np.sqrt(count)
    center = float(pseudo.mean())
    return float(1 - np.exp(center + reach)), float(min(1 - np.exp(center - reach), 1.0))


def _negative(raw: Mapping[str, float]) -> list[Finding]:
    largest = max(abs(value) for value in raw.values())
    return [
        finding("negative-variance", Where(column=name), effect=name, value=f"{value:.3g}")
        for name, value in raw.items()
        if value < -1e-9 * largest
    ]
