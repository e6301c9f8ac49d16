"""One-way analysis of variance of units, balanced or not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class OneWay:
    """The parts of a one-way analysis of variance.

    Attributes
    ----------
    n : numpy.ndarray
        Number of values of each group, in the order of the sorted group labels.
    mean : numpy.ndarray
        Mean of each group, measured from ``center``.
    ss : numpy.ndarray
        Sum of squares of each group around its own mean.
    center : float
        Mean of all values.
    ms_between, ms_within : float
        Mean squares between and within groups, in the squared unit of the values.
    df_between, df_within : int
        Their degrees of freedom.
    """

    n: Array
    mean: Array
    ss: Array
    center: float
    ms_between: float
    ms_within: float
    df_between: int
    df_within: int

    @property
    def f(self) -> float:
        """F ratio of the mean squares; infinite where groups differ and nothing varies inside them."""
        if self.ms_within > 0:
            return self.ms_between / self.ms_within
        return float("inf") if self.ms_between > 0 else float("nan")

    @property
    def k0(self) -> float:
        """Average group size for unbalanced groups, ``(N - sum(n**2) / N) / (k - 1)`` (Searle 1992, ch. 3)."""
        total = self.n.sum()
        return float((total - (self.n**2).sum() / total) / self.df_between)


def one_way(values: ArrayLike, groups: ArrayLike) -> OneWay:
    """Split the variation of values into between and within groups.

    Parameters
    ----------
    values : array_like, shape (N,)
        Finite numbers.
    groups : array_like, shape (N,)
        Group of each value, of any sortable type.

    Returns
    -------
    OneWay

    Raises
    ------
    ValueError
        If the lengths differ, a value is not finite, there are fewer than two groups, or no group has two values.

    Notes
    -----
    Values are centered first and every sum of squares is a two-pass one, so that nearly equal large values
    keep their digits (NIST StRD analysis of variance sets).

    Examples
    --------
    >>> round(one_way([1, 2, 3, 5, 6, 7], [0, 0, 0, 1, 1, 1]).f, 12)
    24.0
    """
    data = np.asarray(values, dtype=float)
    labels, codes = np.unique(np.asarray(groups), return_inverse=True)
    _check(data, codes, len(labels))
    center = float(data.mean())
    centered = data - center
    n = np.bincount(codes).astype(float)
    mean = np.bincount(codes, centered) / n
    ss: Array = np.bincount(codes, (centered - mean[codes]) ** 2).astype(float)
    return from_groups(n, mean, ss, center)


def from_groups(n: Array, mean: Array, ss: Array, center: float = 0.0) -> OneWay:
    """Return the analysis of variance from sizes, means and sums of squares of groups.

    Parameters
    ----------
    n, mean, ss : numpy.ndarray, shape (k,)
        Size (>= 1), mean and sum of squares around the mean of each group.
    center : float
        What ``mean`` is measured from.

    Returns
    -------
    OneWay
    """
    grand = (n * mean).sum() / n.sum()
    df_between, df_within = len(n) - 1, int(n.sum()) - len(n)
    ss_between = float((n * (mean - grand) ** 2).sum())
    return OneWay(n, mean, ss, center, ss_between / df_between, float(ss.sum()) / df_within, df_between, df_within)


def _check(data: Array, codes: NDArray[np.intp], groups: int) -> None:
    if data.ndim != 1 or data.shape != codes.shape:
        raise ValueError(
            f"values and groups must be one-dimensional and of one length, found {data.shape} and {codes.shape}"
        )
    if not np.isfinite(data).all():
        raise ValueError(f"values holds {int((~np.isfinite(data)).sum())} numbers that are missing or infinite")
    if groups < 2:
        raise ValueError(f"groups must name at least two groups, found {groups}")
    if len(data) == groups:
        raise ValueError("no group has two values: the variation within groups cannot be measured")
