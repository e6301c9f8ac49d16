"""Cases, labels and probabilities as sums per unit: all that the estimators need."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpi_research.preventability.labels import read_labels
from kpi_research.study.frame_checks import require_columns, require_filled

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class UnitData:
    """A population of cases by unit, and the labelled ones.

    Attributes
    ----------
    names : pandas.Index
        Units in sorted order.
    unit : numpy.ndarray of int, shape (cases,)
        Unit of each case.
    p : numpy.ndarray, shape (cases,)
        Probability of each case, missing ones filled with the mean.
    cases : numpy.ndarray, shape (units,)
        Cases of each unit.
    mean : numpy.ndarray, shape (units,)
        Mean probability of each unit.
    group, y, f, w : numpy.ndarray, shape (labels,)
        Unit, label (1 or 0), probability and weight (1 / inclusion) of the labelled cases.
    error : (float, float)
        Errors e01 and e10 of the labels.
    filled : int
        Probabilities that were missing.
    """

    names: pd.Index
    unit: Ints
    p: Floats
    cases: Floats
    mean: Floats
    group: Ints
    y: Floats
    f: Floats
    w: Floats
    error: tuple[float, float]
    filled: int

    @property
    def size(self) -> float:
        """``1 - e01 - e10``: how much of a difference of true shares is left in the labels."""
        return 1.0 - self.error[0] - self.error[1]

    @property
    def z(self) -> Floats:
        """Labels corrected for their errors: right on average, though not 0 or 1."""
        return (self.y - self.error[0]) / self.size

    @property
    def labels(self) -> Floats:
        """Labelled cases of each unit."""
        return self.total(np.ones(len(self.y)))

    def total(self, values: Floats) -> Floats:
        """Return the sum over the labelled cases of each unit.

        Parameters
        ----------
        values : numpy.ndarray, shape (labels,)
            Values of the labelled cases.

        Returns
        -------
        numpy.ndarray, shape (units,)
        """
        return np.bincount(self.group, values, minlength=len(self.names)).astype(float)

    def weighted_mean(self, values: Floats) -> Floats:
        """Return the weighted mean over the labelled cases of each unit, NaN without labels.

        Parameters
        ----------
        values : numpy.ndarray, shape (labels,)
            Values of the labelled cases.

        Returns
        -------
        numpy.ndarray, shape (units,)
        """
        weight = self.total(self.w)
        return np.divide(self.total(self.w * values), weight, out=np.full(len(weight), np.nan), where=weight > 0)

    def noise(self, share: Floats) -> Floats:
        """Return the variance that errors of labels add to a corrected label, by the true share.

        Parameters
        ----------
        share : numpy.ndarray
            Share of preventable cases, 0 to 1.

        Returns
        -------
        numpy.ndarray
        """
        e01, e10 = self.error
        return (share * e10 * (1 - e10) + (1 - share) * e01 * (1 - e01)) / self.size**2


def unit_data(
    cases: pd.DataFrame,
    *,
    unit: str,
    probability: str,
    label: str,
    inclusion: str | None,
    error: tuple[float, float] | None,
) -> UnitData:
    """Check a frame of cases and bring it into arrays.

    Parameters
    ----------
    cases, unit, probability, label, inclusion, error
        See `preventable_share`.

    Returns
    -------
    UnitData

    Raises
    ------
    ValueError
        If a column or a unit is missing, a probability lies outside 0 to 1, no case is labelled, an inclusion
        probability is unfit, or the errors add up to 1 or more.
    """
    columns = {"unit": unit, "probability": probability, "label": label, "inclusion": inclusion}
    require_columns(cases, "cases", columns)
    require_filled(cases, "cases", unit)
    codes, names = pd.factorize(cases[unit], sort=True)
    unit_code = np.asarray(codes, dtype=np.intp)
    p, filled = _probabilities(cases, probability)
    y = read_labels(cases[label])
    known = ~np.isnan(y)
    if not known.any():
        raise ValueError(f"label: no case has a decision in column '{label}'; some must be labelled")
    count = np.bincount(unit_code).astype(float)
    mean = np.bincount(unit_code, p) / count
    w = _weights(cases, inclusion, known, unit_code, count)
    return UnitData(
        pd.Index(names), unit_code, p, count, mean, unit_code[known], y[known], p[known], w, _errors(error), filled
    )


def _probabilities(cases: pd.DataFrame, column: str) -> tuple[Floats, int]:
    if not pd.api.types.is_numeric_dtype(cases[column].dtype):
        raise ValueError(
            f"probability: column '{column}' holds {cases[column].dtype}; it must hold numbers from 0 to 1"
        )
    p = cases[column].to_numpy(dtype=float, na_value=np.nan)
    gone = np.isnan(p)
    wrong = ~gone & ~((p >= 0) & (p <= 1))
    if wrong.any():
        raise ValueError(f"probability: {int(wrong.sum())} values lie outside 0 to 1, the first is {p[wrong][0]:g}")
    if gone.all():
        raise ValueError(
            f"probability: column '{column}' has no values; give the same one to all cases for labels alone"
        )
    return np.where(gone, p[~gone].mean(), p), int(gone.sum())


def _weights(cases: pd.DataFrame, inclusion: str | None, known: NDArray[np.bool_], unit: Ints, count: Floats) -> Floats:
    if inclusion is None:
        labelled = np.bincount(unit[known], minlength=len(count))
        return (count / np.maximum(labelled, 1))[unit[known]]
    chance = cases[inclusion].to_numpy(dtype=float, na_value=np.nan)[known]
    wrong = ~((chance > 0) & (chance <= 1))
    if wrong.any():
        raise ValueError(
            f"inclusion: {int(wrong.sum())} labelled cases have no probability above 0 and at most 1 in '{inclusion}'"
        )
    return 1.0 / chance


def _errors(error: tuple[float, float] | None) -> tuple[float, float]:
    if error is None:
        return 0.0, 0.0
    if len(error) != 2 or not all(np.isfinite(error)) or min(error) < 0 or sum(error) >= 1:
        raise ValueError(
            f"error is {error}; it must be two numbers (e01, e10) of at least 0 that add up to less than 1"
        )
    return float(error[0]), float(error[1])
