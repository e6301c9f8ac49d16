"""Which stations are weak, and why."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kpi_research.study.synthetic.arrays import Bools, Floats, Ints
from kpi_research.study.synthetic.effects import WEAK_SPREAD
from kpi_research.study.synthetic.options import BureauOptions
from kpi_research.study.synthetic.planting import BLOCK, planted_rank
from kpi_research.study.synthetic.streams import Streams

CAUSES = ("understaffed", "untrained", "hard_mix", "manner")
"""Causes of weakness: too few officers, poor procedure, a hard case mix, poor manner."""

CAUSES_ZH = ("警力不足", "训练不足", "案情复杂", "服务态度", "无")
NONE = len(CAUSES)


@dataclass(frozen=True)
class Weakness:
    """The planted cause of each station.

    Attributes
    ----------
    cause : numpy.ndarray of int, shape (stations,)
        Position in `CAUSES`, or `NONE`.
    strength : float
        The option ``weakness``.
    """

    cause: Ints
    strength: float

    def has(self, cause: str) -> Floats:
        """Return the strength where a station has this cause, else 0.

        Parameters
        ----------
        cause : str
            One of `CAUSES`.

        Returns
        -------
        numpy.ndarray, shape (stations,)
        """
        return np.where(self.cause == CAUSES.index(cause), self.strength, 0.0)

    @property
    def weak(self) -> Bools:
        """Whether a station is weak at all."""
        return np.asarray((self.cause != NONE) & (self.strength > 0))

    def calm(self) -> Floats:
        """Return the factor on all other differences of a station.

        Returns
        -------
        numpy.ndarray, shape (stations,)
        """
        return np.where(self.weak, WEAK_SPREAD, 1.0)


def plant_weakness(options: BureauOptions, streams: Streams) -> Weakness:
    """Choose the weak stations and their causes, as even as the share allows.

    Parameters
    ----------
    options : BureauOptions
        ``weak_share`` of the stations are weak.
    streams : Streams
        Random numbers of the bureau.

    Returns
    -------
    Weakness
    """
    rank = planted_rank(streams, "weakness", options.stations)
    per_block = round(options.weak_share * BLOCK)
    block = np.arange(options.stations) // BLOCK
    cause = np.where(rank < per_block, (rank + per_block * block) % NONE, NONE)
    return Weakness(cause.astype(np.int64), options.weakness)
