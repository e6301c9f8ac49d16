"""The model of Dawid and Skene: true classes and the errors of each rater, fitted together by EM."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from kpi_research.study.agreement.ratings import Ratings

Floats = NDArray[np.float64]

PRIOR_RATINGS = 2.0
"""Weight, in ratings per class, of the prior opinion on the mean rater."""
PRIOR_RIGHT = 0.8
"""What that opinion is: the mean rater is right this often."""
POOLING = 10.0
"""Weight, in ratings per class, of the mean rater in the estimate for one rater."""
TOLERANCE = 1e-8
LEAST = 1e-12


@dataclass(frozen=True, eq=False)
class Fit:
    """A fitted model; the last axis of each array is the replicate.

    Attributes
    ----------
    posterior : numpy.ndarray, shape (cases, classes, replicates)
        Probability of each true class of a case.
    shares : numpy.ndarray, shape (classes, replicates)
        Share of each class among the cases.
    confusion : numpy.ndarray, shape (raters, true classes, given values, replicates)
        Probability that a rater gives a value to a case of a true class.
    pooled : numpy.ndarray, shape (true classes, given values, replicates)
        The same for the mean rater, weighted by ratings.
    iterations : int
        Steps of EM.
    """

    posterior: Floats
    shares: Floats
    confusion: Floats
    pooled: Floats
    iterations: int


def fit_dawid_skene(
    data: Ratings, *, known: Floats | None = None, weights: Floats | None = None, iterations: int = 500
) -> Fit:
    r"""Fit the model by EM from the majority vote.

    With :math:`T_{ck}` the probability that case c is of class k,

    .. math:: T_{ck} \propto \pi_k \prod_{r} \theta_{r k y_{cr}}, \quad
        \theta_{rkv} \propto \sum_c T_{ck} [y_{cr} = v] + s \bar\theta_{kv}

    where :math:`\bar\theta` is the mean rater and s = 10 ratings per class: a rater who saw few cases is thought to be
    like the others. The mean rater has a prior of two ratings per class, 80 % of them right, which also keeps the
    classes from changing names.

    Parameters
    ----------
    data : Ratings
        The ratings; the values are the classes.
    known : numpy.ndarray, shape (cases, classes), optional
        Rows of cases whose class is known hold 1 and 0, other rows NaN.
    weights : numpy.ndarray, shape (cases, replicates), optional
        How often each case counts; once by default.
    iterations : int
        Most steps of EM.

    Returns
    -------
    Fit

    References
    ----------
    Dawid, A. P. & Skene, A. M. (1979), Maximum likelihood estimation of observer error-rates using the EM algorithm,
    doi:10.2307/2346806.
    """
    cases, raters, classes = len(data.cases), len(data.raters), len(data.values)
    w = np.ones((cases, 1)) if weights is None else weights
    rows = data.rater * classes + data.value
    given = sparse.csr_array((np.ones(len(rows)), (rows, data.case)), shape=(raters * classes, cases))
    votes = data.counts()
    posterior = _fixed(((votes + LEAST) / (votes + LEAST).sum(axis=1, keepdims=True))[:, :, None], known)
    posterior = np.repeat(posterior, w.shape[1], axis=2)
    prior = PRIOR_RATINGS * _opinion(classes)[:, :, None]
    steps = 0
    change = np.inf
    while steps < iterations and change >= TOLERANCE:
        steps += 1
        shares, pooled, confusion = _maximize(given, posterior, w, prior, raters)
        fresh = _fixed(_expect(given, shares, confusion), known)
        change = float(np.abs(fresh - posterior).max())
        posterior = fresh
    return Fit(posterior, shares, confusion, pooled, steps)


def _opinion(classes: int) -> Floats:
    off = (1 - PRIOR_RIGHT) / max(classes - 1, 1)
    return np.full((classes, classes), off) + (PRIOR_RIGHT - off) * np.eye(classes)


def _maximize(
    given: sparse.csr_array, posterior: Floats, w: Floats, prior: Floats, raters: int
) -> tuple[Floats, Floats, Floats]:
    cases, classes, replicates = posterior.shape
    weighted = posterior * w[:, None, :]
    shares = weighted.sum(axis=0) + 1.0
    shares /= shares.sum(axis=0)
    counts = (given @ weighted.reshape(cases, -1)).reshape(raters, classes, classes, replicates)
    counts = counts.transpose(0, 2, 1, 3)
    pooled = counts.sum(axis=0) + prior
    pooled /= pooled.sum(axis=1, keepdims=True)
    confusion = counts + POOLING * pooled
    return shares, pooled, confusion / confusion.sum(axis=2, keepdims=True)


def _expect(given: sparse.csr_array, shares: Floats, confusion: Floats) -> Floats:
    raters, classes, values, replicates = confusion.shape
    logs = np.log(confusion + LEAST).transpose(0, 2, 1, 3).reshape(raters * values, -1)
    total = (given.T @ logs).reshape(-1, classes, replicates) + np.log(shares)[None, :, :]
    total -= total.max(axis=1, keepdims=True)
    likely = np.exp(total)
    return np.asarray(likely / likely.sum(axis=1, keepdims=True))


def _fixed(posterior: Floats, known: Floats | None) -> Floats:
    if known is None:
        return posterior
    told = ~np.isnan(known).any(axis=1)
    posterior = posterior.copy()
    posterior[told] = known[told][:, :, None]
    return posterior


@dataclass(frozen=True, eq=False)
class Patterns:
    """Cases with the same ratings by the same raters, and the same known class, taken together.

    Attributes
    ----------
    data : Ratings
        One case for each pattern.
    known : numpy.ndarray or None
        Known class of each pattern.
    cases : numpy.ndarray, shape (patterns,)
        Cases with each pattern.
    of_case : numpy.ndarray of int, shape (cases,)
        Pattern of each case.
    """

    data: Ratings
    known: Floats | None
    cases: Floats
    of_case: NDArray[np.intp]

    def fit(self) -> Fit:
        """Return the model fitted to the cases as they are, one posterior per pattern."""
        return fit_dawid_skene(self.data, known=self.known, weights=self.cases[:, None])

    def refit(self, draws: int, seed: int) -> Fit:
        """Return the model fitted to bootstrap samples of the cases.

        Parameters
        ----------
        draws : int
            Samples.
        seed : int
            Seed.

        Returns
        -------
        Fit
        """
        total = int(self.cases.sum())
        drawn = np.random.default_rng(seed).multinomial(total, self.cases / total, size=draws)
        return fit_dawid_skene(self.data, known=self.known, weights=drawn.astype(float).T, iterations=200)


def patterns_of(data: Ratings, known: Floats | None) -> Patterns:
    """Take cases with the same ratings together, which changes no estimate and saves most of the work.

    Parameters
    ----------
    data : Ratings
        The ratings.
    known : numpy.ndarray, shape (cases, classes), or None
        Known classes, see `fit_dawid_skene`.

    Returns
    -------
    Patterns
    """
    given = np.full((len(data.cases), len(data.raters) + 1), -1, dtype=np.int32)
    given[data.case, data.rater] = data.value
    if known is not None:
        told = ~np.isnan(known).any(axis=1)
        given[told, -1] = known[told].argmax(axis=1)
    _, first, of_case, cases = np.unique(given, axis=0, return_index=True, return_inverse=True, return_counts=True)
    chosen = np.zeros(len(data.cases), dtype=bool)
    chosen[first] = True
    rank = np.cumsum(chosen)[first] - 1
    counts = np.zeros(len(first))
    counts[rank] = cases
    alone = None if known is None else known[chosen]
    return Patterns(data.of_cases(chosen), alone, counts, np.asarray(rank[of_case.ravel()], dtype=np.intp))
