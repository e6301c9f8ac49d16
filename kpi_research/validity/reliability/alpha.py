"""Cronbach's alpha with its interval and the table of items."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.results import Result
from kpi_research.validity.reliability.items import covariances, read_items

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Alpha(Result):
    """Internal consistency of a scale.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per item: ``item``, ``n`` (answers), ``mean``, ``sd``; ``item_total`` and ``item_rest`` (correlation with
        the mean of all items, and of the others); ``alpha_without`` (alpha of the other items).
    estimate, low, high : float
        Cronbach's alpha of the raw items with its interval.
    standardized : float
        Alpha of standardized items.
    n : int
        Persons.
    level : float
        Coverage of the interval.
    """

    estimate: float
    low: float
    high: float
    standardized: float
    n: int
    level: float

    @property
    def items(self) -> pd.DataFrame:
        """The table of items."""
        return self.table


def alpha(
    items: pd.DataFrame,
    *,
    reverse: Sequence[str] = (),
    missing: Literal["pairwise", "listwise"] = "pairwise",
    level: float = 0.95,
) -> Alpha:
    r"""Return Cronbach's alpha of a scale.

    Parameters
    ----------
    items : pandas.DataFrame
        One row per person, one numeric column per item.
    reverse : sequence of str
        Items that run against the others.
    missing : {"pairwise", "listwise"}
        How persons who left out an item are used.
    level : float
        Coverage of the interval, above 0 and below 1.

    Returns
    -------
    Alpha
        With the finding ``item-against-scale`` for items that go against the others: often a reverse key that was
        forgotten.

    Raises
    ------
    ValueError
        As `kpi_research.validity.reliability.items.read_items`, or if ``level`` lies outside its range.

    Notes
    -----
    :math:`\alpha = \frac{k}{k-1}\left(1 - \frac{\mathrm{tr}\,C}{1'C1}\right)` (Cronbach 1951, doi:10.1007/BF02310555);
    interval from Feldt's F distribution with :math:`n-1` and :math:`(n-1)(k-1)` degrees of freedom (Feldt, Woodruff &
    Salih 1987, doi:10.1177/014662168701100107).

    Examples
    --------
    >>> answers = pd.DataFrame({"a": [1, 2, 3, 4, 5], "b": [1, 3, 3, 4, 4], "c": [2, 2, 3, 5, 5]})
    >>> round(alpha(answers).estimate, 3)
    0.954
    """
    if not 0 < level < 1:
        raise ValueError(f"level is {level}; it must lie between 0 and 1")
    used, matrix, n = covariances(read_items(items, reverse), missing)
    estimate = alpha_of(matrix)
    k = len(matrix)
    tail = (1.0 - level) / 2.0
    low, high = (1.0 - (1.0 - estimate) * stats.f.ppf(side, n - 1, (n - 1) * (k - 1)) for side in (1.0 - tail, tail))
    scale = np.sqrt(np.diag(matrix))
    table = _item_table(used, matrix)
    return Alpha(
        table,
        tuple(_against(table)),
        estimate,
        float(low),
        float(high),
        alpha_of(matrix / np.outer(scale, scale)),
        n,
        level,
    )


def alpha_of(matrix: Array) -> float:
    """Return alpha of a covariance matrix.

    Parameters
    ----------
    matrix : ndarray of shape (k, k)
        Covariances of two items or more.

    Returns
    -------
    float

    Examples
    --------
    >>> round(alpha_of(np.array([[1.0, 0.5], [0.5, 1.0]])), 4)
    0.6667
    """
    k = len(matrix)
    return float(k / (k - 1) * (1.0 - np.trace(matrix) / matrix.sum()))


def _item_table(used: pd.DataFrame, matrix: Array) -> pd.DataFrame:
    total = matrix.sum()
    rows = []
    for place, name in enumerate(used.columns):
        rest = np.delete(np.delete(matrix, place, 0), place, 1)
        own, shared = matrix[place, place], matrix[place].sum()
        item_rest = (shared - own) / np.sqrt(own * rest.sum())
        rows.append(
            {"item": str(name), "n": int(used[name].notna().sum()), "mean": float(used[name].mean())}
            | {
                "sd": float(np.sqrt(own)),
                "item_total": float(shared / np.sqrt(own * total)),
                "item_rest": float(item_rest),
            }
            | {"alpha_without": alpha_of(rest) if len(rest) > 1 else float("nan")}
        )
    return pd.DataFrame(rows)


def _against(table: pd.DataFrame) -> list[Finding]:
    names = table.loc[table["item_rest"] < 0, "item"]
    return [finding("item-against-scale", Where(column=str(name)), item=str(name)) for name in names]
