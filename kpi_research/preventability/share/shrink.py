"""The default share: design estimates shrunk to a regression on the units' mean probabilities."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from kpi_research.numerics.fay_herriot import FayHerriot, fay_herriot
from kpi_research.preventability.share.data import UnitData
from kpi_research.preventability.share.design import Design, Estimates

Floats = NDArray[np.float64]
LEAST_UNITS = 6
"""Units with labels from which there is a regression on the mean probability; below, nothing is shrunk."""
FLAT = 1e-4
"""Standard deviation of units' mean probabilities below which they explain nothing."""


@dataclass(frozen=True, eq=False)
class Shrunk:
    """Shrunk shares and the model behind them; ``model`` is None where too few units allow none."""

    found: Estimates
    model: FayHerriot | None


def by_shrinkage(data: UnitData, design: Design, level: float) -> Shrunk:
    """Shrink design estimates to a line in the unit's mean probability (Fay & Herriot 1979, adjusted restricted likelihood).

    The variances that decide how far a unit is pulled come from the pooled spread of residuals: a unit's own would be
    small by chance where its labels happen to be alike.

    Parameters
    ----------
    data : UnitData
        Cases by unit.
    design : Design
        Design estimates.
    level : float
        Confidence level.

    Returns
    -------
    Shrunk
        Intervals hold on average over units, not for each of them. Units without labels get the value of the line.
    """
    known = np.isfinite(design.found.estimate) & (design.variance > 0)
    if known.sum() < LEAST_UNITS:
        return Shrunk(design.found, None)
    varies = float(data.mean[known].std()) > FLAT
    columns = [np.ones(len(data.mean)), *([data.mean - data.mean[known].mean()] if varies else [])]
    model = fay_herriot(design.found.estimate, np.where(known, design.variance, 0.0), np.column_stack(columns))
    se = np.sqrt(model.mse)
    z = float(stats.norm.isf((1 - level) / 2))
    return Shrunk(Estimates(model.estimate, se, model.estimate - z * se, model.estimate + z * se), model)
