"""From measured to published coefficients: shrinkage, claimed order, limits, off-balance factor, rounding last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from kpi_research.numerics.balanced_limits import balanced_limits
from kpi_research.numerics.level_means import log_gradient, mean_one
from kpi_research.numerics.level_shrinkage import LEAST_LEVELS, shrink_levels
from kpi_research.numerics.ordered_levels import Ordered, order_levels
from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.suggest import did_you_mean
from kpi_research.workload.coefficients.levels import Levels
from kpi_research.workload.coefficients.options import Options

Array = NDArray[np.float64]
LEAST_VARIANCE = 1e-24
DRAWS = 2000
TAIL = 0.025
"""Draws for intervals under limits are spread as the t distribution is at this tail."""


@dataclass(frozen=True)
class Stage:
    """Coefficients of a factor at one stage of the way.

    Attributes
    ----------
    values, log_errors, low, high : numpy.ndarray, shape (levels,)
        Coefficients, standard errors of their logs, and limits of their intervals.
    """

    values: Array
    log_errors: Array
    low: Array
    high: Array


@dataclass(frozen=True)
class Adjusted:
    """Coefficients of a factor on the way to publication.

    Attributes
    ----------
    raw, shrunk, last : Stage
        As measured; after shrinkage; after order, limits and the off-balance factor.
    reasons : tuple of str
        Why a level's last value differs from the measured one, or what it rests on; empty where nothing is to be said.
    spread : float
        Standard deviation of the logs between levels; NaN without shrinkage.
    factor : float
        Off-balance factor that was applied after the limits.
    findings : tuple of Finding
    """

    raw: Stage
    shrunk: Stage
    last: Stage
    reasons: tuple[str, ...]
    spread: float
    factor: float
    findings: tuple[Finding, ...]


def adjust(levels: Levels, options: Options) -> Adjusted:
    """Take the coefficients of a factor from measurement to publication.

    Parameters
    ----------
    levels : Levels
    options : Options

    Returns
    -------
    Adjusted

    Raises
    ------
    ValueError
        If a level of an order is unknown, or no coefficients inside the limits have the mean one.
    """
    raw = _stage(levels.coefficients, levels.log_errors, levels.freedom, options.level)
    effects, covariance, freedom, spread = levels.effects, levels.covariance, levels.freedom, float("nan")
    findings: list[Finding] = []
    shrinks = options.shrink and levels.role not in options.base and np.isfinite(levels.log_errors).all()
    if shrinks and len(effects) >= LEAST_LEVELS and levels.log_errors.max() > 0:
        found = shrink_levels(effects, _steadied(levels))
        effects, covariance, spread = found.effects, found.covariance, found.spread
        freedom = _freedom(levels, effects, covariance)
    elif options.shrink and len(effects) > 1:
        findings.append(finding("workload-shrinkage-skipped", Where(column=levels.role), levels=len(effects)))
    shrunk = _delta(effects, covariance, freedom, levels.shares, options.level)
    chains = _chains(levels, options)
    ordered = order_levels(effects, covariance, chains)
    after = shrunk
    if ordered.binding:
        after = _delta(ordered.effects, ordered.covariance, freedom, levels.shares, options.level)
        pairs = "; ".join(f"{levels.names[low]} = {levels.names[high]}" for low, high in ordered.binding)
        findings.append(finding("workload-order-binds", Where(column=levels.role), pairs=pairs))
    elif chains:
        findings.append(finding("workload-order-holds", Where(column=levels.role)))
    last, limited, factor = _limited(levels, after, ordered, freedom, options)
    if limited.any():
        names = ", ".join(name for name, bound in zip(levels.names, limited, strict=True) if bound)
        findings.append(
            finding("workload-limits-bind", Where(column=levels.role), levels=names, factor=round(factor, 4))
        )
    reasons = _reasons(levels, ordered.binding, limited)
    return Adjusted(raw, shrunk, last, reasons, spread, factor, tuple(findings))


def _stage(values: Array, log_errors: Array, freedom: Array, level: float) -> Stage:
    half = np.zeros(len(values))
    some = ~(log_errors <= 0)
    half[some] = stats.t.isf((1 - level) / 2, np.maximum(freedom[some], 1e-2)) * log_errors[some]
    with np.errstate(over="ignore"):
        return Stage(values, log_errors, values * np.exp(-half), values * np.exp(half))


def _delta(effects: Array, covariance: Array, freedom: Array, shares: Array, level: float) -> Stage:
    values = mean_one(effects, shares)
    gradient = log_gradient(values, shares)
    errors = np.sqrt(np.clip(np.einsum("ij,jk,ik->i", gradient, covariance, gradient), 0.0, None))
    return _stage(values, np.where(errors**2 > LEAST_VARIANCE, errors, 0.0), freedom, level)


def _freedom(levels: Levels, effects: Array, covariance: Array) -> Array:
    """Return degrees of freedom after shrinkage: only the share that the level's own estimate keeps is uncertain."""
    values = mean_one(effects, levels.shares)
    gradient = log_gradient(values, levels.shares)
    after = np.einsum("ij,jk,ik->i", gradient, covariance, gradient)
    before = levels.log_errors**2
    kept = np.clip(np.divide(after, before, out=np.ones_like(after), where=before > 0), 1e-6, 1.0)
    return np.asarray(levels.freedom / kept**2)


def _steadied(levels: Levels) -> Array:
    """Return the covariance for shrinkage: variances of the clusters, correlations partly of the working model.

    A covariance from G clusters has the rank G - 1 at most; directions in which it is zero by chance would be believed
    without doubt. The weight of the working model's correlations is k / (k + degrees of freedom) for k levels.
    """
    size = len(levels.effects)
    gradient = log_gradient(levels.coefficients, levels.shares)
    robust, working = (gradient @ part @ gradient.T for part in (levels.covariance, levels.working))
    scale = np.sqrt(np.diag(robust) / np.diag(working))
    borrowed = gradient @ (working * np.outer(scale, scale)) @ gradient.T
    weight = size / (size + float(np.median(levels.freedom)))
    return np.asarray((1 - weight) * robust + weight * borrowed)


def _chains(levels: Levels, options: Options) -> list[list[int]]:
    place = {name: number for number, name in enumerate(levels.names)}
    chains = []
    for chain in options.ordered.get(levels.role, ()):
        unknown = [name for name in chain if name not in place and name not in levels.lost]
        if unknown:
            raise ValueError(
                f"ordered: {levels.role} has no level '{unknown[0]}'.{did_you_mean(unknown[0], place)['en']}"
            )
        chains.append([place[name] for name in chain if name in place])
    return chains


def _limits(levels: Levels, options: Options) -> tuple[Array, Array]:
    """Return lowest and highest coefficients: bounds of the factor, and the cap around those of the last period."""
    low, high = options.bounds.get(levels.role, (0.0, np.inf))
    before = np.array([options.previous.get(levels.role, {}).get(name, np.nan) for name in levels.names])
    known = np.isfinite(before) & (options.cap is not None)
    cap = options.cap or 0.0
    lowest = np.where(known, np.clip(before * (1 - cap), low, high), low)
    highest = np.where(known, np.clip(before * (1 + cap), low, high), high)
    return lowest, highest


def _limited(
    levels: Levels, stage: Stage, ordered: Ordered, freedom: Array, options: Options
) -> tuple[Stage, NDArray[np.bool_], float]:
    """Return coefficients inside their limits, with intervals from draws: limits are no smooth function."""
    low, high = _limits(levels, options)
    if (low <= 0).all() and np.isinf(high).all():
        return stage, np.zeros(len(low), dtype=bool), 1.0
    spread = np.where(stage.log_errors > 0, stats.t.isf(TAIL, np.maximum(freedom, 1.0)) / stats.norm.isf(TAIL), 0.0)
    drawn = np.random.default_rng(options.seed).multivariate_normal(
        np.zeros(len(low)), ordered.covariance, DRAWS, method="eigh"
    )
    gradient = log_gradient(stage.values, levels.shares)
    around = stage.values * np.exp(np.clip(drawn @ gradient.T * spread, -50.0, 50.0))
    if levels.role in options.base:
        values, clipped, factor = np.clip(stage.values, low, high), np.clip(around, low, high), 1.0
    else:
        try:
            values, found = balanced_limits(stage.values, levels.shares, low, high)
        except ValueError as error:
            raise ValueError(
                f"{levels.role}: {error}. Widen bounds or cap, or bring 'previous' to the mean one first"
            ) from error
        factor = float(found)
        clipped = balanced_limits(around / (around @ levels.shares)[:, None], levels.shares, low, high)[0]
    limited = (values <= low) | (values >= high)
    ends = np.quantile(clipped, [(1 - options.level) / 2, (1 + options.level) / 2], axis=0)
    errors = clipped.std(axis=0, ddof=1) / values
    return Stage(values, errors, np.minimum(ends[0], values), np.maximum(ends[1], values)), limited, factor


def _reasons(levels: Levels, binding: Sequence[tuple[int, int]], limited: NDArray[np.bool_]) -> tuple[str, ...]:
    tied = {number for pair in binding for number in pair}
    reasons = []
    for number in range(len(levels.names)):
        said = [
            text
            for text, holds in (
                ("only_level", len(levels.names) == 1),
                ("one_cluster", bool(levels.one_cluster[number])),
                ("order", number in tied),
                ("limit", bool(limited[number])),
            )
            if holds
        ]
        reasons.append("; ".join(said))
    return tuple(reasons)
