"""The mix of crime: which kinds of case grow and which shrink as a share of all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from kpi_research.numerics.false_discovery import q_values
from kpi_research.study.findings import Finding, Language, Where, finding
from kpi_research.study.results import Result
from kpi_research.study.suggest import did_you_mean
from kpi_research.validity.frames import check_columns, numbers
from kpi_research.validity.use.periods import phases
from kpi_research.validity.use.share_trend import NOTHING, share_trend

COLUMNS = ("type", "cases", "share", "first", "last", "change", "low", "high", "p", "q", "trend")


@dataclass(frozen=True)
class CrimeMix(Result):
    """Trends of the shares of types in all cases.

    ``table`` has one row per type, or per group of types, most frequent first: ``type``; ``cases``; ``share`` of all
    cases; ``first`` and ``last`` (fitted share in the first and last period, seasons taken out); ``change`` (relative,
    from the first to the last period; -0.2 is a fifth less) with ``low`` and ``high``; ``p``; ``q`` (adjusted for false
    discovery over the rows); ``trend`` (``grows``, ``shrinks``, ``steady``, or ``unknown`` with too few cases or periods).

    Attributes
    ----------
    shares : pandas.DataFrame
        One row per period, one column per type: share of the period's cases.
    """

    shares: pd.DataFrame

    def plot(self, lang: Language = "en") -> Figure:
        """Draw the shares of the most frequent types over the periods.

        Parameters
        ----------
        lang : {"en", "zh"}
            Language of the labels.

        Returns
        -------
        matplotlib.figure.Figure
        """
        from kpi_research.validity.use.draw import draw_mix

        return draw_mix(self, lang)


def crime_mix(
    cases: pd.DataFrame,
    *,
    type: str,
    period: str,
    count: str | None = None,
    groups: Mapping[str, Sequence[str]] | None = None,
    false_discovery: float = 0.05,
    level: float = 0.95,
) -> CrimeMix:
    """Return how the share of each type in all cases changes over the periods.

    Parameters
    ----------
    cases : pandas.DataFrame
        One row per case, or per type and period where ``count`` is given; rows without type or period are left out.
    type, period : str
        Columns of the type and of the period; periods sort in the order of time.
    count : str, optional
        Column with the number of cases of a row, not negative.
    groups : mapping of str to sequence of str, optional
        Names of groups and the types in each; the table then has a row per group instead of one per type.
    false_discovery : float
        Expected share of wrong trends among those that are told, above 0 and below 1.
    level : float
        Coverage of the intervals, above 0 and below 1.

    Returns
    -------
    CrimeMix

    Raises
    ------
    TypeError, ValueError
        If a column is missing, counts are not numbers from 0, a group names an unknown type, or there is no case.

    Notes
    -----
    See `kpi_research.validity.use.share_trend.share_trend` for the model, Benjamini & Hochberg (1995,
    doi:10.1111/j.2517-6161.1995.tb02031.x) for ``q``. A yearly wave is taken out where periods are months or quarters
    and there is a year and a half of them.

    Examples
    --------
    >>> months = [f"2026-{month:02d}" for month in range(1, 9)]
    >>> cases = pd.DataFrame({"type": ["theft"] * 8 + ["fraud"] * 8, "month": months * 2})
    >>> cases["n"] = [80, 76, 72, 70, 66, 61, 59, 55, 20, 24, 28, 30, 34, 39, 41, 45]
    >>> crime_mix(cases, type="type", period="month", count="n").table[["type", "trend"]].to_numpy().tolist()
    [['theft', 'shrinks'], ['fraud', 'grows']]
    """
    check_columns(cases, {"type": type, "period": period, **({"count": count} if count is not None else {})})
    for argument, value in (("false_discovery", false_discovery), ("level", level)):
        if not 0.0 < float(value) < 1.0:
            raise ValueError(f"{argument} is {value}; it must lie above 0 and below 1")
    counts = _counts(cases, type, period, count)
    sets = {name: [name] for name in counts.columns} if groups is None else _groups(groups, list(counts.columns))
    table = mix_table(counts, sets, level)
    table["trend"] = _trend(table, false_discovery)
    total = counts.sum(axis=1)
    findings = _findings(table, counts)
    return CrimeMix(table, findings, counts.div(total.where(total > 0), axis=0))


def mix_table(counts: pd.DataFrame, sets: Mapping[str, Sequence[str]], level: float) -> pd.DataFrame:
    """Return the trend of the joint share of each set of types.

    Parameters
    ----------
    counts : pandas.DataFrame
        Cases: one row per period in the order of time, one column per type.
    sets : mapping of str to sequence of str
        Columns that belong to each set.
    level : float
        Coverage of the intervals.

    Returns
    -------
    pandas.DataFrame
        Columns of `CrimeMix` without ``trend``; ``type`` is the name of the set.
    """
    total, phase = counts.to_numpy(float).sum(axis=1), phases(list(counts.index))
    rows = []
    for name, types in sets.items():
        mine = counts[list(types)].to_numpy(float).sum(axis=1)
        found = share_trend(mine, total, phase, level) if total.sum() > 0 else NOTHING
        share = float(mine.sum() / total.sum()) if total.sum() > 0 else np.nan
        values = (found.first, found.last, found.change, found.low, found.high, found.p)
        rows.append((name, float(mine.sum()), share, *values, np.nan))
    table = pd.DataFrame(rows, columns=list(COLUMNS[:-1]))
    table = table.astype(dict.fromkeys(COLUMNS[1:-1], "float64") | {"type": "str"})
    table["q"] = q_values(table["p"])
    return table.sort_values("cases", ascending=False, kind="stable", ignore_index=True)


def _counts(cases: pd.DataFrame, kind: str, period: str, count: str | None) -> pd.DataFrame:
    known = cases[cases[kind].notna() & cases[period].notna()]
    if known.empty:
        raise ValueError("cases has no row with a type and a period")
    one = numbers(known, count) if count is not None else pd.Series(1.0, index=known.index)
    if one.isna().any() or not np.isfinite(one).all() or (one < 0).any():
        raise ValueError(f"column '{count}' must hold numbers of cases from 0, none of them missing")
    kinds = known[kind].astype("str")
    if not one.sum() > 0:
        raise ValueError("cases has no case: all counts are 0")
    rows = pd.DataFrame({"period": known[period], "type": kinds, "n": one})
    return rows.pivot_table(index="period", columns="type", values="n", aggfunc="sum", observed=True).fillna(0.0)


def _groups(groups: Mapping[str, Sequence[str]], known: list[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, types in groups.items():
        found[str(name)] = list(dict.fromkeys([types] if isinstance(types, str) else map(str, types)))
        for one in found[str(name)]:
            if one not in known:
                raise ValueError(
                    f"groups: '{name}' has the type '{one}', which no case has.{did_you_mean(one, known)['en']}"
                )
    return found


def _trend(table: pd.DataFrame, limit: float) -> pd.Series:
    told = np.where(table["change"] > 0, "grows", "shrinks")
    steady = np.where(table["q"] <= limit, told, "steady")
    return pd.Series(np.where(table["q"].isna(), "unknown", steady), index=table.index, dtype="str")


def _findings(table: pd.DataFrame, counts: pd.DataFrame) -> tuple[Finding, ...]:
    few = table.loc[table["trend"] == "unknown", "type"]
    if few.empty:
        return ()
    return (finding("mix-too-few-cases", Where(), types=", ".join(few), periods=len(counts)),)
