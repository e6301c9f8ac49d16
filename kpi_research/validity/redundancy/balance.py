"""What a scheme of weights rewards: shares of quantity, quality, prevention, process and outcome."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from kpi_research.study.findings import Finding, Language, Where, finding
from kpi_research.study.results import Result
from kpi_research.validity.frames import check_columns

Array = NDArray[np.float64]
DIMENSIONS = ("kind", "perspective", "evaluator")
COLUMNS = ("dimension", "group", "indicators", "weighted", "nominal", "effective")
COUNTS, GOOD = ("quantity",), ("quality", "outcome")
"""Kinds that count pieces, and kinds that say how well they were done or what came of them."""

OUTGROWN = 0.05
"""Share of the score that counts must gain over their weight before it is told."""


@dataclass(frozen=True)
class Balance(Result):
    """What a scheme of weights rewards.

    ``table`` has one row per group: ``dimension`` (``kind``, ``perspective`` or ``evaluator``), ``group`` (a value of
    that column, empty where the catalogue says none), ``indicators`` in the catalogue, ``weighted`` (those with weight),
    ``nominal`` (share of all weight) and ``effective`` (share of the spread of the score, NaN where no importance was
    given; it can be below 0).
    """

    def plot(self, lang: Language = "en") -> Figure:
        """Draw nominal and effective shares side by side.

        Parameters
        ----------
        lang : {"en", "zh"}
            Language of the labels.

        Returns
        -------
        matplotlib.figure.Figure
        """
        from kpi_research.validity.redundancy.draw import draw_balance

        return draw_balance(self, lang)


def balance(
    indicators: pd.DataFrame,
    weights: Mapping[str, float],
    importance: pd.DataFrame | None = None,
    *,
    by: Sequence[str] = DIMENSIONS,
) -> Balance:
    """Return what share of the weight, and of the spread of the score, each kind of indicator has.

    Parameters
    ----------
    indicators : pandas.DataFrame
        The catalogue: ``id`` and the columns of ``by``; ``kind`` is ``quantity``, ``quality``, ``preventive``, ``process``
        or ``outcome``.
    weights : mapping of str to float
        Weight per indicator, in any unit, not negative; indicators that are not named have none.
    importance : pandas.DataFrame, optional
        ``indicator`` and ``effective``, as in the table of `kpi_research.validity.importance.importance`.
    by : sequence of str
        Columns to group by.

    Returns
    -------
    Balance

    Raises
    ------
    TypeError, ValueError
        If a column is missing, an id stands twice, a weight is negative or not finite, or all are zero.

    Notes
    -----
    The effective share of a group is the sum of the effective weights of its indicators, which add up to 1 over all;
    see `kpi_research.validity.importance.importance`.

    Examples
    --------
    >>> catalogue = pd.DataFrame({"id": ["visits", "lawful"], "kind": ["quantity", "quality"]})
    >>> found = balance(catalogue, {"visits": 30, "lawful": 10}, by=["kind"])
    >>> found.table["nominal"].tolist(), found.findings[0].code
    ([0.75, 0.25], 'counts-crowd-out-quality')
    """
    by = [by] if isinstance(by, str) else list(by)
    check_columns(indicators, {"indicators": "id", "by": by})
    ids = [str(name) for name in indicators["id"]]
    if len(set(ids)) < len(ids):
        double = next(name for name in ids if ids.count(name) > 1)
        raise ValueError(f"indicators: id '{double}' stands twice")
    points, strange = _points(weights, ids)
    effective = _effective(importance, ids)
    nominal = points / points.sum()
    rows = [row for column in by for row in _rows(indicators[column], column, nominal, effective)]
    table = pd.DataFrame(rows, columns=list(COLUMNS)).astype({"dimension": "str", "group": "str"})
    findings = [*_crowding(table)]
    if strange:
        findings.append(
            finding("weight-without-indicator", Where(), points=sum(strange.values()), indicators=", ".join(strange))
        )
    return Balance(table, tuple(findings))


def _points(weights: Mapping[str, float], ids: list[str]) -> tuple[Array, dict[str, float]]:
    given = {str(name): float(value) for name, value in dict(weights).items()}
    for name, value in given.items():
        if not (np.isfinite(value) and value >= 0):
            raise ValueError(f"weights of '{name}' is {value}; it must be a number from 0")
    points = np.array([given.get(name, 0.0) for name in ids])
    if not points.sum() > 0:
        raise ValueError("weights: no indicator of the catalogue has a weight above 0")
    return points, {name: value for name, value in given.items() if name not in ids and value > 0}


def _effective(importance: pd.DataFrame | None, ids: list[str]) -> Array:
    if importance is None:
        return np.full(len(ids), np.nan)
    check_columns(importance, {"importance": ["indicator", "effective"]})
    known = dict(zip(importance["indicator"].astype("str"), importance["effective"].astype(float), strict=True))
    return np.array([known.get(name, 0.0) for name in ids])


def _rows(groups: pd.Series, dimension: str, nominal: Array, effective: Array) -> Iterator[tuple[object, ...]]:
    words = groups.astype("str").where(groups.notna(), "").to_numpy()
    for group in dict.fromkeys(words):
        mine = words == group
        share = float(effective[mine].sum())
        yield dimension, group, int(mine.sum()), int((nominal[mine] > 0).sum()), float(nominal[mine].sum()), share


def _crowding(table: pd.DataFrame) -> Iterator[Finding]:
    kinds = table[table["dimension"] == "kind"].set_index("group")
    if kinds.empty:
        return
    shares = {
        measure: [float(kinds.loc[kinds.index.isin(group), measure].sum(skipna=False)) for group in (COUNTS, GOOD)]
        for measure in ("nominal", "effective")
    }
    for measure, (counts, good) in shares.items():
        if counts > good:
            yield finding("counts-crowd-out-quality", Where(), measure=_MEASURE[measure], quantity=counts, quality=good)
    (counts, good), (counts_now, good_now) = shares["nominal"], shares["effective"]
    if counts_now - counts > OUTGROWN and good_now < good:
        facts = {"nominal": counts, "effective": counts_now, "quality_nominal": good, "quality_effective": good_now}
        yield finding("counts-outgrow-their-weight", Where(), **facts)


_MEASURE: Mapping[str, Mapping[str, str]] = {
    "nominal": {"en": "weight", "zh": "名义权重"},
    "effective": {"en": "spread of the score", "zh": "得分差异"},
}
