"""The smallest change of weights that turns two units around, exact and under the rules."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.results import Result
from kpi_research.study.suggest import did_you_mean
from kpi_research.weights.engine import Engine
from kpi_research.weights.indicators import weights_of
from kpi_research.weights.limits import Floats
from kpi_research.weights.model import LinearModel
from kpi_research.weights.program import Program
from kpi_research.weights.robustness.inputs import admissible
from kpi_research.weights.rules import Rule
from kpi_research.weights.solve import SolverError, Status

CLOSE = 5.0
"""Sum of moves in points below which the finding calls an order fragile."""


@dataclass(frozen=True)
class RankFlips(Result):
    """How much weights must move to turn pairs of units around.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per pair, the closest flips first: ``ahead``, ``behind`` (units, by the current weights); ``lead`` (points
        of score between them); ``moved`` (smallest sum |w - current| with which they draw level, points of weight; NaN
        where no admissible weights do it); ``largest`` (indicator whose weight moves most).
    findings : tuple of Finding
        How many orders are fragile, how many can never turn.
    weights : pandas.DataFrame of shape (pairs, indicators)
        The weights with which the pair draws level, points; NaN where there are none.
    """

    weights: pd.DataFrame


def rank_flips(
    scores: pd.DataFrame,
    current: Mapping[str, float] | pd.Series,
    *,
    pairs: Sequence[tuple[str, str]] | None = None,
    indicators: pd.DataFrame | None = None,
    rules: Iterable[Rule] = (),
) -> RankFlips:
    """Find the smallest change of weights that turns units around.

    For each pair ``min sum_j |w_j - current_j|`` under the rules and ``sum_j w_j (x_behind,j - x_ahead,j) >= 0``.

    Parameters
    ----------
    scores : pandas.DataFrame of shape (units, indicators)
        Index: unit; a column per indicator on one common scale, higher is better; no gaps.
    current : mapping or pandas.Series of id to points
        The weights in force.
    pairs : sequence of pairs of units, optional
        Pairs to turn around, in any order; None takes neighbors in the ranking. For a tier give the last unit above and
        the first below its edge.
    indicators : pandas.DataFrame, optional
        The catalogue; None takes the columns of the scores.
    rules : iterable of Rule, optional
        The rules that changed weights must keep; hard ones restrict.

    Returns
    -------
    RankFlips

    Raises
    ------
    InfeasibleRules
        If the rules cannot all hold.
    ValueError
        If a unit is unknown, or scores, weights and catalogue do not belong together.

    Notes
    -----
    One weight at a time: Triantaphyllou & Sanchez 1997, doi:10.1111/j.1540-5915.1997.tb01306.x; here all weights move
    together and keep the rules.

    Examples
    --------
    >>> scores = pd.DataFrame({"a": [60.0, 40.0], "b": [40.0, 50.0]}, index=["North", "East"])
    >>> rank_flips(scores, {"a": 50, "b": 50}).table["moved"].round(4).tolist()
    [33.3333]
    """
    values, program = admissible(scores, indicators, rules)
    given = weights_of(current, program.ids)
    if given is None:
        raise ValueError("current is empty; give the weights in force")
    total = values @ given
    chosen = _pairs(pairs, scores.index, total)
    engine, row = _model(program, given)
    rows, found = [], []
    for first, second in chosen:
        ahead, behind = (first, second) if total[first] >= total[second] else (second, first)
        weights = _draw_level(engine, row, values[behind] - values[ahead])
        moves = np.full(len(given), np.nan) if weights is None else np.abs(weights - given)
        largest = "" if weights is None or moves.max() <= 0 else program.ids[int(moves.argmax())]
        rows.append((scores.index[ahead], scores.index[behind], total[ahead] - total[behind], moves.sum(), largest))
        found.append(np.full(len(given), np.nan) if weights is None else weights)
    table = pd.DataFrame(rows, columns=["ahead", "behind", "lead", "moved", "largest"])
    order = np.argsort(table["moved"].fillna(np.inf).to_numpy(dtype=float), kind="stable")
    table["lead"] /= 100.0
    frame = pd.DataFrame(np.array(found).reshape(-1, len(given)), columns=list(program.ids))
    return RankFlips(
        table.iloc[order].reset_index(drop=True), _findings(table), frame.iloc[order].reset_index(drop=True)
    )


def _pairs(pairs: Sequence[tuple[str, str]] | None, units: pd.Index, total: Floats) -> list[tuple[int, int]]:
    if pairs is None:
        order = np.argsort(-total, kind="stable")
        return [(int(a), int(b)) for a, b in itertools.pairwise(order)]
    place = {unit: number for number, unit in enumerate(units)}
    for pair in pairs:
        if len(pair) != 2 or pair[0] == pair[1]:
            raise ValueError(f"pairs holds {pair!r}; it must hold two different units")
        for unit in pair:
            if unit not in place:
                raise ValueError(f"pairs: there is no unit '{unit}'.{did_you_mean(str(unit), map(str, units))['en']}")
    return [(place[first], place[second]) for first, second in pairs]


def _model(program: Program, center: Floats) -> tuple[Engine, int]:
    """Write the distance from the center with one more row for the pair; columns are weights, moves up, moves down."""
    size = len(center)
    eye = sparse.eye_array(size)
    pair = sparse.csr_array(np.ones((1, size)))
    blocks = [[sparse.csr_array(program.matrix), None, None], [eye, -eye, eye], [pair, None, None]]
    model = LinearModel(
        np.concatenate([np.zeros(size), np.ones(2 * size)]), sparse.csr_array(sparse.block_array(blocks)),
        np.concatenate([program.lower, center, [-np.inf]]), np.concatenate([program.upper, center, [np.inf]]),
        np.concatenate([program.low, np.zeros(2 * size)]), np.concatenate([program.high, np.full(2 * size, np.inf)]),
    )  # fmt: skip
    return Engine(model), len(program.lower) + size


def _draw_level(engine: Engine, row: int, lead: Floats) -> Floats | None:
    scale = max(float(np.abs(lead).max()), 1e-300)
    for column, value in enumerate(lead / scale):
        engine.set_coefficient(row, column, value)
    engine.set_row(row, 0.0, np.inf)
    answer = engine.run()
    engine.set_row(row, -np.inf, np.inf)
    if answer.status is Status.INFEASIBLE:
        return None
    if answer.status is not Status.OPTIMAL:
        raise SolverError(f"rank flips: the solver stopped with status '{answer.status.value}'")
    return answer.x[: len(lead)]


def _findings(table: pd.DataFrame) -> tuple[Finding, ...]:
    if table.empty:
        return ()
    facts = {
        "pairs": len(table),
        "fragile": int((table["moved"] <= CLOSE).sum()),
        "points": f"{CLOSE:g}",
        "never": int(table["moved"].isna().sum()),
    }
    return (finding("rank-flips", Where(), **facts),)
