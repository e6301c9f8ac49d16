"""Which units stand above which under every admissible set of weights: exact, by linear programming."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpi_research.study.findings import Where, finding
from kpi_research.study.results import Result
from kpi_research.weights.engine import Engine
from kpi_research.weights.limits import Flags, Floats
from kpi_research.weights.program import Program
from kpi_research.weights.robustness.inputs import admissible, region_model
from kpi_research.weights.rules import Rule
from kpi_research.weights.solve import SolverError, Status

TIE = 1e-9
"""Scores closer than this part of the largest score count as equal."""

_RANDOM = 16
"""Random directions to look in at most; with fewer units one for each."""


@dataclass(frozen=True)
class Dominance(Result):
    """Comparisons of units that no admissible weights turn around.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per unit: ``unit``; ``above`` (units that are never ahead of it), ``below`` (units that it is never
        ahead of), ``open`` (units that are ahead with some admissible weights and behind with others; twins in every
        admissible score count in both of the first); ``best``, ``worst`` (bounds on its rank that follow).
    findings : tuple of Finding
        Share of pairs that are decided.
    above : pandas.DataFrame of shape (units, units), bool
        Whether the unit of the row scores at least as high as that of the column under every admissible set of weights.
    decided : float
        Share of pairs of units, 0 to 1, whose order no admissible weights turn around.
    programs : int
        Linear programs that were needed.
    """

    above: pd.DataFrame
    decided: float
    programs: int


@dataclass(frozen=True, eq=False)
class Proven:
    """The exact relation, and the corners of the polytope that were met on the way.

    Attributes
    ----------
    above : ndarray of bool, shape (units, units)
        Row at least as high as column under every admissible set of weights.
    corners : ndarray of shape (corners, indicators)
        Admissible weights, points.
    programs : int
        Linear programs solved.
    """

    above: Flags
    corners: Floats
    programs: int


def pairwise_dominance(
    scores: pd.DataFrame, *, indicators: pd.DataFrame | None = None, rules: Iterable[Rule] = ()
) -> Dominance:
    """Find all comparisons of units that hold for every admissible set of weights.

    Unit i stands above unit k if ``min_w sum_j w_j (x_ij - x_kj) >= 0`` over all weights that the hard rules allow.

    Parameters
    ----------
    scores : pandas.DataFrame of shape (units, indicators)
        Index: unit; a column per indicator on one common scale, higher is better; no gaps.
    indicators : pandas.DataFrame, optional
        The catalogue (``id``, the columns that rules use, limits and bans); None takes the columns of the scores.
    rules : iterable of Rule, optional
        The rules; hard ones restrict the weights, soft ones do not.

    Returns
    -------
    Dominance

    Raises
    ------
    InfeasibleRules
        If the rules cannot all hold.
    ValueError
        If scores and catalogue do not belong together or a score is missing.

    Notes
    -----
    The necessary preference relation (Greco, Mousseau & Slowinski 2008, doi:10.1016/j.ejor.2007.08.013); share of robust
    comparisons: Foster, McGillivray & Seth 2013, doi:10.1080/07474938.2012.690647. A linear program is solved only for
    a pair that no weights met so far turn around and that does not follow from others.

    Examples
    --------
    >>> scores = pd.DataFrame({"a": [3.0, 2.0, 1.0], "b": [3.0, 1.0, 2.0]}, index=["North", "East", "South"])
    >>> found = pairwise_dominance(scores)
    >>> found.table["above"].tolist(), round(found.decided, 3)
    ([2, 0, 0], 0.667)
    """
    values, program = admissible(scores, indicators, rules)
    proven = prove_dominance(values, program)
    units, above = len(values), proven.above
    pairs = units * (units - 1)
    decided = float((above | above.T).sum() - units) / pairs if pairs else 1.0
    over, under = above.sum(axis=1) - 1, above.sum(axis=0) - 1
    strictly_under = (above & ~above.T).sum(axis=0)
    table = pd.DataFrame(
        {
            "unit": scores.index,
            "above": over,
            "below": under,
            "open": (~above & ~above.T).sum(axis=1),
            "best": 1 + strictly_under,
            "worst": units - (above & ~above.T).sum(axis=1),
        }
    )
    facts = {"share": f"{100 * decided:.0f}", "pairs": pairs // 2}
    found = (finding("dominance-decided", Where(), **facts),) if pairs else ()
    frame = pd.DataFrame(above, index=scores.index, columns=scores.index)
    return Dominance(table, found, frame, decided, proven.programs)


def prove_dominance(values: Floats, program: Program) -> Proven:
    """Find the relation for arrays.

    Parameters
    ----------
    values : ndarray of shape (units, indicators)
        Scores.
    program : Program
        The rules; some weights must satisfy them.

    Returns
    -------
    Proven

    Raises
    ------
    SolverError
        If the solver gives no answer.
    """
    search = _Search(values, program)
    search.look_around()
    while (pair := search.next_pair()) is not None:
        search.settle(*pair)
    return Proven(search.proven, np.array(search.corners), search.programs)


class _Search:
    """Pairs that are turned around, proven, or open, with one linear model that is asked again and again."""

    def __init__(self, values: Floats, program: Program) -> None:
        self._values, self._places = values, np.arange(values.shape[1])
        self._tie = TIE * max(float(np.abs(values).max()), 1e-300) * 100.0
        self._engine = Engine(region_model(program))
        self.programs = 0
        self.corners: list[Floats] = []
        units = len(values)
        self.proven: Flags = np.asarray((values[:, None, :] >= values[None, :, :]).all(axis=2))
        self._least = np.full((units, units), np.inf)

    def least(self, form: Floats) -> Floats:
        """Return admissible weights with the smallest value of a linear form."""
        self._engine.set_cost(self._places, form)
        answer = self._engine.run()
        if answer.status is not Status.OPTIMAL:
            raise SolverError(f"dominance: the solver stopped with status '{answer.status.value}'")
        self.programs += 1
        corner = answer.x
        score = self._values @ corner
        self._least = np.minimum(self._least, score[:, None] - score[None, :])
        self.corners.append(corner)
        return corner

    def look_around(self) -> None:
        """Visit corners in the directions of the indicators and in some random ones."""
        size, count = len(self._places), min(_RANDOM, len(self._values))
        for form in np.vstack([np.eye(size), -np.eye(size), np.random.default_rng(0).normal(size=(count, size))]):
            self.least(form)

    def next_pair(self) -> tuple[int, int] | None:
        """Return an open pair, the one nearest to being turned around; None where all are settled."""
        open_pairs = np.where(self.proven, np.inf, self._least)
        open_pairs = np.where(open_pairs < -self._tie, np.inf, open_pairs)
        place = int(open_pairs.argmin())
        if not np.isfinite(open_pairs.flat[place]):
            return None
        first, second = divmod(place, len(self._values))
        return first, second

    def settle(self, first: int, second: int) -> None:
        """Prove a pair or turn it around; what is proven carries over to what follows from it."""
        difference = self._values[first] - self._values[second]
        if float(difference @ self.least(difference)) >= -self._tie:
            over: NDArray[np.bool_] = self.proven[:, first] | (np.arange(len(self._values)) == first)
            under = self.proven[second] | (np.arange(len(self._values)) == second)
            self.proven |= np.outer(over, under)
