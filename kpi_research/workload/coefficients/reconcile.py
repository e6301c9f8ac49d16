"""What a panel says work should take beside what it takes, and the record of every change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.suggest import did_you_mean

COLUMNS = (
    "level", "measured", "low", "high", "panel", "panel_low", "panel_high", "ratio", "verdict", "decided", "changed", "reason",
)  # fmt: skip


def reconcile(
    table: pd.DataFrame, expected: Any, *, changes: Mapping[str, tuple[float, str]] | None = None
) -> pd.DataFrame:
    """Set standard times of a panel beside the measured ones, and record each change that was decided.

    Measured time is what work takes, with slow habits and missing staff in it; the panel's time is what it should take.
    Neither replaces the other by itself: a time changes only where someone decided so and said why, as the committees
    of weighted caseload studies do.

    Parameters
    ----------
    table : pandas.DataFrame
        Table of `workload_coefficients`.
    expected : mapping, Series or frame
        Minutes per task; a frame has ``level`` and ``minutes``, and may have ``low`` and ``high`` (range of the panel).
    changes : mapping of str to (float, str), optional
        Decided minutes and the reason, per task.

    Returns
    -------
    pandas.DataFrame
        One row per task: ``level``; ``measured`` with ``low``, ``high`` (standard minutes and their interval); ``panel``
        with ``panel_low``, ``panel_high``; ``ratio`` (panel over measured); ``verdict`` (``agrees``: the panel, or its
        range, meets the interval; ``should_take_more``, ``should_take_less``; ``no_panel``, ``no_measurement``);
        ``decided`` (minutes to use), ``changed`` (whether they differ from the measured), ``reason``.

    Raises
    ------
    ValueError
        If a time is not above 0, a task is unknown, or a change has no reason.

    Examples
    --------
    >>> table = pd.DataFrame({"factor": "task", "level": ["call"], "standard_minutes": [40.0], "shrunk": [1.0],
    ...     "shrunk_low": [0.95], "shrunk_high": [1.05]})
    >>> found = reconcile(table, {"call": 60}, changes={"call": (50, "statements are now recorded on video")})
    >>> found[["measured", "panel", "verdict", "decided"]].values.tolist()
    [[40.0, 60.0, 'should_take_more', 50.0]]
    """
    tasks = table[table["factor"] == "task"]
    panel = _panel(expected)
    measured = pd.DataFrame({"level": tasks["level"], "measured": tasks["standard_minutes"]})
    scale = tasks["standard_minutes"] / tasks["shrunk"]
    measured["low"], measured["high"] = tasks["shrunk_low"] * scale, tasks["shrunk_high"] * scale
    frame = measured.merge(panel, on="level", how="outer", sort=True).reset_index(drop=True)
    frame["ratio"] = frame["panel"] / frame["measured"]
    frame["verdict"] = [_verdict(row) for row in frame.to_dict("records")]
    frame["decided"] = frame["measured"].where(frame["measured"].notna(), frame["panel"])
    frame["changed"], frame["reason"] = False, ""
    for level, (minutes, reason) in (changes or {}).items():
        _change(frame, str(level), float(minutes), reason)
    return frame[list(COLUMNS)]


def _panel(expected: Any) -> pd.DataFrame:
    if isinstance(expected, pd.DataFrame):
        if missing := {"level", "minutes"} - set(expected.columns):
            raise ValueError(f"expected lacks the column(s) {', '.join(sorted(missing))}")
        frame = pd.DataFrame({"level": expected["level"].astype("str"), "panel": expected["minutes"].astype("float64")})
        for end in ("low", "high"):
            frame[f"panel_{end}"] = expected[end].astype("float64") if end in expected else np.nan
    else:
        pairs = dict(expected.items())
        frame = pd.DataFrame(
            {"level": [str(name) for name in pairs], "panel": [float(value) for value in pairs.values()]}
        )
        frame["panel_low"], frame["panel_high"] = np.nan, np.nan
    wrong = frame.loc[~(frame["panel"] > 0) | np.isinf(frame["panel"])]
    if len(wrong):
        raise ValueError(
            f"expected minutes of '{wrong['level'].iloc[0]}' are {wrong['panel'].iloc[0]:g}; they must be above 0"
        )
    if frame["level"].duplicated().any():
        raise ValueError(f"expected names '{frame.loc[frame['level'].duplicated(), 'level'].iloc[0]}' twice")
    return frame


def _verdict(row: Mapping[Any, Any]) -> str:
    if pd.isna(row["panel"]):
        return "no_panel"
    if pd.isna(row["measured"]):
        return "no_measurement"
    low = row["panel"] if pd.isna(row["panel_low"]) else row["panel_low"]
    high = row["panel"] if pd.isna(row["panel_high"]) else row["panel_high"]
    if low > row["high"]:
        return "should_take_more"
    return "should_take_less" if high < row["low"] else "agrees"


def _change(frame: pd.DataFrame, level: str, minutes: float, reason: str) -> None:
    place = frame["level"] == level
    if not place.any():
        raise ValueError(f"changes name the task '{level}'.{did_you_mean(level, frame['level'])['en']}")
    if not (np.isfinite(minutes) and minutes > 0):
        raise ValueError(f"changes: {minutes:g} minutes for '{level}'; they must be above 0")
    if not str(reason).strip():
        raise ValueError(f"changes: the change of '{level}' has no reason; every change is put on record with one")
    frame.loc[place, "decided"], frame.loc[place, "reason"] = minutes, str(reason)
    frame.loc[place, "changed"] = frame.loc[place, "measured"] != minutes


def reconcile_times(table: pd.DataFrame, expected: Any) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    """Set the panel's times beside the measured ones without changing any, and say how many differ.

    Parameters
    ----------
    table : pandas.DataFrame
        Table of `workload_coefficients`.
    expected : mapping, Series or frame
        Minutes per task.

    Returns
    -------
    pandas.DataFrame, tuple of Finding
    """
    frame = reconcile(table, expected)
    more = frame.loc[frame["verdict"] == "should_take_more", "level"]
    less = frame.loc[frame["verdict"] == "should_take_less", "level"]
    if not len(more) + len(less):
        return frame, ()
    return frame, (
        finding(
            "workload-panel-differs", Where(column="task"), more=", ".join(more) or "–", less=", ".join(less) or "–"
        ),
    )
