"""Sobol indices: what share of an output's variance each choice accounts for, by itself and in all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import qmc

from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.results import Result
from kpi_research.weights.limits import Floats

DRAWS = 500
"""Resamples of the base sample for the intervals."""

WIDE = 0.2
"""Half-width of an interval from which the finding asks for a larger sample."""


@dataclass(frozen=True)
class SobolIndices(Result):
    """Shares of variance.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per factor: ``factor``; ``first`` (share of variance from the factor alone), ``first_low``,
        ``first_high``; ``total`` (from the factor and all that it interacts with), ``total_low``, ``total_high``;
        intervals from resampling the base sample; NaN where the output does not vary.
    findings : tuple of Finding
        Interactions, and a caution where intervals are wide or nothing varies.
    runs : int
        Times that the output was computed.
    """

    runs: int


def sobol_indices(
    output: Callable[[Floats], Floats],
    factors: Sequence[str],
    *,
    size: int = 1024,
    level: float = 0.95,
    seed: int = 0,
) -> SobolIndices:
    """Estimate first-order and total Sobol indices of a function of independent uniform factors.

    With ``A``, ``B`` two independent samples and ``B_i`` the sample ``B`` whose column i is taken from ``A``:
    ``S_i = (mean(a b_i) - m^2) / (mean((a^2 + b_i^2) / 2) - m^2)``, ``m = mean((a + b_i) / 2)`` (Janon et al. 2014), and
    ``T_i = mean((b - b_i)^2) / (2 var)`` (Jansen 1999). Both are free of the output's mean, so an output far from 0
    does no harm.

    Parameters
    ----------
    output : function
        Takes points of shape (runs, factors), each coordinate between 0 and 1, and returns one number per run.
    factors : sequence of str
        Names of the factors.
    size : int, default 1024
        Base sample, a power of 2 and at least 16; ``size * (factors + 2)`` runs.
    level : float, default 0.95
        Level of the intervals, between 0 and 1.
    seed : int, default 0
        Seed of the scrambled Sobol sequence and of the resampling.

    Returns
    -------
    SobolIndices

    Raises
    ------
    ValueError
        If an argument is out of range or the output is not one finite number per run.

    Notes
    -----
    Janon, Klein, Lagnoux, Nodet & Prieur 2014, doi:10.1051/ps/2013040; Jansen 1999,
    doi:10.1016/S0010-4655(98)00154-4; Saltelli et al. 2010, doi:10.1016/j.cpc.2009.09.018.

    Examples
    --------
    >>> found = sobol_indices(lambda u: 50 + 2 * u[:, 0] + u[:, 1], ["a", "b"], size=1024)
    >>> found.table["first"].round(2).tolist()
    [0.8, 0.2]
    """
    _check(factors, size, level, seed)
    count = len(factors)
    points = qmc.Sobol(2 * count, scramble=True, rng=np.random.default_rng(seed)).random(size)
    first, second = points[:, :count], points[:, count:]
    mixed = np.repeat(second[None], count, axis=0)
    for number in range(count):
        mixed[number, :, number] = first[:, number]
    values = np.asarray(output(np.vstack([first, second, *mixed])), dtype=float)
    if values.shape != (size * (count + 2),) or not np.isfinite(values).all():
        raise ValueError(f"output must return one finite number per run, found an array of shape {values.shape}")
    a, b, changed = values[:size], values[size : 2 * size], values[2 * size :].reshape(count, size)
    found = _indices(a, b, changed, np.full((1, size), 1.0 / size))[:, 0]
    counts = np.random.default_rng(seed).multinomial(size, np.full(size, 1.0 / size), size=DRAWS) / size
    drawn = _indices(a, b, changed, counts)
    low, high = (np.quantile(drawn, (1 + sign * level) / 2, axis=1) for sign in (-1, 1))
    table = pd.DataFrame({"factor": list(factors)})
    for row, name in enumerate(("first", "total")):
        table[name], table[f"{name}_low"], table[f"{name}_high"] = found[row], low[row], high[row]
    return SobolIndices(table, _findings(table), len(values))


def _indices(a: Floats, b: Floats, changed: Floats, shares: Floats) -> Floats:
    """Return first-order and total indices, shape (2, samples, factors), of samples given by shares of the runs."""
    center = a.mean()  # a shift alike for all changes nothing in exact arithmetic and keeps digits here
    a, b, changed = a - center, b - center, (changed - center).T
    own, others = (shares @ a)[:, None], shares @ changed
    mean = (own + others) / 2
    spread = (shares @ (a[:, None] ** 2 + changed**2)) / 2 - mean**2
    both = (own[:, 0] + shares @ b) / 2
    variance = (shares @ (a**2 + b**2) / 2 - both**2)[:, None]
    rounding = 1e-24 * max(1.0, center**2)
    with np.errstate(invalid="ignore", divide="ignore"):
        first = (shares @ (a[:, None] * changed) - mean**2) / spread
        total = (shares @ (b[:, None] - changed) ** 2) / (2 * variance)
    usable = (variance > rounding) & (spread > rounding)
    return np.array([np.where(usable, first, np.nan), np.where(usable, total, np.nan)])


def _check(factors: Sequence[str], size: object, level: object, seed: object) -> None:
    if not factors or isinstance(factors, str) or len(set(factors)) < len(factors):
        raise ValueError(f"factors is {factors!r}; it must be a list of different names")
    if isinstance(size, bool) or not isinstance(size, int) or size < 16 or size & (size - 1):
        raise ValueError(f"size is {size!r}; it must be a power of 2 and at least 16")
    if isinstance(level, bool) or not isinstance(level, int | float) or not 0 < level < 1:
        raise ValueError(f"level is {level!r}; it must lie between 0 and 1")
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise ValueError(f"seed is {seed!r}; it must be a whole number of 0 or more")


def _findings(table: pd.DataFrame) -> tuple[Finding, ...]:
    if table["first"].isna().any():
        return (finding("sobol-no-variance"),)
    top = table.iloc[int(table["total"].to_numpy().argmax())]
    facts = {"factor": str(top["factor"]), "first": f"{100 * top['first']:.0f}", "total": f"{100 * top['total']:.0f}"}
    found = [finding("sobol-leading-factor", Where(), **facts)]
    width = max(float((table[f"{name}_high"] - table[f"{name}_low"]).max()) / 2 for name in ("first", "total"))
    if width > WIDE:
        found.append(finding("sobol-imprecise", Where(), width=f"{width:.2f}"))
    return tuple(found)
