"""Late entries: how long records wait, and whether they come in before a cut-off or an inspection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpi_research.numerics.empirical_null import median_null
from kpi_research.numerics.false_discovery import q_values
from kpi_research.numerics.reverse_hazard import delay_distribution
from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.results import Result
from kpi_research.validity.frames import check_columns
from kpi_research.validity.integrity.time_order import wilson

Array = NDArray[np.float64]
LAST_DAYS = 3
INSPECTION_DAYS = 7
BATCH = 4
LONGEST = 60
NIGHT = (0, 6)
COLUMNS = (
    "by", "n", "median_delay", "late_share", "low", "high", "batch_share", "batch_expected", "before_event",
    "night_share", "last_days_share", "last_days_expected", "inspection_ratio", "p", "q", "flagged",
)  # fmt: skip


@dataclass(frozen=True)
class EntryLag(Result):
    """Delays of entries, per unit or person.

    Attributes
    ----------
    units : pandas.DataFrame
        One row each: ``by``, ``n`` (entries); ``median_delay`` (hours); ``late_share`` with ``low``, ``high`` (entered
        after the deadline, Wilson's interval; NaN without one); ``batch_share`` (entries among four or more of the same
        clerk in the same minute), ``batch_expected`` (of the median unit); ``before_event`` (share entered before the
        event), ``night_share`` (entered from 0 to 6 o'clock); ``last_days_share`` (of entries that waited a day or more,
        those of the last three days before a cut-off), ``last_days_expected`` (of the median unit); ``inspection_ratio``
        (entries per day in the week before an inspection over other days); ``p`` (of no more batches and last-day
        entries than the median unit has, Bonferroni over the two), ``q`` (false discovery rate), ``flagged``.
    delays : pandas.DataFrame
        Of all entries: ``delay`` (days), ``hazard`` (reverse-time), ``share`` (entered within that delay, corrected for
        entries that are still to come), ``naive`` (without the correction).
    """

    units: pd.DataFrame
    delays: pd.DataFrame


def entry_lag(
    ledger: pd.DataFrame,
    *,
    event: str,
    entered: str,
    by: str,
    deadline: float | None = None,
    inspections: Sequence[object] = (),
    cutoffs: Sequence[object] | str | None = None,
    clerk: str | None = None,
    level: float = 0.95,
    false_discovery: float = 0.05,
) -> EntryLag:
    """Describe the delays of entries and find units that enter late, in batches, before cut-offs.

    Parameters
    ----------
    ledger : pandas.DataFrame
        One row per entry.
    event, entered : str
        Names of columns with the times of the event and of its entry.
    by : str
        Name of the column with the unit (or person) to judge.
    deadline : float, optional
        Hours after which an entry is late; above 0.
    inspections : sequence of dates
        Days on which the ledger is inspected.
    cutoffs : sequence of dates or "month_end", optional
        Days by which entries count, e.g. the last of each month; by default the inspections.
    clerk : str, optional
        Name of the column with the person who enters; by default ``by``.
    level : float
        Coverage of the intervals, above 0 and below 1.
    false_discovery : float
        Expected share of wrong flags among flags.

    Returns
    -------
    EntryLag
        ``table`` is ``units``. A flag says that entries come late and together, not why.

    Raises
    ------
    ValueError
        If a column is missing or holds no times, or a number lies outside its range.

    Notes
    -----
    Delay distribution: reverse-time hazard for right truncation (Lawless 1994, doi:10.2307/3315826). Units are held
    against the median unit with the robust spread between units, because honest units share habits and most units are
    honest; a fault that most units have is seen in ``last_days_expected`` and ``batch_expected`` only.

    Examples
    --------
    >>> day = pd.Timestamp("2024-05-01")
    >>> hours = np.tile(np.arange(24.0), 10)
    >>> book = pd.DataFrame({"unit": np.repeat(list("ABCDE"), 48), "event": day})
    >>> book["entered"] = book["event"] + pd.to_timedelta(hours, unit="h")
    >>> found = entry_lag(book, event="event", entered="entered", by="unit", deadline=12)
    >>> found.units["late_share"].round(3).tolist()
    [0.458, 0.458, 0.458, 0.458, 0.458]
    """
    clean, dropped = _read(ledger, event, entered, by, clerk, deadline, level)
    days = cutoff_days(clean, inspections if cutoffs is None else cutoffs)
    codes, units = pd.factorize(clean["by"], sort=True)
    n = np.bincount(codes, minlength=len(units)).astype(float)
    found = pd.DataFrame({"by": units.astype("str"), "n": n.astype(int)})
    found = found.assign(**_delays(clean, codes, n, deadline, level), **_habits(clean, codes, n))
    p_batch, batch = _batches(clean, codes, n)
    p_last, last = _last_days(clean, codes, len(units), days)
    found = found.assign(**batch, **last, inspection_ratio=_inspection_ratio(clean, codes, len(units), inspections))
    both = np.vstack([p_batch, p_last])
    tests = np.isfinite(both).sum(axis=0)
    least = np.where(np.isfinite(both), both, np.inf).min(axis=0)
    found["p"] = np.where(tests > 0, np.minimum(least * np.maximum(tests, 1), 1.0), np.nan)
    found["q"] = q_values(found["p"].to_numpy(float))
    found["flagged"] = (found["q"] <= false_discovery).fillna(False)
    table = found[list(COLUMNS)]
    return EntryLag(table, _findings(dropped, clean), table, _distribution(clean))


def _read(
    ledger: pd.DataFrame, event: str, entered: str, by: str, clerk: str | None, deadline: float | None, level: float
) -> tuple[pd.DataFrame, int]:
    check_columns(ledger, {"event": event, "entered": entered, "by": by, **({"clerk": clerk} if clerk else {})})
    for name in (event, entered):
        if not pd.api.types.is_datetime64_any_dtype(ledger[name]):
            raise ValueError(f"column '{name}' holds {ledger[name].dtype}; it must hold times")
    if deadline is not None and not deadline > 0:
        raise ValueError(f"deadline is {deadline}; it must be above 0 hours")
    if not 0 < level < 1:
        raise ValueError(f"level is {level}; it must lie between 0 and 1")
    parts = {"event": ledger[event], "entered": ledger[entered], "by": ledger[by].astype("str")}
    clean = pd.DataFrame(parts | {"clerk": ledger[clerk or by].astype("str")}).dropna()
    if clean.empty:
        raise ValueError("the ledger has no row with both times and a unit")
    hours = (clean["entered"] - clean["event"]).dt.total_seconds() / 3600.0
    return clean.assign(hours=hours), len(ledger) - len(clean)


def cutoff_days(clean: pd.DataFrame, cutoffs: Sequence[object] | str) -> pd.DatetimeIndex:
    """Return the cut-off days in order, without a time zone.

    Parameters
    ----------
    clean : pandas.DataFrame
        Column ``entered``.
    cutoffs : sequence of dates or "month_end"
        The days.

    Returns
    -------
    pandas.DatetimeIndex

    Raises
    ------
    ValueError
        If a text other than "month_end" is given.
    """
    if isinstance(cutoffs, str):
        if cutoffs != "month_end":
            raise ValueError(f"cutoffs is '{cutoffs}'; allowed are dates or 'month_end'")
        local = clean["entered"].dt.tz_localize(None)
        return pd.date_range(local.min().normalize(), local.max() + pd.offsets.MonthEnd(1), freq="ME").normalize()
    return pd.DatetimeIndex(sorted(pd.Timestamp(str(day)).tz_localize(None).normalize() for day in cutoffs))


def _delays(
    clean: pd.DataFrame, codes: NDArray[np.int64], n: Array, deadline: float | None, level: float
) -> dict[str, Array]:
    median = clean.groupby(codes)["hours"].median().to_numpy(float)
    if deadline is None:
        blank = np.full(len(n), np.nan)
        return {"median_delay": median, "late_share": blank, "low": blank, "high": blank}
    late = np.bincount(codes, clean["hours"] > deadline, len(n))
    low, high = wilson(late, n, level)
    return {"median_delay": median, "late_share": late / n, "low": low, "high": high}


def _habits(clean: pd.DataFrame, codes: NDArray[np.int64], n: Array) -> dict[str, Array]:
    hour = clean["entered"].dt.hour
    night = (hour >= NIGHT[0]) & (hour < NIGHT[1])
    before = clean["hours"] < 0
    return {
        name: np.bincount(codes, mark, len(n)) / n for name, mark in (("before_event", before), ("night_share", night))
    }


def _batches(clean: pd.DataFrame, codes: NDArray[np.int64], n: Array) -> tuple[Array, dict[str, Array | float]]:
    minute = clean["entered"].dt.floor("min")
    size = clean.groupby([clean["by"], clean["clerk"], minute])["hours"].transform("size")
    batched = np.bincount(codes, size >= BATCH, len(n))
    # A batch is one decision: it counts once, against the number of sittings, not once per entry.
    sittings = clean.assign(minute=minute, size=size).drop_duplicates(["by", "clerk", "minute"])
    owner = pd.factorize(sittings["by"], sort=True)[0]
    events = np.bincount(owner, sittings["size"] >= BATCH, len(n)).astype(float)
    trials = np.bincount(owner, minlength=len(n)).astype(float)
    _, _, p = median_null(events, trials)
    share = batched / n
    return p, {"batch_share": share, "batch_expected": float(np.median(share))}


def _last_days(
    clean: pd.DataFrame, codes: NDArray[np.int64], units: int, days: pd.DatetimeIndex
) -> tuple[Array, dict[str, Array | float]]:
    blank = np.full(units, np.nan)
    if len(days) == 0:
        return blank, {"last_days_share": blank, "last_days_expected": np.nan}
    waited = clean["hours"].to_numpy() >= 24.0
    day = clean["entered"].dt.tz_localize(None).dt.normalize().to_numpy()
    following = np.searchsorted(days.to_numpy(), day, side="left")
    covered = following < len(days)
    left = np.where(
        covered, (days.to_numpy()[np.minimum(following, len(days) - 1)] - day) / np.timedelta64(1, "D"), np.inf
    )
    trials = np.bincount(codes[waited & covered], minlength=units).astype(float)
    events = np.bincount(codes[waited & covered & (left < LAST_DAYS)], minlength=units).astype(float)
    expected, _, p = median_null(events, trials)
    share = np.where(trials > 0, events / np.maximum(trials, 1.0), np.nan)
    return p, {"last_days_share": share, "last_days_expected": expected}


def _inspection_ratio(
    clean: pd.DataFrame, codes: NDArray[np.int64], units: int, inspections: Sequence[object]
) -> Array:
    """Return entries per day in the week before an inspection over entries per other day."""
    days = cutoff_days(clean, list(inspections))
    if len(days) == 0:
        return np.full(units, np.nan)
    day = clean["entered"].dt.tz_localize(None).dt.normalize()
    span = pd.date_range(day.min(), day.max(), freq="D")
    before = np.zeros(len(span), dtype=bool)
    for inspection in days:
        before |= (span > inspection - pd.Timedelta(days=INSPECTION_DAYS)) & (span <= inspection)
    if before.all() or not before.any():
        return np.full(units, np.nan)
    marked = before[((day - day.min()).dt.days).to_numpy()]
    near = np.bincount(codes, marked, units) / before.sum()
    other = np.bincount(codes, ~marked, units) / (~before).sum()
    return np.where(other > 0, near / np.where(other > 0, other, 1.0), np.nan)


def _distribution(clean: pd.DataFrame) -> pd.DataFrame:
    event = clean["event"].dt.tz_localize(None).dt.normalize()
    entered = clean["entered"].dt.tz_localize(None).dt.normalize()
    delay = (entered - event).dt.days.to_numpy()
    age = (entered.max() - event).dt.days.to_numpy()
    kept = delay >= 0
    if not kept.any():
        return pd.DataFrame({"delay": [], "hazard": [], "share": [], "naive": []}, dtype=float)
    longest = int(min(delay[kept].max(), LONGEST))
    hazard, share = delay_distribution(delay[kept], age[kept], longest)
    naive = np.array([(delay[kept] <= d).mean() for d in range(longest + 1)])
    return pd.DataFrame({"delay": np.arange(longest + 1), "hazard": hazard, "share": share, "naive": naive})


def _findings(dropped: int, clean: pd.DataFrame) -> tuple[Finding, ...]:
    found = []
    if dropped:
        found.append(finding("entries-dropped", Where(), rows=dropped))
    early = int((clean["hours"] < 0).sum())
    if early:
        found.append(finding("entries-before-event", Where(), rows=early, total=len(clean)))
    return tuple(found)
