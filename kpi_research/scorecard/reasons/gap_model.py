"""What the outcome of units owes to each cause, and how sure that is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from kpi_research.numerics.shapley import shapley_terms
from kpi_research.scorecard.reasons.gap_data import GapData

Array = NDArray[np.float64]
Ints = NDArray[np.intp]
STEPS = 100
TOLERANCE = 1e-10
LEAST_KEPT = 0.3
"""Smallest reliability of an index that the error of a part is divided by; below it the index says next to nothing."""
EDGE = 1e-3
"""Distance from 0 and 1 at which shares are held where their logit is needed."""


@dataclass(frozen=True)
class GapModel:
    """A regression of the units' outcomes on the indices of causes, with a level for each group of peers.

    Attributes
    ----------
    coefficient : numpy.ndarray, shape (K,)
        Per unit of each index, on the scale of the linear predictor.
    factor : numpy.ndarray, shape (K, K)
        Square root of their covariance.
    freedom : int
        Degrees of freedom: units less coefficients.
    level : numpy.ndarray, shape (n,)
        Linear predictor of each unit.
    response : callable or None
        From the linear predictor to the outcome; None for the identity.
    """

    coefficient: Array
    factor: Array
    freedom: int
    level: Array
    response: Callable[[Array], Array] | None


def fit_gaps(data: GapData, scale: str) -> GapModel:
    """Fit the regression.

    Parameters
    ----------
    data : GapData
        One row per unit.
    scale : {"identity", "logit"}
        ``logit`` for shares: the indices add up on the logit, as a share near 1 has little room.

    Returns
    -------
    GapModel

    Raises
    ------
    ValueError
        If there are too few units, causes repeat each other exactly, or a share lies outside 0 to 1.
    """
    used = np.flatnonzero(data.index.std(axis=0) > 0)
    levels = np.eye(len(data.groups))[data.group]
    design = np.column_stack([data.index[:, used], levels])
    freedom = len(design) - design.shape[1]
    if freedom < 3:
        raise ValueError(
            f"{len(design)} units with all values, {len(used)} causes that vary and {len(data.groups)} groups; "
            f"at least {design.shape[1] + 3} units are needed"
        )
    if np.linalg.matrix_rank(design) < design.shape[1]:
        raise ValueError(
            "causes repeat each other exactly, or vary between groups only; merge or drop one of "
            + ", ".join(data.causes[k] for k in used)
        )
    fitted, root, spread = _logistic(design, data.outcome) if scale == "logit" else _linear(design, data.outcome)
    square = np.linalg.pinv(np.linalg.qr(design * root[:, None])[1])[: len(used)] * spread / np.sqrt(freedom)
    covariance = square @ square.T
    values, vectors = np.linalg.eigh(covariance)
    coefficient, factor = np.zeros(len(data.causes)), np.zeros((len(data.causes), len(data.causes)))
    coefficient[used] = fitted[: len(used)]
    factor[np.ix_(used, used)] = vectors * np.sqrt(np.clip(values, 0.0, None))
    return GapModel(coefficient, factor, freedom, design @ fitted, expit if scale == "logit" else None)


def _linear(design: Array, outcome: Array) -> tuple[Array, Array, float]:
    fitted = np.asarray(np.linalg.lstsq(design, outcome, rcond=None)[0], dtype=float)
    return fitted, np.ones(len(outcome)), float(np.linalg.norm(outcome - design @ fitted))


def _logistic(design: Array, outcome: Array) -> tuple[Array, Array, float]:
    """Fit a quasi-binomial regression of shares by iterated weighted least squares."""
    if ((outcome < 0) | (outcome > 1)).any():
        raise ValueError(
            f"outcome has {outcome.min():.3g} to {outcome.max():.3g}; shares from 0 to 1 need scale 'logit'"
        )
    eta = logit(np.clip(outcome, EDGE, 1 - EDGE))
    fitted = np.linalg.lstsq(design, eta, rcond=None)[0]
    for _ in range(STEPS):
        eta = np.clip(design @ fitted, logit(EDGE), logit(1 - EDGE))
        mean = expit(eta)
        root = np.sqrt(mean * (1 - mean))
        new = np.linalg.lstsq(design * root[:, None], eta * root + (outcome - mean) / root, rcond=None)[0]
        done = np.abs(new - fitted).max() < TOLERANCE
        fitted = new
        if done:
            break
    return fitted, root, float(np.linalg.norm((outcome - mean) / root))


def mean_of_peers(values: Array, group: Ints) -> Array:
    """Return for each unit the mean of the other units of its group; NaN for a unit alone in its group.

    Parameters
    ----------
    values : numpy.ndarray, shape (n,) or (n, K)
        Values.
    group : numpy.ndarray of int, shape (n,)
        Groups.

    Returns
    -------
    numpy.ndarray
        Of the shape of ``values``.
    """
    out = np.full(values.shape, np.nan)
    for member in np.unique(group):
        rows = group == member
        if rows.sum() > 1:
            out[rows] = (values[rows].sum(axis=0) - values[rows]) / (rows.sum() - 1)
    return out


def parts_of_gaps(data: GapData, model: GapModel) -> tuple[Array, Array]:
    """Return the gap of each unit to its peers, and the part of each cause and of the rest.

    Parameters
    ----------
    data : GapData
        One row per unit.
    model : GapModel
        The regression.

    Returns
    -------
    gap : numpy.ndarray, shape (n,)
    parts : numpy.ndarray, shape (n, K + 1)
        The last column is the rest that no cause explains; rows add up to the gap.
    """
    gap = data.outcome - mean_of_peers(data.outcome, data.group)
    shares = _shares_against_peers(data, model)
    return gap, np.column_stack([shares, gap - shares.sum(axis=1)])


def _shares_against_peers(data: GapData, model: GapModel) -> Array:
    """Return the mean over the peers of the Shapley values of a unit against each of them."""
    if model.response is None:
        return model.coefficient * (data.index - mean_of_peers(data.index, data.group))
    shares = np.full(data.index.shape, np.nan)
    for member in np.unique(data.group):
        rows = np.flatnonzero(data.group == member)
        for unit in rows if len(rows) > 1 else []:
            terms = model.coefficient * (data.index[unit] - data.index[rows])
            shares[unit] = shapley_terms(model.level[rows], terms, model.response).sum(axis=0) / (len(rows) - 1)
    return shares


def draw_parts(data: GapData, model: GapModel, draws: int, seed: int) -> tuple[Array, Array]:
    """Draw gaps and parts as the errors of coefficients, indices and outcomes allow.

    Parameters
    ----------
    data : GapData
        One row per unit.
    model : GapModel
        The regression.
    draws, seed : int
        Number of draws and their seed.

    Returns
    -------
    gap : numpy.ndarray, shape (draws, n)
    parts : numpy.ndarray, shape (draws, n, K + 1)

    Notes
    -----
    Coefficients follow a multivariate t distribution. On the logit, shares are drawn against the mean peer and moved by
    the distance of the undrawn ones from those against each peer. A coefficient found with an index that has errors is the one that
    predicts from such an index: times the index it is the best guess of the true part, whose error is larger by one
    over the root of the index's reliability (regression calibration; Carroll, Ruppert, Stefanski & Crainiceanu 2006,
    Measurement Error in Nonlinear Models, ISBN 978-1-58488-633-4).
    """
    generator = np.random.default_rng(seed)
    count, causes = data.index.shape
    scale = np.sqrt(model.freedom / generator.chisquare(model.freedom, draws))
    coefficient = model.coefficient + scale[:, None] * (generator.standard_normal((draws, causes)) @ model.factor.T)
    distance = data.index - mean_of_peers(data.index, data.group)
    error = data.index_se / np.sqrt(_reliability(data))
    noise = generator.standard_normal((draws, count, causes)) * error
    terms = coefficient[:, None, :] * (distance + noise)
    base = model.level - (model.coefficient * distance).sum(axis=1)
    shares = shapley_terms(base, terms, model.response)
    if model.response is not None:
        at_mean = shapley_terms(base, model.coefficient * distance, model.response)
        shares += _shares_against_peers(data, model) - at_mean
    gap = data.outcome - mean_of_peers(data.outcome, data.group)
    gaps = gap + generator.standard_normal((draws, count)) * data.outcome_se
    return gaps, np.concatenate([shares, (gaps - shares.sum(axis=2))[:, :, None]], axis=2)


def _reliability(data: GapData) -> Array:
    """Return the share of each index's variance among peers that is not error, 0.3 at least."""
    distance = data.index - mean_of_peers(data.index, data.group)
    total = np.nanmean(distance**2, axis=0)
    error = (data.index_se**2).mean(axis=0)
    kept = 1 - np.divide(error, total, out=np.zeros_like(total), where=total > 0)
    return np.clip(kept, LEAST_KEPT, 1.0)
