"""Veto indicators: targets that no number of points makes up for."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kpi_research.scorecard.scales import ThresholdScale, sign_of


def veto_flags(levels: pd.DataFrame, indicators: pd.DataFrame) -> pd.DataFrame:
    """Return which units miss the target of which veto indicator.

    Parameters
    ----------
    levels : pandas.DataFrame
        Unit × indicator: mean over the periods; NaN = missing.
    indicators : pandas.DataFrame
        Catalogue with ``id``, ``role``, ``direction``, ``target``.

    Returns
    -------
    pandas.DataFrame
        Unit × veto indicator that has a target: True where the level does not reach the target; a missing level
        raises no veto.

    Examples
    --------
    >>> levels = pd.DataFrame({"deaths": [0.0, 0.5]}, index=["North", "East"])
    >>> catalogue = pd.DataFrame({"id": ["deaths"], "role": ["veto"], "direction": ["lower"], "target": [0.0]})
    >>> veto_flags(levels, catalogue)["deaths"].tolist()
    [False, True]
    """
    flags = {}
    for row in indicators[indicators["role"] == "veto"].to_dict("records"):
        if not np.isnan(row["target"]):
            scale = ThresholdScale(float(row["target"]), sign_of(row["direction"]))
            flags[row["id"]] = scale.points(levels[row["id"]].to_numpy(dtype=float)) == 0.0
    return pd.DataFrame(flags, index=levels.index, dtype=bool)
