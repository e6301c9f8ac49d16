"""Optimizing again on other sets of units: bootstrap spread of the weights and cross-validated validity."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from kpi_research.weights.compact import CompactValidity
from kpi_research.weights.engine import Engine
from kpi_research.weights.evidence import Evidence, correlation
from kpi_research.weights.face import optimal_face, with_spread
from kpi_research.weights.limits import Floats
from kpi_research.weights.model import Layout, Pairs
from kpi_research.weights.objectives import ratio_model, tidy, unscaled
from kpi_research.weights.program import Program
from kpi_research.weights.projection import closest_point
from kpi_research.weights.solve import SolverError, Status

FOLDS = 10
Refit = Callable[[Floats], Floats | None]
"""From times that each unit counts to weights; None where nothing goes with the outcome."""


@dataclass(frozen=True, eq=False)
class Question:
    """The validity problem that is asked again on other sets of units.

    Attributes
    ----------
    program : Program
        The rules.
    evidence : Evidence
        Scores and outcome of all complete units; their standardization is kept.
    center : ndarray of shape (indicators,)
        Allowed weights that the tether is measured from; also the answer where nothing goes with the outcome.
    target : ndarray of shape (indicators,)
        Weights to stay close to where several are equally good.
    tether : float
        Largest total move in points; infinite for none.
    """

    program: Program
    evidence: Evidence
    center: Floats
    target: Floats
    tether: float


@dataclass(frozen=True, eq=False)
class Resampled:
    """Weights over bootstrap samples of units.

    Attributes
    ----------
    weights : ndarray of shape (draws, indicators)
        Optimal weights of each sample, points.
    unrelated : int
        Number of samples in which no allowed weights go with the outcome.
    counts : ndarray of shape (draws, units)
        Times that each unit counts in each sample.
    """

    weights: Floats
    unrelated: int
    counts: Floats

    @classmethod
    def none(cls, indicators: int, units: int) -> Resampled:
        """Return no samples.

        Parameters
        ----------
        indicators, units : int
            Numbers of them.

        Returns
        -------
        Resampled
        """
        return cls(np.zeros((0, indicators)), 0, np.zeros((0, units)))


class Reweighted:
    """The validity problem inside one solver, asked for many sets of weights on units.

    A small model answers first. Only where its optimum is not proven unique, or nothing goes with the outcome, the
    whole model is asked, whose optimal face holds the unique weights.

    Parameters
    ----------
    question : Question
        The problem.
    """

    def __init__(self, question: Question) -> None:
        self._question = question
        self._small = CompactValidity(question.program, question.evidence, question.center, question.tether)
        self._whole: tuple[Engine, Layout] | None = None

    def weights(self, counts: Floats) -> Floats | None:
        """Return the optimal weights when each unit counts a given number of times.

        Parameters
        ----------
        counts : ndarray of shape (units,)
            Times that each unit counts, 0 or more.

        Returns
        -------
        ndarray of shape (indicators,) or None
            None where no allowed weights go with the outcome.

        Raises
        ------
        SolverError
            If the solver finds no optimum.
        """
        shares = counts / counts.sum()
        found, unique = self._small.weights(shares)
        if unique and found is not None:
            return tidy(found, self._question.program)
        return self._by_the_whole_model(shares)

    def _by_the_whole_model(self, shares: Floats) -> Floats | None:
        asked = self._question
        if self._whole is None:
            model, layout = ratio_model(asked.program, asked.evidence, asked.center, asked.tether)
            self._whole = Engine(model), layout
            self._whole[0].run()
        engine, layout = self._whole
        mean = shares @ asked.evidence.scores
        gain = self._ask(engine, layout, shares, mean)
        answer = engine.run()
        if answer.status is not Status.OPTIMAL:
            raise SolverError(f"resampling: the solver stopped with status '{answer.status.value}'")
        found = unscaled(answer, layout)
        if found is None:
            return None
        pairs = Pairs(asked.evidence.scores - mean, np.zeros(len(shares)))
        face = optimal_face(asked.program, pairs, asked.center, asked.tether, layout, answer)
        face = with_spread(face, gain, layout, answer)
        return tidy(closest_point(face, found, asked.target), asked.program)

    def _ask(self, engine: Engine, layout: Layout, shares: Floats, mean: Floats) -> Floats:
        evidence = self._question.evidence
        outcome = evidence.outcome - shares @ evidence.outcome
        gain: Floats = (shares * outcome) @ (evidence.scores - mean)
        engine.set_cost(np.arange(layout.indicators), -gain)
        mean_row, spread_row = layout.rows("mean").start, layout.rows("spread").start
        for column, value in enumerate(mean):
            engine.set_coefficient(mean_row, column, -value)
        for name in ("plus", "minus"):
            first = layout.columns(name).start
            for unit, share in enumerate(shares):
                engine.set_coefficient(spread_row, first + unit, share)
        return gain


def bootstrap_weights(question: Question, draws: int, seed: int) -> Resampled:
    """Optimize on bootstrap samples of units.

    Parameters
    ----------
    question : Question
        The problem.
    draws : int
        Number of samples, 0 or more.
    seed : int
        Seed of the generator.

    Returns
    -------
    Resampled
        A sample in which nothing goes with the outcome gives the center.
    """
    return resampled(Reweighted(question).weights, len(question.evidence.outcome), question.center, draws, seed)


def resampled(refit: Refit, units: int, center: Floats, draws: int, seed: int) -> Resampled:
    """Optimize on bootstrap samples of units, whatever the objective.

    Parameters
    ----------
    refit : callable
        From times that each unit counts to weights; None where nothing goes with the outcome.
    units : int
        Number of units.
    center : ndarray of shape (indicators,)
        The answer where nothing goes with the outcome.
    draws : int
        Number of samples, 0 or more.
    seed : int
        Seed of the generator.

    Returns
    -------
    Resampled
    """
    generator, even = np.random.default_rng(seed), np.full(units, 1.0 / units)
    counts = np.array([generator.multinomial(units, even) for _ in range(draws)], dtype=float).reshape(draws, units)
    found = [refit(own) for own in counts]
    kept = [center if weights is None else weights for weights in found]
    unrelated = sum(weights is None for weights in found)
    return Resampled(np.array(kept).reshape(draws, len(center)), unrelated, counts)


def cross_validated(question: Question, seed: int) -> float:
    """Correlate the outcome with scores from weights that were optimized without the scored unit.

    Units are dealt at random into 10 folds (fewer where there are fewer units); each fold is scored with the weights
    that are optimal on the others.

    Parameters
    ----------
    question : Question
        The problem.
    seed : int
        Seed of the dealing.

    Returns
    -------
    float
        Pearson's correlation over all units; comparable with that of fixed weights on the same units.
    """
    return cross_correlation(Reweighted(question).weights, question.evidence, question.center, seed)


def cross_correlation(refit: Refit, evidence: Evidence, center: Floats, seed: int) -> float:
    """Correlate the outcome with scores from weights that were optimized without the scored unit, whatever the objective.

    Parameters
    ----------
    refit : callable
        From times that each unit counts to weights; None where nothing goes with the outcome.
    evidence : Evidence
        Scores and outcome.
    center : ndarray of shape (indicators,)
        The answer where nothing goes with the outcome.
    seed : int
        Seed of the dealing.

    Returns
    -------
    float
    """
    units = len(evidence.outcome)
    fold = np.random.default_rng(seed).permutation(units) % min(FOLDS, units)
    scores = np.zeros(units)
    for number in np.unique(fold):
        held = fold == number
        weights = refit((~held).astype(float))
        scores[held] = evidence.scores[held] @ (center if weights is None else weights)
    return correlation(scores, evidence.outcome)
