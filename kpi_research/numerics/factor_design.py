"""Regressions on categorical factors without a design matrix: sums over one and two factors are all they need."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Codes = NDArray[np.intp]
LEAST_PIVOT = 1e-9
"""Share of a column's variation that must remain after earlier columns are taken out for it to count as independent."""


def level_sums(codes: Codes, values: Array, size: int = 0) -> Array:
    """Return the sum of values in each level.

    Parameters
    ----------
    codes : numpy.ndarray, shape (n,)
        Level of each value, numbered from 0.
    values : numpy.ndarray, shape (n,)
    size : int
        Least number of levels.

    Returns
    -------
    numpy.ndarray, shape (levels,)
    """
    return np.asarray(np.bincount(codes, values, minlength=size), dtype=np.float64)


@dataclass(frozen=True)
class FactorDesign:
    """Cells with a level of each of several factors; the effects of one of them are absorbed.

    Attributes
    ----------
    absorbed : numpy.ndarray, shape (cells,)
        Level of the factor whose effects are eliminated, numbered 0, 1, ... without gaps; all zero for a constant.
    factors : tuple of numpy.ndarray, each of shape (cells,)
        Levels of the other factors, numbered alike. Every level of every factor has a column.
    """

    absorbed: Codes
    factors: tuple[Codes, ...]

    @cached_property
    def sizes(self) -> tuple[int, ...]:
        """Number of levels of each factor that is not absorbed."""
        return tuple(int(codes.max()) + 1 for codes in self.factors)

    @cached_property
    def groups(self) -> int:
        """Number of levels of the absorbed factor."""
        return int(self.absorbed.max()) + 1

    @cached_property
    def starts(self) -> Codes:
        """First column of each factor, and the number of columns."""
        return np.concatenate([[0], np.cumsum(self.sizes)]).astype(np.intp)

    @cached_property
    def pairs(self) -> dict[tuple[int, int], Codes]:
        """Position in the two-way table of each pair of factors."""
        return {
            (one, two): self.factors[one] * self.sizes[two] + self.factors[two]
            for one in range(len(self.factors))
            for two in range(one)
        }

    @cached_property
    def joint(self) -> tuple[Codes, ...]:
        """Position in the table of absorbed level by level of each factor."""
        return tuple(self.absorbed * size + codes for codes, size in zip(self.factors, self.sizes, strict=True))

    def columns(self, factor: int) -> slice:
        """Return the columns of a factor.

        Parameters
        ----------
        factor : int
            Its place in ``factors``.

        Returns
        -------
        slice
        """
        return slice(int(self.starts[factor]), int(self.starts[factor + 1]))

    def linear(self, coefficients: Array) -> Array:
        """Return the sum of the effects of the factors that are not absorbed.

        Parameters
        ----------
        coefficients : numpy.ndarray, shape (columns,)

        Returns
        -------
        numpy.ndarray, shape (cells,)
        """
        total = np.zeros(len(self.absorbed))
        for number, codes in enumerate(self.factors):
            total += coefficients[self.columns(number)][codes]
        return total

    def totals(self, values: Array) -> Array:
        """Return the sum of a value over the cells of each column.

        Parameters
        ----------
        values : numpy.ndarray, shape (cells,)

        Returns
        -------
        numpy.ndarray, shape (columns,)
        """
        parts = [
            np.bincount(codes, values, minlength=size) for codes, size in zip(self.factors, self.sizes, strict=True)
        ]
        return np.concatenate(parts) if parts else np.zeros(0)

    def by_group(self, values: Array) -> Array:
        """Return the sum of a value over the cells of each absorbed level.

        Parameters
        ----------
        values : numpy.ndarray, shape (cells,)

        Returns
        -------
        numpy.ndarray, shape (groups,)
        """
        return level_sums(self.absorbed, values, self.groups)

    def by_group_and_column(self, values: Array) -> Array:
        """Return the sum of a value for each absorbed level and column.

        Parameters
        ----------
        values : numpy.ndarray, shape (cells,)

        Returns
        -------
        numpy.ndarray, shape (groups, columns)
        """
        parts = [
            np.bincount(place, values, minlength=self.groups * size).reshape(self.groups, size)
            for place, size in zip(self.joint, self.sizes, strict=True)
        ]
        return np.hstack(parts) if parts else np.zeros((self.groups, 0))

    def gram(self, weights: Array) -> Array:
        """Return the weighted cross-products of the columns.

        Parameters
        ----------
        weights : numpy.ndarray, shape (cells,)

        Returns
        -------
        numpy.ndarray, shape (columns, columns)
        """
        matrix = np.diag(self.totals(weights))
        for (one, two), place in self.pairs.items():
            shape = (self.sizes[one], self.sizes[two])
            block = np.bincount(place, weights, minlength=shape[0] * shape[1]).reshape(shape)
            matrix[self.columns(one), self.columns(two)] = block
            matrix[self.columns(two), self.columns(one)] = block.T
        return matrix


@dataclass(frozen=True)
class Partialled:
    """Weighted cross-products of columns from which the absorbed effects are taken out.

    Attributes
    ----------
    matrix : numpy.ndarray, shape (columns, columns)
    means : numpy.ndarray, shape (groups, columns)
        Weighted mean of each column in each absorbed level.
    """

    matrix: Array
    means: Array


def partial_out(design: FactorDesign, weights: Array) -> Partialled:
    """Return the weighted cross-products of the columns net of the absorbed effects (Frisch & Waugh 1933).

    Parameters
    ----------
    design : FactorDesign
    weights : numpy.ndarray, shape (cells,)
        Not negative, with a positive sum in every absorbed level.

    Returns
    -------
    Partialled
    """
    joint = design.by_group_and_column(weights)
    means = joint / design.by_group(weights)[:, None]
    return Partialled(design.gram(weights) - joint.T @ means, means)


@dataclass(frozen=True)
class Independence:
    """Which columns a model can carry, and which contrasts of levels the data determine.

    Attributes
    ----------
    kept : numpy.ndarray of int
        Independent columns, in order; the others have the coefficient 0.
    null : numpy.ndarray, shape (columns, dropped)
        Directions in which the coefficients may move without any change of the fit.
    """

    kept: Codes
    null: Array

    def same_class(self, columns: slice) -> Codes:
        """Return classes of the levels of a factor: contrasts within a class are determined, others are not.

        Parameters
        ----------
        columns : slice
            Columns of the factor.

        Returns
        -------
        numpy.ndarray of int
            Class of each level. A contrast is estimable where it is orthogonal to all null directions (Searle 1971).
        """
        rows = np.round(self.null[columns], 6) + 0.0
        return np.unique(rows, axis=0, return_inverse=True)[1].reshape(-1)


def independence(design: FactorDesign) -> Independence:
    """Find columns that earlier columns and the absorbed effects already determine.

    Parameters
    ----------
    design : FactorDesign
        Columns that may be dropped without loss (effects of no interest) should stand first.

    Returns
    -------
    Independence
    """
    part = partial_out(design, np.ones(len(design.absorbed))).matrix
    scale = 1 / np.sqrt(np.diag(design.gram(np.ones(len(design.absorbed)))))
    kept = _kept(part * np.outer(scale, scale))
    dropped = np.setdiff1d(np.arange(len(scale)), kept)
    null = np.zeros((len(scale), len(dropped)))
    null[dropped, np.arange(len(dropped))] = 1
    if len(kept) and len(dropped):
        null[kept] = -np.linalg.solve(part[np.ix_(kept, kept)], part[np.ix_(kept, dropped)])
    return Independence(kept.astype(np.intp), null)


def _kept(matrix: Array) -> Codes:
    """Return the columns whose pivot in a Cholesky decomposition in the given order is not negligible."""
    kept: list[int] = []
    rows = np.zeros_like(matrix)
    left = np.diag(matrix).copy()
    for column in range(len(matrix)):
        if left[column] <= LEAST_PIVOT:
            continue
        row = (matrix[column] - rows[: len(kept), column] @ rows[: len(kept)]) / np.sqrt(left[column])
        rows[len(kept)] = row
        left = left - row**2
        kept.append(column)
    return np.array(kept, dtype=np.intp)
