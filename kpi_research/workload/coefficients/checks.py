"""The same coefficients from other models: geometric means, Gamma, and no adjustment at all."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import linalg

from kpi_research.numerics.factor_fits import factor_gamma, factor_gaussian
from kpi_research.numerics.level_means import mean_one
from kpi_research.workload.coefficients.levels import Levels
from kpi_research.workload.coefficients.model import Model

Array = NDArray[np.float64]
COLUMNS = ("factor", "level", "poisson", "log_ols", "gamma", "crude", "difference")


def other_models(model: Model, factors: list[Levels]) -> pd.DataFrame:
    """Return the coefficients of each factor from Poisson, log-OLS and Gamma, and without adjustment.

    Parameters
    ----------
    model : Model
    factors : list of Levels

    Returns
    -------
    pandas.DataFrame
        See `Coefficients.checks`; missing where the cells do not carry the sums or a level has only zeros.
    """
    logs, gamma = _logs(model), _gamma(model)
    rows = []
    for levels in factors:
        crude = levels.minutes / levels.count
        frame = pd.DataFrame({"factor": levels.role, "level": list(levels.names), "poisson": levels.coefficients})
        frame["log_ols"] = _normalized(logs, levels)
        frame["gamma"] = _normalized(gamma, levels)
        frame["crude"] = crude / (levels.shares @ crude)
        others = frame[["log_ols", "gamma"]].div(frame["poisson"], axis=0) - 1
        frame["difference"] = others.abs().max(axis=1)
        rows.append(frame)
    return pd.concat(rows, ignore_index=True)[list(COLUMNS)]


def _normalized(coefficients: Array | None, levels: Levels) -> Array:
    if coefficients is None:
        return np.full(len(levels.names), np.nan)
    return mean_one(coefficients[levels.columns], levels.shares)


def _logs(model: Model) -> Array | None:
    cells = model.cells
    if cells.logs is None or cells.positive is None:
        return None
    means = np.divide(cells.logs, cells.positive, out=np.zeros_like(cells.logs), where=cells.positive > 0)
    return _fitted(model, factor_gaussian, cells.positive, means)


def _gamma(model: Model) -> Array | None:
    return (
        None
        if model.cells.rates is None
        else _fitted(model, factor_gamma, model.cells.n, model.cells.rates / model.cells.n)
    )


def _fitted(model: Model, fit: object, weights: Array, means: Array) -> Array | None:
    """Return coefficients; None where rows with minutes alone do not identify them or the iteration does not end."""
    try:
        found: Array = fit(model.design, weights, means, model.kept).coefficients  # type: ignore[operator]
    except (linalg.LinAlgError, ValueError):
        return None
    return found
