"""Whether superiors, peers, the public and others see the same targets alike."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

COLUMNS = ("family", "first", "second", "targets", "correlation", "low", "high")

LEAST = 5
"""Fewest common targets of which a correlation is shown."""


def kind_agreement(frame: pd.DataFrame, severity: NDArray[np.float64], level: float) -> pd.DataFrame:
    """Return how the mean ratings by each two kinds go together over targets, severity of raters taken out.

    Parameters
    ----------
    frame : pandas.DataFrame
        Rows of `RatingPairs` of one family.
    severity : numpy.ndarray, shape (rows,)
        Severity of each row's rater; 0 where it is not known.
    level : float
        Confidence level.

    Returns
    -------
    pandas.DataFrame
        One row per two kinds with five common targets or more: ``family``, ``first``, ``second``, ``targets`` (in
        common), ``correlation``, ``low``, ``high`` (Fisher 1921, interval of the correlation of these means, -1 to 1).
    """
    fair = frame.assign(fair=frame["mean"] + severity)
    means = fair.groupby(["kind", "target"], sort=True, observed=True)["fair"].mean()
    by_kind = {kind: part.droplevel("kind") for kind, part in means.groupby(level="kind", sort=True)}
    z = float(stats.norm.isf((1 - level) / 2))
    rows = []
    for first, second in combinations(by_kind, 2):
        both = pd.concat([by_kind[first], by_kind[second]], axis=1, join="inner").to_numpy()
        if len(both) < LEAST or not (np.ptp(both, axis=0) > 0).all():
            continue
        found = float(np.clip(np.corrcoef(both.T)[0, 1], -1 + 1e-12, 1 - 1e-12))
        low, high = np.tanh(np.arctanh(found) + np.array([-z, z]) / np.sqrt(len(both) - 3))
        rows.append((int(frame["family"].iloc[0]), first, second, len(both), found, float(low), float(high)))
    return pd.DataFrame(rows, columns=list(COLUMNS))
