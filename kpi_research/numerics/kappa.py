"""Agreement corrected for chance in other ways: Fleiss' and Cohen's kappa, Gwet's AC1."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kpi_research.numerics.krippendorff import Pairable, raw_agreement

Floats = NDArray[np.float64]


def fleiss(data: Pairable) -> float:
    r"""Return Fleiss' kappa, :math:`(\bar P - \sum_v p_v^2) / (1 - \sum_v p_v^2)`.

    With :math:`p_v` the mean over cases of the share of raters who gave value v, it also takes cases with different
    numbers of raters.

    Parameters
    ----------
    data : Pairable
        The ratings.

    Returns
    -------
    float
        NaN where all ratings are equal.

    References
    ----------
    Fleiss, J. L. (1971), Measuring nominal scale agreement among many raters, doi:10.1037/h0031619.
    """
    p = _marginal(data)
    return _corrected(float(raw_agreement(data)[0]), float(p @ p))


def gwet(data: Pairable) -> float:
    r"""Return Gwet's AC1, whose chance agreement is :math:`\sum_v p_v (1 - p_v) / (V - 1)`.

    It is hardly moved by how common a value is, where kappa and alpha fall toward 0.

    Parameters
    ----------
    data : Pairable
        The ratings; ``V`` is the number of values seen.

    Returns
    -------
    float
        NaN where fewer than two values occur.

    References
    ----------
    Gwet, K. L. (2008), Computing inter-rater reliability and its variance in the presence of high agreement,
    doi:10.1348/000711006X126600.
    """
    p = _marginal(data)
    seen = int((p > 0).sum())
    if seen < 2:
        return float("nan")
    return _corrected(float(raw_agreement(data)[0]), float(p @ (1 - p)) / (seen - 1))


def cohen(table: Floats) -> tuple[float, float, float]:
    """Return the number of cases, the raw agreement and Cohen's kappa of two raters.

    Parameters
    ----------
    table : numpy.ndarray, shape (values, values)
        Cases by the value of the first and of the second rater.

    Returns
    -------
    n, raw, kappa : float
        NaN where it is not defined.

    References
    ----------
    Cohen, J. (1960), A coefficient of agreement for nominal scales, doi:10.1177/001316446002000104.

    Examples
    --------
    >>> [round(x, 3) for x in cohen(np.array([[20.0, 5.0], [10.0, 15.0]]))]
    [50.0, 0.7, 0.4]
    """
    n = float(table.sum())
    if n == 0:
        return 0.0, float("nan"), float("nan")
    raw = float(np.trace(table)) / n
    chance = float(table.sum(axis=0) @ table.sum(axis=1)) / n**2
    return n, raw, _corrected(raw, chance)


def _marginal(data: Pairable) -> Floats:
    shares = data.counts / data.raters[:, None]
    return np.asarray(data.cases @ shares / data.cases.sum())


def _corrected(raw: float, chance: float) -> float:
    return (raw - chance) / (1 - chance) if chance < 1 else float("nan")
