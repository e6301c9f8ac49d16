"""Deciding which stations carry a planted property."""

from __future__ import annotations

import numpy as np

from kpi_research.study.synthetic.arrays import Bools, Ints
from kpi_research.study.synthetic.streams import Streams

BLOCK = 20
"""Stations are planted in blocks of this size: every full block carries exactly the share asked for."""


def planted_rank(streams: Streams, subject: str, count: int) -> Ints:
    """Return each station's place in a random order within its block of 20.

    A bureau with more stations keeps the places of the first ones.

    Parameters
    ----------
    streams : Streams
        Random numbers of the bureau.
    subject : str
        The property.
    count : int
        Number of stations.

    Returns
    -------
    numpy.ndarray of int, shape (count,)
        Numbers from 0 to 19.
    """
    blocks = -(-count // BLOCK)
    orders = [streams.generator(f"planted/{subject}", block).permutation(BLOCK) for block in range(blocks)]
    return np.concatenate(orders)[:count].astype(np.int64)


def planted(streams: Streams, subject: str, count: int, share: float) -> Bools:
    """Return which stations carry a property.

    Parameters
    ----------
    streams : Streams
        Random numbers of the bureau.
    subject : str
        The property.
    count : int
        Number of stations.
    share : float
        Share of stations, 0 to 1, exact in every full block of 20.

    Returns
    -------
    numpy.ndarray of bool, shape (count,)

    Examples
    --------
    >>> int(planted(Streams(1), "x", 40, 0.2).sum())
    8
    """
    return planted_rank(streams, subject, count) < round(share * BLOCK)
