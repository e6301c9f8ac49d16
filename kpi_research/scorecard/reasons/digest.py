"""The monthly digest: what happened, what is beyond chance, with nothing in it that points to a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpi_research.numerics.control_limits import chart
from kpi_research.scorecard.reasons.change_counts import KindCounts, count_kind
from kpi_research.scorecard.reasons.frames import check_whole, labels
from kpi_research.scorecard.reasons.hidden_cells import hide_small_cells
from kpi_research.scorecard.reasons.words import JOINTS, Names, kinds_text
from kpi_research.study.findings import Finding, Language, finding
from kpi_research.study.frame_checks import require_columns
from kpi_research.study.results import Result

Array = NDArray[np.float64]
LEAST = 5
"""Smallest count that is shown."""
TOTAL = "total"
ALL: Mapping[Language, str] = {"en": "all kinds", "zh": "全部"}
LANGUAGES: tuple[Language, ...] = ("en", "zh")


@dataclass(frozen=True)
class Digest(Result):
    """A digest of one period that may be published.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per kind of incident and one for all, ``total``: ``kind``, ``label_en``, ``label_zh``, ``now`` (cases), ``before`` (mean per period,
        at the days of this one), ``change`` (percent), ``verdict`` (``rise``, ``fall``, ``usual``, ``hidden``). Counts below
        the least are missing, and so is what follows from them; so are ``before`` and ``change`` where the count of any
        period they rest on had to be hidden, lest it follow from digests of several periods.
    findings : tuple of Finding
        What the user must know.
    units : pandas.DataFrame
        One row per unit and kind, totals included: ``unit``, ``kind``, ``cases`` (missing where hidden).
    period : str
        The period.
    """

    units: pd.DataFrame
    period: str


def digest(
    cases: pd.DataFrame,
    *,
    type: str,
    period: str,
    unit: str,
    now: str | None = None,
    before: int = 12,
    least: int = LEAST,
    exposure: Mapping[str, float] | None = None,
    names: Names | None = None,
    run_length: float = 60.0,
) -> Digest:
    """Make the digest of a period.

    Parameters
    ----------
    cases : pandas.DataFrame
        One row per incident, of all kinds and periods.
    type, period, unit : str
        Columns.
    now : str, optional
        The period; the last one if not given.
    before : int
        Most periods it is held against, at least 3.
    least : int
        Smallest count that is shown, at least 5.
    exposure : mapping of str to float, optional
        Days of each period; months are known from the calendar.
    names : mapping of str to mapping, optional
        What kinds are called, by language: ``{"theft": {"en": "theft", "zh": "盗窃"}}``.
    run_length : float
        Periods between two false alarms of the whole digest, on average, at least 10; each kind gets its share.

    Returns
    -------
    Digest
        Counts by unit and kind with hidden cells, and what changed beyond chance. Places, persons and cases never
        appear in it.

    Raises
    ------
    TypeError
        If ``cases`` is not a frame.
    ValueError
        If a column does not exist, labels are missing, ``least`` is below 5, or fewer than three periods lie before.

    Examples
    --------
    >>> months = [f"2024-{k:02d}" for k in range(1, 7)]
    >>> rows = [(m, t, u) for m in months for t, n in (("theft", 30), ("robbery", 2)) for u in "AB" for _ in range(n)]
    >>> found = digest(pd.DataFrame(rows, columns=["month", "type", "unit"]), type="type", period="month", unit="unit")
    >>> found.table[["kind", "verdict"]].to_numpy().tolist()
    [['robbery', 'hidden'], ['theft', 'hidden'], ['total', 'usual']]
    """
    require_columns(cases, "cases", {"type": type, "period": period, "unit": unit})
    check_whole("least", least, LEAST)
    check_whole("before", before, 3)
    if not run_length >= 10:
        raise ValueError(f"run_length is {run_length}; allowed: 10 or more periods")
    kinds = sorted(labels(cases, type, "type").unique())
    everything = count_kind(cases, type, period, kinds, now, before, exposure)
    last = everything.periods[-1]
    counted = {name: count_kind(cases, type, period, [name], last, before, exposure) for name in kinds}
    compared = everything.periods[-1 - everything.before :]
    frame = pd.DataFrame({name: labels(cases, given, name) for name, given in (("unit", unit), ("kind", type))})
    cubes = _cubes(frame.assign(period=cases[period].astype("str")), kinds, compared)
    secrets = {name: hide_small_cells(cube.to_numpy(dtype=float), least) for name, cube in cubes.items()}
    hidden = secrets[last]
    shown = cubes[last].astype("Int64").mask(hidden)
    past = np.any([secrets[name][-1] for name in compared[:-1]], axis=0)
    table = _table({**counted, TOTAL: everything}, hidden[-1], past, run_length * (len(kinds) + 1))
    called = {TOTAL: ALL, **(names or {})}
    for place, lang in enumerate(LANGUAGES, 1):
        label = [kinds_text([kind], called)[lang] for kind in table["kind"]]
        table.insert(place, f"label_{lang}", pd.Series(label, dtype="str"))
    long = shown.rename_axis("unit").reset_index().melt("unit", var_name="kind", value_name="cases")
    long = long.astype({"kind": "str"}).sort_values(["unit", "kind"], ignore_index=True)
    return Digest(table, _remarks(table, hidden, least, last), long, last)


def _cubes(frame: pd.DataFrame, kinds: list[str], periods: list[str]) -> dict[str, pd.DataFrame]:
    """Return for each period the counts by unit and kind with their totals."""
    count = frame.groupby(["period", "unit", "kind"], as_index=False).size()
    units = sorted(frame["unit"].unique())
    cubes = {}
    for name in periods:
        here = count[count["period"] == name]
        table = here.pivot_table("size", "unit", "kind", aggfunc="sum", fill_value=0)
        table = table.reindex(index=units, columns=kinds, fill_value=0).astype("int64")
        table[TOTAL] = table.sum(axis=1)
        table.loc[TOTAL] = table.sum(axis=0)
        cubes[name] = table
    return cubes


def _table(
    counted: Mapping[str, KindCounts], hidden: NDArray[np.bool_], past: NDArray[np.bool_], run_length: float
) -> pd.DataFrame:
    rows: list[tuple[str, int | None, float, float, str]] = []
    for (name, counts), secret, secret_before in zip(counted.items(), hidden, past, strict=True):
        if secret:
            rows.append((name, None, np.nan, np.nan, "hidden"))
            continue
        now = float(counts.count[-1])
        mean = float(counts.count[-1 - counts.before : -1].mean()) * counts.day_ratio
        told = (np.nan, np.nan) if secret_before else (mean, 100 * (now / mean - 1))
        rows.append((name, int(now), *told, _verdict(counts, run_length)))
    table = pd.DataFrame(rows, columns=["kind", "now", "before", "change", "verdict"])
    return table.astype({"kind": "str", "now": "Int64", "before": float, "change": float, "verdict": "str"})


def _verdict(counts: KindCounts, run_length: float) -> str:
    first = len(counts.periods) - 1 - counts.before
    count, days = counts.count[first:], counts.days[first:]
    found = chart(count, days, counts.before, share=False, run_length=run_length)
    rate = count[-1] / days[-1]
    if rate > found.high[-1] or found.smooth[-1] > found.smooth_limit[-1]:
        return "rise"
    if rate < found.low[-1] or found.smooth[-1] < -found.smooth_limit[-1]:
        return "fall"
    return "usual"


def _remarks(table: pd.DataFrame, hidden: NDArray[np.bool_], least: int, period: str) -> tuple[Finding, ...]:
    found = [finding("digest-cells-hidden", count=int(hidden.sum()), least=least)] if hidden.any() else []
    changed = table[table["verdict"].isin(["rise", "fall"])]
    listed = {lang: JOINTS[lang].join(changed[f"label_{lang}"]) or "–" for lang in LANGUAGES}
    return (*found, finding("digest-changes", period=period, count=len(changed), kinds=listed))
