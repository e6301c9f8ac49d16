"""Why a kind of incident rose this month: more days, more of everything, a place, a time, a few addresses, recording."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpi_research.numerics.control_limits import chart
from kpi_research.numerics.poisson_breaks import poisson_breaks
from kpi_research.scorecard.reasons.change_counts import KindCounts, count_kind, day_slots, level_changes
from kpi_research.scorecard.reasons.change_parts import share_out
from kpi_research.scorecard.reasons.change_result import ChangeReport
from kpi_research.scorecard.reasons.frames import check_whole, labels
from kpi_research.scorecard.reasons.words import Names, kinds_text
from kpi_research.study.findings import Finding, Language, finding
from kpi_research.study.frame_checks import require_columns, require_share

Bools = NDArray[np.bool_]
LEAST_CASES = 5
"""Cases before, per period, below which a change is hard to see at all."""
SERIES = ["period", "cases", "days", "rate", "low", "high", "smooth", "smooth_limit", "alarm"]


def change_contributions(
    cases: pd.DataFrame,
    *,
    type: str,
    period: str,
    kind: str | Sequence[str],
    now: str | None = None,
    before: int = 12,
    unit: str | None = None,
    place: str | None = None,
    time: str | None = None,
    address: str | None = None,
    recording: str | None = None,
    exposure: Mapping[str, float] | None = None,
    names: Names | None = None,
    timezone: str | None = None,
    level: float = 0.95,
    size: float = 0.05,
    run_length: float = 370.0,
    seed: int = 0,
) -> ChangeReport:
    """Take the change of a kind of incident against the periods before apart.

    Parameters
    ----------
    cases : pandas.DataFrame
        One row per incident, of all kinds and periods.
    type, period : str
        Columns of the kind and of the period of a case; periods sort in time, such as ``2024-03``.
    kind : str or sequence of str
        The value, or values, of the type to explain.
    now : str, optional
        The period to explain; the last one if not given.
    before : int
        Most periods it is held against, at least 3.
    unit, place : str, optional
        Columns that say where a case was.
    time : str, optional
        Column of times, taken apart into quarters of the day, or of labels such as shifts.
    address : str, optional
        Column of addresses; a few of them count as repeat addresses where they rose beyond chance.
    recording : str, optional
        Column that says how or when a case came into the books, such as channel or entry within a day.
    exposure : mapping of str to float, optional
        Days of each period; months are known from the calendar.
    names : mapping of str to mapping, optional
        What kinds are called, by language: ``{"theft": {"en": "theft", "zh": "盗窃"}}``.
    timezone : str, optional
        Zone in which times are taken apart.
    level : float
        Coverage of the intervals, between 0 and 1.
    size : float
        Expected share of wrong ones among flagged levels of a factor, and probability of a false break.
    run_length : float
        Periods between two false alarms of a control chart, on average, at least 10.
    seed : int
        Seed of the rearrangements behind breaks.

    Returns
    -------
    ChangeReport
        Parts add up to the number of cases now less their mean per period before.

    Raises
    ------
    TypeError
        If ``cases`` is not a frame.
    ValueError
        If a column, kind or period does not exist, labels are missing, or fewer than three periods lie before.

    Notes
    -----
    See `level_changes` for flags, `share_out` for parts, `chart` (u chart and EWMA of Poisson counts with dispersion)
    and `poisson_breaks` for breaks. A rise within the limits of the chart needs no reason: among 100 kinds, units and
    months some always rise.

    Examples
    --------
    >>> months = [f"2024-{k:02d}" for k in range(1, 7)]
    >>> rows = [(m, t, "East") for m in months for t in ["theft"] * 20 + ["help"] * 40]
    >>> rows += [("2024-06", "theft", "West")] * 15
    >>> cases = pd.DataFrame(rows, columns=["month", "type", "place"])
    >>> report = change_contributions(cases, type="type", period="month", kind="theft", place="place")
    >>> report.table.set_index("part")["change"].round(1).to_dict()
    {'place': 15.0, 'calendar': -0.3, 'all_kinds': 0.3, 'own': 0.0}
    """
    given = {"unit": unit, "place": place, "time": time, "address": address, "recording": recording}
    factors = {name: column for name, column in given.items() if column is not None}
    require_columns(cases, "cases", {"type": type, "period": period, **factors})
    check_whole("before", before, 3)
    check_whole("seed", seed, 0)
    require_share("level", level)
    require_share("size", size)
    if not run_length >= 10:
        raise ValueError(f"run_length is {run_length}; allowed: 10 or more periods")
    kinds = [kind] if isinstance(kind, str) else [str(name) for name in kind]
    counts = count_kind(cases, type, period, kinds, now, before, exposure)
    tables, flagged = [], {}
    for name, column in factors.items():
        values = day_slots(counts.rows, column, timezone) if name == "time" else _known(counts.rows, column)
        found = level_changes(values, counts, name, size)
        tables.append(found)
        flagged[name] = values.isin(found.loc[found["flagged"], "level"]).to_numpy()
    parts = share_out(flagged, counts, level)
    series, breaks = _series(counts, run_length), _breaks(counts, size, seed)
    levels = pd.concat(tables, ignore_index=True) if tables else _no_levels()
    label, last = kinds_text(kinds, names), counts.periods[-1]
    remarks = _remarks(counts, parts, series, label)
    return ChangeReport(parts, remarks, levels, series, breaks, ", ".join(kinds), last, label, level)


def _known(rows: pd.DataFrame, column: str) -> pd.Series:
    return labels(rows.assign(**{column: rows[column].astype("object").fillna("unknown")}), column, column)


def _no_levels() -> pd.DataFrame:
    numeric = dict.fromkeys(("before", "now", "change", "p", "q"), "float64")
    kinds = {"factor": "str", "level": "str", **numeric, "flagged": "bool"}
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in kinds.items()})


def _series(counts: KindCounts, run_length: float) -> pd.DataFrame:
    """Return the control chart with all periods but the last as baseline, at most the last ones that are compared."""
    first = len(counts.periods) - 1 - counts.before
    count, days = counts.count[first:], counts.days[first:]
    found = chart(count, days, counts.before, share=False, run_length=run_length)
    rate = count / days
    outside = (rate > found.high) | (rate < found.low) | (np.abs(found.smooth) > found.smooth_limit)
    alarm = outside & (np.arange(len(count)) >= counts.before)
    columns = (
        counts.periods[first:],
        count,
        days,
        rate,
        found.low,
        found.high,
        found.smooth,
        found.smooth_limit,
        alarm,
    )
    return pd.DataFrame(dict(zip(SERIES, columns, strict=True)))


def _breaks(counts: KindCounts, size: float, seed: int) -> pd.DataFrame:
    found = poisson_breaks(counts.count, counts.days, size=size, seed=seed)
    rows = [(counts.periods[item.place], item.before, item.after, item.p) for item in found]
    return pd.DataFrame(rows, columns=["period", "before", "after", "p"])


def _remarks(
    counts: KindCounts, parts: pd.DataFrame, series: pd.DataFrame, kind: Mapping[Language, str]
) -> tuple[Finding, ...]:
    change = float(parts["change"].sum())
    mean = float(counts.count[-1 - counts.before : -1].mean())
    facts = {"kind": kind, "period": counts.periods[-1], "now": f"{counts.count[-1]:.0f}", "before": f"{mean:.1f}"}
    found = []
    if mean < LEAST_CASES:
        found.append(finding("change-few-cases", least=LEAST_CASES, **facts))
    if not series["alarm"].iloc[-1]:
        return (*found, finding("change-within-chance", **facts))
    toward = parts["change"] * (1 if change > 0 else -1)
    main = str(parts["part"].iloc[int(toward.argmax())])
    share = 100 * float(toward.max()) / max(abs(change), 1e-9)
    return (
        *found,
        finding("change-reason", part=PARTS.get(main, {"en": main, "zh": main}), share=f"{share:.0f}", **facts),
    )


PARTS: Mapping[str, Mapping[str, str]] = {
    "unit": {"en": "single units", "zh": "个别单位"},
    "place": {"en": "single places", "zh": "个别地点"},
    "time": {"en": "times of day", "zh": "特定时段"},
    "address": {"en": "a few repeat addresses", "zh": "少数重复地址"},
    "recording": {"en": "the way of recording", "zh": "登记方式变化"},
    "calendar": {"en": "the number of days", "zh": "天数差异"},
    "all_kinds": {"en": "a change of all kinds of incidents", "zh": "各类警情普遍变化"},
    "own": {"en": "a change of this kind everywhere", "zh": "该类警情普遍变化"},
}
