"""Scales that turn a value into points, higher always better."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from kpi_research.scorecard.score import round_digits

FloatArray = NDArray[np.float64]
Direction = Literal["higher", "lower"]
NEUTRAL = 50.0
"""Points of every unit where an indicator tells no unit from another."""


class Scale(Protocol):
    """What every scale can do."""

    def points(self, values: FloatArray) -> FloatArray:
        """Return points, NaN for missing values.

        Parameters
        ----------
        values : numpy.ndarray
            Values in the indicator's own unit of measure.

        Returns
        -------
        numpy.ndarray
        """
        ...


@dataclass(frozen=True, slots=True)
class StandardScale:
    """Standard scores on a points scale: 50 + 10 z, with z turned so that higher is better.

    Attributes
    ----------
    center, spread : float
        Mean and standard deviation (n - 1) of the reference values.
    sign : float
        1 where higher values are better, -1 where lower ones are.
    """

    center: float
    spread: float
    sign: float

    def points(self, values: FloatArray) -> FloatArray:
        """Return 50 + 10 z; 50 is the reference mean, 10 points are one standard deviation.

        Parameters
        ----------
        values : numpy.ndarray
            Values in the indicator's own unit of measure.

        Returns
        -------
        numpy.ndarray
        """
        return NEUTRAL + 10.0 * self.sign * (values - self.center) / self.spread


@dataclass(frozen=True, slots=True)
class PercentileScale:
    """Percentile among the reference values, 0 to 100, equal values counted half (mid-rank).

    Values that agree in 12 digits of the largest reference value are equal.

    Attributes
    ----------
    reference : tuple of float
        Reference values, ascending.
    sign : float
        1 where higher values are better, -1 where lower ones are.
    """

    reference: tuple[float, ...]
    sign: float

    def points(self, values: FloatArray) -> FloatArray:
        """Return 100 × (share of reference values that are worse + half the share that are equal).

        Parameters
        ----------
        values : numpy.ndarray
            Values in the indicator's own unit of measure.

        Returns
        -------
        numpy.ndarray
        """
        known = np.asarray(self.reference)
        largest = float(np.abs(known).max())
        ordered = np.sort(self.sign * round_digits(known, largest))
        turned = self.sign * round_digits(values, largest)
        twice = np.searchsorted(ordered, turned, "left") + np.searchsorted(ordered, turned, "right")
        return np.where(np.isnan(turned), np.nan, 50.0 * twice / len(ordered))


@dataclass(frozen=True, slots=True)
class GoalpostScale:
    """Share of the way from the worst to the best goalpost, 0 to 100, clipped.

    Attributes
    ----------
    worst, best : float
        Values that earn 0 and 100 points; ``best`` is below ``worst`` where lower values are better.
    """

    worst: float
    best: float

    def points(self, values: FloatArray) -> FloatArray:
        """Return 100 (x - worst) / (best - worst), clipped to 0 and 100.

        Parameters
        ----------
        values : numpy.ndarray
            Values in the indicator's own unit of measure.

        Returns
        -------
        numpy.ndarray
        """
        return np.clip(100.0 * ((values - self.worst) / (self.best - self.worst)), 0.0, 100.0)


@dataclass(frozen=True, slots=True)
class RatioScale:
    """Completion rate: value over target in percent, 0 to 100.

    Attributes
    ----------
    target : float
        Value that earns 100 points; above 0.
    sign : float
        1 where higher values are better, -1 where lower ones are.
    """

    target: float
    sign: float

    def points(self, values: FloatArray) -> FloatArray:
        """Return 100 x / target, or 200 - 100 x / target where lower is better, clipped to 0 and 100.

        Parameters
        ----------
        values : numpy.ndarray
            Values in the indicator's own unit of measure.

        Returns
        -------
        numpy.ndarray
        """
        percent = 100.0 * (values / self.target)
        return np.clip(percent if self.sign > 0 else 200.0 - percent, 0.0, 100.0)


@dataclass(frozen=True, slots=True)
class ThresholdScale:
    """All or nothing: 100 points where the target is reached, 0 otherwise.

    A target of zero, such as no major outage, is a target of 0 where lower is better: 100 points at 0, none above.

    Attributes
    ----------
    target : float
        The value to reach.
    sign : float
        1 where higher values are better, -1 where lower ones are.
    """

    target: float
    sign: float

    def points(self, values: FloatArray) -> FloatArray:
        """Return 100 where the value equals the target (to 12 digits) or is better, 0 where it is not.

        Parameters
        ----------
        values : numpy.ndarray
            Values in the indicator's own unit of measure.

        Returns
        -------
        numpy.ndarray
        """
        reached = self.sign * (values - self.target) >= -1e-12 * abs(self.target)
        return np.where(np.isnan(values), np.nan, np.where(reached, 100.0, 0.0))


@dataclass(frozen=True, slots=True)
class NeutralScale:
    """The same 50 points for every value: for an indicator that cannot tell units apart."""

    def points(self, values: FloatArray) -> FloatArray:
        """Return 50, NaN for missing values.

        Parameters
        ----------
        values : numpy.ndarray
            Values in the indicator's own unit of measure.

        Returns
        -------
        numpy.ndarray
        """
        return np.where(np.isnan(values), np.nan, NEUTRAL)


def standard_scale(reference: FloatArray, direction: Direction) -> StandardScale | NeutralScale:
    """Fit standard scores to reference values.

    Parameters
    ----------
    reference : numpy.ndarray
        Finite reference values.
    direction : {"higher", "lower"}
        Which values are better.

    Returns
    -------
    StandardScale or NeutralScale
        Neutral where all reference values are equal.

    Notes
    -----
    Mean and standard deviation are taken in two passes over the sorted values: the order of the input changes no bit.
    """
    if is_constant(reference):
        return NeutralScale()
    ordered = np.sort(reference)
    shifted = ordered - ordered[len(ordered) // 2]
    center = float(ordered[len(ordered) // 2] + shifted.mean())
    return StandardScale(center, float(shifted.std(ddof=1)), sign_of(direction))


def percentile_scale(reference: FloatArray, direction: Direction) -> PercentileScale:
    """Fit percentiles to reference values.

    Parameters
    ----------
    reference : numpy.ndarray
        Finite reference values.
    direction : {"higher", "lower"}
        Which values are better.

    Returns
    -------
    PercentileScale
    """
    return PercentileScale(tuple(np.sort(reference).tolist()), sign_of(direction))


def is_constant(values: FloatArray) -> bool:
    """Return whether values differ by no more than rounding error.

    Parameters
    ----------
    values : numpy.ndarray
        Finite numbers.

    Returns
    -------
    bool
        Also True for a single value.
    """
    if len(values) < 2:
        return True
    return bool(np.ptp(values) <= 1e-12 * np.abs(values).max())


def sign_of(direction: Direction) -> float:
    """Return 1 where higher values are better, -1 where lower ones are.

    Parameters
    ----------
    direction : {"higher", "lower"}
        Which values are better.

    Returns
    -------
    float
    """
    return 1.0 if direction == "higher" else -1.0
