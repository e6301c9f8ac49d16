"""Rounding of typed numbers such as minutes: heaping indices and a test per unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kpi_research.numerics.false_discovery import q_values
from kpi_research.numerics.heaping import SPREAD_PER_BASE, bachi, myers, rounding_excess, whipple
from kpi_research.study.results import Result
from kpi_research.validity.frames import check_columns, numbers

COLUMNS = ("unit", "base", "n", "multiples", "rounded", "p", "q", "flagged")


@dataclass(frozen=True)
class Rounding(Result):
    """Rounded numbers per unit.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per unit and base: ``unit``, ``base``, ``n``; ``multiples`` (share of numbers that are multiples);
        ``rounded`` (share of numbers that must have been rounded); ``p`` (one-sided), ``q`` (false discovery rate over
        all rows), ``flagged``; NaN where numbers spread too little.
    whipple, myers, bachi : float
        Indices over all numbers, NaN where they do not reach over the range of the index.
    """

    whipple: float
    myers: float
    bachi: float


def rounding(
    frame: pd.DataFrame,
    *,
    value: str,
    unit: str | None = None,
    bases: Sequence[int] = (10,),
    false_discovery: float = 0.05,
) -> Rounding:
    """Test whether numbers are rounded.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per record.
    value : str
        Name of the column with whole numbers, e.g. minutes.
    unit : str, optional
        Name of the column with the unit or person that recorded them; rows without one are left out.
    bases : sequence of int
        Bases of rounding, each at least 2.
    false_discovery : float
        Expected share of wrong flags among flags.

    Returns
    -------
    Rounding

    Raises
    ------
    ValueError
        If a column is missing or not numeric, a number is not whole, or a base is below 2.

    Notes
    -----
    Whipple's index over 23 to 62, Myers' over 20 to 69, Bachi's in ranges of fifty from 23, as for ages. The test is
    the binomial one for an excess of multiples; zero is left out, because it is no rounded number of minutes.

    Examples
    --------
    >>> frame = pd.DataFrame({"minutes": np.concatenate([np.arange(20, 220), np.full(50, 60)])})
    >>> bool(rounding(frame, value="minutes").table["flagged"].iloc[0])
    True
    """
    check_columns(frame, {"value": value, **({"unit": unit} if unit else {})})
    if bad := [base for base in bases if base < 2]:
        raise ValueError(f"bases has {bad[0]}; each must be at least 2")
    values = numbers(frame, value)
    values = values[np.isfinite(values) & (values > 0) & (frame[unit].notna() if unit else True)]
    if (values != values.round()).any():
        raise ValueError(
            f"column '{value}' has numbers that are not whole, such as {values[values != values.round()].iloc[0]:g}"
        )
    labels = frame.loc[values.index, unit].astype("str") if unit else pd.Series("all", index=values.index)
    codes, units = pd.factorize(labels, sort=True)
    n = np.bincount(codes, minlength=len(units)).astype(float)
    counted = pd.concat([_base(values.to_numpy(), codes, n, units, base) for base in bases], ignore_index=True)
    table = judge_rounding(counted, false_discovery)
    counts = np.bincount(values.astype(int).clip(upper=10_000)).astype(float) if len(values) else np.zeros(1)
    return Rounding(table, (), *_indices(counts))


def judge_rounding(counts: pd.DataFrame, false_discovery: float) -> pd.DataFrame:
    """Return the tests for counts of multiples.

    Parameters
    ----------
    counts : pandas.DataFrame
        One row per unit and base: ``unit``, ``base``, ``n``, ``multiples`` (how many), ``spread`` (standard deviation of
        the numbers).
    false_discovery : float
        Expected share of wrong flags among flags.

    Returns
    -------
    pandas.DataFrame
        See `Rounding.table`.
    """
    n, base = counts["n"].to_numpy(float), counts["base"].to_numpy(int)
    rounded, p = rounding_excess(counts["multiples"].to_numpy(float), n, base)
    known = (counts["spread"].to_numpy(float) >= SPREAD_PER_BASE * base) & (n >= base)
    table = counts.assign(
        multiples=counts["multiples"] / np.maximum(n, 1),
        rounded=np.where(known, rounded, np.nan),
        p=np.where(known, p, np.nan),
    )
    table["q"] = q_values(table["p"].to_numpy(float))
    return table.assign(flagged=(table["q"] <= false_discovery).fillna(False))[list(COLUMNS)]


def _base(values: np.ndarray, codes: np.ndarray, n: np.ndarray, units: pd.Index, base: int) -> pd.DataFrame:
    multiple = np.bincount(codes, values % base == 0, len(units))
    mean = np.bincount(codes, values, len(units)) / np.maximum(n, 1)
    spread = np.sqrt(np.bincount(codes, (values - mean[codes]) ** 2, len(units)) / np.maximum(n - 1, 1))
    found = {"unit": units.astype("str"), "base": base, "n": n.astype(int), "multiples": multiple, "spread": spread}
    return pd.DataFrame(found)


def _indices(counts: np.ndarray) -> tuple[float, float, float]:
    enough = len(counts) >= 78 and counts[20:78].sum() > 0
    if not enough:
        return float("nan"), float("nan"), float("nan")
    return whipple(counts), myers(counts, 20, 69), bachi(counts)
