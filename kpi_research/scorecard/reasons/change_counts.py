"""Cases of one kind by period, before and now."""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from kpi_research.numerics.false_discovery import q_values
from kpi_research.scorecard.reasons.frames import labels
from kpi_research.study.suggest import did_you_mean

Array = NDArray[np.float64]
Bools = NDArray[np.bool_]
MONTH = re.compile(r"(\d{4})-(\d{2})")
HOURS = (0, 6, 12, 18)
SLOTS = ("00-06", "06-12", "12-18", "18-24")


@dataclass(frozen=True)
class KindCounts:
    """Cases of a kind.

    Attributes
    ----------
    periods : list of str
        All periods up to the one that is explained, in order.
    days : numpy.ndarray, shape (T,)
        Days, or other exposure, of each.
    count, others : numpy.ndarray, shape (T,)
        Cases of the kind, and of all other kinds.
    rows : pandas.DataFrame
        The cases of the kind in the last ``before`` periods and in the one that is explained.
    now : numpy.ndarray of bool
        Which of the rows belong to the period that is explained.
    before : int
        Number of periods that it is held against.
    """

    periods: list[str]
    days: Array
    count: Array
    others: Array
    rows: pd.DataFrame
    now: Bools
    before: int

    @property
    def day_ratio(self) -> float:
        """Days of the period that is explained over the mean of those before."""
        return float(self.days[-1] / self.days[-1 - self.before : -1].mean())

    @property
    def growth(self) -> tuple[float, float]:
        """Daily cases of all other kinds now over before, and the variance of its logarithm; 1 and 0 without any."""
        now, past = float(self.others[-1]), float(self.others[-1 - self.before : -1].sum())
        if now == 0 or past == 0:
            return 1.0, 0.0
        return now / past * self.before / self.day_ratio, 1 / now + 1 / past

    @property
    def dispersion(self) -> float:
        """Variance of the counts before over that of Poisson counts, at least 1."""
        past, days = self.count[-1 - self.before : -1], self.days[-1 - self.before : -1]
        expected = past.sum() * days / days.sum()
        if len(past) < 3 or not past.sum():
            return 1.0
        return max(1.0, float(((past - expected) ** 2 / expected).sum() / (len(past) - 1)))


def count_kind(
    cases: pd.DataFrame,
    type_: str,
    period: str,
    kinds: Sequence[str],
    now: str | None,
    before: int,
    exposure: Mapping[str, float] | None,
) -> KindCounts:
    """Count the cases of a kind by period.

    Parameters
    ----------
    cases : pandas.DataFrame
        One row per case of any kind.
    type_, period : str
        Columns.
    kinds : sequence of str
        Values of the type that make up the kind.
    now : str or None
        The period to explain; the last one if not given.
    before : int
        Most periods that it is held against.
    exposure : mapping of str to float, or None
        Days of each period; found from the calendar where periods are months such as ``2024-01``, else all equal.

    Returns
    -------
    KindCounts

    Raises
    ------
    ValueError
        If a kind or the period does not occur, or fewer than three periods lie before it.
    """
    kind_of, period_of = labels(cases, type_, "type"), labels(cases, period, "period")
    known = sorted(kind_of.unique())
    for kind in kinds:
        if kind not in known:
            raise ValueError(f"kind: there is no '{kind}' in column '{type_}'.{did_you_mean(kind, known)['en']}")
    periods = sorted(period_of.unique())
    last = periods[-1] if now is None else str(now)
    if last not in periods:
        raise ValueError(f"now: there is no period '{last}'.{did_you_mean(last, periods)['en']}")
    periods = periods[: periods.index(last) + 1]
    if len(periods) < 4:
        raise ValueError(f"now is '{last}', with {len(periods) - 1} periods before it; at least 3 are needed")
    days = _days(periods, exposure)
    used = min(before, len(periods) - 1)
    mine = kind_of.isin(list(kinds)).to_numpy()
    code = pd.Index(periods).get_indexer(period_of)
    count, others = (
        np.bincount(code[mark & (code >= 0)], minlength=len(periods)).astype(float) for mark in (mine, ~mine)
    )
    kept = mine & (code >= len(periods) - 1 - used)
    return KindCounts(periods, days, count, others, cases[kept], code[kept] == len(periods) - 1, used)


def _days(periods: list[str], exposure: Mapping[str, float] | None) -> Array:
    if exposure is not None:
        absent = [name for name in periods if name not in exposure]
        if absent:
            raise ValueError(f"exposure lacks period '{absent[0]}'; it needs every period up to the one explained")
        days = np.array([float(exposure[name]) for name in periods])
        if not (days > 0).all():
            raise ValueError(f"exposure is {days.min():g} for a period; allowed: above 0")
        return days
    found = [MONTH.fullmatch(name) for name in periods]
    if not all(item and 1 <= int(item[2]) <= 12 for item in found):
        return np.ones(len(periods))
    return np.array([float(calendar.monthrange(int(item[1]), int(item[2]))[1]) for item in found if item])


def day_slots(cases: pd.DataFrame, column: str, timezone: str | None) -> pd.Series:
    """Return the quarter of the day of each case, or the column itself where it holds labels.

    Parameters
    ----------
    cases : pandas.DataFrame
        Cases.
    column : str
        Column of times or of labels.
    timezone : str or None
        Zone in which times are taken apart.

    Returns
    -------
    pandas.Series of str
        ``00-06``, ``06-12``, ``12-18``, ``18-24``; ``unknown`` where missing.
    """
    values = cases[column]
    if not pd.api.types.is_datetime64_any_dtype(values):
        return values.astype("object").fillna("unknown").astype("str")
    if timezone is not None and values.dt.tz is not None:
        values = values.dt.tz_convert(timezone)
    slot = np.searchsorted(HOURS, values.dt.hour.fillna(0).to_numpy(dtype=float), side="right") - 1
    return pd.Series(np.where(values.isna(), "unknown", np.array(SLOTS)[slot]), index=cases.index, dtype="str")


def level_changes(level: pd.Series, counts: KindCounts, factor: str, size: float) -> pd.DataFrame:
    """Return the counts of each level of a factor before and now, and which rose beyond chance.

    Parameters
    ----------
    level : pandas.Series of str
        Level of each row of ``counts.rows``.
    counts : KindCounts
        Cases of the kind.
    factor : str
        Name of the factor.
    size : float
        Expected share of wrong ones among flagged levels.

    Returns
    -------
    pandas.DataFrame
        ``factor``, ``level``, ``before`` (mean per period, at the days of the period explained), ``now``, ``change``,
        ``p``, ``q``, ``flagged``.

    Notes
    -----
    p is the probability that so many of the cases now, or more, lie at the level if its share of the kind were that of
    the periods before (Fisher's exact test, one-sided, with counts divided by the dispersion of the total): a rise that
    all levels share flags none. Flags hold the false discovery rate among all levels (Benjamini & Hochberg 1995).
    """
    code, names = pd.factorize(level, sort=True)
    past = np.bincount(code[~counts.now], minlength=len(names)).astype(float)
    here = np.bincount(code[counts.now], minlength=len(names)).astype(float)
    spread = counts.dispersion
    here_less, past_less = np.floor(here / spread), np.floor(past / spread)
    p = stats.hypergeom.sf(here_less - 1, here_less.sum() + past_less.sum(), here_less + past_less, here_less.sum())
    q = q_values(p)
    before = past / counts.before * counts.day_ratio
    table = pd.DataFrame({"factor": factor, "level": pd.Series(names, dtype="str"), "before": before, "now": here})
    return table.assign(change=here - before, p=p, q=q, flagged=(q <= size) & (here > before))
