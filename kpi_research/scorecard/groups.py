"""Which units are compared with one another."""

from __future__ import annotations

import pandas as pd

PARTS = ("sequence", "peer_group")
"""Columns of the units table that set units apart: assessment sequence, then peer group within it."""


def comparison_groups(units: pd.Index, described: pd.DataFrame | None) -> pd.DataFrame:
    """Return the group in which each unit is scored and ranked.

    Parameters
    ----------
    units : pandas.Index
        Units to place.
    described : pandas.DataFrame or None
        The units table: ``unit`` and, where the study has them, ``sequence`` and ``peer_group``.

    Returns
    -------
    pandas.DataFrame
        Indexed by unit: ``sequence`` (empty where not given) and ``group`` (sequence and peer group joined by " / ",
        empty where neither is given). Units of one group are compared with each other and with no one else.

    Examples
    --------
    >>> table = pd.DataFrame({"unit": ["North", "East"], "sequence": ["station", "station"], "peer_group": ["urban", None]})
    >>> comparison_groups(pd.Index(["North", "East", "South"]), table)["group"].to_dict()
    {'North': 'station / urban', 'East': 'station', 'South': ''}
    """
    parts = pd.DataFrame("", index=units, columns=list(PARTS), dtype="str")
    if described is not None:
        known = described.set_index("unit")
        for name in PARTS:
            if name in known:
                parts[name] = known[name].astype("object").reindex(units).fillna("").astype("str")
    group = [" / ".join(filter(None, row)) for row in parts.itertuples(index=False)]
    return pd.DataFrame({"sequence": parts["sequence"], "group": pd.Series(group, index=units, dtype="str")})
