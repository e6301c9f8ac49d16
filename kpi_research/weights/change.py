"""Limits on how far single weights may move from the current ones, as limits of the catalogue."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from kpi_research.weights.indicators import canonical_indicators, weights_of


def limit_changes(
    indicators: pd.DataFrame, current: Mapping[str, float] | pd.Series, points: float | Mapping[str, float]
) -> pd.DataFrame:
    """Return the catalogue with limits that let no weight move further than so many points from the current one.

    Says a rule such as "no indicator moves more than 5 points a year". What the catalogue limits already stays where it is
    tighter; a ban comes before all.

    Parameters
    ----------
    indicators : pandas.DataFrame
        The catalogue.
    current : mapping or pandas.Series of id to points
        The weights in force; an indicator without one counts as new and has 0 points.
    points : float or mapping of id to float
        Largest move up or down, 0 to 100 points, of every or of single indicators.

    Returns
    -------
    pandas.DataFrame
        A copy with ``min_weight`` and ``max_weight`` set, rows in the order given.

    Raises
    ------
    ValueError
        If an id is unknown or a number is out of range.

    Examples
    --------
    >>> catalogue = pd.DataFrame({"id": ["a", "b"]})
    >>> limit_changes(catalogue, {"a": 97, "b": 3}, 5)[["min_weight", "max_weight"]].to_numpy().tolist()
    [[92.0, 100.0], [0.0, 8.0]]
    """
    frame = canonical_indicators(indicators)
    ids = tuple(frame["id"])
    given = weights_of(current, ids)
    if given is None:
        raise ValueError("current is empty; give the weights in force")
    each = dict(points) if isinstance(points, Mapping) else dict.fromkeys(ids, points)
    for name, value in each.items():
        if name not in ids:
            raise ValueError(f"points: there is no indicator '{name}'")
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 100:
            raise ValueError(f"points of '{name}' is {value!r}; allowed is 0 to 100")
    room = np.array([float(each.get(name, 100.0)) for name in ids])
    for name, bound, tighter in (("min_weight", given - room, np.fmax), ("max_weight", given + room, np.fmin)):
        known = frame[name].to_numpy(dtype=float) if name in frame else np.full(len(ids), np.nan)
        frame[name] = tighter(known, np.clip(bound, 0.0, 100.0))
    return frame.set_index("id").loc[list(indicators["id"])].reset_index()[[*indicators.columns, *_new(indicators)]]


def _new(indicators: pd.DataFrame) -> list[str]:
    return [name for name in ("min_weight", "max_weight") if name not in indicators]
