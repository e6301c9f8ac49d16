"""The raw random numbers behind the incidents of some stations and months."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kpi_research.study.synthetic.arrays import Bools, Floats, Ints
from kpi_research.study.synthetic.world import World

SLOTS = (
    "type", "day", "hour", "delay", "compound", "lighting", "gate", "cctv", "transient", "preventable", "prevented",
    "solved", "closing", "repeat", "address", "channel", "dispatch", "travel", "entry", "moved", "moved_to", "swapped",
    "handling", "officer", "revisit", "lost_lighting", "lost_gate", "lost_cctv",
)  # fmt: skip
"""What each row of random numbers is used for; append, never insert, to keep bureaus as they are."""


@dataclass(frozen=True)
class Draws:
    """Random numbers of incidents that are not yet prevented.

    Attributes
    ----------
    numbers : numpy.ndarray, shape (28, n)
        Uniform numbers, one row per slot.
    station, month : numpy.ndarray of int, shape (n,)
        Where and when each incident is reported.
    """

    numbers: Floats
    station: Ints
    month: Ints

    def __getitem__(self, slot: str) -> Floats:
        return self.numbers[SLOTS.index(slot)]

    def take(self, rows: Bools | Ints) -> Draws:
        """Return the incidents that a mask or positions select.

        Parameters
        ----------
        rows : numpy.ndarray of bool or int
            The mask or the positions.

        Returns
        -------
        Draws
        """
        return Draws(self.numbers[:, rows], self.station[rows], self.month[rows])


def draw_numbers(world: World, stations: slice, months: slice) -> Draws:
    """Draw the number of incidents of each station and month and their random numbers.

    Parameters
    ----------
    world : World
        The hidden world.
    stations, months : slice
        Which stations and months, with start and stop.

    Returns
    -------
    Draws
        Ordered by station, then month.
    """
    means = world.volumes(stations, months).sum(axis=2)
    blocks, station, month = [np.empty((len(SLOTS), 0))], [], []
    for row, s in enumerate(range(stations.start, stations.stop)):
        for col, m in enumerate(range(months.start, months.stop)):
            stream = world.streams.generator("incidents", *world.roster.keys[s], m)
            blocks.append(stream.random((len(SLOTS), int(stream.poisson(means[row, col])))))
            station.append(s)
            month.append(m)
    counts = [block.shape[1] for block in blocks[1:]]
    numbers = np.maximum(np.concatenate(blocks, axis=1), 2.0**-54)
    return Draws(numbers, np.repeat(station, counts).astype(np.int64), np.repeat(month, counts).astype(np.int64))
