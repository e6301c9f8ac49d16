"""How strong instruments are in the first stage."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

Array = NDArray[np.float64]


def cragg_donald(endogenous: Array, instruments: Array, exogenous: Array, df: float) -> float:
    """Return the Cragg-Donald F: the first-stage F of the weakest combination of endogenous columns.

    Parameters
    ----------
    endogenous : numpy.ndarray, shape (n, p)
        Columns to be instrumented.
    instruments : numpy.ndarray, shape (n, m)
        Excluded instruments, m >= p.
    exogenous : numpy.ndarray, shape (n, k)
        Other regressors; k may be 0.
    df : float
        Residual degrees of freedom of the first stage.

    Returns
    -------
    float
        Smallest eigenvalue of the matrix analogue of the first-stage F over m; with one endogenous column, the
        first-stage F. Below about 10 the instruments are called weak (Cragg & Donald 1993,
        doi:10.1017/S0266466600007519; Staiger & Stock 1997, doi:10.2307/2171753).
    """
    if exogenous.shape[1]:
        basis = linalg.qr(exogenous, mode="economic")[0]
        endogenous = endogenous - basis @ (basis.T @ endogenous)
        instruments = instruments - basis @ (basis.T @ instruments)
    directions = linalg.qr(instruments, mode="economic")[0]
    fitted = directions @ (directions.T @ endogenous)
    rest = linalg.qr(endogenous - fitted, mode="r")[0][: endogenous.shape[1]]
    if np.abs(np.diag(rest)).min() == 0.0:
        return float("inf")
    scaled = linalg.solve_triangular(rest.T, fitted.T, lower=True)
    smallest = linalg.svdvals(scaled)[-1] ** 2
    return float(smallest * df / instruments.shape[1])
