"""Indicators, outcome and controls of a study as tables of units by periods."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kpi_research.study.model import Study
from kpi_research.validity.assess_signs import expected_sign
from kpi_research.validity.panel_frame import StudyPanel
from kpi_research.validity.prediction.panel_columns import read_columns
from kpi_research.validity.prediction.reading import plain_effect, plain_elasticity, plain_step
from kpi_research.validity.prediction.study_words import label_of, outcome_name
from kpi_research.validity.words import Both

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class StudyTables:
    """What the checks of prediction look at.

    Attributes
    ----------
    outcome : numpy.ndarray, shape (units, periods)
        Outcome, NaN where missing.
    indicators : mapping of str to numpy.ndarray
        Indicators that may explain it.
    controls : mapping of str to numpy.ndarray
        Controls that the study names.
    logs : bool
        Whether logarithms were taken.
    """

    outcome: Array
    indicators: Mapping[str, Array]
    controls: Mapping[str, Array]
    logs: bool


def study_tables(study: Study, panel: StudyPanel) -> StudyTables:
    """Return the tables of a study with an outcome.

    Parameters
    ----------
    study : Study
        A loaded study.
    panel : StudyPanel
        Its columns, with an outcome.

    Returns
    -------
    StudyTables
        Logarithms where the study asks for them; a value without one counts as missing.
    """
    asked = study.spec.validity
    controls = [name for name in asked.controls if name in panel.frame.columns and name not in panel.regressors]
    named = {"outcome": str(panel.outcome), "indicators": panel.regressors, "controls": controls}
    found = read_columns(panel.frame.replace([np.inf, -np.inf], np.nan), named, "unit", "period").tables
    tables = {name: _logarithm(part) if asked.logs else part for name, part in found.items()}
    return StudyTables(
        tables[str(panel.outcome)],
        {name: tables[name] for name in panel.regressors},
        {name: tables[name] for name in controls},
        asked.logs,
    )


def _logarithm(table: Array) -> Array:
    return np.log(np.where(table > 0, table, np.nan))


def effect_words(study: Study, name: str, x: Array, numbers: tuple[float, float, float], *, logs: bool) -> Both:
    """Return a slope of the outcome on an indicator in plain units.

    Parameters
    ----------
    study : Study
        A loaded study.
    name : str
        Id of the indicator.
    x : numpy.ndarray
        Its values.
    numbers : tuple of float
        Slope and its interval.
    logs : bool
        Whether both sides are logarithms.

    Returns
    -------
    mapping of language to str
    """
    if logs:
        return plain_elasticity(label_of(study, name), outcome_name(study), numbers)
    measure = str(study.indicators.set_index("id").loc[name, "unit"])
    share = measure in ("share", "proportion", "probability", "比例", "占比")
    step = plain_step(float(np.nanstd(x)), share=share)
    return plain_effect(label_of(study, name), outcome_name(study), numbers, step, share=share)


def sign_of(study: Study, name: str) -> int:
    """Return the sign of the relation if a better indicator goes with a better outcome.

    Parameters
    ----------
    study : Study
        A loaded study.
    name : str
        Id of the indicator.

    Returns
    -------
    int
        +1 or -1.
    """
    direction = str(study.indicators.set_index("id").loc[name, "direction"])
    return expected_sign(direction, study.spec.validity.outcome_direction)
