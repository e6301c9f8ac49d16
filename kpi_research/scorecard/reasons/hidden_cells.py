"""Tables of counts that can be published: small cells are hidden, and cannot be worked out from the totals."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Bools = NDArray[np.bool_]


def hide_small_cells(counts: Array, least: int) -> Bools:
    """Return which cells and totals of a table must be hidden.

    Parameters
    ----------
    counts : numpy.ndarray, shape (r + 1, c + 1)
        Counts with row totals in the last column, column totals in the last row, the grand total in the corner.
    least : int
        Smallest count that may be shown.

    Returns
    -------
    numpy.ndarray of bool, shape (r + 1, c + 1)

    Notes
    -----
    Counts below ``least``, zero included, are hidden. Then, in every row and column, totals included, the smallest shown
    counts are hidden as well until at least two are hidden that come to ``least`` or more together, over and over until
    nothing changes: no hidden count follows from the shown ones by subtraction (complementary suppression; Willenborg &
    de Waal 2001, Elements of Statistical Disclosure Control, doi:10.1007/978-1-4613-0121-9). What remains is checked by
    `can_be_worked_out`.

    Examples
    --------
    >>> hide_small_cells(np.array([[3.0, 9, 12], [8, 7, 15], [6, 9, 15], [17, 25, 42]]), 5).astype(int).tolist()
    [[1, 1, 0], [0, 0, 0], [1, 1, 0], [0, 0, 0]]
    """
    hidden = counts < least
    while True:
        before = hidden.sum()
        for axis in (0, 1):
            for line in range(counts.shape[1 - axis]):
                place = (slice(None), line) if axis == 0 else (line, slice(None))
                hidden[place] = _line(counts[place], hidden[place], least)
        if hidden.sum() == before:
            worked_out = can_be_worked_out(hidden)
            shown = np.argwhere(~hidden)
            if not worked_out.any() or not len(shown):
                return np.asarray(hidden)
            place = shown[np.argmin(counts[tuple(shown.T)])]
            hidden[tuple(place)] = True


def _line(counts: Array, hidden: Bools, least: int) -> Bools:
    """Hide more of one row or column, its total among its entries, until what is hidden is safe."""
    hidden = hidden.copy()
    while hidden.any() and not hidden.all():
        part = hidden[:-1]
        enough = counts[:-1][part].sum() >= least or hidden[-1]
        if hidden.sum() >= 2 and enough:
            break
        shown = np.flatnonzero(~hidden)
        hidden[shown[np.argmin(counts[shown])]] = True
    return hidden


def can_be_worked_out(hidden: Bools) -> Bools:
    """Return which hidden entries follow from the shown ones.

    Parameters
    ----------
    hidden : numpy.ndarray of bool, shape (r + 1, c + 1)
        Hidden entries, totals in the last row and column.

    Returns
    -------
    numpy.ndarray of bool, shape (r + 1, c + 1)

    Notes
    -----
    Rows and columns are linear equations in the hidden entries. An entry is fixed if every vector of the equations' null
    space is 0 there.
    """
    rows, columns = hidden.shape
    place = np.argwhere(hidden)
    equations = np.zeros((rows + columns, len(place)))
    for number, (row, column) in enumerate(place):
        equations[row, number] = -1.0 if column == columns - 1 else 1.0
        equations[rows + column, number] = -1.0 if row == rows - 1 else 1.0
    found = np.zeros(hidden.shape, dtype=bool)
    if len(place):
        _, sizes, vectors = np.linalg.svd(equations)
        rank = int((sizes > 1e-9).sum())
        free = vectors[rank:]
        fixed = np.ones(len(place), dtype=bool) if not len(free) else np.abs(free).max(axis=0) < 1e-9
        found[tuple(place.T)] = fixed
    return found
