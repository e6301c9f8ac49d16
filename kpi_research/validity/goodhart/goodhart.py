"""What became of an indicator when it became a target."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.results import Result
from kpi_research.validity.goodhart.relation import between_relation, change_relation, era_means, within_relation
from kpi_research.validity.goodhart.signs import target_signs
from kpi_research.validity.goodhart.spread import dispersion, level_change, pile_up, pile_up_means
from kpi_research.validity.prediction.panel_columns import PanelColumns, check_level, read_columns
from kpi_research.validity.prediction.reading import causal_statement
from kpi_research.validity.words import Both

Array = NDArray[np.float64]
Bools = NDArray[np.bool_]
COLUMNS = ("part", "quantity", "estimate", "se", "low", "high", "p", "freedom")
_ERAS = ("before", "after")
LEAST_PERIODS = 2
FEW_PERIODS = 4
Better = Literal["higher", "lower"]


@dataclass(frozen=True)
class Goodhart(Result):
    """An indicator before and after it became a target.

    ``table`` has a row per ``part`` and ``quantity``, with ``estimate``, ``se``, ``low``, ``high``, ``p``, ``freedom``:

    - ``within``, ``between``: slope of the outcome on the indicator (units of the outcome per unit of the indicator)
      ``before``, ``after`` and their ``difference``, from movements inside units and from means of units.
    - ``change``: ``slope`` of units' change of the outcome on their change of the indicator.
    - ``level``: mean change of ``indicator`` and ``outcome`` in standard deviations of values before.
    - ``dispersion``: ``ratio`` of the variances between units, after over before (``se`` of its logarithm).
    - ``pile_up``: share just past the target less share just short of it, ``before``, ``after``, ``difference``; absent
      without a target.

    Attributes
    ----------
    signs : tuple of str
        What was seen at 1 - level: ``relation_lost`` (a relation as expected before, and weaker after; two tests, each
        at half the size), ``dispersion_collapsed`` (ratio below 1), ``piled_up`` (difference above 0), ``level_only``
        (the indicator became better by more than the outcome, in standard deviations, and the outcome did not).
    target_from : str
        First period of the target.
    periods : tuple of int
        Periods before and after.
    units : pandas.DataFrame
        A row per unit: ``unit``; ``indicator_before``, ``indicator_after``, ``outcome_before``, ``outcome_after`` (means);
        ``pile_up_before``, ``pile_up_after`` (NaN without a target).
    reading : mapping of language to str
        What would have to be true to read this as the work of the target.
    level : float
        Coverage of the intervals.
    """

    signs: tuple[str, ...]
    target_from: str
    periods: tuple[int, int]
    units: pd.DataFrame
    reading: Both
    level: float

    def row(self, part: str, quantity: str) -> pd.Series:
        """Return one row of the table.

        Parameters
        ----------
        part, quantity : str
            Its names.

        Returns
        -------
        pandas.Series
            All NaN where the table has no such row.
        """
        found = self.table[(self.table["part"] == part) & (self.table["quantity"] == quantity)]
        return found.iloc[0] if len(found) else pd.Series(np.nan, index=list(COLUMNS))


def goodhart(
    frame: pd.DataFrame,
    *,
    indicator: str,
    outcome: str,
    unit: str,
    period: str,
    target_from: object,
    target: float | None = None,
    direction: Better = "higher",
    outcome_direction: Better = "higher",
    window: float | None = None,
    level: float = 0.95,
) -> Goodhart:
    """Compare an indicator and its relation with an outcome before and after it became a target.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per unit and period.
    indicator, outcome : str
        Numeric columns; the outcome must come from another source than the indicator.
    unit, period : str
        Key columns.
    target_from : object
        First period of the target, comparable with the periods.
    target : float, optional
        Value that the target asks for; without it no pile-up is looked for.
    direction, outcome_direction : {"higher", "lower"}
        Which values are better.
    window : float, optional
        Width of the windows beside the target, in the unit of the indicator.
    level : float
        Coverage of the intervals, above 0 and below 1.

    Returns
    -------
    Goodhart

    Raises
    ------
    ValueError
        If names or numbers do not fit, or fewer than two periods lie before or after.

    Notes
    -----
    Slopes with unit and period effects and CR2 errors with Satterthwaite degrees of freedom, which hold for few units
    (see `kpi_research.numerics.cluster_slopes.cluster_slopes`). A relation that was not there before cannot be lost: look
    at ``before`` first. Goodhart (1975); Bevan & Hood (2006), doi:10.1111/j.1467-9299.2006.00600.x.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> work, noise = rng.normal(size=(2, 30, 24))
    >>> told = work.copy()
    >>> told[:, 12:] = np.maximum(told[:, 12:], 0.5)
    >>> keys = {"station": np.repeat(range(30), 24), "month": np.tile(range(24), 30)}
    >>> panel = pd.DataFrame({**keys, "visits": told.ravel(), "safety": (work + noise).ravel()})
    >>> ask = {"unit": "station", "period": "month", "target_from": 12, "target": 0.5}
    >>> goodhart(panel, indicator="visits", outcome="safety", **ask).signs
    ('dispersion_collapsed', 'piled_up', 'level_only')
    """
    check_level(level)
    for name, given in (("direction", direction), ("outcome_direction", outcome_direction)):
        if given not in ("higher", "lower"):
            raise ValueError(f"{name} is '{given}'; it must be 'higher' or 'lower'")
    if target is not None and not np.isfinite(target):
        raise ValueError(f"target is {target}; it must be a finite number, or None where there is none")
    columns = read_columns(frame, {"indicator": indicator, "outcome": outcome}, unit, period)
    x, y = columns.tables[indicator], columns.tables[outcome]
    after = _after(columns, target_from, np.isfinite(x))
    signs_of = (1.0 if direction == "higher" else -1.0, 1.0 if outcome_direction == "higher" else -1.0)
    table = _table(y, x, after, level, target, direction == "higher", window)
    periods = (int((~after).sum()), int(after.sum()))
    return Goodhart(
        table,
        _findings(periods, indicator),
        target_signs(table, signs_of, 1.0 - level),
        str(target_from),
        periods,
        _units(columns.units, y, x, after, (target, direction == "higher", window)),
        causal_statement(["same-without-target", "same-record", "no-third-within"]),
        level,
    )


def _after(columns: PanelColumns, target_from: object, known: Bools) -> Bools:
    try:
        after = np.asarray(columns.periods >= target_from, dtype=bool)
    except TypeError as error:
        raise ValueError(
            f"target_from is {target_from!r}, which cannot be compared with periods such as {columns.periods[0]!r}"
        ) from error
    seen = known.any(axis=0)
    counts = (int((seen & ~after).sum()), int((seen & after).sum()))
    if min(counts) < LEAST_PERIODS:
        raise ValueError(
            f"target_from is {target_from!r}: {counts[0]} periods with values lie before it and {counts[1]} from it on "
            f"(periods run from {columns.periods[0]} to {columns.periods[-1]}); at least {LEAST_PERIODS} on each side "
            "are needed"
        )
    return after


def _table(
    y: Array, x: Array, after: Bools, level: float, target: float | None, higher: bool, window: float | None
) -> pd.DataFrame:
    rows = within_relation(y, x, after, level) + between_relation(y, x, after, level)
    rows += change_relation(y, x, after, level)
    rows += level_change(x, after, level, "indicator") + level_change(y, after, level, "outcome")
    rows += dispersion(x, after, level)
    if target is not None:
        rows += pile_up(pile_up_means(x, after, target, higher=higher, window=window), level)
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype({"part": "str", "quantity": "str"})


def _units(
    labels: pd.Index, y: Array, x: Array, after: Bools, wanted: tuple[float | None, bool, float | None]
) -> pd.DataFrame:
    target, higher, window = wanted
    tables = {"indicator": era_means(x[None], after)[0], "outcome": era_means(y[None], after)[0]}
    piled = np.full((len(labels), 2), np.nan)
    tables["pile_up"] = piled if target is None else pile_up_means(x, after, target, higher=higher, window=window)
    columns = {f"{name}_{era}": part[:, place] for name, part in tables.items() for place, era in enumerate(_ERAS)}
    return pd.DataFrame({"unit": labels, **columns})


def _findings(periods: tuple[int, int], indicator: str) -> tuple[Finding, ...]:
    if min(periods) >= FEW_PERIODS:
        return ()
    facts = {"before": periods[0], "after": periods[1], "enough": FEW_PERIODS}
    return (finding("goodhart-few-periods", Where(column=indicator), **facts),)
