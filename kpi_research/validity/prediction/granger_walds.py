"""Granger tests of many units at once: a Wald statistic per row of a table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from kpi_research.numerics.f_sum import f_sum_tail, wald_moments
from kpi_research.numerics.panel_tables import lagged

Array = NDArray[np.float64]
LEAST_FREEDOM = 4.0
"""Residual degrees of freedom that the variance of a Wald statistic needs to exceed; they are T - 3K - 1, so T > 5 + 3K."""
_DEPENDENT = 1e-8


@dataclass(frozen=True, slots=True)
class UnitWalds:
    """Granger tests of units.

    Attributes
    ----------
    wald : numpy.ndarray, shape (..., units)
        Wald statistic, lags times F; NaN where a unit has too few periods or does not vary.
    freedom : numpy.ndarray, shape (units,)
        Residual degrees of freedom.
    lags : int
        Lags K.
    """

    wald: Array
    freedom: Array
    lags: int

    @property
    def used(self) -> NDArray[np.bool_]:
        """Units with a statistic and enough degrees of freedom for its variance."""
        result: NDArray[np.bool_] = np.isfinite(self.wald) & (self.freedom > LEAST_FREEDOM)
        return result


def unit_walds(y: Array, x: Array, lags: int) -> UnitWalds:
    """Test in every unit whether past x helps to predict y beyond past y.

    Parameters
    ----------
    y, x : numpy.ndarray, shape (..., units, periods)
        Outcome and cause, NaN where missing; leading axes hold replications.
    lags : int
        Lags of both.

    Returns
    -------
    UnitWalds

    Notes
    -----
    ``y_t = a + sum_k g_k y_(t-k) + sum_k b_k x_(t-k) + e_t`` by QR, all units at once; the statistic is ``K F`` for
    ``b = 0`` with n - 2K - 1 residual degrees of freedom (Granger 1969, doi:10.2307/1912791).
    """
    y, x = np.broadcast_arrays(_centered(y), _centered(x))
    columns = [lagged(part, lag) for part in (y, x) for lag in range(1, lags + 1)]
    kept = np.isfinite(y) & np.isfinite(np.stack(columns)).all(axis=0)
    design = np.stack([np.ones_like(y), *columns], axis=-1)[..., lags:, :]
    kept = kept[..., lags:]
    design = np.where(kept[..., None], design, 0.0)
    left = np.where(kept, y[..., lags:], 0.0)
    count = kept.sum(axis=-1)
    freedom = count - 2.0 * lags - 1.0
    enough = (freedom > 0) & (design.shape[-2] >= design.shape[-1])
    if design.shape[-2] < design.shape[-1]:
        return UnitWalds(np.full(count.shape, np.nan), _common(freedom), lags)
    basis, scale = np.linalg.qr(design)
    along = np.einsum("...tk,...t->...k", basis, left)
    rest = ((left - np.einsum("...tk,...k->...t", basis, along)) ** 2).sum(axis=-1)
    explained = (along[..., lags + 1 :] ** 2).sum(axis=-1)
    sizes = np.abs(np.diagonal(scale, axis1=-2, axis2=-1))
    lengths = np.sqrt((design**2).sum(axis=-2))
    sound = enough & (sizes > _DEPENDENT * lengths).all(axis=-1) & (rest > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        wald = np.where(sound, explained / (rest / freedom), np.nan)
    return UnitWalds(wald, _common(freedom), lags)


def _centered(table: Array) -> Array:
    known = np.isfinite(table)
    count = np.maximum(known.sum(axis=-1, keepdims=True), 1)
    centered: Array = table - np.where(known, table, 0.0).sum(axis=-1, keepdims=True) / count
    return centered


def _common(freedom: Array) -> Array:
    return freedom.reshape(-1, freedom.shape[-1])[0]


@dataclass(frozen=True, slots=True)
class PanelGranger:
    """The test of Dumitrescu and Hurlin.

    Attributes
    ----------
    units : int
        Units that entered.
    wbar, zbar, ztilde : float
        Mean Wald statistic, its standardization for many periods, and the one with exact moments for few.
    p : float
        Probability of a mean Wald statistic at least as large if no unit had an effect.
    p_normal : float
        The same from ``ztilde`` and the normal distribution.
    """

    units: int
    wbar: float
    zbar: float
    ztilde: float
    p: float
    p_normal: float


def panel_granger(walds: UnitWalds) -> PanelGranger:
    """Join the Granger tests of units.

    Parameters
    ----------
    walds : UnitWalds
        Statistics, shape (units,); at least one unit is used.

    Returns
    -------
    PanelGranger

    Notes
    -----
    ``Wbar = mean(W)``; ``Zbar = sqrt(N / 2K) (Wbar - K)``; ``Ztilde = (sum W - sum E W) / sqrt(sum var W)`` with the
    moments of K F(K, T - 3K - 1), T counting the K first periods too (Dumitrescu & Hurlin 2012,
    doi:10.1016/j.econmod.2012.02.014, equation 26). As W is skewed, ``p`` comes from the convolution of these F
    distributions, not from the normal limit.
    """
    used, lags = walds.used, walds.lags
    wald, freedom = walds.wald[used], walds.freedom[used]
    mean, variance = wald_moments(lags, freedom)
    wbar = float(wald.mean())
    zbar = float(np.sqrt(len(wald) / (2.0 * lags)) * (wbar - lags))
    ztilde = float((wald.sum() - mean.sum()) / np.sqrt(variance.sum()))
    p = f_sum_tail(float(wald.sum()), lags, freedom)
    return PanelGranger(len(wald), wbar, zbar, ztilde, p, float(stats.norm.sf(ztilde)))
