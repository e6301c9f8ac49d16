"""The last digits of numbers: typed by hand or counted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from kpi_research.numerics.digit_tails import digit_p
from kpi_research.numerics.digits import SMOOTH_SPREAD, count_digit_shares, digit_chi_square, last_digits
from kpi_research.numerics.false_discovery import q_values
from kpi_research.study.findings import Where, finding
from kpi_research.study.results import Result
from kpi_research.validity.frames import check_columns, numbers

Array = NDArray[np.float64]
LEAST = 20
LEAST_CLUSTERS = 8
COLUMNS = ("unit", "n", "statistic", "p", "q", "flagged", "digits")


@dataclass(frozen=True)
class LastDigit(Result):
    """Last digits of all numbers and of each unit's.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per unit: ``unit``, ``n``; ``statistic`` (Pearson's, nine degrees of freedom), ``p``, ``q`` (false
        discovery rate over units), ``flagged``; ``digits`` (the digit most in excess). NaN where a unit has too few
        numbers.
    statistic, p : float
        Over all numbers; NaN where the test cannot be made.
    n : int
        Numbers looked at.
    """

    statistic: float
    p: float
    n: int


def last_digit(
    frame: pd.DataFrame, *, value: str, unit: str | None = None, decimals: int = 0, false_discovery: float = 0.05
) -> LastDigit:
    r"""Test whether last digits are as even as honest records make them.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per record; where neighbors in time are alike, in order of time.
    value : str
        Name of the column with the numbers.
    unit : str, optional
        Name of the column with the unit that recorded them; rows without one are left out.
    decimals : int
        Place of the last digit that is recorded: 0 for whole numbers, 1 for tenths.
    false_discovery : float
        Expected share of wrong flags among the flagged units.

    Returns
    -------
    LastDigit
        With the finding ``last-digit-not-applicable`` and NaN where the numbers spread too little for even digits.

    Raises
    ------
    ValueError
        If a column is missing or not numeric.

    Notes
    -----
    Pearson's test on nine degrees of freedom; over all numbers it is divided by the design effect of units (Rao & Scott
    1981, doi:10.1080/01621459.1981.10477633); per unit the p-value is exact or simulated where numbers are few (see
    `kpi_research.numerics.digit_tails.digit_p`). Numbers whose neighbors differ like numbers with a standard deviation of
    five steps of the last digit are expected to have even digits. Counts that spread less and do not move slowly are
    compared with the digits of the negative binomial (or Poisson) distribution with the unit's mean and variance;
    other narrow numbers are not tested unit by unit (Beber & Scacco 2012, doi:10.1093/pan/mps003; Mosimann, Wiseman & Edelman 1995, doi:10.1080/08989629508573866).

    Examples
    --------
    >>> frame = pd.DataFrame({"yuan": np.random.default_rng(1).permutation(np.arange(1000.0, 1200.0))})
    >>> last_digit(frame, value="yuan").p
    1.0
    """
    check_columns(frame, {"value": value, **({"unit": unit} if unit else {})})
    values = numbers(frame, value)
    values = values[np.isfinite(values) & (frame[unit].notna() if unit else True)]
    labels = frame.loc[values.index, unit].astype("str") if unit else pd.Series("all", index=values.index)
    return last_digit_of(values.to_numpy(), labels.to_numpy(), decimals, false_discovery, value)


def last_digit_of(
    values: NDArray[np.floating], labels: NDArray[np.object_], decimals: int, false_discovery: float, name: str
) -> LastDigit:
    """Test last digits of an array; see `last_digit`.

    Parameters
    ----------
    values : ndarray of shape (n,)
        Finite numbers.
    labels : ndarray of shape (n,)
        Unit of each.
    decimals : int
        Place of the last digit.
    false_discovery : float
        Expected share of wrong flags.
    name : str
        Name of the numbers in findings.

    Returns
    -------
    LastDigit
    """
    codes, units = pd.factorize(labels, sort=True)
    digits = last_digits(values, decimals)
    observed = np.bincount(codes * 10 + digits, minlength=10 * len(units)).reshape(-1, 10).astype(float)
    expected = _expected(values * 10.0**decimals, codes, len(units))
    table = _unit_tests(observed, expected).assign(unit=units.astype("str"))
    table["q"] = q_values(table["p"].to_numpy(float))
    table["flagged"] = (table["q"] <= false_discovery).fillna(False)
    statistic, p, n = _overall(values * 10.0**decimals, observed, expected)
    findings = (finding("last-digit-not-applicable", Where(column=name)),) if np.isnan(p) else ()
    return LastDigit(table[list(COLUMNS)], findings, statistic, p, n)


def _overall(steps: NDArray[np.floating], observed: Array, expected: Array) -> tuple[float, float, int]:
    """Test the digits of all numbers, with what each unit leads one to expect or, where units are narrow, evenness."""
    known = np.isfinite(expected).all(axis=1)
    if observed[known].sum() >= max(LEAST, observed.sum() / 2):
        seen, wanted = observed[known], expected[known]
    elif len(steps) >= LEAST and len(observed) >= LEAST_CLUSTERS and steps.std() >= SMOOTH_SPREAD:
        seen, wanted = observed, observed.sum(axis=1, keepdims=True) * np.full(10, 0.1)
    else:
        return float("nan"), float("nan"), 0
    statistic, _ = digit_chi_square(seen.sum(axis=0), wanted.sum(axis=0))
    corrected = statistic / _design_effect(seen, wanted)
    return corrected, float(stats.chi2.sf(corrected, 9)), int(seen.sum())


def _design_effect(observed: Array, expected: Array) -> float:
    """Return by how much digits vary more between units than independent ones, at least 1 (Rao & Scott 1981)."""
    if len(observed) < LEAST_CLUSTERS:
        return 1.0
    excess = observed - expected - (observed.sum(axis=0) - expected.sum(axis=0)) / len(observed)
    shares = expected.sum(axis=0) / expected.sum()
    between = (excess**2).sum(axis=0) * len(observed) / (len(observed) - 1)
    return float(max((between / (expected.sum() * shares)).sum() / 9.0, 1.0))


def _expected(steps: NDArray[np.floating], codes: NDArray[np.int64], units: int) -> Array:
    """Return expected digit counts per unit, NaN where nothing can be expected."""
    found = np.full((units, 10), np.nan)
    n = np.bincount(codes, minlength=units).astype(float)
    mean = np.bincount(codes, steps, units) / np.maximum(n, 1)
    variance = np.bincount(codes, (steps - mean[codes]) ** 2, units) / np.maximum(n - 1, 1)
    counts = bool((steps >= 0).all()) and bool((np.abs(steps - np.rint(steps)) < 1e-9).all())
    spread = np.sqrt(variance)
    local = _local_spread(steps, codes, units)
    even = (local >= SMOOTH_SPREAD) & (mean - 2.0 * spread > 0 if counts else True)
    found[even] = n[even, None] / 10.0
    if counts:
        for place in np.flatnonzero(
            ~even & (n >= 2) & (mean > 2.0) & (local**2 > variance / 2.0) & (variance > 0.6 * mean)
        ):
            found[place] = n[place] * count_digit_shares(mean[place], variance[place])
    return found


def _local_spread(steps: NDArray[np.floating], codes: NDArray[np.int64], units: int) -> Array:
    """Return the standard deviation within each unit from neighboring rows, so that slow movements do not count."""
    order = np.argsort(codes, kind="stable")
    moves, owner = np.diff(steps[order]), codes[order]
    same = owner[1:] == owner[:-1]
    total = np.bincount(owner[1:][same], moves[same] ** 2, units)
    return np.sqrt(total / 2.0 / np.maximum(np.bincount(owner[1:][same], minlength=units), 1))


def _unit_tests(observed: Array, expected: Array) -> pd.DataFrame:
    n = observed.sum(axis=1)
    judged = (n >= LEAST) & np.isfinite(expected).all(axis=1) & (np.nan_to_num(expected).min(axis=1) >= 1.0)
    digits = np.where(judged, np.argmax(observed - np.nan_to_num(expected), axis=1).astype(str), "")
    statistic, p = np.full(len(n), np.nan), np.full(len(n), np.nan)
    statistic[judged], p[judged] = digit_p(observed[judged], expected[judged])
    return pd.DataFrame({"n": n.astype(int), "statistic": statistic, "p": p, "digits": digits})
