"""Optimizing again on other sets of units: bootstrap spread of the weights and cross-validated validity."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kpi_research.weights.engine import Engine
from kpi_research.weights.evidence import Evidence, correlation
from kpi_research.weights.face import optimal_face, with_spread
from kpi_research.weights.limits import Floats
from kpi_research.weights.model import Pairs
from kpi_research.weights.objectives import ratio_model, tidy, unscaled
from kpi_research.weights.program import Program
from kpi_research.weights.projection import closest_point
from kpi_research.weights.solve import SolverError, Status

FOLDS = 10


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
    """

    weights: Floats
    unrelated: int


class Reweighted:
    """The validity problem inside one solver, asked for many sets of weights on units.

    Parameters
    ----------
    question : Question
        The problem.
    """

    def __init__(self, question: Question) -> None:
        self._question = question
        evidence = question.evidence
        model, self._layout = ratio_model(question.program, evidence, question.center, question.tether)
        self._engine = Engine(model)
        self._engine.run()

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
        asked, layout = self._question, self._layout
        shares = counts / counts.sum()
        mean = shares @ asked.evidence.scores
        gain = self._ask(shares, mean)
        answer = self._engine.run()
        if answer.status is not Status.OPTIMAL:
            raise SolverError(f"resampling: the solver stopped with status '{answer.status.value}'")
        found = unscaled(answer, layout)
        if found is None:
            return None
        pairs = Pairs(asked.evidence.scores - mean, np.zeros(len(counts)))
        face = optimal_face(asked.program, pairs, asked.center, asked.tether, layout, answer)
        face = with_spread(face, gain, layout, answer)
        return tidy(closest_point(face, found, asked.target), asked.program)

    def _ask(self, shares: Floats, mean: Floats) -> Floats:
        evidence, layout = self._question.evidence, self._layout
        outcome = evidence.outcome - shares @ evidence.outcome
        gain: Floats = (shares * outcome) @ (evidence.scores - mean)
        self._engine.set_cost(np.arange(layout.indicators), -gain)
        mean_row, spread_row = layout.rows("mean").start, layout.rows("spread").start
        for column, value in enumerate(mean):
            self._engine.set_coefficient(mean_row, column, -value)
        for name in ("plus", "minus"):
            for unit, share in enumerate(shares):
                self._engine.set_coefficient(spread_row, layout.columns(name).start + unit, share)
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
    generator = np.random.default_rng(seed)
    asker, units = Reweighted(question), len(question.evidence.outcome)
    even = np.full(units, 1.0 / units)
    found = [asker.weights(generator.multinomial(units, even).astype(float)) for _ in range(draws)]
    kept = [question.center if weights is None else weights for weights in found]
    return Resampled(np.array(kept).reshape(draws, len(question.center)), sum(weights is None for weights in found))


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
    evidence = question.evidence
    units = len(evidence.outcome)
    fold = np.random.default_rng(seed).permutation(units) % min(FOLDS, units)
    asker = Reweighted(question)
    scores = np.zeros(units)
    for number in np.unique(fold):
        held = fold == number
        weights = asker.weights((~held).astype(float))
        scores[held] = evidence.scores[held] @ (question.center if weights is None else weights)
    return correlation(scores, evidence.outcome)
