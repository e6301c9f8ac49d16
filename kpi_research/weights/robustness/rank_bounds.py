"""The best and worst rank each unit can have under admissible weights: exact, by mixed-integer programming."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import highspy
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from kpi_research.study.findings import Where, finding
from kpi_research.study.results import Result
from kpi_research.weights.limits import Flags, Floats
from kpi_research.weights.program import Program
from kpi_research.weights.robustness.dominance import TIE, Proven, prove_dominance
from kpi_research.weights.robustness.inputs import admissible
from kpi_research.weights.robustness.spread import largest_leads
from kpi_research.weights.rules import Rule
from kpi_research.weights.solve import SolverError

_OPTIONS: dict[str, bool | int | float] = {
    "output_flag": False,
    "threads": 1,
    "mip_abs_gap": 0.999,
    "mip_feasibility_tolerance": 1e-9,
    "primal_feasibility_tolerance": 1e-9,
}


@dataclass(frozen=True)
class RankBounds(Result):
    """Ranks that each unit can have.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per unit: ``unit``; ``best``, ``worst`` (ranks that some admissible weights give it; ties count for it in
        the one and against it in the other, but a unit that is never behind always stands ahead); ``best_proven``, ``worst_proven`` (ranks beyond which no admissible weights
        put it); ``exact`` (the two pairs agree).
    findings : tuple of Finding
        Width of the ranges, and units whose range the time limit left open.
    """


def rank_bounds(
    scores: pd.DataFrame,
    *,
    indicators: pd.DataFrame | None = None,
    rules: Iterable[Rule] = (),
    time_limit: float = 10.0,
) -> RankBounds:
    """Find the best and the worst rank of each unit over all admissible weights.

    Best rank of unit i: one more than the units that dominate it and ``min_w #{k: x_k'w > x_i'w}`` over those whose
    order with i is open, a mixed-integer program with one
    switch each; the worst likewise.

    Parameters
    ----------
    scores : pandas.DataFrame of shape (units, indicators)
        Index: unit; a column per indicator on one common scale, higher is better; no gaps.
    indicators : pandas.DataFrame, optional
        The catalogue; None takes the columns of the scores.
    rules : iterable of Rule, optional
        The rules; hard ones restrict the weights, soft ones do not.
    time_limit : float, default 10
        Seconds for one end of one unit's range, above 0; what is not proven by then is reported as such.

    Returns
    -------
    RankBounds

    Raises
    ------
    InfeasibleRules
        If the rules cannot all hold.
    ValueError
        If an argument is out of range, or scores and catalogue do not belong together.

    Notes
    -----
    Extreme ranking analysis (Kadzinski, Greco & Slowinski 2012, doi:10.1016/j.omega.2011.09.003). No program is solved
    where corners of the polytope already reach what dominance allows.

    Examples
    --------
    >>> scores = pd.DataFrame({"a": [3.0, 2.0, 1.0], "b": [3.0, 1.0, 2.0]}, index=["North", "East", "South"])
    >>> rank_bounds(scores).table[["best", "worst"]].to_numpy().tolist()
    [[1, 1], [2, 3], [2, 3]]
    """
    if isinstance(time_limit, bool) or not isinstance(time_limit, int | float) or not time_limit > 0:
        raise ValueError(f"time_limit is {time_limit!r}; it must be a number of seconds above 0")
    values, program = admissible(scores, indicators, rules)
    ends = extreme_ranks(values, program, float(time_limit))
    table = pd.DataFrame(ends, columns=["best", "best_proven", "worst", "worst_proven"])
    table["unit"] = scores.index
    table["exact"] = (table["best"] == table["best_proven"]) & (table["worst"] == table["worst_proven"])
    width = (table["worst"] - table["best"]).to_numpy()
    facts = {"median": f"{np.median(width):.0f}", "units": len(table), "fixed": int((width == 0).sum())}
    found = [finding("rank-bounds-width", Where(), **facts)]
    if not table["exact"].all():
        found.append(
            finding("rank-bounds-open", Where(), units=int((~table["exact"]).sum()), seconds=f"{time_limit:g}")
        )
    return RankBounds(table[["unit", "best", "worst", "best_proven", "worst_proven", "exact"]], tuple(found))


def extreme_ranks(values: Floats, program: Program, seconds: float) -> NDArray[np.int_]:
    """Find both ends of each unit's range of ranks for arrays.

    Parameters
    ----------
    values : ndarray of shape (units, indicators)
        Scores.
    program : Program
        The rules; some weights must satisfy them.
    seconds : float
        Time limit of one program.

    Returns
    -------
    ndarray of int, shape (units, 4)
        Best rank found and proven, worst rank found and proven.
    """
    ends = _Ends(values, program, prove_dominance(values, program), seconds)
    return np.array([(*ends.best(unit), *ends.worst(unit)) for unit in range(len(values))])


class _Ends:
    """Both ends of each unit's range of ranks."""

    def __init__(self, values: Floats, program: Program, proven: Proven, seconds: float) -> None:
        self._values, self._program, self._proven, self._seconds = values, program, proven, seconds
        self._tie = TIE * max(float(np.abs(values).max()), 1e-300) * 100.0
        self._corner_scores = values @ proven.corners.T

    def best(self, unit: int) -> tuple[int, int]:
        """Return the best rank found and the one that is proven to be out of reach of improvement."""
        above = self._proven.above
        undecided = ~above[:, unit] & ~above[unit]
        first = 1 + int((above[:, unit] & ~above[unit]).sum())
        lead = self._corner_scores[undecided] - self._corner_scores[unit]
        reached = int((lead > self._tie).sum(axis=0).min())
        if reached == 0:
            return first, first
        weights, bound = self._count(unit, undecided, ahead=False)
        if weights is not None:
            reached = min(reached, int((self._lead(unit, undecided, weights) > self._tie).sum()))
        return first + reached, first + bound

    def worst(self, unit: int) -> tuple[int, int]:
        """Return the worst rank found and the worst that is not excluded."""
        above = self._proven.above
        undecided = ~above[:, unit] & ~above[unit]
        first = int(above[:, unit].sum())
        lead = self._corner_scores[undecided] - self._corner_scores[unit]
        reached = int((lead >= -self._tie).sum(axis=0).max())
        if reached == undecided.sum():
            return first + reached, first + reached
        weights, bound = self._count(unit, undecided, ahead=True)
        if weights is not None:
            reached = max(reached, int((self._lead(unit, undecided, weights) >= -self._tie).sum()))
        return first + reached, first + bound

    def _lead(self, unit: int, others: Flags, weights: Floats) -> Floats:
        return (self._values[others] - self._values[unit]) @ weights

    def _count(self, unit: int, undecided: Flags, *, ahead: bool) -> tuple[Floats | None, int]:
        """Return weights with the fewest (most where ``ahead``) undecided units before the unit, and the proven number."""
        differences = self._values[undecided] - self._values[unit]
        sign = 1.0 if ahead else -1.0
        reach = largest_leads(self._program, -sign * differences)
        return switched(self._program, sign * differences, reach, self._seconds, most=ahead)


def switched(
    program: Program, forms: Floats, reach: Floats, seconds: float, *, most: bool
) -> tuple[Floats | None, int]:
    """Find how many linear forms can be 0 or more together (``most``), or how few must fail to be.

    Parameters
    ----------
    program : Program
        The rules.
    forms : ndarray of shape (forms, indicators)
        Linear forms of the weights.
    reach : ndarray of shape (forms,)
        Largest value of minus each form over the admissible weights.
    seconds : float
        Time limit.
    most : bool
        Whether to count the forms that hold or those that fail.

    Returns
    -------
    weights : ndarray of shape (indicators,) or None
        The weights found, None where there are none within the time.
    proven : int
        The count beyond which none is.

    Raises
    ------
    SolverError
        If the solver stops for another reason than the time limit.
    """
    count, size = forms.shape
    scale = max(float(np.abs(forms).max(initial=0.0)), 1e-300)
    highs = highspy.Highs()
    for name, value in (_OPTIONS | {"time_limit": seconds}).items():
        highs.setOptionValue(name, value)
    highs.passModel(_switch_model(program, forms / scale, reach / scale))
    highs.run()
    status = highs.getModelStatus()
    if status not in (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kTimeLimit):
        raise SolverError(f"rank bounds: HiGHS stopped with {highs.modelStatusToString(status)}")
    info = highs.getInfo()
    has_weights = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    weights = np.array(highs.getSolution().col_value)[:size] if has_weights else None
    least = max(0, int(np.ceil(info.mip_dual_bound - 1e-6))) if np.isfinite(info.mip_dual_bound) else 0
    return weights, count - least if most else least


def _switch_model(program: Program, forms: Floats, reach: Floats) -> highspy.HighsLp:
    count, size = forms.shape
    rows = sparse.csc_array(
        sparse.vstack(
            [
                sparse.hstack([sparse.csr_array(program.matrix), sparse.csr_array((len(program.lower), count))]),
                sparse.hstack([sparse.csr_array(forms), sparse.diags_array(np.maximum(reach, 0.0))]),
            ]
        )
    )
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = size + count, rows.shape[0]
    model.col_cost_ = np.concatenate([np.zeros(size), np.ones(count)])
    model.col_lower_ = np.concatenate([program.low, np.zeros(count)])
    model.col_upper_ = np.concatenate([program.high, np.ones(count)])
    model.row_lower_ = np.concatenate([program.lower, np.zeros(count)])
    model.row_upper_ = np.concatenate([program.upper, np.full(count, np.inf)])
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_, model.a_matrix_.index_, model.a_matrix_.value_ = rows.indptr, rows.indices, rows.data
    model.integrality_ = [highspy.HighsVarType.kContinuous] * size + [highspy.HighsVarType.kInteger] * count
    return model
