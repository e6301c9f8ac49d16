"""Whether posts were filled by ability, so that their coefficients measure persons instead of work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from kpi_research.numerics.false_discovery import q_values
from kpi_research.study.results import Result
from kpi_research.workload.fairness.frame import check_share, codes_of, column_of, number_column

Array = NDArray[np.float64]
LEAST_PERSONS = 5
NEGLIGIBLE = 0.2
"""Standard deviations that count as a small difference (Cohen 1988, Statistical Power Analysis, ch. 2)."""
COLUMNS = ("post", "persons", "difference", "low", "high", "p", "q", "shift", "shift_low", "shift_high", "flagged")


@dataclass(frozen=True)
class Selection(Result):
    """Ability of those who hold a post, and what it does to the post's coefficient.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per post: ``post``, ``persons``; ``difference`` with ``low``, ``high`` (mean ability of its persons less
        that of all others who are judged by the same superiors, in standard deviations); ``p`` (that it is no larger than 0.2 standard deviations), ``q`` (over posts); ``shift`` with ``shift_low``,
        ``shift_high`` (relative change of the post's coefficient if its persons were of average ability); ``flagged``
        (``q`` at most the false discovery rate). NaN for posts with fewer than five persons.
    slope : float
        Relative change of minutes for the same work with one standard deviation more ability, inside posts.
    slope_low, slope_high : float
        Its interval.
    level : float
        Coverage of the intervals.
    """

    slope: float
    slope_low: float
    slope_high: float
    level: float


def post_selection(
    persons: pd.DataFrame,
    *,
    post: str,
    ability: str,
    pace: str,
    judged: str | None = None,
    within: Sequence[str] = (),
    false_discovery: float = 0.05,
    level: float = 0.95,
) -> Selection:
    r"""Compare the ability of the holders of each post, and say what it does to the coefficients.

    Parameters
    ----------
    persons : pandas.DataFrame
        One row per person.
    post : str
        Column of posts.
    ability : str
        Column of ability, judged independently of the log: ratings, examinations; higher is more able.
    pace : str
        Column of minutes logged over minutes that the coefficients expect for the same work; above 0.
    judged : str, optional
        Column of those who are judged by the same superiors, e.g. the unit: ability is compared inside its groups, so that
        a lenient superior makes nobody able.
    within : sequence of str
        Columns, e.g. rank, inside whose groups pace and ability are compared for the slope.
    false_discovery : float
        Expected share of wrong flags among flags.
    level : float
        Coverage of the intervals.

    Returns
    -------
    Selection

    Raises
    ------
    ValueError
        If a column is missing or not numeric, a pace is not positive, or there are fewer than two posts.

    Notes
    -----
    The coefficient of a post is the product of its work and of those who do it; the log cannot part them where nobody
    changes posts. With :math:`s` the slope of log pace on ability inside posts and :math:`d` the post's surplus of
    ability, the coefficient is moved by :math:`e^{s d}` (the bias of an omitted variable). Ability that is judged badly
    makes the slope, and so the shift, too small: the flag rests on the difference alone.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> skill = rng.normal(size=80)
    >>> posts = np.where(skill + rng.normal(size=80) > 0, "case", "patrol")
    >>> people = pd.DataFrame({"post": posts, "rating": skill, "pace": np.exp(-0.1 * skill)})
    >>> post_selection(people, post="post", ability="rating", pace="pace").table["flagged"].tolist()
    [True, True]
    """
    check_share("level", level)
    names = {"post": column_of(persons, post).astype("str"), "ability": number_column(persons, ability)}
    groups = {f"within {name}": column_of(persons, name).astype("str") for name in within}
    groups |= {"judged": column_of(persons, judged).astype("str")} if judged else {}
    frame = pd.DataFrame(names | {"pace": number_column(persons, pace)} | groups).dropna()
    if frame["post"].nunique() < 2:
        raise ValueError(
            f"post: column '{post}' has {frame['post'].nunique()} post(s) with known ability; two are needed"
        )
    if not (frame["pace"] > 0).all():
        raise ValueError(f"pace: column '{pace}' is {frame['pace'].min():g} in some row; it must be above 0")
    judges = codes_of(frame["judged"]) if judged else np.zeros(len(frame), dtype=np.int64)
    score = _centered(frame["ability"].to_numpy(), judges)
    if not score.std() > 0:
        raise ValueError(f"ability: column '{ability}' does not vary")
    score = score / float(np.sqrt((score**2).sum() / max(len(score) - judges.max() - 1, 1)))
    cells = codes_of(frame[["post", *groups]].agg("|".join, axis=1))
    slope, low, high = _slope(np.log(frame["pace"].to_numpy()), score, cells, level)
    table = _table(frame["post"], score, judges, level)
    table["q"] = q_values(table["p"].to_numpy(dtype=float))
    table["flagged"] = (table["q"] <= false_discovery).fillna(False)
    surplus = table["difference"] * (1.0 - table["persons"] / len(frame))
    ends = np.expm1(-np.outer(surplus, (slope, low, high)))
    table["shift"], table["shift_low"], table["shift_high"] = (
        ends[:, 0],
        ends[:, 1:].min(axis=1),
        ends[:, 1:].max(axis=1),
    )
    change, least, most = (float(np.expm1(end)) for end in (slope, low, high))
    return Selection(table[list(COLUMNS)], (), change, least, most, level)


def _centered(values: Array, groups: NDArray[np.int64]) -> Array:
    size = np.bincount(groups)
    centered: Array = values - (np.bincount(groups, values) / np.maximum(size, 1))[groups]
    return centered


def _slope(pace: Array, score: Array, cells: NDArray[np.int64], level: float) -> tuple[float, float, float]:
    """Return the slope of log pace on ability inside cells with its interval."""
    y, x = _centered(pace, cells), _centered(score, cells)
    slope, se, freedom = _regression(y, x, len(pace) - int(cells.max()) - 2)
    half = float(stats.t.isf((1.0 - level) / 2.0, freedom)) * se
    return slope, slope - half, slope + half


def _regression(y: Array, x: Array, freedom: int) -> tuple[float, float, int]:
    """Return the slope of centered columns, its error robust to unequal variance, and degrees of freedom; NaN without any."""
    total = float((x**2).sum())
    if not total > 0 or freedom < 1:
        return float("nan"), float("nan"), 1
    slope = float(x @ y) / total
    left = (y - slope * x) / (1.0 - np.minimum(x**2 / total, 0.99))
    return slope, float(np.sqrt(((x * left) ** 2).sum() * len(x) / freedom)) / total, freedom


def _table(posts: pd.Series, score: Array, judges: NDArray[np.int64], level: float) -> pd.DataFrame:
    rows = []
    for name in sorted(posts.unique()):
        mine = (posts == name).to_numpy(dtype=float)
        rows.append((name, int(mine.sum()), *_difference(score, mine, judges, level)))
    return pd.DataFrame(rows, columns=["post", "persons", "difference", "low", "high", "p"])


def _difference(
    score: Array, mine: Array, judges: NDArray[np.int64], level: float
) -> tuple[float, float, float, float]:
    """Return how far the holders of a post stand above all others who are judged by the same superiors."""
    if min(mine.sum(), (1.0 - mine).sum()) < LEAST_PERSONS:
        return (float("nan"),) * 4
    difference, se, freedom = _regression(score, _centered(mine, judges), len(mine) - int(judges.max()) - 2)
    half = float(stats.t.isf((1.0 - level) / 2.0, freedom)) * se
    beyond = (abs(difference) - NEGLIGIBLE, abs(difference) + NEGLIGIBLE)
    p = float(sum(stats.t.sf(part / se, freedom) for part in beyond)) if se > 0 else float("nan")
    return difference, difference - half, difference + half, p
