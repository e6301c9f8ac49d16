"""The disagreement rule of the RAND/UCLA method for ratings from 1 to 9."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpi_research.study.agreement.ratings import read_ratings
from kpi_research.study.findings import Finding, finding
from kpi_research.study.results import Result

LEAST, MOST = 1.0, 9.0
CORRECTION = 1.5
"""Growth of the allowed range per point of asymmetry (Fitch et al. 2001, appendix)."""
ALLOWED_RANGE = 2.35
"""Range between the 30th and 70th percentile that symmetric ratings may have; some texts use 2.5."""
LOW_THIRD, HIGH_THIRD = 3.5, 6.5


@dataclass(frozen=True)
class PanelScores(Result):
    """What a panel that rated 1 to 9 decided on each case.

    ``table`` has one row per case: ``case``; ``n`` (ratings); ``median``; ``p30``, ``p70`` (percentiles); ``range`` (p70 -
    p30); ``allowed`` (range that is still agreement); ``disagreement`` (range above it); ``decision``: ``preventable``
    (median above 6.5), ``not`` (below 3.5) or ``unclear`` (between them, or disagreement: to be adjudicated).
    """


def panel_scores(
    ratings: pd.DataFrame, *, case: str, rater: str, rating: str, allowed: float = ALLOWED_RANGE
) -> PanelScores:
    r"""Decide cases from ratings of 1 (not preventable) to 9 (preventable) by the RAND/UCLA rule.

    There is disagreement if the interpercentile range :math:`p_{70} - p_{30}` exceeds
    :math:`2.35 + 1.5\,|5 - (p_{30} + p_{70})/2|`: ratings near an end of the scale may spread more.

    Parameters
    ----------
    ratings : pandas.DataFrame
        One row per case and rater.
    case, rater, rating : str
        Its columns; ratings are numbers from 1 to 9 or missing.
    allowed : float
        Range allowed where ratings are symmetric about 5.

    Returns
    -------
    PanelScores
        Finding: ``panel-disagreement`` where cases must be adjudicated.

    Raises
    ------
    ValueError
        If a column is missing, a rater has rated a case twice, or a rating lies outside 1 to 9.

    References
    ----------
    Fitch, K. et al. (2001), The RAND/UCLA Appropriateness Method User's Manual, MR-1269.

    Examples
    --------
    >>> seen = pd.DataFrame({"case": [1] * 5 + [2] * 5, "rater": [*range(5)] * 2, "rating": [8, 7, 9, 8, 7, 1, 9, 2, 8, 5]})
    >>> panel_scores(seen, case="case", rater="rater", rating="rating").table["decision"].tolist()
    ['preventable', 'unclear']
    """
    data = read_ratings(ratings, case=case, rater=rater, rating=rating, level="interval")
    values = data.values.to_numpy(dtype=float)
    if values.min() < LEAST or values.max() > MOST:
        raise ValueError(f"rating: found {values.min():g} to {values.max():g}; allowed are 1 to 9")
    scores = values[data.value]
    order = np.lexsort((scores, data.case))
    n = np.bincount(data.case, minlength=len(data.cases))
    ends = np.cumsum(n)
    p30, median, p70 = (_quantile(scores[order], ends - n, n, share) for share in (0.3, 0.5, 0.7))
    spread = p70 - p30
    limit = allowed + CORRECTION * np.abs(5 - (p30 + p70) / 2)
    apart = spread > limit
    decision = np.where(median > HIGH_THIRD, "preventable", np.where(median < LOW_THIRD, "not", "unclear"))
    table = pd.DataFrame(
        {
            "case": data.cases, "n": n, "median": median, "p30": p30, "p70": p70,
            "range": spread, "allowed": limit, "disagreement": apart, "decision": np.where(apart, "unclear", decision),
        }
    )  # fmt: skip
    return PanelScores(table, _findings(apart))


def _quantile(
    ordered: NDArray[np.float64], start: NDArray[np.intp], n: NDArray[np.intp], share: float
) -> NDArray[np.float64]:
    """Return a quantile of each group of an array sorted within groups, by linear interpolation."""
    place = share * (n - 1)
    below = np.floor(place).astype(np.intp)
    above = np.minimum(below + 1, n - 1)
    low, high = ordered[start + below], ordered[start + above]
    return np.asarray(low + (place - below) * (high - low))


def _findings(apart: NDArray[np.bool_]) -> tuple[Finding, ...]:
    if not apart.any():
        return ()
    return (finding("panel-disagreement", count=int(apart.sum()), total=len(apart)),)
