"""Data faults of a unit × period frame in one table: impossible values and jumps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from kpi_research.validity.integrity.impossible import impossible_values
from kpi_research.validity.integrity.jumps import jumps

COLUMNS = ("kind", "column", "unit", "period_from", "period_to", "value", "reference", "ratio", "rows")


def find_faults(
    frame: pd.DataFrame,
    *,
    unit: str,
    period: str,
    columns: Sequence[str],
    measures: Mapping[str, str | tuple[float, float]] | None = None,
    factor: float = 3.0,
) -> pd.DataFrame:
    """List impossible values and jumps.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per unit and period.
    unit, period : str
        Names of the key columns.
    columns : sequence of str
        Columns to search for jumps.
    measures : mapping of str to (str or pair of float), optional
        Columns with a unit of measure or limits, see `impossible_values`.
    factor : float
        See `jumps`.

    Returns
    -------
    pandas.DataFrame
        ``kind`` (``impossible-value``, one row per value, or ``jump``, one row per run), ``column``, ``unit``,
        ``period_from``, ``period_to``, ``value``, ``reference`` (the limit that is broken, or the median of the unit's
        other periods), ``ratio`` (value / reference; NaN for a reference of 0), ``rows`` (periods concerned).

    Raises
    ------
    ValueError
        As `impossible_values` and `jumps`.
    """
    impossible = _as_faults(impossible_values(frame, measures or {}, unit=unit, period=period))
    runs = jumps(frame, unit=unit, period=period, columns=columns, factor=factor).assign(kind="jump")
    parts = [part[list(COLUMNS)] for part in (impossible, runs) if not part.empty]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(COLUMNS))


def _as_faults(values: pd.DataFrame) -> pd.DataFrame:
    number = values["value"].astype(float)
    too_low, too_high = number < values["low"], number > values["high"]
    nearest_whole = number.where(np.isfinite(number), np.nan).round()
    reference = nearest_whole.mask(too_low, values["low"].astype(float)).mask(too_high, values["high"].astype(float))
    ratio = number / reference.where(reference != 0)
    renamed = values.rename(columns={"period": "period_from"})
    return renamed.assign(kind="impossible-value", period_to=values["period"], reference=reference, ratio=ratio, rows=1)
