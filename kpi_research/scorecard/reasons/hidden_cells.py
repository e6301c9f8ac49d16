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
    Rows and columns are linear equations in the hidden entries. With totals counted negative each is a sum of 0, as at
    the nodes of a network whose edges are the hidden entries between their row and their column. An entry follows from
    the others exactly if its edge lies on no cycle, a bridge (Gusfield 1988, doi:10.1137/0217034). Every edge outside a
    spanning forest gets a random number; a bridge is an edge of the forest over which none of them closes a cycle.
    """
    rows, columns = hidden.shape
    place = np.argwhere(hidden)
    fixed = np.zeros(hidden.shape, dtype=bool)
    order, parent = _forest(place[:, 0], rows + place[:, 1], rows + columns)
    ends = np.column_stack([place[:, 0], rows + place[:, 1]])
    in_forest = (parent[ends[:, 0]] == ends[:, 1]) | (parent[ends[:, 1]] == ends[:, 0])
    mark = np.random.default_rng(0).integers(1, 2**63, size=len(place), dtype=np.int64)
    closed = np.zeros(rows + columns, dtype=np.int64)
    for side in (0, 1):
        np.bitwise_xor.at(closed, ends[~in_forest, side], mark[~in_forest])
    for node in order[::-1]:
        if parent[node] >= 0:
            closed[parent[node]] ^= closed[node]
    lower = np.where(parent[ends[:, 0]] == ends[:, 1], ends[:, 0], ends[:, 1])
    fixed[tuple(place.T)] = in_forest & (closed[lower] == 0)
    return fixed


def _forest(first: NDArray[np.intp], second: NDArray[np.intp], count: int) -> tuple[list[int], NDArray[np.intp]]:
    """Return the nodes of a network in the order of a search, and the node each was reached from, -1 for the first ones."""
    near: list[list[int]] = [[] for _ in range(count)]
    for one, other in zip(first.tolist(), second.tolist(), strict=True):
        near[one].append(other)
        near[other].append(one)
    parent, order = np.full(count, -1, dtype=np.intp), []
    seen = [False] * count
    for start in range(count):
        waiting = [] if seen[start] else [start]
        seen[start] = True
        while waiting:
            node = waiting.pop()
            order.append(node)
            for other in near[node]:
                if not seen[other]:
                    seen[other] = True
                    parent[other] = node
                    waiting.append(other)
    return order, parent
