"""What the raters of a case agree on when their own errors are taken into account."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpi_research.preventability.panel.dawid_skene import Fit, patterns_of
from kpi_research.study.agreement.ratings import Ratings, read_ratings
from kpi_research.study.findings import Finding, finding
from kpi_research.study.frame_checks import require_columns, require_share
from kpi_research.study.results import Result

Floats = NDArray[np.float64]
DRAWS = 200
LEAST_RATERS = 3
"""Raters from whom the errors of each can be told without any known case (Dawid & Skene 1979)."""


@dataclass(frozen=True)
class Consensus(Result):
    """The most probable decision on each case.

    ``table`` has one row per case: ``case``; ``n`` (ratings); ``value`` (most probable decision); ``probability`` (of that
    decision, 0 to 1); ``majority`` (decision of most raters; missing where votes are equal).

    Attributes
    ----------
    posterior : pandas.DataFrame
        One row per case: ``case``, then a column per value with its probability.
    raters : pandas.DataFrame
        One row per rater, true value and given value: ``rater``, ``truth``, ``given``, ``probability`` with ``low`` and
        ``high`` (bootstrap over cases), ``n`` (ratings of the rater).
    shares : pandas.DataFrame
        One row per value: ``value``, ``share`` among the cases, ``low``, ``high``.
    agreement_with_majority : float
        Share of the cases with a majority where the two decisions are the same.
    """

    posterior: pd.DataFrame
    raters: pd.DataFrame
    shares: pd.DataFrame
    agreement_with_majority: float


def consensus(
    ratings: pd.DataFrame,
    *,
    case: str,
    rater: str,
    rating: str,
    adjudicated: str | None = None,
    confidence: float = 0.95,
    draws: int = DRAWS,
    seed: int = 0,
) -> Consensus:
    """Return the most probable decision on each case and the errors of each rater (Dawid & Skene 1979).

    A vote counts by how often its rater is right. Decisions of an adjudicating panel count as known.

    Parameters
    ----------
    ratings : pandas.DataFrame
        One row per case and rater. Rows without a rating are left out.
    case, rater, rating : str
        Its columns.
    adjudicated : str, optional
        Boolean column: the row is the decision of a panel, not of a single rater.
    confidence : float
        Confidence level of the intervals.
    draws : int
        Bootstrap samples of cases; 0 for no intervals.
    seed : int
        Seed.

    Returns
    -------
    Consensus
        Findings: ``consensus-not-identified`` where no case has two ratings or too few raters share cases.

    Raises
    ------
    ValueError
        If a column is missing, a rater has rated a case twice, or fewer than two values occur.

    Examples
    --------
    >>> seen = pd.DataFrame({"case": list("aaabbbccc"), "rater": [1, 2, 3] * 3, "rating": [1, 1, 0, 0, 0, 0, 1, 1, 1]})
    >>> consensus(seen, case="case", rater="rater", rating="rating", draws=0).table["value"].tolist()
    [1, 0, 1]
    """
    require_share("confidence", confidence)
    require_columns(ratings, "ratings", {"adjudicated": adjudicated})
    whole = read_ratings(ratings, case=case, rater=rater, rating=rating)
    if len(whole.values) < 2:
        raise ValueError(f"rating: only the value '{whole.values[0]}' occurs; at least two are needed")
    data, known = split_panel(whole, ratings, rating, adjudicated)
    patterns = patterns_of(data, known)
    fit = patterns.fit()
    again = patterns.refit(draws, seed) if draws >= 2 else None
    chance = fit.posterior[patterns.of_case, :, 0]
    table = _decisions(data, chance)
    posterior = pd.DataFrame(chance, columns=[str(value) for value in data.values])
    posterior.insert(0, "case", data.cases)
    voted = table["majority"].notna()
    same = table.loc[voted, "majority"].to_numpy() == table.loc[voted, "value"].to_numpy()
    return Consensus(
        table,
        _findings(data, known),
        posterior,
        _rater_table(data, fit, again, confidence),
        _share_table(data, fit, again, confidence),
        float(same.mean()) if len(same) else float("nan"),
    )


def split_panel(
    whole: Ratings, frame: pd.DataFrame, rating: str, adjudicated: str | None
) -> tuple[Ratings, Floats | None]:
    """Part the ratings of single raters from the decisions of the panel.

    Parameters
    ----------
    whole : Ratings
        All ratings of the frame.
    frame : pandas.DataFrame
        The frame they were read from.
    rating : str
        Column of the rating.
    adjudicated : str or None
        Boolean column of the panel's rows.

    Returns
    -------
    data : Ratings
        Without the panel's rows; the cases are the same.
    known : numpy.ndarray, shape (cases, values), or None
        1 and 0 for cases the panel decided, NaN for others.
    """
    if adjudicated is None:
        return whole, None
    rated = frame[frame[rating].notna()]
    panel = rated[adjudicated].astype("boolean").fillna(False).to_numpy(dtype=bool)
    if not panel.any():
        return whole, None
    known = np.full((len(whole.cases), len(whole.values)), np.nan)
    known[whole.case[panel]] = np.eye(len(whole.values))[whole.value[panel]]
    codes, used = pd.factorize(whole.rater[~panel], sort=True)
    alone = Ratings(
        whole.case[~panel], codes, whole.value[~panel], whole.cases, whole.raters[used], whole.values, whole.missing
    )
    return alone, known


def _decisions(data: Ratings, posterior: Floats) -> pd.DataFrame:
    votes = data.counts()
    most = votes.max(axis=1)
    tied = (votes == most[:, None]).sum(axis=1) > 1
    majority = pd.Series(data.values[votes.argmax(axis=1)]).where(~tied & (most > 0))
    return pd.DataFrame(
        {
            "case": data.cases,
            "n": votes.sum(axis=1).astype(np.int64),
            "value": data.values[posterior.argmax(axis=1)],
            "probability": posterior.max(axis=1),
            "majority": majority.to_numpy(),
        }
    )


def _rater_table(data: Ratings, fit: Fit, again: Fit | None, confidence: float) -> pd.DataFrame:
    size = (len(data.raters), len(data.values), len(data.values))
    rater, truth, given = (part.ravel() for part in np.indices(size))
    low, high = _quantiles(again.confusion if again else None, size, confidence)
    return pd.DataFrame(
        {
            "rater": data.raters.astype(str)[rater],
            "truth": data.values[truth],
            "given": data.values[given],
            "probability": fit.confusion[..., 0].ravel(),
            "low": low,
            "high": high,
            "n": np.bincount(data.rater, minlength=len(data.raters))[rater],
        }
    )


def _share_table(data: Ratings, fit: Fit, again: Fit | None, confidence: float) -> pd.DataFrame:
    low, high = _quantiles(again.shares if again else None, (len(data.values),), confidence)
    return pd.DataFrame({"value": data.values, "share": fit.shares[:, 0], "low": low, "high": high})


def _quantiles(values: Floats | None, size: tuple[int, ...], confidence: float) -> tuple[Floats, Floats]:
    if values is None:
        none = np.full(int(np.prod(size)), np.nan)
        return none, none
    tail = (1 - confidence) / 2
    low, high = np.quantile(values, [tail, 1 - tail], axis=-1)
    return low.ravel(), high.ravel()


def _findings(data: Ratings, known: Floats | None) -> tuple[Finding, ...]:
    shared = np.bincount(data.case, minlength=len(data.cases)) >= 2
    together = len(np.unique(data.rater[shared[data.case]]))
    if together >= LEAST_RATERS or known is not None:
        return ()
    return (finding("consensus-not-identified", cases=int(shared.sum()), raters=together, needed=LEAST_RATERS),)
