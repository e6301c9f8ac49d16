"""Minutes that those who are judged log themselves: rounding by unit."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kpi_research.numerics.false_discovery import q_values
from kpi_research.numerics.heaping import SPREAD_PER_BASE, rounding_excess
from kpi_research.workload.fairness.frame import column_of, number_column

BASE = 10
COLUMNS = ("unit", "n", "multiples", "rounded", "p", "q", "flagged")


def rounded_minutes(
    log: pd.DataFrame, *, minutes: str, unit: str, base: int = BASE, false_discovery: float = 0.05
) -> pd.DataFrame:
    """Test in which units logged minutes are rounded.

    Parameters
    ----------
    log : pandas.DataFrame
        One row per logged entry.
    minutes : str
        Column of minutes as they were typed; numbers that are not whole and zeros are left out.
    unit : str
        Column of units.
    base : int
        Base of rounding, at least 2.
    false_discovery : float
        Expected share of wrong flags among flags.

    Returns
    -------
    pandas.DataFrame
        One row per unit: ``unit``, ``n``; ``multiples`` (share of entries that are multiples of the base); ``rounded``
        (estimated share of rounded entries, 0 to 1); ``p``, ``q`` (over units), ``flagged``. NaN where minutes spread too
        little to tell.

    Raises
    ------
    ValueError
        If a column is missing or not numeric, or the base is below 2.

    Notes
    -----
    Exact binomial test for an excess of multiples over 1 / base, as in `kpi_research.validity.rounding`. Rounding to the
    nearest multiple shifts no mean by much; a flag says that the minutes are remembered rather than measured.

    Examples
    --------
    >>> log = pd.DataFrame({"unit": "A", "minutes": [*range(20, 220), *[60] * 50]})
    >>> bool(rounded_minutes(log, minutes="minutes", unit="unit")["flagged"].iloc[0])
    True
    """
    if base < 2:
        raise ValueError(f"base is {base}; it must be at least 2")
    frame = pd.DataFrame({"unit": column_of(log, unit).astype("str"), "minutes": number_column(log, minutes)}).dropna()
    frame = frame[(frame["minutes"] > 0) & (frame["minutes"] == frame["minutes"].round())]
    groups = frame.assign(multiple=frame["minutes"] % base == 0).groupby("unit", sort=True)
    n = np.asarray(groups.size(), dtype=np.float64)
    multiples = np.asarray(groups["multiple"].sum(), dtype=np.float64)
    share, p = rounding_excess(multiples, n, base)
    known = (groups["minutes"].std().fillna(0.0).to_numpy() >= SPREAD_PER_BASE * base) & (n >= base)
    found = pd.DataFrame({"unit": list(groups.groups), "n": n.astype(int), "multiples": multiples / np.maximum(n, 1.0)})
    found["rounded"], found["p"] = np.where(known, share, np.nan), np.where(known, p, np.nan)
    found["q"] = q_values(found["p"].to_numpy(dtype=float))
    return found.assign(flagged=(found["q"] <= false_discovery).fillna(False))[list(COLUMNS)]
