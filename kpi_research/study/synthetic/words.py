"""Columns of words: codes in, text columns out, English and Chinese side by side."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from kpi_research.study.synthetic.arrays import Ints

STRING = pd.StringDtype("pyarrow", na_value=np.nan)


def text(codes: NDArray[np.integer] | NDArray[np.bool_], words: Sequence[str]) -> pd.Series:
    """Return a text column.

    Parameters
    ----------
    codes : numpy.ndarray of int or bool, shape (n,)
        Position of each row's word.
    words : sequence of str
        The words.

    Returns
    -------
    pandas.Series of str

    Examples
    --------
    >>> text(np.array([1, 0]), ("no", "yes")).tolist()
    ['yes', 'no']
    """
    return column(pa.array(list(words), pa.string()).take(pa.array(codes.astype(np.int64))))


def column(array: pa.Array) -> pd.Series:
    """Return an Arrow array of texts as a text column.

    Parameters
    ----------
    array : pyarrow.Array
        Texts.

    Returns
    -------
    pandas.Series of str
    """
    return pd.Series(pd.array(array, dtype=STRING))


def numbered(*parts: tuple[Ints, Sequence[str] | None, str, int]) -> pd.Series:
    """Return identifiers such as ``"S0007-2024-03-00012"``.

    Parameters
    ----------
    *parts : tuple of (codes, words, prefix, width)
        Each part is ``prefix`` and the word of the code, or ``prefix`` and the code itself with leading zeros to
        ``width`` digits where ``words`` is None.

    Returns
    -------
    pandas.Series of str
        The parts joined by ``"-"``.
    """
    return column(pc.binary_join_element_wise(*(_part(*part) for part in parts), "-"))


def _part(codes: Ints, words: Sequence[str] | None, prefix: str, width: int) -> pa.Array:
    if words is not None:
        return pa.array([prefix + word for word in words], pa.string()).take(pa.array(codes))
    digits = pc.utf8_lpad(pc.cast(pa.array(codes), pa.string()), width, "0")
    return pc.binary_join_element_wise(pa.scalar(prefix), digits, "") if prefix else digits
