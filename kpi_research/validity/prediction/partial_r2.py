"""How strongly observed covariates go with both sides of an effect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

Array = NDArray[np.float64]


def partial_r2s(outcome: Array, treatment: Array, covariates: Mapping[str, Array]) -> dict[str, tuple[float, float]]:
    """Return the partial R² of each covariate with treatment and outcome.

    Parameters
    ----------
    outcome, treatment : numpy.ndarray, shape (n,)
        Both sides of the effect, effects of units and periods removed where the model has them.
    covariates : mapping of str to numpy.ndarray, shape (n,)
        Observed covariates, the same effects removed.

    Returns
    -------
    dict of str to (float, float)
        With the treatment given the other covariates, and with the outcome given treatment and the other covariates:
        the benchmarks of `kpi_research.validity.prediction.omitted_variable.omitted_variable`.

    Examples
    --------
    >>> z = np.array([1.0, -1.0, 1.0, -1.0])
    >>> treatment = z + np.array([1.0, 1.0, -1.0, -1.0])
    >>> round(partial_r2s(np.array([1.0, 1.0, -1.0, -1.0]), treatment, {"z": z})["z"][0], 12)
    0.5
    """
    found = {}
    for name, column in covariates.items():
        others = [part for key, part in covariates.items() if key != name]
        found[name] = (partial_r2(treatment, column, others), partial_r2(outcome, column, [treatment, *others]))
    return found


def partial_r2(y: Array, x: Array, others: Sequence[Array]) -> float:
    """Return the squared correlation of two columns after others are taken out of both.

    Parameters
    ----------
    y, x : numpy.ndarray, shape (n,)
        Centered columns.
    others : sequence of numpy.ndarray, shape (n,)
        Centered columns to be taken out.

    Returns
    -------
    float
        0 to 1; 0 where nothing is left of a side.
    """
    if others:
        basis = linalg.qr(np.column_stack(others), mode="economic")[0]
        y, x = (part - basis @ (basis.T @ part) for part in (y, x))
    scale = float(np.sqrt((y**2).sum() * (x**2).sum()))
    return float(np.clip(((y @ x) / scale) ** 2, 0.0, 1.0)) if scale > 0 else 0.0
