"""Weights from experts' comparisons of pairs: the analytic hierarchy process."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpi_research.study.findings import Where, finding
from kpi_research.study.results import Result
from kpi_research.validity.frames import check_columns, numbers

Array = NDArray[np.float64]
RANDOM_INDEX = (
    0.0,
    0.0,
    0.0,
    0.5245,
    0.8815,
    1.1086,
    1.2479,
    1.3417,
    1.4056,
    1.4499,
    1.4854,
    1.5141,
    1.5365,
    1.5551,
    1.5713,
    1.5838,
)
"""Mean consistency index of random matrices of size 0 to 15 (Alonso & Lamata 2006, doi:10.1142/S0218488506004114)."""
CONSISTENT = 0.10


@dataclass(frozen=True)
class Ahp(Result):
    """Weights from pairwise comparisons.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per item: ``item``, ``weight`` (group, sums to 1), ``low``, ``high`` (smallest and largest weight that a
        single expert gives).
    experts : pandas.DataFrame
        One row per expert: ``expert``, ``pairs`` (comparisons given), ``consistency_ratio``, ``consistent`` (at most .10),
        ``worst`` (the pair farthest from the expert's own weights).
    weights : pandas.DataFrame
        ``expert``, ``item``, ``weight``.
    consistency_ratio : float
        Of the group.
    """

    experts: pd.DataFrame
    weights: pd.DataFrame
    consistency_ratio: float


def ahp(
    comparisons: pd.DataFrame, *, expert: str, first: str, second: str, ratio: str, consistent_only: bool = True
) -> Ahp:
    r"""Return weights from experts' comparisons of pairs.

    Parameters
    ----------
    comparisons : pandas.DataFrame
        One row per expert and pair; not every pair is needed as long as comparisons connect all items.
    expert, first, second, ratio : str
        Names of the columns; ``ratio`` is how many times the first is as important as the second, above 0.
    consistent_only : bool
        Whether the group leaves out experts whose consistency ratio exceeds .10; if none is left, all are used.

    Returns
    -------
    Ahp
        With the finding ``expert-inconsistent`` for experts beyond .10.

    Raises
    ------
    ValueError
        If a column is missing, a ratio is not positive, a pair is compared with itself or twice, or an expert's
        comparisons do not connect all items.

    Notes
    -----
    Weights are the principal eigenvector (Saaty 1977, doi:10.1016/0022-2496(77)90033-5); pairs that were not compared
    are filled in as Harker 1987 does (doi:10.1016/0270-0255(87)90503-3). The group's matrix is the geometric mean of
    the experts' (Aczel & Saaty 1983). Consistency ratio: :math:`(\lambda_{max} - n)/(n - 1)` over its random index.

    Examples
    --------
    >>> rows = [("E", "a", "b", 2.0), ("E", "b", "c", 2.0), ("E", "a", "c", 4.0)]
    >>> found = ahp(pd.DataFrame(rows, columns=list("efsr")), expert="e", first="f", second="s", ratio="r")
    >>> found.table["weight"].round(4).tolist(), bool(abs(found.consistency_ratio) < 1e-9)
    ([0.5714, 0.2857, 0.1429], True)
    """
    check_columns(comparisons, {"expert": expert, "first": first, "second": second, "ratio": ratio})
    clean = pd.DataFrame({"e": comparisons[expert].astype("str"), "a": comparisons[first].astype("str")})
    clean = clean.assign(b=comparisons[second].astype("str"), r=numbers(comparisons, ratio)).dropna()
    items = list(dict.fromkeys([*clean["a"], *clean["b"]]))
    _check(clean, ratio, items)
    matrices = {str(name): _matrix(part, items, str(name)) for name, part in clean.groupby("e", sort=False)}
    rows = [_expert_row(name, matrix, items) for name, matrix in matrices.items()]
    experts = pd.DataFrame(rows)
    kept = set(experts.loc[experts["consistent"], "expert"]) if consistent_only else set(experts["expert"])
    used = [matrix for name, matrix in matrices.items() if name in kept] or list(matrices.values())
    group, ratio_of_group = principal(_together(used))
    single = {name: principal(matrix)[0] for name, matrix in matrices.items()}
    stacked = np.array(list(single.values()))
    table = pd.DataFrame({"item": items, "weight": group, "low": stacked.min(axis=0), "high": stacked.max(axis=0)})
    weights = pd.DataFrame([(name, item, w) for name, ws in single.items() for item, w in zip(items, ws, strict=True)])
    said = tuple(
        finding(
            "expert-inconsistent",
            Where(),
            expert=row["expert"],
            ratio=f"{row['consistency_ratio']:.2f}",
            pair=row["worst"],
        )
        for row in rows
        if not row["consistent"]
    )
    return Ahp(table, said, experts, weights.set_axis(["expert", "item", "weight"], axis=1), ratio_of_group)


def _check(clean: pd.DataFrame, ratio: str, items: list[str]) -> None:
    if clean.empty:
        raise ValueError("there is no comparison")
    if not (clean["r"] > 0).all() or not np.isfinite(clean["r"]).all():
        raise ValueError(f"column '{ratio}' must be above 0 in every row")
    if (clean["a"] == clean["b"]).any():
        raise ValueError(f"item '{clean.loc[clean['a'] == clean['b'], 'a'].iloc[0]}' is compared with itself")
    pair = clean[["a", "b"]].min(axis=1) + "\0" + clean[["a", "b"]].max(axis=1)
    if pd.DataFrame({"e": clean["e"], "p": pair}).duplicated().any():
        raise ValueError("an expert compares a pair twice; one comparison per pair is allowed")


def _matrix(part: pd.DataFrame, items: list[str], name: str) -> Array:
    place = {item: number for number, item in enumerate(items)}
    matrix = np.full((len(items), len(items)), np.nan)
    np.fill_diagonal(matrix, 1.0)
    for a, b, r in zip(part["a"].map(place), part["b"].map(place), part["r"].astype(float), strict=True):
        matrix[a, b], matrix[b, a] = r, 1.0 / r
    reach = np.linalg.matrix_power(np.isfinite(matrix).astype(float), len(items)) > 0
    if not reach.all():
        alone = items[int(np.argmin(reach[0]))]
        raise ValueError(f"expert '{name}': no chain of comparisons connects '{items[0]}' with '{alone}'")
    return matrix


def _together(matrices: list[Array]) -> Array:
    logs = np.log(np.array(matrices))
    known = np.isfinite(logs)
    mean = np.where(known, logs, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    return np.where(known.any(axis=0), np.exp(mean), np.nan)


def principal(matrix: Array) -> tuple[Array, float]:
    """Return weights and the consistency ratio of a comparison matrix.

    Parameters
    ----------
    matrix : ndarray of shape (n, n)
        Reciprocal; NaN where a pair was not compared.

    Returns
    -------
    weights : ndarray of shape (n,)
        Positive, summing to 1.
    consistency_ratio : float
        0 with fewer than three items.
    """
    n = len(matrix)
    filled = np.where(np.isfinite(matrix), matrix, 0.0)
    filled[np.diag_indices(n)] = 1.0 + np.isnan(matrix).sum(axis=1)
    values, vectors = np.linalg.eig(filled)
    largest = int(np.argmax(values.real))
    weights = np.abs(vectors[:, largest].real)
    index = (float(values[largest].real) - n) / (n - 1) if n > 1 else 0.0
    return weights / weights.sum(), index / random_index(n) if n > 2 else 0.0


def random_index(n: int) -> float:
    """Return the mean consistency index of random matrices of a size; beyond 15 by 1.98 (n - 2) / n (Saaty 1980).

    Parameters
    ----------
    n : int
        Number of items.

    Returns
    -------
    float
    """
    return RANDOM_INDEX[n] if n < len(RANDOM_INDEX) else 1.98 * (n - 2) / n


def _expert_row(name: str, matrix: Array, items: list[str]) -> dict[str, object]:
    weights, ratio = principal(matrix)
    off = np.abs(
        np.log(np.where(np.isfinite(matrix), matrix, 1.0))
        - np.where(np.isfinite(matrix), np.log(weights[:, None] / weights), 0.0)
    )
    row, column = np.unravel_index(int(off.argmax()), off.shape)
    pairs = int((np.isfinite(matrix).sum() - len(items)) / 2)
    worst = f"{items[row]} / {items[column]}" if off.max() > 1e-9 else ""
    return {
        "expert": name,
        "pairs": pairs,
        "consistency_ratio": ratio,
        "consistent": ratio <= CONSISTENT + 1e-12,
        "worst": worst,
    }
