"""Named random streams: each table, unit and month has its own, so that adding one never changes another."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np

from kpi_research.study.synthetic.arrays import Floats

Key = tuple[int, ...]


@cache
def subject_key(subject: str) -> int:
    """Return the 32-bit number that stands for a subject in the key of its stream.

    Parameters
    ----------
    subject : str
        Any text, e.g. ``"incidents"``.

    Returns
    -------
    int

    Examples
    --------
    >>> subject_key("incidents") == subject_key("incidents")
    True
    """
    return int.from_bytes(hashlib.blake2b(subject.encode(), digest_size=4).digest(), "big")


@dataclass(frozen=True, slots=True)
class Streams:
    """All random numbers of a bureau.

    A stream is keyed by the seed, a subject and the numbers of a unit and a month (`numpy.random.SeedSequence`), so
    the same subject, unit and month get the same numbers whatever else is drawn, in whatever order.

    Attributes
    ----------
    seed : int
        Seed of the bureau, not negative.
    """

    seed: int

    def generator(self, subject: str, *key: int) -> np.random.Generator:
        """Return a new generator at the start of a stream.

        Parameters
        ----------
        subject : str
            What is drawn.
        *key : int
            Kind and number of the unit, number of the month.

        Returns
        -------
        numpy.random.Generator
        """
        sequence = np.random.SeedSequence(self.seed, spawn_key=(subject_key(subject), *key))
        return np.random.Generator(np.random.PCG64(sequence))

    def uniforms(self, subject: str, keys: Iterable[Key], *shape: int) -> Floats:
        """Return uniform numbers, one block per key.

        Parameters
        ----------
        subject : str
            What is drawn.
        keys : iterable of tuple of int
            One key per block.
        *shape : int
            Shape of a block; a longer first axis keeps the numbers of a shorter one.

        Returns
        -------
        numpy.ndarray, shape (number of keys, *shape)
            Numbers in (0, 1).
        """
        blocks = [self.generator(subject, *key).random(shape) for key in keys]
        return np.maximum(np.stack(blocks), 2.0**-54) if blocks else np.empty((0, *shape))
