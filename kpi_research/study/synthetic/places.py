"""Kinds of places where incidents happen and what they are like."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from kpi_research.study.synthetic.arrays import Floats


class Compound(NamedTuple):
    """One kind of place.

    Attributes
    ----------
    name, en, zh : str
        Identifier and labels.
    dark, open, unseen : float
        Logits of poor lighting, no gate and no CCTV.
    """

    name: str
    en: str
    zh: str
    dark: float
    open: float
    unseen: float


COMPOUNDS: tuple[Compound, ...] = (
    Compound("gated_estate", "Gated estate", "商品房小区", -1.6, -1.8, -1.5),
    Compound("old_compound", "Old compound", "老旧小区", 0.2, 0.4, 0.3),
    Compound("rental_village", "Rental village", "城中村", 0.5, 1.2, 0.4),
    Compound("commercial", "Shops and nightlife", "商业街区", -1.2, 1.0, -1.0),
    Compound("village", "Village", "行政村", 0.6, 1.5, 0.8),
    Compound("street", "Street", "道路街面", -0.5, 2.0, -0.6),
)
"""Kinds of places, in the order of the shares that `compound_shares` returns."""

DARK: Floats = np.array([place.dark for place in COMPOUNDS])
OPEN: Floats = np.array([place.open for place in COMPOUNDS])
UNSEEN: Floats = np.array([place.unseen for place in COMPOUNDS])


def compound_shares(rental: Floats, old: Floats, nightlife: Floats, rural: Floats) -> Floats:
    """Return the cumulative shares of the kinds of places per station.

    Parameters
    ----------
    rental, old, nightlife, rural : numpy.ndarray, shape (stations,)
        Share of rented homes, share of homes in old compounds, venues per square kilometer, and how rural the station
        is (0 to 1).

    Returns
    -------
    numpy.ndarray, shape (stations, 6)
    """
    estate = np.maximum(0.05, 1 - rental - old)
    shares = np.column_stack(
        [estate * (1 - 0.6 * rural), old, rental, 0.04 * nightlife, 0.9 * rural, np.full_like(rental, 0.15)]
    )
    return np.cumsum(shares, axis=1) / shares.sum(axis=1, keepdims=True)
