"""Exact confidence sets for the ranks of the categories of a multinomial count."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from kpi_research.scorecard.comparisons import Separation
from kpi_research.scorecard.rank_result import Kind, RankSets
from kpi_research.scorecard.ranks import assemble, check_extremes, check_level
from kpi_research.study.suggest import did_you_mean

Correction = Literal["holm", "bonferroni"]


def multinomial_rank_sets(
    counts: pd.Series | ArrayLike,
    *,
    level: float = 0.95,
    kind: Kind = "marginal",
    best: int | None = None,
    worst: int | None = None,
    correction: Correction = "holm",
) -> RankSets:
    """Return for each category the set of ranks that its count allows, exactly, without draws.

    Parameters
    ----------
    counts : pandas.Series or array, shape (p,)
        Whole numbers, at least 0, of cases of one sample that fall into each category, such as complaints by unit or
        votes for the best station; every case into one. More is better.
    level : float
        Confidence level, between 0 and 1.
    kind : {"marginal", "simultaneous"}
        As in `rank_sets`.
    best, worst : int, optional
        Also say which categories may be among the so many most (least) frequent.
    correction : {"holm", "bonferroni"}
        How the comparisons of a family share the error; Holm's steps show at least as much.

    Returns
    -------
    RankSets
        Here ``estimate`` is the share of the category.

    Raises
    ------
    ValueError
        If counts are no whole numbers of 0 or above, all are 0, or an option is out of range.

    Notes
    -----
    Given the two counts together, the first is binomial with probability 1/2 where both categories are equally frequent,
    so that the test of each pair in each direction has the exact p-value of the sign test. A family of m tests is
    decided with Holm's steps: m = p(p - 1) simultaneously, 2(p - 1) for one category (Bazylik, Mogstad, Romano, Shaikh &
    Wilhelm 2021, doi:10.3386/w29519; Holm 1979, doi:10.2307/4615733). Counts that do not share a fixed total, such as
    cases of stations of unlike size, are no multinomial sample: use `rank_sets` with standard errors.

    Examples
    --------
    >>> hair = pd.Series({"Black": 108, "Brown": 286, "Red": 71, "Blond": 127})
    >>> print(multinomial_rank_sets(hair, kind="simultaneous").table[["unit", "rank", "low", "high"]].to_string(index=False))
     unit  rank  low  high
    Black     3    2     3
    Brown     1    1     1
      Red     4    4     4
    Blond     2    2     3
    """
    check_level(level, kind)
    if correction not in get_args(Correction):
        raise ValueError(
            f"correction is {correction!r}; allowed: holm, bonferroni.{did_you_mean(str(correction), get_args(Correction))['en']}"
        )
    named, number = _counts(counts)
    check_extremes(best, worst, len(number))
    each = _separate(number, level, correction, together=False) if kind == "marginal" else None
    wanted = kind == "simultaneous" or best is not None or worst is not None
    together = _separate(number, level, correction, together=True) if wanted else None
    share = number / number.sum()
    return assemble(named.index, share, np.arange(len(number)), (each, together), level, best, worst)


def _separate(number: NDArray[np.float64], level: float, correction: str, *, together: bool) -> Separation:
    """Decide all comparisons: p-value j, k is that of category k being at least as frequent as j."""
    total = np.add.outer(number, number)
    p_value = stats.binom.sf(number[:, None] - 1, total, 0.5)
    np.fill_diagonal(p_value, 1.0)
    off = ~np.eye(len(number), dtype=bool)
    if together:
        shown = off & _decide(p_value[off], 1 - level, correction, off)
        return Separation(shown, shown.T.copy())
    below, above = np.zeros_like(off), np.zeros_like(off)
    for row in range(len(number)):
        both = np.concatenate([p_value[row, off[row]], p_value[off[row], row]])
        decided = _rejected(both, 1 - level, correction)
        below[row, off[row]], above[row, off[row]] = np.split(decided, 2)
    return Separation(below, above)


def _decide(
    p_value: NDArray[np.float64], error: float, correction: str, places: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    decided = np.zeros_like(places)
    decided[places] = _rejected(p_value, error, correction)
    return decided


def _rejected(p_value: NDArray[np.float64], error: float, correction: str) -> NDArray[np.bool_]:
    """Return the rejected hypotheses of a family."""
    size = len(p_value)
    if correction == "bonferroni":
        return p_value <= error / size if size else p_value < 0
    order = np.argsort(p_value, kind="stable")
    kept = p_value[order] > error / (size - np.arange(size))
    rejected = np.zeros(size, dtype=bool)
    rejected[order[: int(np.argmax(kept)) if kept.any() else size]] = True
    return rejected


def _counts(counts: pd.Series | ArrayLike) -> tuple[pd.Series, NDArray[np.float64]]:
    named = counts if isinstance(counts, pd.Series) else pd.Series(np.asarray(counts))
    if named.empty:
        raise ValueError("counts is empty; it needs at least one category")
    if not named.index.is_unique:
        raise ValueError(f"counts has category {named.index[named.index.duplicated()][0]!r} twice; each may stand once")
    if not pd.api.types.is_numeric_dtype(named):
        raise ValueError(f"counts holds {named.dtype}; allowed: whole numbers, 0 or above")
    number = named.to_numpy(dtype=float, na_value=np.nan)
    wrong = ~(np.isfinite(number) & (number >= 0) & (number == np.floor(number)))
    if wrong.any():
        row = int(np.argmax(wrong))
        raise ValueError(f"count of {named.index[row]!r} is {number[row]}; allowed: a whole number, 0 or above")
    if not number.sum() > 0:
        raise ValueError("all counts are 0; at least one case is needed")
    return named, number
