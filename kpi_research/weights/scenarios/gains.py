"""Scenarios from data: how each indicator goes with the outcome in resampled units, or in each stratum."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kpi_research.weights.evidence import Evidence, prepare_evidence
from kpi_research.weights.indicators import canonical_indicators
from kpi_research.weights.limits import Floats
from kpi_research.weights.rules import resolve
from kpi_research.weights.wording import wording_of

FEWEST = 5
"""Smallest number of complete units of a stratum."""


def bootstrap_gains(scores: pd.DataFrame, outcome: pd.Series, *, draws: int = 1000, seed: int = 0) -> pd.DataFrame:
    """Return the covariance of each indicator with the outcome in bootstrap samples of the units.

    Parameters
    ----------
    scores : pandas.DataFrame of shape (units, indicators)
        Index: unit; higher is better. Units with a gap are left out.
    outcome : pandas.Series of shape (units,)
        Index: unit; higher is better.
    draws : int, default 1000
        Number of scenarios, at least 1.
    seed : int, default 0
        Seed of the generator.

    Returns
    -------
    pandas.DataFrame of shape (draws, indicators)
        Covariances of standardized values, -1 to 1 up to resampling; their weighted mean is that of the score.

    Raises
    ------
    ValueError
        If a number is out of range, or scores and outcome say nothing.

    Examples
    --------
    >>> scores = pd.DataFrame({"a": [1.0, 2.0, 3.0, 4.0], "b": [2.0, 1.0, 4.0, 3.0]}, index=list("NESW"))
    >>> bootstrap_gains(scores, pd.Series([1.0, 2.0, 3.0, 5.0], index=list("NESW")), draws=3).shape
    (3, 2)
    """
    if isinstance(draws, bool) or not isinstance(draws, int) or draws < 1:
        raise ValueError(f"draws is {draws!r}; it must be a whole number of at least 1")
    evidence, names = _evidence(scores, outcome)
    return pd.DataFrame(bootstrap_of(evidence, draws, seed), columns=names)[list(scores.columns)]


def bootstrap_of(evidence: Evidence, draws: int, seed: int) -> Floats:
    """Return the covariance of each indicator with the outcome in bootstrap samples of complete units.

    Parameters
    ----------
    evidence : Evidence
        Scores and outcome.
    draws : int
        Number of samples.
    seed : int
        Seed of the generator.

    Returns
    -------
    ndarray of shape (draws, indicators)
    """
    units = len(evidence.outcome)
    shares = np.random.default_rng(seed).multinomial(units, np.full(units, 1 / units), size=draws) / units
    products = evidence.scores * evidence.outcome[:, None]
    gains: Floats = shares @ products - (shares @ evidence.scores) * (shares @ evidence.outcome)[:, None]
    return gains


def stratum_gains(scores: pd.DataFrame, outcome: pd.Series, strata: pd.Series) -> pd.DataFrame:
    """Return the covariance of each indicator with the outcome within each stratum of units.

    Parameters
    ----------
    scores : pandas.DataFrame of shape (units, indicators)
        Index: unit; higher is better. Units with a gap are left out.
    outcome : pandas.Series of shape (units,)
        Index: unit; higher is better.
    strata : pandas.Series of shape (units,)
        Index: unit; stratum, such as rural or urban.

    Returns
    -------
    pandas.DataFrame of shape (strata, indicators)
        Index: stratum. Covariances of values that were standardized over all units.

    Raises
    ------
    ValueError
        If a unit has no stratum, or a stratum has fewer than 5 complete units.
    """
    evidence, names = _evidence(scores, outcome)
    rows, gains = strata_of(evidence, strata)
    return pd.DataFrame(gains, index=rows, columns=names)[list(scores.columns)]


def strata_of(evidence: Evidence, strata: pd.Series) -> tuple[list[str], Floats]:
    """Return the covariance of each indicator with the outcome within each stratum of complete units.

    Parameters
    ----------
    evidence : Evidence
        Scores and outcome.
    strata : pandas.Series
        Index: unit; its stratum.

    Returns
    -------
    names : list of str
        The strata, sorted.
    gains : ndarray of shape (strata, indicators)

    Raises
    ------
    ValueError
        If a unit has no stratum, or a stratum has fewer than 5 complete units.
    """
    known = strata.set_axis(strata.index.astype(str)).reindex(list(evidence.units))
    if known.isna().any():
        raise ValueError(f"strata: unit '{known.index[known.isna()][0]}' has no stratum")
    rows = {}
    for name in sorted(known.unique(), key=str):
        own = (known == name).to_numpy()
        if own.sum() < FEWEST:
            raise ValueError(f"strata: '{name}' has {own.sum()} complete units; at least {FEWEST} are needed")
        part, result = evidence.scores[own], evidence.outcome[own]
        rows[name] = (result - result.mean()) @ (part - part.mean(axis=0)) / own.sum()
    return list(rows), np.array(list(rows.values()))


def _evidence(scores: pd.DataFrame, outcome: pd.Series) -> tuple[Evidence, list[str]]:
    if not isinstance(scores, pd.DataFrame):
        raise TypeError(f"scores must be a pandas DataFrame (units in its index), found {type(scores).__name__}")
    frame = canonical_indicators(pd.DataFrame({"id": [str(name) for name in scores.columns]}))
    resolved = resolve((), frame)
    wanted = np.ones(len(frame), dtype=bool)
    return prepare_evidence(scores, outcome, wording_of(resolved, frame), wanted), list(resolved.ids)
