"""The measured coefficients of one factor: normalized, with errors, degrees of freedom and reasons."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kpi_research.numerics.cluster_errors import satterthwaite
from kpi_research.numerics.factor_design import level_sums
from kpi_research.numerics.level_means import log_gradient, mean_one
from kpi_research.workload.coefficients.model import Model
from kpi_research.workload.coefficients.options import Options

Array = NDArray[np.float64]
Bools = NDArray[np.bool_]
SEEN = 0.98
"""Least share of a contrast's variance that clusters must show; below it, the level rests on one of them."""
CHUNK = 64
MOST_PAIRS = 10_000_000


@dataclass(frozen=True)
class Levels:
    """What was measured of one factor.

    Attributes
    ----------
    role : str
    names : tuple of str
        Levels that the data place, in order.
    effects : numpy.ndarray, shape (levels,)
        Logs of relative minutes, up to a constant.
    covariance : numpy.ndarray, shape (levels, levels)
        Of these.
    working : numpy.ndarray, shape (levels, levels)
        Of these under the working model, up to a factor.
    shares : numpy.ndarray, shape (levels,)
        Weights of the mean.
    coefficients : numpy.ndarray, shape (levels,)
        With the weighted mean 1.
    log_errors : numpy.ndarray, shape (levels,)
        Standard errors of their logs.
    freedom : numpy.ndarray, shape (levels,)
        Degrees of freedom of these.
    n, count, minutes, clusters : numpy.ndarray, shape (levels,)
        Rows, pieces of work, minutes, and clusters in which the level occurs.
    one_cluster : numpy.ndarray of bool, shape (levels,)
        Levels whose error comes from records, because only one cluster shows them.
    columns : numpy.ndarray of int
        Their columns in the design.
    lost : tuple of str
        Levels that the data cannot place.
    """

    role: str
    names: tuple[str, ...]
    effects: Array
    covariance: Array
    working: Array
    shares: Array
    coefficients: Array
    log_errors: Array
    freedom: Array
    n: Array
    count: Array
    minutes: Array
    clusters: Array
    one_cluster: Bools
    columns: NDArray[np.intp]
    lost: tuple[str, ...]


def levels_of(model: Model, role: str, options: Options) -> Levels:
    """Return the measured coefficients of a factor.

    Parameters
    ----------
    model : Model
    role : str
        Factor: task, post or rank.
    options : Options

    Returns
    -------
    Levels

    Raises
    ------
    ValueError
        If the base level of a normalization is unknown.
    """
    place = model.design.columns(model.roles.index(role))
    every = [str(name) for name in model.cells.levels[role]]
    known = _placed(model, place)
    columns = np.arange(place.start, place.stop)[known]
    names = tuple(name for name, placed in zip(every, known, strict=True) if placed)
    sums = {name: _by_level(model, role, values)[known] for name, values in _measures(model).items()}
    effects = model.fit.coefficients[columns]
    covariance = model.covariance[np.ix_(columns, columns)]
    shares = _shares(sums, names, role, options)
    coefficients = mean_one(effects, shares)
    gradient = log_gradient(coefficients, shares)
    errors = np.sqrt(np.clip(np.einsum("ij,jk,ik->i", gradient, covariance, gradient), 0.0, None))
    freedom, seen = _freedom(model, columns, gradient)
    thin = seen < SEEN
    if thin.any() and model.omega is not None:
        covariance = covariance + np.diag(_added(model, sums["n"], errors, thin))
        errors = np.sqrt(np.clip(np.einsum("ij,jk,ik->i", gradient, covariance, gradient), 0.0, None))
        freedom = np.where(thin, np.median(freedom[~thin]) if (~thin).any() else 1.0, freedom)
    elif thin.any():
        errors = np.where(thin, np.nan, errors)
    lost = tuple(name for name, placed in zip(every, known, strict=True) if not placed)
    return Levels(
        role, names, effects, covariance, model.bread[np.ix_(columns, columns)], shares, coefficients, errors, freedom, sums["n"], sums["count"],
        sums["minutes"], _clusters(model, role)[known], thin, columns, lost,
    )  # fmt: skip


def _placed(model: Model, place: slice) -> Bools:
    """Return which levels can be compared with the level of most work."""
    size = place.stop - place.start
    if model.null.shape[1] == 0:
        return np.ones(size, dtype=bool)
    rows = np.round(model.null[place], 6) + 0.0
    classes = np.unique(rows, axis=0, return_inverse=True)[1].reshape(-1)
    most = np.bincount(classes, model.design.totals(model.cells.count)[place]).argmax()
    return np.asarray(classes == most)


def _measures(model: Model) -> dict[str, Array]:
    return {"n": model.cells.n, "count": model.cells.count, "minutes": model.cells.minutes}


def _by_level(model: Model, role: str, values: Array) -> Array:
    return level_sums(model.cells.codes[role], values)


def _clusters(model: Model, role: str) -> Array:
    cluster = model.cells.codes.get("cluster", model.cells.codes.get("unit"))
    if cluster is None:
        return np.zeros(len(model.cells.levels[role]))
    clusters, size = int(cluster.max()) + 1, len(model.cells.levels[role])
    if clusters * size <= MOST_PAIRS:
        seen = np.bincount(model.cells.codes[role] * clusters + cluster, minlength=clusters * size)
        return (seen.reshape(size, clusters) > 0).sum(axis=1).astype(float)
    pairs = np.unique(model.cells.codes[role] * clusters + cluster) // clusters
    return np.bincount(pairs, minlength=size).astype(float)


def _shares(sums: dict[str, Array], names: tuple[str, ...], role: str, options: Options) -> Array:
    if role in options.base:
        base = options.base[role]
        if base not in names:
            raise ValueError(
                f"normalize: {role} has no level '{base}' with a coefficient; there are {', '.join(names)}"
            )
        return np.array([float(name == base) for name in names])
    weights = sums[{"count": "count", "minutes": "minutes", "records": "n"}[options.balance]]
    return np.asarray(weights / weights.sum())


def _freedom(model: Model, columns: NDArray[np.intp], gradient: Array) -> tuple[Array, Array]:
    """Return degrees of freedom of the log coefficients and the share of their variance that clusters show."""
    size = len(columns)
    if model.reduced is None:
        free = model.clusters - 1.0 if model.clusters else np.inf
        return np.full(size, free), np.ones(size)
    position = np.full(int(model.design.starts[-1]), -1)
    position[model.kept] = np.arange(len(model.kept))
    estimated = position[columns] >= 0
    contrasts = np.zeros((size, len(model.kept)))
    contrasts[:, position[columns][estimated]] = gradient[:, estimated]
    parts = [satterthwaite(model.reduced, contrasts[at : at + CHUNK]) for at in range(0, size, CHUNK)]
    return np.concatenate([part.degrees for part in parts]), np.concatenate([part.seen for part in parts])


def _added(model: Model, n: Array, errors: Array, thin: Bools) -> Array:
    """Return the variance that records say a level of one cluster has, times what clusters add elsewhere."""
    own = float(model.omega or 0.0) / n
    well = ~thin & (own > 0)
    design_effect = max(1.0, float(np.median(errors[well] ** 2 / own[well]))) if well.any() else 1.0
    return np.where(thin, own * design_effect, 0.0)
