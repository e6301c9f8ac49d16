"""Nominal weight, effective weight and importance of each indicator of a score."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from kpi_research.study.findings import Finding, Language, Where, finding
from kpi_research.study.results import Result
from kpi_research.validity.importance.arguments import checked_scores, checked_weights
from kpi_research.validity.importance.correlation_ratio import correlation_ratio
from kpi_research.validity.importance.effective import effective_weights
from kpi_research.validity.importance.reachable import Reach, reach

Array = NDArray[np.float64]
COLUMNS = (
    "indicator", "nominal", "effective", "effective_low", "effective_high", "correlation", "correlation_ratio", "low",
    "high", "share", "closest", "reachable",
)  # fmt: skip
LEAST_UNITS = 8
REACHED = 0.01
"""Difference of importance shares up to which a target counts as reached."""

MOST_NAMES = 5
"""Indicators that a finding names, those with the largest miss first."""


@dataclass(frozen=True)
class Importance(Result):
    """What the weights of a score do.

    ``table`` has one row per indicator, in the order of the scores: ``indicator``; ``nominal`` (share of all weight);
    ``effective`` (share of the variance of the score that the weighted indicator brings; adds up to 1, can be below 0)
    with ``effective_low``, ``effective_high``; ``correlation`` with the score; ``correlation_ratio`` (share of the
    variance of the score that goes away when the indicator is known, 0 to 1) with ``low``, ``high``; ``share``
    (correlation ratio over the sum of all); ``closest`` (the share nearest to ``nominal`` for all indicators at once that
    non-negative weights can give, under straight lines; NaN without weight, 0 where all units are equal); ``reachable``
    (whether that is ``nominal``, to one point of 100).

    Attributes
    ----------
    reach : Reach
        The non-negative weights whose importance comes nearest to the nominal weights, for the indicators with weight.
    score : pandas.Series
        The score of each unit.
    """

    reach: Reach
    score: pd.Series[float]

    @property
    def reachable(self) -> bool:
        """Whether non-negative weights can make the importance of all indicators what their weights say."""
        told = self.table["reachable"][self.table["nominal"] > 0]
        return bool(told.notna().all() and told.astype(bool).all())

    def plot(self, lang: Language = "en") -> Figure:
        """Draw nominal weight, effective weight and share of importance of each indicator.

        Parameters
        ----------
        lang : {"en", "zh"}
            Language of the labels.

        Returns
        -------
        matplotlib.figure.Figure
        """
        from kpi_research.validity.importance.draw import draw_importance

        return draw_importance(self, lang)


def importance(
    scores: pd.DataFrame,
    weights: Mapping[str, float],
    *,
    level: float = 0.95,
    composite: pd.Series[float] | None = None,
) -> Importance:
    r"""Return what the weights of a score do, which is seldom what they say.

    Parameters
    ----------
    scores : pandas.DataFrame
        One row per unit, one numeric column per indicator, on the scale on which they are added, higher is better. Units
        with a missing value are left out.
    weights : mapping of str to float
        Weight of each indicator in any unit, not negative; columns that are not named have none.
    level : float
        Coverage of the intervals, above 0 and below 1.
    composite : pandas.Series of float, optional
        The score of each unit, where it is not the weighted mean; same index as ``scores``.

    Returns
    -------
    Importance

    Raises
    ------
    TypeError, ValueError
        If a column is not numeric or stands twice, a weight is unknown or negative or all are zero, fewer than two
        indicators have one, or fewer than eight units have all values.

    Notes
    -----
    Effective weight :math:`w_j\,\mathrm{Cov}(x_j, y) / \mathrm{Var}(y)` (an exact division of the variance);
    correlation ratio :math:`\mathrm{Var}\,E(y | x_j) / \mathrm{Var}(y)`, see
    `kpi_research.validity.importance.correlation_ratio.correlation_ratio`, after Paruolo, Saisana & Saltelli (2013,
    doi:10.1111/j.1467-985X.2012.01059.x) and Becker et al. (2017, doi:10.1016/j.ecolind.2017.03.056). The target of
    ``closest`` are correlation ratios in proportion to the weights, that is correlations in proportion to their square
    roots. Intervals treat units as drawn from many like them.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> scores = pd.DataFrame(rng.normal(size=(200, 2)), columns=["visits", "lawful"]) * [3.0, 1.0]
    >>> found = importance(scores, {"visits": 50, "lawful": 50})
    >>> found.table["effective"].round(1).tolist(), found.reachable
    ([0.9, 0.1], True)
    """
    names, columns, complete = checked_scores(scores)
    if not 0.0 < float(level) < 1.0:
        raise ValueError(f"level is {level}; it must lie above 0 and below 1")
    nominal = checked_weights(weights, names)
    known = columns[complete]
    if len(known) < LEAST_UNITS:
        raise ValueError(f"scores: {len(known)} units have all values; at least {LEAST_UNITS} are needed")
    score: Array = known @ nominal if composite is None else _own(composite, scores.index[complete])
    if not np.ptp(score) > 1e-12 * np.abs(score).max():
        raise ValueError("the score is the same for all units, so no indicator is important for it")
    effective = effective_weights(known * nominal, score, level)
    ratios = np.array([correlation_ratio(known[:, place], score, level) for place in range(len(names))])
    reached, closest = _reached(known, nominal)
    table = _table(names, nominal, effective, _correlations(known, score), ratios, closest)
    findings = tuple(_findings(table, reached, len(complete) - len(known)))
    return Importance(table, findings, reached, pd.Series(score, index=scores.index[complete], name="score"))


def _own(composite: pd.Series[float], index: pd.Index) -> Array:
    if not isinstance(composite, pd.Series) or not index.isin(composite.index).all():
        raise ValueError("composite must be a Series with the index of scores")
    score = np.asarray(composite.reindex(index).to_numpy(dtype=float, na_value=np.nan), dtype=np.float64)
    if not np.isfinite(score).all():
        raise ValueError(f"composite has no value for {int((~np.isfinite(score)).sum())} units that have all scores")
    return score


def _correlations(known: Array, score: Array) -> Array:
    deviations, centered = known - known.mean(axis=0), score - score.mean()
    length = np.sqrt((deviations**2).sum(axis=0) * float(centered @ centered))
    varies = np.ptp(known, axis=0) > 0
    found: Array = np.where(varies, centered @ deviations / np.where(varies, length, 1.0), np.nan)
    return found


def _reached(known: Array, nominal: Array) -> tuple[Reach, Array]:
    """Return the nearest importance that non-negative weights give, and the shares of squared correlations there."""
    closest = np.where(nominal > 0, 0.0, np.nan)
    usable = (nominal > 0) & (np.ptp(known, axis=0) > 0)
    if not usable.any():
        return Reach(np.full(0, np.nan), np.full(0, np.nan), float("nan")), closest
    covariance = np.atleast_2d(np.cov(known[:, usable], rowvar=False))
    found = reach(covariance, np.sqrt(nominal[usable]))
    squares = found.shares**2
    closest[usable] = squares / squares.sum()
    return found, closest


def _table(
    names: list[str],
    nominal: Array,
    effective: tuple[Array, Array, Array],
    correlations: Array,
    ratios: Array,
    closest: Array,
) -> pd.DataFrame:
    total = np.nansum(ratios[:, 0])
    reachable = pd.array(np.abs(closest - nominal) <= REACHED, dtype="boolean")
    reachable[np.isnan(closest)] = pd.NA
    columns = (names, nominal, *effective, correlations, *ratios.T, ratios[:, 0] / total, closest, reachable)
    return pd.DataFrame(dict(zip(COLUMNS, columns, strict=True))).astype({"indicator": "str"})


def _findings(table: pd.DataFrame, reached: Reach, left_out: int) -> Iterator[Finding]:
    if left_out:
        yield finding("importance-units-left-out", Where(), units=left_out)
    flat = table.loc[table["correlation"].isna() & (table["nominal"] > 0), "indicator"]
    if len(flat):
        yield finding("weight-without-effect", Where(), indicators=", ".join(flat))
    missed = table[table["reachable"].eq(False).fillna(False) & table["correlation"].notna()]
    if len(missed):
        size = (missed["closest"] - missed["nominal"]).abs().sort_values(ascending=False, kind="stable")
        names = missed.loc[size.index[:MOST_NAMES], "indicator"].tolist()
        more = [f"... ({len(missed)})"] if len(missed) > len(names) else []
        yield finding("importance-out-of-reach", Where(), indicators=", ".join([*names, *more]), misfit=reached.misfit)
