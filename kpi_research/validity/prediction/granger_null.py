"""What the panel test of Granger does where nothing leads: mismatched units, and resampled periods."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kpi_research.numerics.f_sum import f_sum_tail, wald_moments
from kpi_research.validity.prediction.granger_walds import UnitWalds, unit_walds

Array = NDArray[np.float64]
PAIRS = 400
LEAST_SHIFTS = 4
"""Mismatched pairs that are tested, and the least number of other units that each unit meets, where there are so many."""


def calibrated_p(y: Array, x: Array, walds: UnitWalds) -> float:
    """Return the p-value of the panel test with its scale learned from mismatched units.

    Parameters
    ----------
    y, x : numpy.ndarray, shape (units, periods)
        Outcome and cause.
    walds : UnitWalds
        Tests of the true pairs.

    Returns
    -------
    float
        NaN with fewer than two units.

    Notes
    -----
    With slow series and few periods the Wald statistics of Dumitrescu and Hurlin are larger than K F(K, T - 3K - 1)
    even where nothing leads. The outcome of one unit paired with the cause of another keeps the dynamics of both and
    breaks the relation; the ratio of the F mean to the mean over such pairs scales the observed sum, and its excess is
    divided by sqrt(1 + 1 / m) because m pairs per unit leave that ratio uncertain.
    """
    used = walds.used
    wald, freedom, units = walds.wald[used], walds.freedom[used], int(used.sum())
    if units < 2:
        return float("nan")
    shifts = min(units - 1, max(LEAST_SHIFTS, int(np.ceil(PAIRS / units))))
    steps = np.unique(np.linspace(1, units - 1, shifts).round().astype(int))
    broken = [unit_walds(y[used], np.roll(x[used], int(step), axis=0), walds.lags) for step in steps]
    values = np.concatenate([part.wald[part.used] for part in broken])
    expected = np.concatenate([wald_moments(walds.lags, part.freedom[part.used])[0] for part in broken])
    if values.size == 0 or not values.mean() > 0:
        return float("nan")
    center = float(wald_moments(walds.lags, freedom)[0].sum())
    above = float(expected.mean() / values.mean() * wald.sum()) - center
    return f_sum_tail(max(center + above / np.sqrt(1.0 + 1.0 / shifts), 0.0), walds.lags, freedom)


def bootstrap_p(y: Array, x: Array, walds: UnitWalds, draws: int, seed: int) -> float:
    """Return the p-value of the panel test from a block bootstrap of whole periods.

    Parameters
    ----------
    y, x : numpy.ndarray, shape (units, periods)
        Outcome and cause; units with a missing value are left out.
    walds : UnitWalds
        Tests of the true pairs.
    draws : int
        Bootstrap draws.
    seed : int
        Seed.

    Returns
    -------
    float
        Share of draws (one added) with a mean Wald statistic as large; NaN where fewer than two units are complete.

    Notes
    -----
    Outcomes are regressed on their own past, residuals of whole periods are drawn in blocks so that the dependence
    between units stays, and outcomes are built up again without the cause (Dumitrescu & Hurlin 2012, section 6).
    """
    complete = walds.used & np.isfinite(y).all(axis=1) & np.isfinite(x).all(axis=1)
    y, x, lags = y[complete], x[complete], walds.lags
    if len(y) < 2:
        return float("nan")
    slopes, residual = _own_past(y, lags)
    length = residual.shape[1]
    block = max(1, round(length ** (1 / 3)))
    rng = np.random.default_rng(seed)
    starts = rng.integers(0, length, size=(draws, -(-length // block)))
    columns = ((starts[:, :, None] + np.arange(block)) % length).reshape(draws, -1)[:, :length]
    made = np.broadcast_to(y, (draws, *y.shape)).copy()
    shocks = np.moveaxis(residual[:, columns], 0, 1)
    for step in range(length):
        past = made[:, :, step : step + lags][:, :, ::-1]
        made[:, :, lags + step] = slopes[:, 0] + np.einsum("bnk,nk->bn", past, slopes[:, 1:]) + shocks[:, :, step]
    drawn = np.nanmean(unit_walds(made, x, lags).wald, axis=1)
    observed = float(walds.wald[complete].mean())
    return float((1 + int((drawn >= observed).sum())) / (draws + 1))


def _own_past(y: Array, lags: int) -> tuple[Array, Array]:
    periods = y.shape[1]
    past = [y[:, lags - lag : periods - lag] for lag in range(1, lags + 1)]
    design = np.stack([np.ones_like(past[0]), *past], axis=-1)
    basis, scale = np.linalg.qr(design)
    along = np.einsum("ntk,nt->nk", basis, y[:, lags:])
    slopes = np.linalg.solve(scale, along[..., None])[..., 0]
    residual = y[:, lags:] - np.einsum("ntk,nk->nt", design, slopes)
    return slopes, residual - residual.mean(axis=1, keepdims=True)
