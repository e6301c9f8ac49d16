"""The E-value: how strong an omitted variable would have to be on the scale of risk ratios."""

from __future__ import annotations

import numpy as np

FROM_STANDARDIZED = 0.91
"""Log risk ratio per standardized difference (VanderWeele & Ding 2017, table 2)."""


def e_value(ratio: float, low: float | None = None, high: float | None = None) -> tuple[float, float | None]:
    """Return the E-value of a risk ratio and of its interval.

    Parameters
    ----------
    ratio : float
        Risk, rate or (for rare outcomes) odds ratio, above 0; of a standardized mean difference d take
        ``exp(0.91 d)``.
    low, high : float, optional
        Its interval.

    Returns
    -------
    point : float
        Least risk ratio with both sides that an omitted variable needs to move the estimate to 1.
    bound : float or None
        The same for the end of the interval nearer to 1; 1 where it holds 1, None where none was given.

    Raises
    ------
    ValueError
        If a number is not positive or the interval does not hold the ratio.

    Notes
    -----
    ``RR + sqrt(RR (RR - 1))`` for RR of at least 1, of 1 / RR otherwise (VanderWeele & Ding 2017, doi:10.7326/M16-2607).

    Examples
    --------
    >>> point, bound = e_value(3.9, 1.8, 8.7)
    >>> round(point, 2), round(bound, 2)
    (7.26, 3.0)
    """
    given = [value for value in (ratio, low, high) if value is not None]
    if not all(np.isfinite(value) and value > 0 for value in given):
        raise ValueError(f"ratio, low and high must be finite and above 0, found {given}")
    if low is None or high is None:
        return _value(ratio), None
    if not low <= ratio <= high:
        raise ValueError(f"the interval {low} to {high} does not hold the ratio {ratio}")
    nearer = low if ratio >= 1 else high
    crosses = low <= 1 <= high
    return _value(ratio), 1.0 if crosses else _value(nearer)


def _value(ratio: float) -> float:
    strong = ratio if ratio >= 1 else 1.0 / ratio
    return float(strong + np.sqrt(strong * (strong - 1.0)))
