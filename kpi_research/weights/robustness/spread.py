"""Largest values of linear forms over the admissible weights."""

from __future__ import annotations

import numpy as np

from kpi_research.weights.engine import Engine
from kpi_research.weights.limits import Floats
from kpi_research.weights.program import Program
from kpi_research.weights.robustness.inputs import region_model
from kpi_research.weights.solve import SolverError, Status


def largest_leads(program: Program, forms: Floats) -> Floats:
    """Return the largest value of each linear form over the admissible weights.

    Parameters
    ----------
    program : Program
        The rules; some weights must satisfy them.
    forms : ndarray of shape (forms, indicators)
        Coefficients.

    Returns
    -------
    ndarray of shape (forms,)

    Raises
    ------
    SolverError
        If the solver gives no answer.
    """
    engine, places = Engine(region_model(program)), np.arange(len(program.ids))
    found = np.zeros(len(forms))
    for number, form in enumerate(forms):
        engine.set_cost(places, -form)
        answer = engine.run()
        if answer.status is not Status.OPTIMAL:
            raise SolverError(f"linear forms: the solver stopped with status '{answer.status.value}'")
        found[number] = -answer.objective
    return found
