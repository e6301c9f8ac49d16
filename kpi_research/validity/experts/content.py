"""Content validity from experts' ratings of relevance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from kpi_research.study.results import Result
from kpi_research.validity.frames import check_columns, numbers
from kpi_research.validity.integrity.time_order import wilson

RELEVANT = 3.0
COLUMNS = ("item", "experts", "relevant", "i_cvi", "low", "high", "kappa", "verdict")


@dataclass(frozen=True)
class ContentValidity(Result):
    """Content validity indices.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per item: ``item``, ``experts``, ``relevant`` (experts who rate it 3 or 4); ``i_cvi`` (their share) with
        ``low``, ``high`` (Wilson's interval); ``kappa`` (agreement on relevance beyond chance); ``verdict``:
        ``excellent`` (kappa above .74), ``good`` (.60 to .74), ``fair`` (.40 to .59), ``poor``.
    average, universal : float
        S-CVI/Ave (mean of the items' indices) and S-CVI/UA (share of items that all experts call relevant).
    """

    average: float
    universal: float


def content_validity(
    ratings: pd.DataFrame, *, expert: str, item: str, relevance: str, level: float = 0.95
) -> ContentValidity:
    r"""Return content validity indices from ratings of relevance.

    Parameters
    ----------
    ratings : pandas.DataFrame
        One row per expert and item.
    expert, item, relevance : str
        Names of the columns; relevance from 1 (not relevant) to 4 (highly relevant).
    level : float
        Coverage of the intervals, above 0 and below 1.

    Returns
    -------
    ContentValidity

    Raises
    ------
    ValueError
        If a column is missing, a rating lies outside 1 to 4, or an expert rates an item twice.

    Notes
    -----
    :math:`\kappa^* = (I\text{-}CVI - p_c) / (1 - p_c)`, :math:`p_c = \binom{N}{A} 2^{-N}` (Polit, Beck & Owen 2007,
    doi:10.1002/nur.20199).

    Examples
    --------
    >>> rows = [(e, "visits", 4 if e < 5 else 2) for e in range(6)]
    >>> found = content_validity(pd.DataFrame(rows, columns=["e", "i", "r"]), expert="e", item="i", relevance="r")
    >>> found.table[["i_cvi", "kappa"]].round(3).values.tolist()
    [[0.833, 0.816]]
    """
    check_columns(ratings, {"expert": expert, "item": item, "relevance": relevance})
    values = numbers(ratings, relevance)
    if ((values < 1) | (values > 4)).any():
        raise ValueError(f"column '{relevance}' has {values[(values < 1) | (values > 4)].iloc[0]:g}; allowed is 1 to 4")
    clean = ratings.assign(**{relevance: values}).dropna(subset=[relevance, item, expert])
    if clean.duplicated([expert, item]).any():
        twice = clean[clean.duplicated([expert, item])].iloc[0]
        raise ValueError(f"expert '{twice[expert]}' rates item '{twice[item]}' twice")
    if clean.empty:
        raise ValueError("there is no rating")
    counts = (clean[relevance] >= RELEVANT).groupby(clean[item], sort=False).agg(["size", "sum"])
    n, agreed = counts["size"].to_numpy(float), counts["sum"].to_numpy(float)
    share = agreed / n
    chance = stats.binom.pmf(agreed, n, 0.5)
    kappa = (share - chance) / (1.0 - chance)
    low, high = wilson(agreed, n, level)
    table = pd.DataFrame({"item": counts.index.astype("str"), "experts": n.astype(int), "relevant": agreed.astype(int)})
    table = table.assign(i_cvi=share, low=low, high=high, kappa=kappa, verdict=[_verdict(value) for value in kappa])
    return ContentValidity(table[list(COLUMNS)], (), float(share.mean()), float((share == 1.0).mean()))


def _verdict(kappa: float) -> str:
    """Grade agreement after Cicchetti & Sparrow 1981 and Fleiss 1981."""
    return "excellent" if kappa > 0.74 else "good" if kappa >= 0.60 else "fair" if kappa >= 0.40 else "poor"


def lawshe(ratings: pd.DataFrame, *, expert: str, item: str, essential: str, size: float = 0.05) -> pd.DataFrame:
    r"""Return Lawshe's content validity ratio of each item.

    Parameters
    ----------
    ratings : pandas.DataFrame
        One row per expert and item.
    expert, item, essential : str
        Names of the columns; ``essential`` is true or 1 where the expert calls the item essential.
    size : float
        One-sided size of the test.

    Returns
    -------
    pandas.DataFrame
        ``item``, ``experts``, ``essential`` (experts who say so); ``cvr`` (:math:`(n_e - N/2)/(N/2)`, -1 to 1);
        ``critical`` (smallest ratio beyond chance, exact binomial: Ayre & Scally 2014, doi:10.1177/0748175613513808;
        1 where even unanimity is not), ``kept``.

    Raises
    ------
    ValueError
        If a column is missing or not yes or no.

    Examples
    --------
    >>> rows = pd.DataFrame({"e": range(8), "i": "visits", "yes": [1] * 7 + [0]})
    >>> lawshe(rows, expert="e", item="i", essential="yes")[["cvr", "critical", "kept"]].values.tolist()
    [[0.75, 0.75, True]]
    """
    check_columns(ratings, {"expert": expert, "item": item, "essential": essential})
    said = numbers(ratings, essential)
    if not said.dropna().isin([0.0, 1.0]).all():
        raise ValueError(f"column '{essential}' must hold true and false, or 1 and 0")
    counts = said.groupby(ratings[item].astype("str"), sort=False).agg(["count", "sum"])
    n, yes = counts["count"].to_numpy(float), counts["sum"].to_numpy(float)
    needed = np.array([_critical(int(count), size) for count in n])
    table = pd.DataFrame({"item": counts.index, "experts": n.astype(int), "essential": yes.astype(int)})
    return table.assign(cvr=yes / (n / 2) - 1.0, critical=needed / (n / 2) - 1.0, kept=yes >= needed)


def _critical(n: int, size: float) -> int:
    """Return the smallest number of experts whose agreement chance explains with less than the size."""
    found = [k for k in range(n + 1) if stats.binom.sf(k - 1, n, 0.5) <= size]
    return found[0] if found else n
