"""The rise of a kind of incident, shared out so that the parts add up."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from kpi_research.scorecard.reasons.change_counts import KindCounts

Array = NDArray[np.float64]
Bools = NDArray[np.bool_]
BROAD = ("calendar", "all_kinds", "own")
"""Parts of what no flagged level holds: more days, more incidents of all kinds, more of this kind everywhere."""


def share_out(flagged: Mapping[str, Bools], counts: KindCounts, level: float) -> pd.DataFrame:
    """Return the parts of the change in the number of cases.

    Parameters
    ----------
    flagged : mapping of str to numpy.ndarray of bool
        Per factor, which cases lie at a flagged level.
    counts : KindCounts
        Cases of the kind.
    level : float
        Coverage of the intervals.

    Returns
    -------
    pandas.DataFrame
        ``part``, ``before`` (cases to expect), ``now``, ``change``, ``low``, ``high``; changes add up to the change of the
        total against its mean before.

    Notes
    -----
    A case that lies at flagged levels of m factors counts for 1/m in each: the Shapley value of the number of cases that
    a set of factors covers. The part of a factor is its cases now less those before times g, the growth of the cases at
    no flagged level: what it holds beyond the rest. The broad parts are steps of the total before: times the ratio of
    days; times the growth of all other kinds; times g. Errors are those of Poisson counts times the dispersion of the
    total, for given flags; flags are chosen on the same counts, so parts of flagged levels are on the high side.
    """
    names = list(flagged)
    member = (
        np.column_stack([flagged[name] for name in names]) if names else np.zeros((len(counts.rows), 0), dtype=bool)
    )
    ways = member.sum(axis=1)
    weight = member / np.maximum(ways, 1)[:, None]
    z = stats.norm.isf((1 - level) / 2)
    rest = ways == 0
    own = _growth(float(rest[counts.now].sum()), float(rest[~counts.now].sum()), counts)
    rows = [
        _counted(name, weight[counts.now, place], weight[~counts.now, place], counts, own)
        for place, name in enumerate(names)
    ]
    rows += _broad(float((~counts.now).sum()), counts, own)
    table = pd.DataFrame(rows, columns=["part", "before", "now", "change", "error"])
    error = table.pop("error")
    return table.assign(low=table["change"] - z * error, high=table["change"] + z * error)


def _growth(now: float, past: float, counts: KindCounts) -> tuple[float, float]:
    """Return the growth of the cases at no flagged level, and its variance; that of other kinds without any."""
    if past == 0:
        growth, log_variance = counts.growth
        return growth * counts.day_ratio, (growth * counts.day_ratio) ** 2 * log_variance
    growth = now * counts.before / past
    return growth, counts.dispersion * (now * (counts.before / past) ** 2 + growth**2 / past)


def _counted(
    name: str, now: Array, past: Array, counts: KindCounts, own: tuple[float, float]
) -> tuple[str, float, float, float, float]:
    growth, growth_variance = own
    mean = float(past.sum()) / counts.before
    chance = float((now**2).sum()) + growth**2 * float((past**2).sum()) / counts.before**2
    error = np.sqrt(counts.dispersion * chance + mean**2 * growth_variance)
    return name, mean * growth, float(now.sum()), float(now.sum()) - mean * growth, float(error)


def _broad(past: float, counts: KindCounts, own: tuple[float, float]) -> list[tuple[str, float, float, float, float]]:
    mean = past / counts.before
    mean_variance = counts.dispersion * past / counts.before**2
    growth, log_variance = counts.growth
    days, expected = counts.day_ratio, counts.day_ratio * growth
    from_growth = (mean * expected) ** 2 * log_variance
    steps = (
        ("calendar", 1.0, days, 0.0),
        ("all_kinds", days, expected, from_growth),
        ("own", expected, own[0], from_growth + mean**2 * own[1]),
    )
    return [
        (
            name,
            mean * start,
            mean * end,
            mean * (end - start),
            float(np.sqrt(more + (end - start) ** 2 * mean_variance)),
        )
        for name, start, end, more in steps
    ]
