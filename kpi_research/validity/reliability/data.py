"""The two kinds of input of reliability: repeated values per unit, or successes among cases per unit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpi_research.validity.frames import check_columns, check_unit_period, numbers

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Values:
    """Repeated values per unit, sorted by unit.

    Attributes
    ----------
    labels : numpy.ndarray
        Unit labels, sorted.
    n : numpy.ndarray
        Number of values per unit.
    unit : numpy.ndarray
        Unit of each value, numbered in the order of ``labels``.
    value : numpy.ndarray
        The values.
    """

    labels: NDArray[np.object_]
    n: Array
    unit: NDArray[np.intp]
    value: Array


@dataclass(frozen=True, slots=True)
class Counts:
    """Successes among cases per unit.

    Attributes
    ----------
    labels : numpy.ndarray
        Unit labels, sorted.
    n : numpy.ndarray
        Number of cases per unit, at least 1.
    successes : numpy.ndarray
        Number of successes per unit, 0 to ``n``.
    """

    labels: NDArray[np.object_]
    n: Array
    successes: Array


def read_values(frame: pd.DataFrame, unit: str, period: str | None, value: str) -> tuple[Values, int]:
    """Return the values of each unit and how many rows without a value were left out.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per value.
    unit, period, value : str
        Names of columns; ``period`` may be None.

    Returns
    -------
    Values, int

    Raises
    ------
    ValueError
        If a column is unknown or not numeric, a unit-period pair stands twice, a value is infinite, there are fewer
        than two units, no unit has two values, or all values are equal.
    """
    _check_keys(frame, unit, period, {"value": value})
    data = numbers(frame, value)
    if np.isinf(data).any():
        raise ValueError(f"column '{value}' holds {int(np.isinf(data).sum())} infinite values")
    kept = data.notna()
    codes, labels = pd.factorize(frame.loc[kept, unit], sort=True)
    order = np.lexsort((data[kept].to_numpy(), codes))
    sorted_values: Array = np.asarray(data[kept], dtype=float)[order]
    read = Values(np.asarray(labels, dtype=object), np.bincount(codes).astype(float), codes[order], sorted_values)
    _check_units(read.labels, unit)
    if np.ptp(read.value) == 0:
        raise ValueError(
            f"column '{value}' has the same value, {read.value[0]:g}, in every row: there is nothing to compare"
        )
    if read.n.max() < 2:
        raise ValueError(f"no {unit} has two values of '{value}'; reliability needs repeated values")
    return read, int((~kept).sum())


def read_counts(
    frame: pd.DataFrame, unit: str, period: str | None, numerator: str, denominator: str
) -> tuple[Counts, int]:
    """Return successes and cases of each unit and how many rows without cases were left out.

    Parameters
    ----------
    frame : pandas.DataFrame
        One or more rows per unit; rows of a unit are added up.
    unit, period, numerator, denominator : str
        Names of columns; ``period`` may be None.

    Returns
    -------
    Counts, int

    Raises
    ------
    ValueError
        If a column is unknown or not numeric, a unit-period pair stands twice, a count is negative, infinite or not
        whole, a numerator exceeds its denominator, there are fewer than two units, or no success or no failure at all.
    """
    _check_keys(frame, unit, period, {"numerator": numerator, "denominator": denominator})
    frame = frame.reset_index(drop=True)
    pair = pd.DataFrame({"x": numbers(frame, numerator), "n": numbers(frame, denominator)})
    kept = pair.notna().all(axis=1) & (pair["n"] != 0)
    _check_counts(pair[kept], numerator, denominator)
    totals = pair[kept].groupby(frame.loc[kept, unit], sort=True, observed=True).sum()
    read = Counts(totals.index.to_numpy(dtype=object), totals["n"].to_numpy(), totals["x"].to_numpy())
    _check_units(read.labels, unit)
    if read.successes.sum() in (0.0, read.n.sum()):
        share = "no case" if read.successes.sum() == 0 else "every case"
        raise ValueError(f"'{numerator}' counts {share} of '{denominator}': there is nothing to compare")
    return read, int((~kept).sum())


def _check_keys(frame: pd.DataFrame, unit: str, period: str | None, columns: dict[str, str]) -> None:
    keys = {"unit": unit} if period is None else {"unit": unit, "period": period}
    check_columns(frame, {**keys, **columns})
    if period is not None:
        check_unit_period(frame, unit, period)
    elif frame[unit].isna().any():
        raise ValueError(f"column '{unit}': {int(frame[unit].isna().sum())} rows have no value; every row needs one")


def _check_units(labels: NDArray[np.object_], unit: str) -> None:
    if len(labels) < 2:
        raise ValueError(f"found {len(labels)} {unit} with data; reliability compares at least two")


def _check_counts(pair: pd.DataFrame, numerator: str, denominator: str) -> None:
    for name, column in ((numerator, pair["x"]), (denominator, pair["n"])):
        bad = (column < 0) | np.isinf(column) | (column != column.round())
        if bad.any():
            raise ValueError(
                f"column '{name}' has {int(bad.sum())} values that are no counts, first {column[bad].iloc[0]:g}"
            )
    above = pair["x"] > pair["n"]
    if above.any():
        first = pair[above].iloc[0]
        raise ValueError(
            f"'{numerator}' exceeds '{denominator}' in {int(above.sum())} rows, first {first['x']:g} of {first['n']:g}"
        )
