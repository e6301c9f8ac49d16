"""Pseudonyms for persons: the same person always gets the same token, and nobody without the key can go back."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field

import pandas as pd

MIN_KEY_BYTES = 16
"""Shortest key that is accepted, in bytes."""


def pseudonyms(column: pd.Series, key: bytes, domain: str) -> pd.Series:
    """Replace the identifiers of persons by keyed tokens.

    The token is the first 64 bits of HMAC-SHA256 over the identifier, keyed with ``key`` and separated by ``domain``,
    so that tokens of two studies cannot be joined. A plain hash would not do: the space of badge numbers is small
    enough to be searched through.

    Parameters
    ----------
    column : pandas.Series of str
        Identifiers; missing ones stay missing.
    key : bytes
        The secret, at least 16 bytes.
    domain : str
        Name of the study.

    Returns
    -------
    pandas.Series of str
        Tokens such as ``"p-3f9a0c1d2e4b5a67"``.

    Raises
    ------
    ValueError
        If the key is shorter than 16 bytes.

    References
    ----------
    Krawczyk, Bellare & Canetti (1997), HMAC: Keyed-Hashing for Message Authentication, RFC 2104.
    """
    if len(key) < MIN_KEY_BYTES:
        raise ValueError(f"key has {len(key)} bytes; at least {MIN_KEY_BYTES} are needed")
    tokens = {name: _token(str(name), key, domain) for name in column.dropna().unique()}
    return column.map(tokens).astype("str")


def _token(name: str, key: bytes, domain: str) -> str:
    message = b"\x1f".join([b"kpi_research person", domain.encode(), name.encode()])
    return "p-" + hmac.new(key, message, hashlib.sha256).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Pseudonymizer:
    """What replaces the names of persons in every table of a study.

    Attributes
    ----------
    columns : tuple of str
        Columns that name persons.
    key : bytes
        The secret, at least 16 bytes; never shown.
    domain : str
        Name of the study.
    """

    columns: tuple[str, ...]
    key: bytes = field(repr=False)
    domain: str

    def apply(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return a table with its person columns replaced by pseudonyms.

        Parameters
        ----------
        frame : pandas.DataFrame
            A table, with or without such columns.

        Returns
        -------
        pandas.DataFrame
        """
        present = [name for name in self.columns if name in frame]
        return frame.assign(**{name: pseudonyms(frame[name], self.key, self.domain) for name in present})
