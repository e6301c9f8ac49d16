"""Topped-out indicators: nearly everybody is at the limit, so nothing is left to tell units apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kpi_research.validity.frames import check_columns, numbers

NEAR_LIMIT = 0.95
SPREAD_LIMIT = 0.10
TRIMMED = 0.05
DIRECTIONS = ("higher", "lower")


@dataclass(frozen=True, slots=True)
class ToppedOut:
    """Whether an indicator has room left.

    Attributes
    ----------
    median : float
        Median unit, as a share of the best possible value.
    spread : float
        Truncated coefficient of variation of units' means: standard deviation over mean without the lowest and highest
        five percent.
    upper_apart : bool
        Whether the 75th and 90th percentile of units can be told apart (two standard errors).
    topped_out : bool
        Median of at least .95, spread of at most .10, and percentiles that cannot be told apart;
        False with a single unit.
    at_limit : float
        Share of all values at the best possible value.
    """

    median: float
    spread: float
    upper_apart: bool
    topped_out: bool
    at_limit: float


def topped_out(
    frame: pd.DataFrame, *, unit: str, value: str, direction: str = "higher", best: float = 1.0
) -> ToppedOut:
    """Tell whether units have room left to differ.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per unit and period.
    unit, value : str
        Names of the columns; values between 0 and ``best``.
    direction : {"higher", "lower"}
        Which is better; with ``lower`` the best value is 0.
    best : float
        Largest possible value, above 0: 1 for shares, 100 for percentages.

    Returns
    -------
    ToppedOut

    Raises
    ------
    ValueError
        If a column is missing or not numeric, there is no value, ``best`` is not positive, or the direction is none.

    Notes
    -----
    Criteria of the Centers for Medicare & Medicaid Services for topped-out measures (42 CFR 412.140), with the further
    condition that the median unit is near the limit.

    Examples
    --------
    >>> frame = pd.DataFrame({"unit": list("ABCDEFGH"), "rate": [1.0, 0.99, 1.0, 0.98, 1.0, 1.0, 0.99, 1.0]})
    >>> topped_out(frame, unit="unit", value="rate").topped_out
    True
    """
    check_columns(frame, {"unit": unit, "value": value})
    if not best > 0:
        raise ValueError(f"best is {best}; it must be above 0")
    if direction not in DIRECTIONS:
        raise ValueError(f"direction is {direction!r}; it must be one of {', '.join(DIRECTIONS)}")
    values = numbers(frame, value).dropna() / best
    if values.empty:
        raise ValueError(f"column '{value}' has no value")
    goodness = values if direction == "higher" else 1.0 - values
    means = goodness.groupby(frame.loc[goodness.index, unit]).mean().to_numpy()
    middle = float(np.median(means))
    cut = np.sort(means)[int(TRIMMED * len(means)) : len(means) - int(TRIMMED * len(means))]
    spread = float(cut.std(ddof=1) / cut.mean()) if len(cut) > 1 and cut.mean() > 0 else 0.0
    error = float(goodness.std(ddof=1) / np.sqrt(len(goodness) / len(means))) if len(goodness) > 1 else 0.0
    upper = np.quantile(means, [0.75, 0.9])
    apart = bool(upper[1] - upper[0] > 2.0 * error)
    topped = len(means) > 1 and middle >= NEAR_LIMIT and spread <= SPREAD_LIMIT and not apart
    return ToppedOut(middle, spread, apart, bool(topped), float((goodness >= 1.0).mean()))
