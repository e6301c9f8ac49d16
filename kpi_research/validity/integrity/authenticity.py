"""The gate of authenticity: which columns of a frame have records that hold, before anything is read from them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kpi_research.numerics.false_discovery import q_values
from kpi_research.study.results import Result
from kpi_research.validity.frames import check_columns, check_unit_period
from kpi_research.validity.integrity.frozen import frozen
from kpi_research.validity.integrity.last_digit import last_digit
from kpi_research.validity.integrity.repeated import repeated_values
from kpi_research.validity.integrity.slips import LEAST_PERIODS, tenfold_slips

SLIP_SHARE = 0.02
FROZEN_SHARE = 0.2
DRAWS = 499
MEDIAN_MOVE = 0.954
"""Median distance of two independent normal numbers with standard deviation 1: .6745 times the root of 2."""
COLUMNS = ("column", "check", "n", "flagged", "share", "units", "p", "q", "grade")
UNIT_COLUMNS = ("column", "check", "unit", "period_from", "period_to", "n", "statistic", "p", "q")


@dataclass(frozen=True)
class Authenticity(Result):
    """What the checks of records found.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per column and check (``last-digit``, ``repeated-values``, ``tenfold-slips``, ``frozen``): ``column``,
        ``check``; ``n`` (values looked at); ``flagged`` (values, for ``frozen`` and ``last-digit`` units), ``share`` of
        them; ``units`` concerned; ``p``, ``q`` (for the first two checks, over columns and both); ``grade``: ``pass``, ``care`` (single values or
        units), ``fail`` (the column as a whole), ``unknown`` (cannot be checked).
    units : pandas.DataFrame
        What stands out: ``column``, ``check``, ``unit``, ``period_from``, ``period_to``, ``n``, ``statistic``, ``p``,
        ``q``.
    """

    units: pd.DataFrame

    @property
    def failed(self) -> tuple[str, ...]:
        """Columns whose records must be repaired before anything is read from them."""
        return tuple(dict.fromkeys(self.table.loc[self.table["grade"] == "fail", "column"]))


def authenticity(
    frame: pd.DataFrame,
    *,
    unit: str,
    period: str,
    columns: Sequence[str],
    decimals: Mapping[str, int] | int = 0,
    false_discovery: float = 0.05,
) -> Authenticity:
    """Check the records behind the columns of a unit × period frame; do this before reliability.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per unit and period.
    unit, period : str
        Names of the key columns.
    columns : sequence of str
        Columns to check.
    decimals : int or mapping of str to int
        Place of the last recorded digit, for all columns or by column.
    false_discovery : float
        Expected share of wrong flags among flags, within each column and check.

    Returns
    -------
    Authenticity

    Raises
    ------
    ValueError
        If a column is missing or not numeric, or a unit-period pair stands twice.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> frame = pd.DataFrame({"unit": np.repeat(np.arange(20), 12), "month": np.tile(np.arange(12), 20)})
    >>> frame["calls"] = rng.poisson(300, 240)
    >>> authenticity(frame, unit="unit", period="month", columns=["calls"]).failed
    ()
    """
    check_columns(frame, {"unit": unit, "period": period, "columns": list(columns)})
    check_unit_period(frame, unit, period)
    places = decimals if isinstance(decimals, Mapping) else dict.fromkeys(columns, decimals)
    rows, units = [], []
    for column in columns:
        seen = frame.dropna(subset=[column]).sort_values([unit, period], kind="stable")
        for row, stands_out in _checks(seen, unit, period, column, places.get(column, 0), false_discovery):
            rows.append(row)
            units.append(stands_out)
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    table["q"] = q_values(table["p"].to_numpy(float))
    failing = table["check"].isin(["last-digit", "repeated-values"]) & (table["q"] <= false_discovery)
    table["grade"] = table["grade"].mask(failing, "fail")
    kept = [part for part in units if not part.empty]
    found = pd.concat(kept, ignore_index=True) if kept else pd.DataFrame(columns=list(UNIT_COLUMNS))
    return Authenticity(table, (), found)


def _checks(
    seen: pd.DataFrame, unit: str, period: str, column: str, decimals: int, false_discovery: float
) -> Iterator[tuple[dict[str, object], pd.DataFrame]]:
    yield _digits(seen, unit, column, decimals, false_discovery)
    yield _repeats(seen, unit, column, decimals), pd.DataFrame()
    yield _slips(seen, unit, period, column, false_discovery)
    yield _frozen(seen, unit, period, column, false_discovery)


def _row(column: str, check: str, n: int, flagged: int, of: int, units: int, p: float, grade: str) -> dict[str, object]:
    share = flagged / of if of else float("nan")
    return {"column": column, "check": check, "n": n, "flagged": flagged, "share": share} | {
        "units": units,
        "p": p,
        "q": np.nan,
        "grade": grade,
    }


def _digits(
    seen: pd.DataFrame, unit: str, column: str, decimals: int, false_discovery: float
) -> tuple[dict[str, object], pd.DataFrame]:
    found = last_digit(seen, value=column, unit=unit, decimals=decimals, false_discovery=false_discovery)
    flagged = found.table[found.table["flagged"]]
    judged = int(found.table["p"].notna().sum())
    grade = "unknown" if np.isnan(found.p) else "care" if len(flagged) else "pass"
    units = pd.DataFrame(flagged[["unit", "n", "statistic", "p", "q"]]).assign(column=column, check="last-digit")
    return (
        _row(column, "last-digit", found.n, len(flagged), judged, len(flagged), found.p, grade),
        units.reindex(columns=list(UNIT_COLUMNS)),
    )


def _repeats(seen: pd.DataFrame, unit: str, column: str, decimals: int) -> dict[str, object]:
    n, p = len(seen), float("nan")
    if n and _units_are_wide(seen, unit, column, decimals):
        p = repeated_values(seen, value=column, decimals=decimals, draws=DRAWS).p
    return _row(column, "repeated-values", n, 0, 0, 0, p, "unknown" if np.isnan(p) else "pass")


def _units_are_wide(seen: pd.DataFrame, unit: str, column: str, decimals: int) -> bool:
    """Tell whether units' own numbers spread so much that being of one unit makes hardly any of them alike.

    As in `kpi_research.numerics.digits.digits_are_free`, with pairs of equal numbers within units, ``m²/(4 sqrt(pi) s)``
    each, against the standard error of all pairs.
    """
    steps = seen[column].astype(float) * 10.0**decimals
    moves = steps.groupby(seen[unit]).diff().abs()
    spread = float(moves.median()) / MEDIAN_MOVE if moves.notna().any() else 0.0
    periods = float(seen[unit].value_counts().mean())
    overall = float(steps.std(ddof=0))
    return overall > 0 and periods <= 0.08 * spread**3 / overall**0.5


def _too_short(seen: pd.DataFrame, unit: str) -> bool:
    return seen.empty or int(seen[unit].value_counts().max()) < LEAST_PERIODS


def _slips(
    seen: pd.DataFrame, unit: str, period: str, column: str, false_discovery: float
) -> tuple[dict[str, object], pd.DataFrame]:
    found = (
        tenfold_slips(seen, unit=unit, period=period, value=column, false_discovery=false_discovery)
        if not seen.empty
        else pd.DataFrame(columns=["unit", "period", "value"])
    )
    share = len(found) / len(seen) if len(seen) else 0.0
    grade = "unknown" if _too_short(seen, unit) else "fail" if share > SLIP_SHARE else "care" if len(found) else "pass"
    units = found.assign(check="tenfold-slips", period_from=found["period"], period_to=found["period"], n=1)
    units = units.assign(statistic=found["value"])
    row = _row(column, "tenfold-slips", len(seen), len(found), len(seen), found["unit"].nunique(), np.nan, grade)
    return row, units.reindex(columns=list(UNIT_COLUMNS))


def _frozen(
    seen: pd.DataFrame, unit: str, period: str, column: str, false_discovery: float
) -> tuple[dict[str, object], pd.DataFrame]:
    found = (
        frozen(seen, unit=unit, period=period, value=column, false_discovery=false_discovery)
        if not seen.empty
        else pd.DataFrame(columns=["unit", "rows"])
    )
    units = seen[unit].nunique()
    share = len(found) / units if units else 0.0
    grade = (
        "unknown" if _too_short(seen, unit) else "fail" if share > FROZEN_SHARE else "care" if len(found) else "pass"
    )
    listed = found.assign(check="frozen", n=found["rows"], statistic=found.get("value", np.nan))
    row = _row(column, "frozen", len(seen), len(found), units, len(found), np.nan, grade)
    return row, listed.reindex(columns=list(UNIT_COLUMNS))
