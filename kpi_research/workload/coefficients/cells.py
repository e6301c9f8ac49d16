"""Cells of a work log: the sums that the models depend on, from rows or from a data engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpi_research.numerics.factor_design import level_sums
from kpi_research.study.findings import Finding, Where, finding
from kpi_research.workload.fairness.frame import column_of, number_column

Array = NDArray[np.float64]
Codes = NDArray[np.intp]


@dataclass(frozen=True)
class Cells:
    """Sums over the rows of a work log that agree in all factors.

    Attributes
    ----------
    levels : mapping of str to sequence of str
        Names of the levels of each factor: task, post, rank, unit, period and cluster, as far as given.
    codes : mapping of str to numpy.ndarray
        Level of each cell.
    n, count, minutes : numpy.ndarray, shape (cells,)
        Rows, pieces of work and minutes.
    pearson : numpy.ndarray or None
        Sum of minutes squared over pieces of work; for the dispersion.
    rates, logs, log_squares, positive : numpy.ndarray or None
        Sum of minutes per piece, of its logs and their squares, and rows with minutes above 0; for other models.
    squares : tuple of three numpy.ndarray or None
        Sums of minutes², minutes × pieces, pieces²; for errors of rows without clusters.
    findings : tuple of Finding
        Rows that were left out.
    """

    levels: Mapping[str, Sequence[str]]
    codes: Mapping[str, Codes]
    n: Array
    count: Array
    minutes: Array
    pearson: Array | None
    rates: Array | None
    logs: Array | None
    log_squares: Array | None
    positive: Array | None
    squares: tuple[Array, Array, Array] | None
    findings: tuple[Finding, ...]

    def keep(self, mask: NDArray[np.bool_]) -> Cells:
        """Return some of the cells; levels without a cell are dropped.

        Parameters
        ----------
        mask : numpy.ndarray of bool, shape (cells,)

        Returns
        -------
        Cells
        """
        if mask.all():
            return self
        levels, codes = {}, {}
        for role, column in self.codes.items():
            used, codes[role] = np.unique(column[mask], return_inverse=True)
            levels[role] = [self.levels[role][code] for code in used]

        def some(values: Array | None) -> Array | None:
            return None if values is None else values[mask]

        squares = None if self.squares is None else tuple(part[mask] for part in self.squares)
        return Cells(
            levels, codes, self.n[mask], self.count[mask], self.minutes[mask], some(self.pearson), some(self.rates),
            some(self.logs), some(self.log_squares), some(self.positive), squares, self.findings,  # type: ignore[arg-type]
        )  # fmt: skip


def cells_of_rows(log: pd.DataFrame, factors: Mapping[str, str], minutes: str, count: str | None) -> Cells:
    """Group the rows of a work log.

    Parameters
    ----------
    log : pandas.DataFrame
        One row per record.
    factors : mapping of str to str
        Column of each factor: task, post, rank, unit, period, cluster.
    minutes : str
        Column of minutes, 0 or more.
    count : str or None
        Column of pieces of work, above 0; one per row where None.

    Returns
    -------
    Cells

    Raises
    ------
    ValueError
        If a column is missing, not numeric or negative, or no row is complete.
    """
    worth = number_column(log, minutes).to_numpy()
    pieces = number_column(log, count).to_numpy() if count else np.ones(len(log))
    columns = {role: column_of(log, name) for role, name in factors.items()}
    _refuse(worth, pieces, minutes, count)
    known = np.isfinite(worth) & np.isfinite(pieces)
    findings = []
    if lost := int((~known).sum()):
        findings.append(finding("workload-rows-unknown", Where(column=minutes), rows=lost))
    for role, column in columns.items():
        blank = column.isna().to_numpy() & known
        if blank.any():
            findings.append(finding("workload-level-missing", Where(column=factors[role]), rows=int(blank.sum())))
        known &= ~blank
    idle = known & (pieces == 0)
    if idle.any():
        findings.append(finding("workload-no-pieces", Where(column=count), rows=int(idle.sum())))
    known &= ~idle
    if not known.any():
        raise ValueError("the work log has no complete row: minutes, pieces of work and all factors are needed")
    levels, codes = {}, {}
    for role, column in columns.items():
        codes[role], levels[role] = _factor(column[known])
    return _grouped(levels, codes, worth[known], pieces[known], tuple(findings))


def _refuse(worth: Array, pieces: Array, minutes: str, count: str | None) -> None:
    for name, values in ((minutes, worth), (count, pieces)):
        if (values < 0).any():
            raise ValueError(
                f"column '{name}' is {np.nanmin(values):g} in row {int(np.nanargmin(values))}; 0 or more is needed"
            )
    ghost = (pieces == 0) & (worth > 0)
    if ghost.any():
        raise ValueError(
            f"row {int(np.flatnonzero(ghost)[0])} has minutes but no piece of work in '{count}' ({int(ghost.sum())} rows)"
        )


def _factor(column: pd.Series) -> tuple[Codes, list[str]]:
    """Return codes in the order of the levels' texts, and these texts."""
    codes, names = pd.factorize(column)
    texts = [str(name) for name in names]
    order = sorted(range(len(texts)), key=texts.__getitem__)
    merged: dict[str, int] = {}
    place = np.empty(len(texts), dtype=np.intp)
    for index in order:
        place[index] = merged.setdefault(texts[index], len(merged))
    return place[codes], list(merged)


def _grouped(
    levels: Mapping[str, Sequence[str]],
    codes: Mapping[str, Codes],
    worth: Array,
    pieces: Array,
    findings: tuple[Finding, ...],
) -> Cells:
    place, first = _cell_numbers(codes, levels)

    def total(values: Array) -> Array:
        return level_sums(place, values, len(first))

    rate = worth / pieces
    some = rate > 0
    logs = np.log(np.where(some, rate, 1.0))
    return Cells(
        levels, {role: column[first] for role, column in codes.items()}, total(np.ones(len(worth))), total(pieces),
        total(worth), total(worth * rate), total(rate), total(logs), total(logs**2), total(some.astype(float)),
        (total(worth**2), total(worth * pieces), total(pieces**2)), findings,
    )  # fmt: skip


def _cell_numbers(codes: Mapping[str, Codes], levels: Mapping[str, Sequence[str]]) -> tuple[Codes, Codes]:
    """Return the cell of each row, and one row of each cell."""
    key = np.zeros(len(next(iter(codes.values()))), dtype=np.int64)
    size = 1
    for role, column in codes.items():
        if size > np.iinfo(np.int64).max // max(len(levels[role]), 1):
            key = np.unique(key, return_inverse=True)[1].astype(np.int64)
            size = int(key.max()) + 1
        key = key * len(levels[role]) + column
        size *= len(levels[role])
    _, first, place = np.unique(key, return_index=True, return_inverse=True)
    return place, first


def cells_of_frame(
    cells: pd.DataFrame, factors: Mapping[str, str], *, n: str, total: str, weight: str, squares: str | None
) -> Cells:
    """Read cells that a data engine has grouped, as `Study.cells` gives them.

    Parameters
    ----------
    cells : pandas.DataFrame
        One row per combination of factors.
    factors : mapping of str to str
        Column of each factor.
    n, total, weight : str
        Columns of rows, minutes and pieces of work.
    squares : str or None
        Column of the weighted squared deviations of minutes per piece from the cell's mean.

    Returns
    -------
    Cells

    Raises
    ------
    ValueError
        If a column is missing, not numeric or negative.
    """
    columns = {role: column_of(cells, name) for role, name in factors.items()}
    rows, pieces, worth = (number_column(cells, name).to_numpy() for name in (n, weight, total))
    _refuse(worth, pieces, total, weight)
    known = np.isfinite(rows) & np.isfinite(pieces) & np.isfinite(worth) & (pieces > 0)
    findings = []
    for role, column in columns.items():
        blank = column.isna().to_numpy() & known
        if blank.any():
            lost = int(rows[blank].sum())
            findings.append(finding("workload-level-missing", Where(column=factors[role]), rows=lost))
        known &= ~blank
    if not known.any():
        raise ValueError("no cell is complete: rows, minutes, pieces of work and all factors are needed")
    levels, codes = {}, {}
    for role, column in columns.items():
        codes[role], levels[role] = _factor(column if known.all() else column[known])
    pearson = None
    if squares is not None:
        pearson = number_column(cells, squares).to_numpy()[known] + worth[known] ** 2 / pieces[known]
    return Cells(
        levels, codes, rows[known], pieces[known], worth[known], pearson, None, None, None, None, None, tuple(findings)
    )
