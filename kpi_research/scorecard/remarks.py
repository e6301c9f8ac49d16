"""What the user must know about scores and ranks."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from kpi_research.study.findings import Finding, Where, finding

ENOUGH_PERIODS = 5
"""Fewest periods from which standard errors of scores are taken without a caution."""

SHOWN = 10
"""Most names that a finding lists."""


def missing_values(levels: pd.DataFrame, rule: str, group: str) -> list[Finding]:
    """Return a finding for each indicator that some units lack in all periods.

    Parameters
    ----------
    levels : pandas.DataFrame
        Unit × indicator that carries weight; NaN = missing.
    rule : {"reweight", "exclude"}
        What becomes of such units.
    group : str
        Name of the group, empty where there is only one.

    Returns
    -------
    list of Finding
    """
    code = "indicator-missing-reweighted" if rule == "reweight" else "indicator-missing-excluded"
    found = []
    for name in levels.columns:
        units = levels.index[levels[name].isna()]
        if len(units):
            one = str(units[0]) if len(units) == 1 else None
            facts = {"indicator": name, "units": _names(units), "count": len(units), "group": _in_group(group)}
            found.append(finding(code, Where(column=str(name), unit=one), **facts))
    return found


def veto_remarks(flags: pd.DataFrame, indicators: pd.DataFrame, group: str) -> list[Finding]:
    """Return findings on veto indicators: raised, or without a target.

    Parameters
    ----------
    flags : pandas.DataFrame
        Unit × veto indicator: whether the target is missed.
    indicators : pandas.DataFrame
        Catalogue with ``id`` and ``role``.
    group : str
        Name of the group, empty where there is only one.

    Returns
    -------
    list of Finding
    """
    found = []
    for name in indicators.loc[indicators["role"] == "veto", "id"]:
        if name not in flags:
            found.append(finding("veto-without-target", Where("indicators", column="target"), indicator=name))
        elif flags[name].any():
            units = flags.index[flags[name]]
            facts = {"indicator": name, "units": _names(units), "count": len(units), "group": _in_group(group)}
            found.append(finding("veto-raised", Where(column=str(name)), **facts))
    return found


def rank_remarks(table: pd.DataFrame, periods: int, unresolved: float, level: float, group: str) -> list[Finding]:
    """Return findings on what the ranks can carry.

    Parameters
    ----------
    table : pandas.DataFrame
        ``unit``, ``score``, ``rank``, ``low`` of one group.
    periods : int
        Number of periods.
    unresolved : float
        Share of pairs that cannot be told apart; NaN where nothing could be compared.
    level : float
        Confidence level.
    group : str
        Name of the group, empty where there is only one.

    Returns
    -------
    list of Finding
    """
    found = []
    where = _in_group(group)
    unscored = table.loc[table["score"].isna(), "unit"]
    if len(unscored):
        found.append(finding("unit-without-score", units=_names(unscored), count=len(unscored), group=where))
    ranked = int(table["rank"].notna().sum())
    if ranked == 1:
        found.append(finding("group-of-one", unit=table.loc[table["rank"].notna(), "unit"].iloc[0], group=where))
    elif ranked and table["low"].isna().all():
        found.append(finding("no-rank-interval", periods=periods, group=where))
    elif ranked and periods < ENOUGH_PERIODS:
        found.append(finding("few-periods-for-ranks", periods=periods, enough=ENOUGH_PERIODS, group=where))
    if not np.isnan(unresolved):
        pairs = ranked * (ranked - 1) // 2
        shares = {"share": f"{100 * unresolved:.1f}", "pairs": pairs, "level": f"{100 * level:.3g}"}
        found.append(finding("cannot-be-told-apart", units=ranked, group=where, **shares))
    return found


def _in_group(group: str) -> dict[str, str]:
    return {"en": f" in group '{group}'", "zh": f"（“{group}”组）"} if group else {"en": "", "zh": ""}


def _names(units: Iterable[object]) -> dict[str, str]:
    names = [str(unit) for unit in units]
    more = len(names) - SHOWN
    rest = (f" and {more} more", f"等{len(names)}个") if more > 0 else ("", "")
    return {"en": ", ".join(names[:SHOWN]) + rest[0], "zh": "、".join(names[:SHOWN]) + rest[1]}
