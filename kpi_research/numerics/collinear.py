"""Which columns of a regression carry no information of their own."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

Array = NDArray[np.float64]


def vanished(before: Array, after: Array, tolerance: float = 1e-7) -> NDArray[np.bool_]:
    """Return which columns have (almost) nothing left after effects were removed from them.

    Parameters
    ----------
    before, after : numpy.ndarray, shape (n, k)
        Columns before and after the removal.
    tolerance : float
        Share of a column's length below which it counts as gone; published panels often carry single precision.

    Returns
    -------
    numpy.ndarray of bool, shape (k,)
    """
    gone: NDArray[np.bool_] = linalg.norm(after, axis=0) <= tolerance * linalg.norm(before, axis=0)
    return gone


def first_dependence(columns: Array, tolerance: float = 1e-9) -> tuple[int, tuple[int, ...]] | None:
    """Return the first column that is a linear combination of earlier ones, and which ones.

    Parameters
    ----------
    columns : numpy.ndarray, shape (n, k)
        Columns of a regression, none of them zero.
    tolerance : float
        Share of a column's length that must remain after the earlier columns are taken out.

    Returns
    -------
    (column, others) or None
        Positions of the dependent column and of the columns that make it up; None where all are independent.

    Examples
    --------
    >>> x = np.array([[1.0, 0.0, 1.0], [0.0, 1.0, 2.0], [1.0, 1.0, 3.0]])
    >>> first_dependence(x)
    (2, (0, 1))
    """
    scaled = columns / linalg.norm(columns, axis=0)
    size = np.abs(np.diag(linalg.qr(scaled, mode="r")[0]))
    size = np.concatenate([size, np.zeros(max(0, scaled.shape[1] - len(size)))])
    below = np.flatnonzero(size <= tolerance)
    if below.size == 0:
        return None
    column = int(below[0])
    weights = linalg.lstsq(scaled[:, :column], scaled[:, column])[0]
    return column, tuple(int(place) for place in np.flatnonzero(np.abs(weights) > 1e-6))
