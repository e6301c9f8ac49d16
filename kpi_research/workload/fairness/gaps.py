"""Gaps between groups before and after an adjustment, held against a margin of equivalence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy import stats

from kpi_research.numerics.relative_gap import RelativeGap, relative_gap
from kpi_research.study.findings import Finding, Language, Where, finding
from kpi_research.study.results import Result
from kpi_research.workload.fairness.frame import check_share, codes_of, read_score

Array = NDArray[np.float64]
COLUMNS = (
    "grouping", "group", "n", "clusters", "gap_before", "low_before", "high_before",
    "gap_after", "low", "high", "p", "p_equivalent", "verdict",
)  # fmt: skip
FEW_CLUSTERS = 5


@dataclass(frozen=True)
class Fairness(Result):
    """Gaps between groups, before and after adjustment.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per grouping and group: ``grouping`` (column), ``group``; ``n`` (rows), ``clusters`` (in the group);
        ``gap_before`` with ``low_before``, ``high_before`` (mean of the group over the mean of all, minus 1, of the
        score); ``gap_after`` with ``low``, ``high`` (of the adjusted score; of the score where none was given);
        ``p`` (of no gap after adjustment, two-sided); ``p_equivalent`` (of a gap as large as the margin, the larger of
        two one-sided tests); ``verdict``: ``equal`` (the gap lies within the margin), ``gap`` (it differs from zero and
        may exceed the margin), ``cannot_tell``.
    explained_before, explained_after : pandas.Series
        Per grouping, share of the variance of the score that the group explains (omega squared, 0 to 1).
    margin : float
        Largest relative gap that counts as equal.
    level : float
        Coverage of the intervals.
    """

    explained_before: pd.Series
    explained_after: pd.Series
    margin: float
    level: float

    def plot(self, lang: Language = "en") -> Figure:
        """Draw the gap of each group before and after adjustment, with the margin as a band.

        Parameters
        ----------
        lang : {"en", "zh"}
            Language of the labels.

        Returns
        -------
        matplotlib.figure.Figure
        """
        from kpi_research.workload.fairness.draw import draw_fairness

        return draw_fairness(self, lang)


def fairness(
    frame: pd.DataFrame,
    *,
    score: str,
    groups: str | Sequence[str],
    adjusted: str | None = None,
    cluster: str | None = None,
    margin: float = 0.05,
    level: float = 0.95,
) -> Fairness:
    """Say whether groups of persons or units differ in a score, before and after an adjustment.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per person or unit and period.
    score : str
        Name of the column with the score before adjustment; numbers with a positive mean.
    groups : str or sequence of str
        Names of columns with groups (post, rank, sex, sequence ...).
    adjusted : str, optional
        Name of the column with the score after adjustment.
    cluster : str, optional
        Name of the column within which rows depend on each other (officer, unit); by default rows are independent.
    margin : float
        Relative gap that still counts as equal, above 0 and below 1.
    level : float
        Coverage of the intervals, above 0 and below 1. Equivalence is tested at ``1 - level``.

    Returns
    -------
    Fairness

    Raises
    ------
    ValueError
        If a column is missing or not numeric, a mean is not positive, or a grouping has fewer than two groups.

    Notes
    -----
    A gap that is not significant is no proof of fairness; equivalence needs the interval of two one-sided tests inside
    the margin (Schuirmann 1987, doi:10.1007/BF01068419). Errors are the delete-one-cluster jackknife with
    Satterthwaite's degrees of freedom. Rows in which score or group is missing are left out, with a finding.

    Examples
    --------
    >>> rows = {"post": ["patrol", "desk"] * 40, "hours": [90.0, 60.0] * 40, "fair": [75.0, 75.2] * 40}
    >>> found = fairness(pd.DataFrame(rows), score="hours", adjusted="fair", groups="post")
    >>> found.table[["group", "gap_before", "gap_after", "verdict"]].round(3).values.tolist()
    [['desk', -0.2, 0.001, 'equal'], ['patrol', 0.2, -0.001, 'equal']]
    """
    check_share("margin", margin)
    check_share("level", level)
    names = [groups] if isinstance(groups, str) else list(groups)
    clean, dropped = read_score(frame, [score, *([adjusted] if adjusted else [])], names, cluster)
    after = adjusted or score
    clusters = codes_of(clean[cluster]) if cluster else np.arange(len(clean))
    rows = [row for name in names for row in _rows(clean, name, score, after, clusters, margin, level)]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    before, later = (
        pd.Series({name: explained_share(clean[column].to_numpy(float), codes_of(clean[name])) for name in names})
        for column in (score, after)
    )
    return Fairness(table, tuple(_findings(table, dropped)), before, later, margin, level)


def _rows(
    frame: pd.DataFrame, name: str, score: str, after: str, clusters: NDArray[np.int64], margin: float, level: float
) -> list[dict[str, object]]:
    rows = []
    for group in sorted(frame[name].unique(), key=str):
        member = (frame[name] == group).to_numpy()
        first, last = (relative_gap(frame[column].to_numpy(float), member, clusters) for column in (score, after))
        interval_before, interval = (_interval(gap, level) for gap in (first, last))
        p, p_equivalent = _tests(last, margin)
        row = {"grouping": name, "group": str(group), "n": int(member.sum())}
        row |= {"clusters": len(np.unique(clusters[member]))}
        row |= {"gap_before": first.estimate, "low_before": interval_before[0], "high_before": interval_before[1]}
        row |= {"gap_after": last.estimate, "low": interval[0], "high": interval[1], "p": p}
        rows.append(row | {"p_equivalent": p_equivalent, "verdict": _verdict(p, p_equivalent, 1.0 - level)})
    return rows


def _interval(gap: RelativeGap, level: float) -> tuple[float, float]:
    reach = stats.t.ppf(0.5 + level / 2, gap.freedom) * gap.error
    return gap.estimate - reach, gap.estimate + reach


def _tests(gap: RelativeGap, margin: float) -> tuple[float, float]:
    """Return the p-values of no gap and of a gap at least as large as the margin."""
    if not gap.error > 0:
        same = gap.error == 0
        return (float(gap.estimate == 0) if same else np.nan), (float(abs(gap.estimate) >= margin) if same else np.nan)
    zero = 2 * stats.t.sf(abs(gap.estimate) / gap.error, gap.freedom)
    return float(zero), float(stats.t.sf((margin - abs(gap.estimate)) / gap.error, gap.freedom))


def _verdict(p: float, p_equivalent: float, size: float) -> str:
    if p_equivalent < size:
        return "equal"
    return "gap" if p < size else "cannot_tell"


def explained_share(values: Array, groups: NDArray[np.int64]) -> float:
    r"""Return the share of variance that groups explain, corrected for chance.

    .. math:: \omega^2 = (SS_b - (k - 1) MS_w) / (SS_t + MS_w)

    Parameters
    ----------
    values : ndarray of shape (n,)
        Finite numbers.
    groups : ndarray of int, shape (n,)
        Codes from 0.

    Returns
    -------
    float
        0 to 1; 0 where the groups explain no more than chance; NaN where nothing varies within groups and between.

    References
    ----------
    Hays, W. L. (1963), Statistics for Psychologists, ch. 12.

    Examples
    --------
    >>> round(explained_share(np.array([1.0, 2.0, 3.0, 7.0, 8.0, 9.0]), np.array([0, 0, 0, 1, 1, 1])), 4)
    0.8983
    """
    count = np.bincount(groups).astype(float)
    used = count > 0
    means = np.bincount(groups, values)[used] / count[used]
    between = float((count[used] * (means - values.mean()) ** 2).sum())
    total = float(((values - values.mean()) ** 2).sum())
    freedom = len(values) - used.sum()
    if total == 0 or freedom == 0:
        return float("nan")
    within = max(total - between, 0.0) / freedom
    return float(max((between - (used.sum() - 1) * within) / (total + within), 0.0))


def _findings(table: pd.DataFrame, dropped: int) -> list[Finding]:
    found = []
    if dropped:
        found.append(finding("fairness-rows-dropped", Where(), rows=dropped))
    for name, rows in table.groupby("grouping", sort=False):
        few = rows.loc[rows["clusters"] < FEW_CLUSTERS, "group"]
        if len(few):
            found.append(
                finding("fairness-few-clusters", Where(column=str(name)), groups=", ".join(few), few=FEW_CLUSTERS)
            )
    return found
