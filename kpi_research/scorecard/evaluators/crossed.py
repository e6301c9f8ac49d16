"""The two-way mixed model of ratings: targets crossed with raters, kinds of raters with errors of their own."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, sparse

Array = NDArray[np.float64]
IntArray = NDArray[np.intp]

LEAST = 1e-5
"""Smallest variance of an effect, as a share of the variance of the ratings: in practice no effect."""

MOST = 3000
"""Most targets and raters that ratings may connect: time grows with the third power, to some minutes here."""

NEAR = 0.5
"""A log variance this near to the smallest counts as no effect, and as known."""

STEP = 0.05
"""Step in log variances for second derivatives."""

WIDEST = 1.5
"""Largest standard error of a log variance that is carried on."""

BIN = 64
"""Fewest effects that are solved together."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Mean ratings, one per rater and target.

    Attributes
    ----------
    mean : numpy.ndarray, shape (pairs,)
        Mean rating.
    occasions : numpy.ndarray, shape (pairs,)
        On how many occasions the rater rated the target.
    target, rater, kind : numpy.ndarray of int, shape (pairs,)
        Codes. A rater of two kinds has two codes.
    """

    mean: Array
    occasions: Array
    target: IntArray
    rater: IntArray
    kind: IntArray

    @property
    def separable(self) -> NDArray[np.bool_]:
        """Whether a pair's rater rates two targets or more, so that severity can be told from noise."""
        return np.bincount(self.rater)[self.rater] > 1


@dataclass(frozen=True)
class CrossedFit:
    """A fitted model: rating = kind + target - severity of the rater + noise.

    Attributes
    ----------
    kinds : numpy.ndarray, shape (kinds,)
        Mean of each kind over targets and raters.
    kinds_cov : numpy.ndarray, shape (kinds, kinds)
        Its covariance.
    targets, severity : numpy.ndarray
        Predicted effects; NaN for a rater whose severity cannot be told from noise.
    targets_cov : numpy.ndarray, shape (targets, targets)
        Covariance of the errors of the predicted targets, given the means of the kinds; the error of the estimated
        variances is in it.
    severity_variance : numpy.ndarray, shape (raters,)
        Variance of the error of each predicted severity.
    lever : numpy.ndarray, shape (targets, kinds)
        How far a target's prediction falls where the mean of a kind rises.
    target_variance : float
        Variance between targets.
    severity_variances, noise : numpy.ndarray, shape (kinds,)
        Variance of severity between the raters of a kind (NaN where none can be seen), and of the noise of one rater on
        one occasion.
    """

    kinds: Array
    kinds_cov: Array
    targets: Array
    severity: Array
    targets_cov: Array
    severity_variance: Array
    lever: Array
    target_variance: float
    severity_variances: Array
    noise: Array


def fit_crossed(pairs: Pairs) -> CrossedFit:
    r"""Fit the model by restricted maximum likelihood and predict its effects.

    .. math:: y_{ij} = \mu_k + t_j - s_i + e_{ij}, \quad t_j \sim N(0, \tau^2), \; s_i \sim N(0, \sigma_k^2), \;
        e_{ij} \sim N(0, \omega_k / n_{ij})

    for rater i of kind k and target j on n occasions. Effects that no chain of ratings connects are solved apart.

    Parameters
    ----------
    pairs : Pairs
        Mean ratings; two targets and two raters at least, and more pairs than kinds.

    Returns
    -------
    CrossedFit

    Raises
    ------
    ValueError
        If ratings connect more than 3,000 targets and raters.

    References
    ----------
    Variances enter the errors of the targets as E[Var] + Var[E] over 2 p points (Julier & Uhlmann 2004,
    doi:10.1109/JPROC.2003.823141) of their normal distribution on the log scale.

    Patterson, H. D. & Thompson, R. (1971), doi:10.1093/biomet/58.3.545; Henderson, C. R. (1975), doi:10.2307/2529430.
    """
    problem = _Problem.of(pairs)
    if problem.owner.shape[1] > MOST:
        raise ValueError(
            f"ratings connect {problem.owner.shape[1]} targets and raters in one net; allowed: up to {MOST}. Split them, "
            "e.g. by item or period"
        )
    scale = float(np.var(pairs.mean)) or 1.0
    start = np.full(problem.parameters, np.log(0.4 * scale))
    bounds = [(np.log(LEAST * scale), np.log(100 * scale))] * problem.parameters
    found = optimize.minimize(problem.deviance, start, method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-11})
    free = found.x > bounds[0][0] + NEAR
    return _spread_over_variances(problem, np.asarray(found.x, dtype=np.float64), free, pairs)


def _spread_over_variances(problem: _Problem, logs: Array, free: NDArray[np.bool_], pairs: Pairs) -> CrossedFit:
    """Return the fit with the error of the variances in that of the targets, from points around the maximum."""
    fit, places = problem.predicted(np.exp(logs), pairs), np.flatnonzero(free)
    if not len(places):
        return fit
    roots, vectors = np.linalg.eigh(_curvature(problem, logs, places))
    # Deviance is -2 log likelihood: variance of the log variances 2 / curvature.
    width = np.sqrt(2 / np.maximum(roots, 2 / WIDEST**2)) * np.sqrt(len(places))
    covariance, count = np.zeros_like(fit.targets_cov), 2 * len(places)
    for step in np.concatenate([vectors * width, -vectors * width], axis=1).T:
        there = logs.copy()
        there[places] += step
        other = problem.predicted(np.exp(there), pairs)
        moved = other.targets - fit.targets
        covariance += (other.targets_cov + np.outer(moved, moved)) / count
    return replace(fit, targets_cov=covariance)


def _curvature(problem: _Problem, logs: Array, places: IntArray) -> Array:
    """Return second derivatives of the deviance by central differences."""

    def at(first: int, one: float, second: int, two: float) -> float:
        there = logs.copy()
        there[first] += one
        there[second] += two
        return problem.deviance(there)

    size = len(places)
    found = np.zeros((size, size))
    for row in range(size):
        for column in range(row + 1):
            i, j = int(places[row]), int(places[column])
            same, cross = at(i, STEP, j, STEP) + at(i, -STEP, j, -STEP), at(i, STEP, j, -STEP) + at(i, -STEP, j, STEP)
            found[row, column] = found[column, row] = (same - cross) / (4 * STEP**2)
    return found


@dataclass(frozen=True)
class _Problem:
    """Cross-products in bins of effects: per kind k, bin b and effects d.

    ``products`` (k, b, d, d), ``sums`` (k, b, d) of the ratings, ``counts`` (k, b, d) of the occasions; ``owner`` (b, d):
    0 for a target, 1 + kind for a rater, -1 for an empty place; ``place`` (effects, 2): bin and place of an effect.
    """

    products: Array
    sums: Array
    counts: Array
    owner: IntArray
    place: IntArray
    pairs_of_kind: Array
    weight: Array
    total: Array
    square: Array
    center: float
    seen: NDArray[np.bool_]

    @classmethod
    def of(cls, pairs: Pairs) -> _Problem:
        targets, raters, kinds = (int(codes.max()) + 1 for codes in (pairs.target, pairs.rater, pairs.kind))
        kind_of = np.zeros(raters, dtype=np.intp)
        kind_of[pairs.rater] = pairs.kind
        known = pairs.separable
        effect = np.where(known, targets + pairs.rater, -1)
        owner_of = np.concatenate([np.zeros(targets, dtype=np.intp), 1 + kind_of])
        used = np.concatenate([np.ones(targets, dtype=bool), np.zeros(raters, dtype=bool)])
        used[effect[known]] = True
        place, size = _bins(pairs.target, effect, used)
        shape = (kinds, int(place[:, 0].max()) + 1, size)
        owner = np.full(shape[1:], -1, dtype=np.intp)
        owner[place[used, 0], place[used, 1]] = owner_of[used]
        center = float(np.average(pairs.mean, weights=pairs.occasions))
        n, y = pairs.occasions, pairs.mean - center
        products, sums, counts = np.zeros((*shape, size)), np.zeros(shape), np.zeros(shape)
        everywhere = np.ones(len(y), dtype=bool)
        for at, sign, which in ((place[pairs.target], 1.0, everywhere), (place[effect[known]], -1.0, known)):
            index = (pairs.kind[which], at[:, 0], at[:, 1])
            np.add.at(sums, index, sign * (n * y)[which])
            np.add.at(counts, index, sign * n[which])
            np.add.at(products, (*index, at[:, 1]), n[which])
        first, second = place[pairs.target[known]], place[effect[known]]
        for one, other in ((first, second), (second, first)):
            np.add.at(products, (pairs.kind[known], one[:, 0], one[:, 1], other[:, 1]), -n[known])
        size_of, weight, total, square = (
            np.asarray(np.bincount(pairs.kind, part, minlength=kinds), dtype=np.float64)
            for part in (np.ones(len(y)), n, n * y, n * y * y)
        )
        seen = np.isin(np.arange(kinds), pairs.kind[known])
        return cls(products, sums, counts, owner, place, size_of, weight, total, square, center, seen)

    @property
    def parameters(self) -> int:
        return 1 + int(self.seen.sum()) + len(self.seen)

    def split(self, variances: Array) -> tuple[float, Array, Array]:
        """Return the variances of targets, of severity by kind (0 where unseen) and of noise by kind."""
        severity = np.zeros(len(self.seen))
        severity[self.seen] = variances[1 : 1 + int(self.seen.sum())]
        return float(variances[0]), severity, variances[1 + int(self.seen.sum()) :]

    def solved(self, variances: Array) -> _Solved:
        """Return factors and fixed effects at given variances."""
        of_target, severity, noise = self.split(variances)
        scale = np.sqrt(np.concatenate([[of_target], severity, [0.0]]))[self.owner]
        inner = np.einsum("kbij,k->bij", self.products, 1 / noise)
        inner = inner * scale[:, :, None] * scale[:, None, :] + np.eye(scale.shape[1])
        lower = np.linalg.cholesky(inner)
        right = np.concatenate([self.counts / noise[:, None, None], (self.sums.T / noise).sum(axis=2).T[None]]) * scale
        turned = np.linalg.solve(lower, right.transpose(1, 2, 0))
        cross = np.einsum("bdi,bdj->ij", turned, turned)
        k = len(noise)
        fixed = np.diag(self.weight / noise) - cross[:k, :k]
        known = self.total / noise - cross[:k, k]
        beta = np.linalg.solve(fixed, known)
        rest = float((self.square / noise).sum() - cross[k, k] - known @ beta)
        return _Solved(lower, scale, turned, fixed, beta, rest)

    def deviance(self, logs: Array) -> float:
        """Return -2 times the restricted log-likelihood, up to a constant."""
        variances = np.exp(logs)
        found = self.solved(variances)
        determinant = 2 * float(np.log(np.diagonal(found.lower, axis1=1, axis2=2)).sum())
        noise = self.split(variances)[2]
        return (
            float(self.pairs_of_kind @ np.log(noise))
            + determinant
            + float(np.linalg.slogdet(found.fixed)[1])
            + found.rest
        )

    def predicted(self, variances: Array, pairs: Pairs) -> CrossedFit:
        """Return effects with the covariances of their errors."""
        found, kinds = self.solved(variances), len(self.seen)
        of_target, severity, noise = self.split(variances)
        back = np.linalg.solve(found.lower.transpose(0, 2, 1), found.turned) * found.scale[:, :, None]
        lever, shifted = back[:, :, :kinds], back[:, :, kinds]
        effects = shifted - lever @ found.beta
        inverse = np.linalg.inv(found.lower)
        posterior = np.einsum("bki,bkj->bij", inverse, inverse) * found.scale[:, :, None] * found.scale[:, None, :]
        fixed_cov = np.asarray(np.linalg.inv(found.fixed), dtype=np.float64)
        targets = int(pairs.target.max()) + 1
        at, of_rater = self.place[:targets], self.place[targets:]
        same = at[:, None, 0] == at[None, :, 0]
        targets_cov: Array = np.where(same, posterior[at[:, None, 0], at[:, None, 1], at[None, :, 1]], 0.0)
        here = of_rater[:, 0] >= 0
        bins, places = of_rater[here].T
        predicted: Array = np.full(len(here), np.nan)
        variance: Array = np.full(len(here), np.nan)
        predicted[here] = effects[bins, places]
        through = lever[bins, places]
        variance[here] = posterior[bins, places, places] + np.einsum("ri,ij,rj->r", through, fixed_cov, through)
        return CrossedFit(
            found.beta + self.center, fixed_cov, effects[at[:, 0], at[:, 1]], predicted, targets_cov, variance,
            lever[at[:, 0], at[:, 1]], of_target, np.where(self.seen, severity, np.nan), noise,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Solved:
    lower: Array
    scale: Array
    turned: Array
    fixed: Array
    beta: Array
    rest: float


def _bins(target: IntArray, effect: IntArray, used: NDArray[np.bool_]) -> tuple[IntArray, int]:
    """Return bin and place of each effect (-1 where unused) and the size of a bin; connected effects share one."""
    linked = effect >= 0
    graph = sparse.coo_array((np.ones(int(linked.sum())), (target[linked], effect[linked])), shape=(len(used),) * 2)
    _, component = sparse.csgraph.connected_components(graph, directed=False)
    sizes = np.bincount(component, weights=used).astype(np.intp)
    capacity = max(int(sizes.max()), BIN)
    bin_of, free, number = np.zeros(len(sizes), dtype=np.intp), capacity, 0
    for item in np.flatnonzero(sizes):
        if sizes[item] > free:
            number, free = number + 1, capacity
        bin_of[item], free = number, free - sizes[item]
    place = np.full((len(used), 2), -1, dtype=np.intp)
    place[used, 0] = bin_of[component[used]]
    order = np.argsort(place[used, 0], kind="stable")
    bins = place[used, 0][order]
    starts = np.searchsorted(bins, bins)
    within = np.empty(len(order), dtype=np.intp)
    within[order] = np.arange(len(order)) - starts
    place[used, 1] = within
    return place, capacity
