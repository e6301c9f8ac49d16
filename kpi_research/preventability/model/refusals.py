"""Features that the model refuses because they would tell it the unit."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpi_research.preventability.model.design import as_text, is_categorical

LEAST_UNITS = 3
"""Units from which a text that is different in every unit is taken for a name of the unit."""


def refuse_units(frame: pd.DataFrame, unit: str | None, group: NDArray[np.intp] | None) -> None:
    """Raise if a feature is the unit, or a text whose every level occurs in one unit only.

    A model that knows the unit learns how its raters were inclined, and lets a unit's own past decide what is thought of
    its cases.

    Parameters
    ----------
    frame : pandas.DataFrame
        Features.
    unit : str or None
        Name of the column of units.
    group : numpy.ndarray of int or None
        Unit of each case.

    Raises
    ------
    ValueError
        If there is such a feature.
    """
    if unit is not None and unit in frame.columns:
        raise ValueError(f"features: column '{unit}' is the unit; a model must not know the unit")
    if group is None or len(np.unique(group)) < LEAST_UNITS:
        return
    units = len(np.unique(group))
    for place, name in enumerate(frame.columns):
        values = frame.iloc[:, place]
        if is_categorical(values) and _names_unit(as_text(values), group, units):
            raise ValueError(
                f"features: each value of column '{name}' occurs in one unit only, so it names the unit; leave it out"
            )


def _names_unit(values: pd.Series, group: NDArray[np.intp], units: int) -> bool:
    pairs = pd.DataFrame({"value": values.to_numpy(), "unit": group}).drop_duplicates()
    return bool(pairs["value"].nunique() >= units and not pairs["value"].duplicated().any())
