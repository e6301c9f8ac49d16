"""The slope of the outcome on one indicator, with what its sensitivity needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kpi_research.numerics.cluster_slopes import cluster_slopes
from kpi_research.numerics.panel_tables import complete, period_leverage, remove_effects
from kpi_research.validity.prediction.omitted_variable import omitted_variable
from kpi_research.validity.prediction.partial_r2 import partial_r2, partial_r2s
from kpi_research.validity.prediction.study_tables import StudyTables

Array = NDArray[np.float64]
LEVEL = 0.95
LEAST_UNITS = 4


@dataclass(frozen=True, slots=True)
class StudySlope:
    """A slope of the outcome on an indicator.

    Attributes
    ----------
    numbers : tuple of float
        Slope and its CR2 interval.
    share : float
        Partial R² of the outcome with the indicator.
    dof : int
        Residual degrees of freedom of the regression.
    strengths : mapping of str to (float, float)
        Control to its partial R² with the indicator and with the outcome.
    """

    numbers: tuple[float, float, float]
    share: float
    dof: int
    strengths: Mapping[str, tuple[float, float]]

    def robustness(self) -> float:
        """Return the robustness value that brings the slope to zero."""
        if not 0 < self.share < 1:
            return self.share
        error = abs(self.numbers[0]) * np.sqrt((1.0 - self.share) / self.share / self.dof)
        return omitted_variable(self.numbers[0], float(error), self.dof).robustness


def study_slope(tables: StudyTables, name: str, *, within: bool) -> StudySlope | None:
    """Return the slope of the outcome on an indicator, controls held fixed.

    Parameters
    ----------
    tables : StudyTables
        Tables of the study.
    name : str
        An indicator.
    within : bool
        Inside units, with unit and period effects; or between the means of units.

    Returns
    -------
    StudySlope or None
        None where the indicator does not vary or too few units are left.
    """
    parts = np.stack([tables.outcome, tables.indicators[name], *tables.controls.values()])
    if not within:
        parts = _unit_means(parts)
    kept = complete(parts)
    units, periods = int(kept.any(axis=1).sum()), int(kept.any(axis=0).sum())
    absorbed = units + periods - 1 if within else 1
    dof = int(kept.sum()) - absorbed - len(parts) + 1
    if units < LEAST_UNITS or dof < 2:
        return None
    left = remove_effects(parts, kept, unit=within)
    try:
        fit = cluster_slopes(left[0], left[1:], lost=period_leverage(kept))
    except ValueError:
        return None
    estimate, _, low, high, _, _ = fit.combine(np.eye(len(parts) - 1)[0], LEVEL)
    y, x, *others = left[:, kept]
    strengths = partial_r2s(y, x, dict(zip(tables.controls, others, strict=True)))
    return StudySlope((estimate, low, high), partial_r2(y, x, others), dof, strengths)


def _unit_means(parts: Array) -> Array:
    kept = complete(parts)
    count = kept.sum(axis=1)
    total = np.where(kept, parts, 0.0).sum(axis=2)
    means: Array = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return means[:, :, None]
