"""Fitting the least-squares problem of a panel model with linearmodels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from linearmodels.iv import IV2SLS
from numpy.typing import NDArray

from kpi_research.numerics.weak_instruments import cragg_donald
from kpi_research.validity.prediction.panel_design import Design
from kpi_research.validity.prediction.panel_question import Question

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Fit:
    """Estimates in the order of the design's columns.

    Attributes
    ----------
    estimate, se : numpy.ndarray, shape (k,)
        Estimates and standard errors.
    n, dof : int
        Rows and degrees of freedom of the t distribution.
    r2 : float
        Share of variance explained.
    errors : str
        Name of the standard errors.
    """

    estimate: Array
    se: Array
    n: int
    dof: int
    r2: float
    errors: str


def fit_design(design: Design, question: Question) -> Fit:
    """Fit by (two-stage) least squares.

    Parameters
    ----------
    design : Design
        The problem; its columns are independent.
    question : Question
        Says which columns are instrumented and how errors are clustered.

    Returns
    -------
    Fit
    """
    instrumented = np.array([name in question.endogenous for name in design.names])
    length = np.linalg.norm(design.x, axis=0)
    columns = design.x / length
    sides = [
        part if part.shape[1] else None for part in (columns[:, ~instrumented], columns[:, instrumented], design.z)
    ]
    options: dict[str, Any] = {"cov_type": "unadjusted"}
    if question.cluster is not None:
        options = {"cov_type": "clustered", "clusters": design.cluster}
    result = IV2SLS(design.y, *sides).fit(debiased=False, **options)
    place = np.argsort(np.concatenate([np.flatnonzero(~instrumented), np.flatnonzero(instrumented)]))
    raw_error = np.sqrt(np.diag(result.cov.to_numpy()))[place]
    scale, dof, errors = _correction(design, question)
    estimate = result.params.to_numpy()[place] / length
    return Fit(estimate, raw_error / length * np.sqrt(scale), len(design.y), dof, float(result.rsquared), errors)


def _correction(design: Design, question: Question) -> tuple[float, int, str]:
    """Return what the large-sample variance is multiplied by, the degrees of freedom, and the name of the errors."""
    n, parameters = len(design.y), design.x.shape[1] + design.absorbed
    if question.cluster is None:
        return n / (n - parameters), n - parameters, "homoskedastic, divided by rows less all parameters"
    groups = len(np.unique(design.cluster))
    counted = max(parameters - design.nested, 1)
    scale = groups / (groups - 1) * (n - 1) / (n - counted)
    return scale, groups - 1, f"clustered by '{question.cluster}' ({groups} groups), CR1 correction"


def first_stage_f(design: Design, question: Question) -> float:
    """Return the Cragg-Donald F of the instruments.

    Parameters
    ----------
    design : Design
        The problem, effects taken out.
    question : Question
        Says which columns are instrumented.

    Returns
    -------
    float
        See `kpi_research.numerics.weak_instruments.cragg_donald`.
    """
    instrumented = np.array([name in question.endogenous for name in design.names])
    exogenous, endogenous = design.x[:, ~instrumented], design.x[:, instrumented]
    free = len(design.y) - design.absorbed - exogenous.shape[1] - design.z.shape[1]
    return cragg_donald(endogenous, design.z, exogenous, float(max(free, 1)))
