"""Indicators that say the same thing: rank correlations of units, groups, and which indicator of a group to keep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy import stats

from kpi_research.numerics.false_discovery import q_values
from kpi_research.numerics.rank_matrix import rank_correlations
from kpi_research.numerics.variance_inflation import variance_inflation
from kpi_research.study.findings import Finding, Language, Where, finding
from kpi_research.study.results import Result
from kpi_research.validity.redundancy.arguments import checked_numbers, checked_share, checked_values
from kpi_research.validity.redundancy.clusters import cluster, keepers
from kpi_research.validity.redundancy.levels import deviations, means
from kpi_research.validity.redundancy.pairs import Correlations, pair_table

Array = NDArray[np.float64]
Codes = NDArray[np.intp]
LEAST_UNITS = 8
"""Units below which nothing is said: chance alone gives high correlations."""

LEAST_WITHIN = 0.3
"""Rank correlation of changes within units from which two indicators can come from the same events."""

LEAST_RELIABILITY = 0.5
"""Reliability below which a correlation is not corrected for it: the correction would be mostly chance."""

FALSE_DISCOVERY = 0.05
"""Expected share of pairs told to be alike that are so by chance only."""

COLUMNS = (
    "indicator", "units", "cluster", "size", "keep", "partner", "correlation", "low", "high", "corrected", "within",
    "variance_inflation",
)  # fmt: skip


@dataclass(frozen=True)
class Redundancy(Result):
    """Groups of indicators that say the same thing.

    ``table`` has one row per indicator, in the order given: ``indicator``; ``units`` with a value; ``cluster`` (number
    of its group, from 1) and its ``size``; ``keep`` (whether it is the one to keep of its group); ``partner`` (the
    indicator most like it, empty where none can be compared); ``correlation`` with that partner (rank correlation of
    unit means) with ``low`` and ``high``; ``corrected`` (the same corrected for the reliability of both, NaN where not
    given or too low); ``within`` (rank correlation of what remains when unit and period are taken out);
    ``variance_inflation`` (1 / (1 - R²) on all other indicators over units; NaN with too few units).

    Attributes
    ----------
    pairs : pandas.DataFrame
        Pairs that are alike or nearly so, strongest first: ``first``, ``second``, ``units``, ``correlation``, ``low``,
        ``high``, ``corrected``, ``within``, ``verdict`` (``same`` where the estimate reaches the threshold beyond
        chance, ``may_be`` where only the interval does, ``parallel`` where units are ranked alike but changes within units do not go
        together: two records that confirm each other; ``different``).
    matrix : pandas.DataFrame
        Rank correlations of unit means of all pairs.
    tree : numpy.ndarray, shape (indicators - 1, 4)
        The linkage, as `scipy.cluster.hierarchy` writes it.
    threshold : float
        Absolute correlation from which two indicators say the same thing.
    """

    pairs: pd.DataFrame
    matrix: pd.DataFrame
    tree: Array
    threshold: float

    def plot(self, lang: Language = "en") -> Figure:
        """Draw the correlations, indicators of a group side by side.

        Parameters
        ----------
        lang : {"en", "zh"}
            Language of the labels.

        Returns
        -------
        matplotlib.figure.Figure
        """
        from kpi_research.validity.redundancy.draw import draw_redundancy

        return draw_redundancy(self, lang)


def redundancy(
    values: pd.DataFrame,
    *,
    unit: str,
    period: str | None = None,
    indicators: Sequence[str],
    threshold: float = 0.8,
    reliability: Mapping[str, float] | None = None,
    prefer: Mapping[str, float] | None = None,
    level: float = 0.95,
) -> Redundancy:
    r"""Group indicators that say the same thing, and say which one of a group to keep.

    Two indicators say the same thing where they rank units alike and, where there are periods, also move together within
    units: then they count the same events. Indicators that rank units alike without moving together are separate
    records of one property of the units; they confirm each other and are worth having both.

    Parameters
    ----------
    values : pandas.DataFrame
        One row per unit and period, or per unit; missing values are left out pair by pair.
    unit : str
        Column of the unit.
    period : str, optional
        Column of the period; without it nothing is said about changes within units.
    indicators : sequence of str
        At least two numeric columns.
    threshold : float
        Absolute rank correlation from which two indicators say the same thing, between 0 and 1.
    reliability : mapping of str to float, optional
        Reliability of an indicator's unit mean, 0 to 1. Where both of a pair have at least .5, groups are formed on
        the correlation corrected for it: two noisy measures of one thing then belong together.
    prefer : mapping of str to float, optional
        Which indicator of a group to keep: the highest; the reliability where not given.
    level : float
        Coverage of the intervals.

    Returns
    -------
    Redundancy

    Raises
    ------
    TypeError, ValueError
        If a column is missing or not numeric, a mapping names an indicator that is not asked for, a number is out of
        range, or a unit-period pair stands twice.

    Notes
    -----
    The correlation is Spearman's, of the means of units; its interval comes from influence values with a t quantile on
    Fisher's scale (Genest, Nešlehová & Rémillard 2013, doi:10.1016/j.jmva.2013.02.007) and treats units as drawn from
    many. Correction for reliability divides by :math:`\sqrt{\rho_x \rho_y}` (Spearman 1904, doi:10.2307/1412159), which
    holds approximately for ranks. Groups are made by average linkage of absolute correlations, cut at the threshold.
    The sign does not matter: an indicator and its reverse say the same thing.

    Examples
    --------
    >>> units = np.arange(30)
    >>> frame = pd.DataFrame({"unit": units, "visits": units % 7, "entries": units % 7 * 2 + units % 2, "fines": units % 11})
    >>> found = redundancy(frame, unit="unit", indicators=["visits", "entries", "fines"])
    >>> found.table["cluster"].tolist(), found.pairs["verdict"].head(1).tolist()
    ([1, 1, 2], ['same'])
    """
    names, columns, codes, moments = checked_values(values, unit, period, indicators)
    threshold, level = checked_share("threshold", threshold), checked_share("level", level)
    trusted = checked_numbers("reliability", reliability, names, low=0.0, high=1.0)
    wanted = checked_numbers("prefer", prefer, names) if prefer is not None else trusted
    of_units = means(columns, codes)
    raw, common = rank_correlations(of_units)
    raw = np.where(common >= LEAST_UNITS, raw, np.nan)
    corrected = correct(raw, trusted)
    within = (
        rank_correlations(_rounded(deviations(columns, codes, moments), columns))[0] if moments is not None else None
    )
    found = Correlations(raw, corrected, within, *_alike(raw, corrected, within, beyond_chance(raw, common)))
    groups, tree = cluster(found.same, threshold)
    pairs = pair_table(names, of_units, found, threshold, level)
    table = _table(names, of_units, groups, keepers(groups, found.same, wanted), pairs, found)
    matrix = pd.DataFrame(np.where(np.eye(len(names), dtype=bool), 1.0, raw), index=names, columns=names)
    shown = pairs.loc[pairs["shown"]].drop(columns="shown").reset_index(drop=True)
    return Redundancy(table, _findings(table, shown), shown, matrix, tree, threshold)


def _rounded(changes: Array, columns: Array) -> Array:
    """Return changes without the last digits, so that equal ones stay equal, whatever the unit of measure."""
    size = np.nanmax(np.abs(columns), axis=0, initial=0.0, where=np.isfinite(columns))
    scale = np.where(size > 0, size, 1.0)
    found: Array = np.round(changes / scale, 10)
    return found


def _alike(
    raw: Array, corrected: Array, within: Array | None, sure: NDArray[np.bool_]
) -> tuple[Array, Array, NDArray[np.bool_]]:
    """Return how alike units are ranked, the same for changes within units if less, and where it is beyond chance.

    Where changes cannot be compared, as with one period, the ranking alone decides.
    """
    between = np.where(np.isfinite(corrected), corrected, raw)
    ranked = np.abs(between)
    if within is None:
        return ranked, np.where(sure, ranked, 0.0), sure
    together = within * np.sign(between)
    kept = np.isnan(together) | (together >= LEAST_WITHIN)
    same = np.where(kept, ranked, np.minimum(ranked, np.abs(together)))
    return ranked, np.where(sure, same, 0.0), sure


def beyond_chance(correlations: Array, units: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which correlations are beyond what chance gives among so many pairs.

    Parameters
    ----------
    correlations : numpy.ndarray, shape (k, k)
        Rank correlations; NaN is not compared.
    units : numpy.ndarray of int, shape (k, k)
        Units behind each.

    Returns
    -------
    numpy.ndarray of bool, shape (k, k)
        True where the q-value of no correlation is at most 5 % (t approximation; pairs share indicators, so the control
        is that for any dependence: Benjamini & Yekutieli 2001, doi:10.1214/aos/1013699998).
    """
    first, second = np.triu_indices(len(correlations), 1)
    size = np.minimum(np.abs(correlations[first, second]), 1.0 - 1e-12)
    freedom = np.maximum(units[first, second] - 2.0, 1.0)
    p = 2.0 * stats.t.sf(size * np.sqrt(freedom / (1.0 - size**2)), freedom)
    sure = np.zeros(correlations.shape, dtype=bool)
    sure[first, second] = np.nan_to_num(q_values(p, dependent=True), nan=1.0) <= FALSE_DISCOVERY
    return sure | sure.T


def correct(correlations: Array, reliability: Array) -> Array:
    """Return correlations corrected for reliability, within -1 to 1; NaN where a reliability is missing or below .5."""
    enough = np.where(reliability >= LEAST_RELIABILITY, reliability, np.nan)
    corrected: Array = np.clip(correlations / np.sqrt(np.outer(enough, enough)), -1.0, 1.0)
    return corrected


def _table(
    names: list[str], of_units: Array, groups: Codes, kept: NDArray[np.bool_], pairs: pd.DataFrame, found: Correlations
) -> pd.DataFrame:
    nearest = found.nearest()
    places = {frozenset(key): place for place, key in enumerate(zip(pairs["first"], pairs["second"], strict=True))}
    place = [places.get(frozenset((name, names[at])), -1) for name, at in zip(names, nearest, strict=True)]
    numbers = pairs[["correlation", "low", "high", "corrected", "within"]].to_numpy(float)
    numbers = np.vstack([numbers, np.full(5, np.nan)])[place]
    complete = np.isfinite(of_units).all(axis=1)
    columns = {
        "indicator": names,
        "units": np.isfinite(of_units).sum(axis=0),
        "cluster": groups,
        "size": np.bincount(groups)[groups],
        "keep": kept,
        "partner": [names[at] if found_at >= 0 else "" for at, found_at in zip(nearest, place, strict=True)],
        **dict(zip(("correlation", "low", "high", "corrected", "within"), numbers.T, strict=True)),
        "variance_inflation": variance_inflation(of_units[complete]),
    }
    return pd.DataFrame(columns, columns=list(COLUMNS)).astype({"indicator": "str", "partner": "str"})


def _findings(table: pd.DataFrame, pairs: pd.DataFrame) -> tuple[Finding, ...]:
    told: list[Finding] = []
    for _, members in table[table["size"] > 1].groupby("cluster"):
        kept = members.loc[members["keep"], "indicator"].iloc[0]
        others = ", ".join(members.loc[~members["keep"], "indicator"])
        least = float(members["correlation"].abs().min())
        told.append(finding("indicators-alike", Where(), kept=kept, others=others, least=f"{least:.2f}"))
    parallel = pairs[pairs["verdict"] == "parallel"]
    if len(parallel):
        shown = ", ".join(f"{a} / {b}" for a, b in zip(parallel["first"], parallel["second"], strict=True))
        told.append(finding("indicators-parallel", Where(), pairs=shown))
    few = table.loc[table["units"] < LEAST_UNITS, "indicator"]
    if len(few):
        told.append(finding("redundancy-few-units", Where(), indicators=", ".join(few), needed=LEAST_UNITS))
    return tuple(told)
