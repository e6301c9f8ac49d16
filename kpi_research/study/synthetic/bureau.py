"""A whole simulated bureau: all tables, all truth, the catalogue and the study file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from kpi_research.study.synthetic.catalogue import catalogue_rows, spec_text
from kpi_research.study.synthetic.options import BureauOptions, make_options
from kpi_research.study.synthetic.parts import TABLES, TRUTH, Parts


@dataclass(frozen=True)
class Bureau:
    """A simulated bureau.

    Attributes
    ----------
    tables : mapping of str to pandas.DataFrame
        Every table role: ``units``, ``officers``, ``incidents``, ``labels``, ``worklog``, ``ledger``, ``panel``,
        ``outcomes``, ``survey``, ``ratings``, ``assessments``, ``events``, ``audits``, ``experts``, ``comparisons``.
    truth : mapping of str to pandas.DataFrame
        What a study should recover; no stage reads it.
    indicators : pandas.DataFrame
        Rows of the indicator catalogue, with labels in English and Chinese.
    spec_text : str
        Text of the ``study.toml``.
    """

    tables: Mapping[str, pd.DataFrame]
    truth: Mapping[str, pd.DataFrame]
    indicators: pd.DataFrame
    spec_text: str


def draw_bureau(
    stations: int = 40, months: int = 24, officers_per_station: int = 30, seed: int = 1, **options: Any
) -> Bureau:
    """Simulate a police bureau whose truth is known.

    The same arguments give the same tables. More months or more stations leave the first ones as they are; a mechanism
    that is switched off changes only the values it touches.

    Parameters
    ----------
    stations : int
        Police stations, 1 to 9999.
    months : int
        Months from January 2024 (option ``start``), 1 to 240.
    officers_per_station : int
        Officers of a station of the norm, 6 to 300.
    seed : int
        Seed, not negative.
    **options
        Fields of `BureauOptions`, one or more per mechanism; `null_options` returns those of the null bureau.

    Returns
    -------
    Bureau

    Raises
    ------
    TypeError
        If an option is unknown or of the wrong type.
    ValueError
        If an option is outside its range.

    Examples
    --------
    >>> bureau = draw_bureau(stations=3, months=2, officers_per_station=8, incidents_per_month=20)
    >>> bureau.tables["units"]["unit"].head(3).tolist()
    ['S0001', 'S0002', 'S0003']
    """
    given = {"stations": stations, "months": months, "officers_per_station": officers_per_station, "seed": seed}
    return draw_with(make_options(**given, **options))


def draw_with(options: BureauOptions) -> Bureau:
    """Simulate a bureau from an options object; see `draw_bureau`.

    Parameters
    ----------
    options : BureauOptions
        The options.

    Returns
    -------
    Bureau
    """
    parts = Parts(options)
    tables = {name: make(parts) for name, make in TABLES.items()}
    truth = {name: make(parts) for name, make in TRUTH.items()}
    return Bureau(tables, truth, catalogue_rows(), spec_text(options))
