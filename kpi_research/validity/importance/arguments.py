"""Checks of what `importance` is given."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpi_research.study.suggest import did_you_mean
from kpi_research.validity.frames import check_columns, numbers

Array = NDArray[np.float64]


def checked_scores(scores: pd.DataFrame) -> tuple[list[str], Array, NDArray[np.bool_]]:
    """Return names, numbers, and which units have all of them.

    Parameters
    ----------
    scores : pandas.DataFrame
        One row per unit, one column per indicator.

    Returns
    -------
    names : list of str
    columns : numpy.ndarray, shape (n, k)
    complete : numpy.ndarray of bool, shape (n,)
        Rows without missing or infinite values.

    Raises
    ------
    TypeError, ValueError
        If it is no frame, or a column is not numeric or stands twice.
    """
    check_columns(
        scores, {"scores": [str(name) for name in scores.columns] if isinstance(scores, pd.DataFrame) else []}
    )
    if scores.index.has_duplicates:
        raise ValueError(f"scores: unit '{scores.index[scores.index.duplicated()][0]}' stands twice in the index")
    names = [str(name) for name in scores.columns]
    columns = np.column_stack([numbers(scores, name) for name in names]) if names else np.empty((len(scores), 0))
    return names, columns, np.isfinite(columns).all(axis=1)


def checked_weights(weights: Mapping[str, float], names: list[str]) -> Array:
    """Return weights in the order of names, adding up to 1.

    Parameters
    ----------
    weights : mapping of str to float
        Weights by name; a pandas Series will do.
    names : list of str
        The indicators.

    Returns
    -------
    numpy.ndarray, shape (k,)

    Raises
    ------
    ValueError
        If a name is unknown, a weight is negative or not finite, or fewer than two are above 0.
    """
    found = np.zeros(len(names))
    for name, given in dict(weights).items():
        if name not in names:
            raise ValueError(f"weights: scores has no column '{name}'.{did_you_mean(str(name), names)['en']}")
        value = float(given)
        if not (np.isfinite(value) and value >= 0):
            raise ValueError(f"weights of '{name}' is {given}; it must be a number from 0")
        found[names.index(name)] = value
    if (found > 0).sum() < 2:
        raise ValueError(f"weights: {int((found > 0).sum())} indicators have a weight above 0; at least two are needed")
    return found / found.sum()
