"""How often each unit takes each rank when weights are drawn from all admissible ones."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.results import Result
from kpi_research.weights.limits import Floats
from kpi_research.weights.robustness.inputs import admissible
from kpi_research.weights.robustness.polytope import polytope
from kpi_research.weights.robustness.sampling import Sample, sample_weights
from kpi_research.weights.rules import Rule

ENOUGH = 400
"""Effective draws that a share needs for an error of at most 0.025."""

STEPS = (10, 100)
"""Fewest and most steps between draws, where the user does not say."""

MIXED = 1.05
"""R-hat above which chains have not met."""


@dataclass(frozen=True)
class RankAcceptability(Result):
    """Ranks over sampled admissible weights.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per unit: ``unit``; ``mean_rank``; ``low``, ``high`` (quantiles of the rank at the level asked for);
        ``likeliest`` (the rank it takes most often) and ``share`` (how often, 0 to 1); ``error`` (largest standard error
        of the unit's shares, from the spread between independent chains).
    findings : tuple of Finding
        Effective sample size; a caution where it is too small.
    shares : pandas.DataFrame of shape (units, ranks)
        Share of admissible weights, 0 to 1, that give the unit the rank (ties go to the unit that stands first).
    ahead : pandas.DataFrame of shape (units, units)
        Share of admissible weights that put the unit of the row ahead of that of the column; ties count half.
    weights : pandas.DataFrame of shape (draws, indicators)
        The weights drawn, points of 100.
    effective : float
        Effective sample size of the weight that mixes worst; infinite where the rules fix all weights.
    shrink : float
        Its split R-hat.
    """

    shares: pd.DataFrame
    ahead: pd.DataFrame
    weights: pd.DataFrame
    effective: float
    shrink: float


def rank_acceptability(
    scores: pd.DataFrame,
    *,
    indicators: pd.DataFrame | None = None,
    rules: Iterable[Rule] = (),
    draws: int = 10_000,
    thin: int | None = None,
    level: float = 0.95,
    seed: int = 0,
) -> RankAcceptability:
    """Draw weights uniformly from all that the rules allow and count ranks.

    Parameters
    ----------
    scores : pandas.DataFrame of shape (units, indicators)
        Index: unit; a column per indicator on one common scale, higher is better; no gaps.
    indicators : pandas.DataFrame, optional
        The catalogue; None takes the columns of the scores.
    rules : iterable of Rule, optional
        The rules; hard ones restrict the weights, soft ones do not.
    draws : int, default 10000
        Weights kept, at least 1; rounded up to a multiple of 64.
    thin : int, optional
        Steps between weights that are kept, at least 1; None takes an eighth of the square of the dimensions, 10 to 100.
    level : float, default 0.95
        Level of the quantiles of ranks, between 0 and 1.
    seed : int, default 0
        Seed of the generator.

    Returns
    -------
    RankAcceptability

    Raises
    ------
    InfeasibleRules
        If the rules cannot all hold.
    ValueError
        If an argument is out of range, or scores and catalogue do not belong together.

    Notes
    -----
    Stochastic multicriteria acceptability analysis (Lahdelma & Salminen 2001, doi:10.1287/opre.49.3.444.11220). A sample
    covers less than the exact ranges of `rank_bounds`: it says what is usual, not what is possible.

    Examples
    --------
    >>> scores = pd.DataFrame({"a": [3.0, 2.0, 1.0], "b": [3.0, 1.0, 2.0]}, index=["North", "East", "South"])
    >>> rank_acceptability(scores, draws=640).table["likeliest"].iloc[0].item()
    1
    """
    _check(draws, thin, level, seed)
    values, program = admissible(scores, indicators, rules)
    region = polytope(program)
    steps = int(np.clip(region.basis.shape[1] ** 2 // 8, *STEPS)) if thin is None else thin
    sample = sample_weights(region, draws, steps, seed)
    ranks, ahead = _ranks(values, sample.flat)
    units, chains = len(values), len(sample.weights)
    counts = np.array([np.bincount(row - 1, minlength=units) for row in ranks])
    shares = counts / ranks.shape[1]
    table = pd.DataFrame(
        {
            "unit": scores.index,
            "mean_rank": ranks.mean(axis=1),
            "low": np.quantile(ranks, (1 - level) / 2, axis=1, method="inverted_cdf").astype(int),
            "high": np.quantile(ranks, (1 + level) / 2, axis=1, method="inverted_cdf").astype(int),
            "likeliest": shares.argmax(axis=1) + 1,
            "share": shares.max(axis=1),
            "error": _errors(ranks.reshape(units, chains, -1), sample),
        }
    )
    frames = (
        pd.DataFrame(shares, index=scores.index, columns=np.arange(1, units + 1)),
        pd.DataFrame(ahead, index=scores.index, columns=scores.index),
        pd.DataFrame(sample.flat, columns=list(program.ids)),
    )
    return RankAcceptability(table, _findings(sample), *frames, sample.effective, sample.shrink)


def _check(draws: object, thin: object, level: object, seed: object) -> None:
    for name, value, least in (("draws", draws, 1), ("thin", 1 if thin is None else thin, 1), ("seed", seed, 0)):
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise ValueError(f"{name} is {value!r}; it must be a whole number of at least {least}")
    if isinstance(level, bool) or not isinstance(level, int | float) or not 0 < level < 1:
        raise ValueError(f"level is {level!r}; it must lie between 0 and 1")


def _ranks(values: Floats, weights: Floats) -> tuple[NDArray[np.int_], Floats]:
    """Return ranks (units, draws), and the share of draws in which each unit is ahead of each other."""
    scores = values @ weights.T
    order = np.argsort(-scores, axis=0, kind="stable")
    ranks = np.empty_like(order)
    np.put_along_axis(ranks, order, np.arange(1, len(values) + 1)[:, None], axis=0)
    ahead = np.array([(row > scores).mean(axis=1) + 0.5 * (row == scores).mean(axis=1) for row in scores])
    return ranks, ahead


def _errors(ranks: NDArray[np.int_], sample: Sample) -> Floats:
    """Largest standard error of a unit's shares over ranks, from the means of independent chains."""
    units, chains, _ = ranks.shape
    worst = np.zeros(units)
    if not np.isfinite(sample.effective):
        return worst
    for unit, own in enumerate(ranks):
        shares = np.array([np.bincount(chain - 1, minlength=units) for chain in own]) / own.shape[1]
        worst[unit] = shares.std(axis=0, ddof=1).max() / np.sqrt(chains)
    return worst


def _findings(sample: Sample) -> tuple[Finding, ...]:
    if not np.isfinite(sample.effective):
        return (finding("acceptability-weights-fixed"),)
    facts = {"draws": len(sample.flat), "effective": f"{sample.effective:.0f}", "shrink": f"{sample.shrink:.3f}"}
    found = [finding("acceptability-sample", Where(), **facts)]
    if sample.effective < ENOUGH or sample.shrink > MIXED:
        found.append(finding("acceptability-sample-small", Where(), enough=ENOUGH, **facts))
    return tuple(found)
