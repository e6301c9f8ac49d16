"""Numbers that repeat more often than honest last digits let them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kpi_research.numerics.digits import bunching_of_numbers, digits_are_free
from kpi_research.study.findings import Where, finding
from kpi_research.study.results import Result
from kpi_research.validity.frames import check_columns, numbers

LEAST = 20


@dataclass(frozen=True)
class RepeatedValues(Result):
    """How often numbers repeat.

    Attributes
    ----------
    table : pandas.DataFrame
        The numbers that repeat most: ``value``, ``n``.
    observed, expected : float
        Mean, over the numbers, of how often each stands in the data; expected where last digits are dealt anew.
    p : float
        Permutation probability of at least the observed repetition; NaN with fewer than twenty numbers, or numbers that
        spread too little for so many.
    """

    observed: float
    expected: float
    p: float


def repeated_values(
    frame: pd.DataFrame, *, value: str, decimals: int = 0, draws: int = 999, seed: int = 0
) -> RepeatedValues:
    """Test whether numbers repeat too often.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per record.
    value : str
        Name of the column with the numbers.
    decimals : int
        Place of the last digit that is recorded.
    draws : int
        Permutations, at least 99.
    seed : int
        Seed of the permutations.

    Returns
    -------
    RepeatedValues
        With the finding ``repeated-values-not-applicable`` where numbers spread too little.

    Raises
    ------
    ValueError
        If the column is missing or not numeric, or ``draws`` is too small.

    Notes
    -----
    Average frequency with a permutation of the last digits over neighboring leading ones (Simonsohn 2019, number bunching;
    Yamamura & Derks 2021, doi:10.31234/osf.io/qe2p6). Exact where last digits do not depend on leading ones: numbers must spread over many tens
    (`kpi_research.numerics.digits.digits_are_free`).

    Examples
    --------
    >>> frame = pd.DataFrame({"minutes": [77.0] * 30 + list(np.arange(10.0, 190.0))})
    >>> repeated_values(frame, value="minutes", draws=199).p
    0.005
    """
    check_columns(frame, {"value": value})
    if draws < 99:
        raise ValueError(f"draws is {draws}; it must be at least 99")
    values = numbers(frame, value)
    values = values[np.isfinite(values)]
    top = values.value_counts().head(10).rename_axis("value").reset_index(name="n")
    if len(values) < LEAST or not digits_are_free(values.to_numpy(), decimals):
        note = finding("repeated-values-not-applicable", Where(column=value))
        return RepeatedValues(top, (note,), float("nan"), float("nan"), float("nan"))
    found = bunching_of_numbers(values.to_numpy(), decimals, draws, np.random.default_rng(seed))
    return RepeatedValues(top, (), *found)
