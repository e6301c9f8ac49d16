"""How surely each unit keeps its tier when weights vary within the rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kpi_research.study.findings import Where, finding
from kpi_research.study.results import Result
from kpi_research.weights.robustness.acceptability import RankAcceptability
from kpi_research.weights.robustness.rank_bounds import RankBounds

TIERS = {"优秀": 0.2, "良好": 0.6, "合格": 1.0}
"""Tiers from the top, with the share of units that stand in the tier or above it."""


@dataclass(frozen=True)
class TierStability(Result):
    """Tiers of units over admissible weights.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per unit: ``unit``; ``tier`` (the likeliest) and ``share`` (share of admissible weights that give it, 0
        to 1); ``stable`` (that share reaches the level); ``certain`` (every admissible weighting gives this tier; missing
        where no exact bounds are given).
    findings : tuple of Finding
        How many units have a stable tier.
    shares : pandas.DataFrame of shape (units, tiers)
        Share of admissible weights that put the unit into the tier.
    """

    shares: pd.DataFrame


def tier_stability(
    sampled: RankAcceptability,
    *,
    tiers: Mapping[str, float] = TIERS,
    bounds: RankBounds | None = None,
    level: float = 0.95,
) -> TierStability:
    """Count how often each unit stands in each tier.

    Parameters
    ----------
    sampled : RankAcceptability
        Ranks over sampled weights.
    tiers : mapping of name to share, default 优秀 0.2, 良好 0.6, 合格 1.0
        Tiers from the top; the share of units, 0 to 1 and rising to 1, in the tier or above it. The number of units is
        rounded down, so a quota is never exceeded.
    bounds : RankBounds, optional
        Exact ranges of ranks; with them the table says which tiers are certain.
    level : float, default 0.95
        Share of admissible weights from which a tier counts as stable, above 0.5 and at most 1.

    Returns
    -------
    TierStability

    Raises
    ------
    ValueError
        If the tiers do not rise to 1, a level is out of range, or the bounds are of other units.

    Examples
    --------
    >>> from kpi_research.weights.robustness import rank_acceptability
    >>> scores = pd.DataFrame({"a": [3.0, 2.0], "b": [3.0, 1.0]}, index=["North", "East"])
    >>> tier_stability(rank_acceptability(scores, draws=64), tiers={"top": 0.5, "rest": 1.0}).table["tier"].tolist()
    ['top', 'rest']
    """
    _check(tiers, level)
    shares = sampled.shares.to_numpy()
    units, names = len(shares), list(tiers)
    ends = [int(np.floor(share * units + 1e-9)) for share in tiers.values()]
    starts = [0, *ends[:-1]]
    by_tier = np.column_stack([shares[:, first:last].sum(axis=1) for first, last in zip(starts, ends, strict=True)])
    likeliest = by_tier.argmax(axis=1)
    table = pd.DataFrame(
        {
            "unit": sampled.table["unit"],
            "tier": [names[place] for place in likeliest],
            "share": by_tier.max(axis=1),
            "stable": by_tier.max(axis=1) >= level - 1e-12,
            "certain": pd.array([pd.NA] * units, dtype="boolean"),
        }
    )
    if bounds is not None:
        table["certain"] = _certain(bounds, table, ends)
    stable = int(table["stable"].sum())
    found = (finding("tier-stability", Where(), stable=stable, units=units, level=f"{100 * level:g}"),)
    return TierStability(table, found, pd.DataFrame(by_tier, index=sampled.shares.index, columns=names))


def _check(tiers: Mapping[str, float], level: object) -> None:
    shares = list(tiers.values())
    rising = all(first < second for first, second in zip([0.0, *shares], shares, strict=False))
    if not shares or not rising or abs(shares[-1] - 1.0) > 1e-12:
        raise ValueError(f"tiers is {dict(tiers)}; shares must rise from above 0 to 1, such as {TIERS}")
    if isinstance(level, bool) or not isinstance(level, int | float) or not 0.5 < level <= 1:
        raise ValueError(f"level is {level!r}; allowed is above 0.5 to 1")


def _certain(bounds: RankBounds, table: pd.DataFrame, ends: list[int]) -> pd.Series:
    if list(bounds.table["unit"]) != list(table["unit"]):
        raise ValueError("bounds holds other units than the sample; give rank_bounds of the same scores")
    best, worst = (
        np.searchsorted(ends, bounds.table[name].to_numpy(), side="left") for name in ("best_proven", "worst_proven")
    )
    return pd.Series(best == worst, dtype="boolean")
