"""Answers of persons to the items of a scale, read and checked."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpi_research.study.suggest import did_you_mean
from kpi_research.validity.frames import numbers

Array = NDArray[np.float64]


def read_items(items: pd.DataFrame, reverse: Sequence[str] = (), least: int = 2) -> pd.DataFrame:
    """Return items as floats, reversed ones turned around.

    Parameters
    ----------
    items : pandas.DataFrame
        One row per person, one numeric column per item.
    reverse : sequence of str
        Items that run against the others; they become the sum of their smallest and largest answer less the answer.
    least : int
        Smallest number of items.

    Returns
    -------
    pandas.DataFrame
        Float columns; persons without any answer are left out.

    Raises
    ------
    TypeError
        If ``items`` is not a frame.
    ValueError
        If there are too few items or persons, an item is not numeric or does not vary, or a reversed one is unknown.
    """
    if not isinstance(items, pd.DataFrame):
        raise TypeError(f"items must be a pandas DataFrame, found {type(items).__name__}")
    names = [str(name) for name in items.columns]
    if len(names) < least:
        raise ValueError(f"items has {len(names)} columns; a scale needs {least} at least")
    for name in reverse:
        if name not in names:
            raise ValueError(f"reverse: there is no item '{name}'.{did_you_mean(name, names)['en']}")
    clean = pd.DataFrame({name: numbers(items, column) for name, column in zip(names, items.columns, strict=True)})
    clean = clean.dropna(how="all").reset_index(drop=True)
    if len(clean) < 3:
        raise ValueError(f"items has {len(clean)} persons with an answer; three are needed")
    for name in names:
        if not clean[name].max() > clean[name].min():
            raise ValueError(f"item '{name}' has the same answer from everybody, so it says nothing")
    return clean.assign(**{name: clean[name].max() + clean[name].min() - clean[name] for name in reverse})


def covariances(clean: pd.DataFrame, missing: str) -> tuple[pd.DataFrame, Array, int]:
    """Return the items used, their covariance matrix and the number of persons.

    Parameters
    ----------
    clean : pandas.DataFrame
        As `read_items` gives it.
    missing : {"pairwise", "listwise"}
        Whether each pair of items uses all persons who answered both, or all use those who answered everything.

    Returns
    -------
    pandas.DataFrame, ndarray of shape (k, k), int

    Raises
    ------
    ValueError
        If ``missing`` is unknown or fewer than three persons answered everything.
    """
    if missing not in (known := ("pairwise", "listwise")):
        raise ValueError(f"missing is '{missing}'.{did_you_mean(missing, known)['en']}")
    used = clean.dropna() if missing == "listwise" else clean
    if len(used) < 3:
        raise ValueError(f"{len(used)} persons answered every item; three are needed for missing='listwise'")
    return used, used.cov().to_numpy(), len(used)
