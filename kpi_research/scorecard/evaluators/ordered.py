"""Ordered probit of grouped answers: levels of groups, and shifts that groups share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats

Array = NDArray[np.float64]

PRIOR = 1e-4
"""Weight of a normal prior on each parameter, so that a group that gives one answer only has a finite level."""

LEAST = 1e-300


@dataclass(frozen=True, slots=True)
class OrderedFit:
    """A fitted model.

    Attributes
    ----------
    levels, levels_se : numpy.ndarray, shape (groups,)
        Latent mean of each group against the mean of all groups, in standard deviations of a person's answer.
    shifts : numpy.ndarray, shape (shifts,)
        What each shift adds.
    covariance : numpy.ndarray, shape (shifts, shifts)
        Covariance of the shifts.
    edges : numpy.ndarray, shape (answers - 1,)
        Latent value up to which a person of the mean group gives this answer or a worse one; infinite beyond the answers
        that were given.
    """

    levels: Array
    levels_se: Array
    shifts: Array
    covariance: Array
    edges: Array

    def expected(self, latent: Array, values: Array) -> Array:
        """Return the expected value of an answer at latent means.

        Parameters
        ----------
        latent : numpy.ndarray, shape (n,)
            Latent means, on the scale of ``levels``.
        values : numpy.ndarray, shape (answers,)
            What each answer counts.

        Returns
        -------
        numpy.ndarray, shape (n,)
        """
        edges = np.concatenate([[-np.inf], self.edges, [np.inf]])
        share = np.diff(stats.norm.cdf(edges - np.asarray(latent)[:, None]), axis=1)
        return np.asarray(share @ values, dtype=np.float64)


def ordered_probit(counts: Array, shift: Array) -> OrderedFit:
    r"""Fit :math:`P(\text{answer} \le c) = \Phi(\alpha_c - \theta_g - x'\delta)` by maximum likelihood.

    Parameters
    ----------
    counts : numpy.ndarray, shape (groups, variants, answers)
        Answers of each group (such as a unit) in each variant (such as a way of asking), worst answer first.
    shift : numpy.ndarray, shape (variants, shifts)
        Which shifts apply to a variant.

    Returns
    -------
    OrderedFit

    References
    ----------
    McKelvey, R. D. & Zavoina, W. (1975), doi:10.1080/0022250X.1975.9989847.
    """
    used = counts.sum(axis=(0, 1)) > 0
    model = _Model(counts[:, :, used], shift)
    found = optimize.minimize(
        model.value, model.start(), jac=True, method="BFGS", options={"gtol": 1e-6, "maxiter": 500}
    )
    covariance = np.asarray(np.linalg.inv(_hessian(model, found.x)), dtype=np.float64)
    cuts, groups = int(used.sum()) - 1, counts.shape[0]
    own = np.concatenate([[0.0], found.x[cuts : cuts + groups - 1]])
    center = np.zeros((groups, len(found.x)))
    center[np.arange(1, groups), cuts + np.arange(groups - 1)] = 1.0
    center -= center.mean(axis=0)
    variance = np.einsum("gi,ij,gj->g", center, covariance, center)
    se = np.asarray(np.sqrt(np.clip(variance, 0.0, None)), dtype=np.float64)
    last = cuts + groups - 1
    edges = _edges(found.x[:cuts], used) - own.mean()
    return OrderedFit(own - own.mean(), se, found.x[last:], covariance[last:, last:], edges)


def _edges(parameters: Array, used: NDArray[np.bool_]) -> Array:
    """Return the upper edge of every answer but the best, where only some answers were given."""
    inner = np.cumsum(np.concatenate([parameters[:1], np.exp(parameters[1:])]))
    known = np.concatenate([[-np.inf], inner, [np.inf]])
    return np.asarray(known[np.cumsum(used)[:-1]], dtype=np.float64)


@dataclass(frozen=True)
class _Model:
    counts: Array
    shift: Array

    @property
    def cuts(self) -> int:
        return self.counts.shape[2] - 1

    def start(self) -> Array:
        share = np.cumsum(self.counts.sum(axis=(0, 1)))[:-1] / self.counts.sum()
        cuts = stats.norm.ppf(np.clip(share, 1e-6, 1 - 1e-6))
        first = np.concatenate([cuts[:1], np.log(np.maximum(np.diff(cuts), 1e-3))])
        return np.concatenate([first, np.zeros(self.counts.shape[0] - 1 + self.shift.shape[1])])

    def value(self, parameters: Array) -> tuple[float, Array]:
        """Return minus the log-likelihood and its gradient."""
        cuts, groups = self.cuts, self.counts.shape[0]
        steps = np.exp(parameters[1:cuts])
        edges = np.cumsum(np.concatenate([parameters[:1], steps]))
        level = np.concatenate([[0.0], parameters[cuts : cuts + groups - 1]])
        delta = parameters[cuts + groups - 1 :]
        latent = level[:, None] + self.shift @ delta
        at = edges - latent[:, :, None]
        below = np.concatenate([np.zeros((*latent.shape, 1)), stats.norm.cdf(at), np.ones((*latent.shape, 1))], axis=2)
        density = np.concatenate(
            [np.zeros((*latent.shape, 1)), stats.norm.pdf(at), np.zeros((*latent.shape, 1))], axis=2
        )
        probability = np.maximum(np.diff(below, axis=2), LEAST)
        ratio = self.counts / probability
        of_latent = -(ratio * np.diff(density, axis=2)).sum(axis=2)
        of_edges = (density[:, :, 1:-1] * (ratio[:, :, :-1] - ratio[:, :, 1:])).sum(axis=(0, 1))
        tail = np.cumsum(of_edges[::-1])[::-1]
        gradient = np.concatenate(
            [tail[:1], tail[1:] * steps, of_latent.sum(axis=1)[1:], self.shift.T @ of_latent.sum(axis=0)]
        )
        value = float((self.counts * np.log(probability)).sum())
        return PRIOR / 2 * float(parameters @ parameters) - value, PRIOR * parameters - gradient


def _hessian(model: _Model, point: Array) -> Array:
    """Return second derivatives by central differences of the gradient."""
    step = 1e-5 * np.maximum(np.abs(point), 1.0)
    rows = []
    for number, width in enumerate(step):
        moved = np.zeros_like(point)
        moved[number] = width
        rows.append((model.value(point + moved)[1] - model.value(point - moved)[1]) / (2 * width))
    hessian = np.array(rows)
    return np.asarray((hessian + hessian.T) / 2, dtype=np.float64)
