"""One HiGHS model that is kept and edited, for many re-solves that start from the last answer."""

from __future__ import annotations

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from kpi_research.weights.limits import Floats
from kpi_research.weights.model import LinearModel
from kpi_research.weights.solve import TOLERANCE, Solution, SolverError, Status, refuse_nan

_PRIMAL_SIMPLEX = 4
_STATUS = {
    highspy.HighsModelStatus.kOptimal: Status.OPTIMAL,
    highspy.HighsModelStatus.kInfeasible: Status.INFEASIBLE,
    highspy.HighsModelStatus.kUnboundedOrInfeasible: Status.INFEASIBLE,
    highspy.HighsModelStatus.kUnbounded: Status.UNBOUNDED,
}


class Engine:
    """A linear model inside HiGHS; edits keep the last basis, so a re-solve takes few iterations.

    Parameters
    ----------
    model : LinearModel
        The model to start from; must hold no NaN.
    scaled : bool, default True
        Whether HiGHS may scale rows and columns.
    """

    def __init__(self, model: LinearModel, *, scaled: bool = True) -> None:
        refuse_nan(model)
        self._highs = highspy.Highs()
        options = {
            "output_flag": False,
            "threads": 1,
            "primal_feasibility_tolerance": TOLERANCE,
            "dual_feasibility_tolerance": TOLERANCE,
        }
        if not scaled:
            options["simplex_scale_strategy"] = 0
        for name, value in options.items():
            self._highs.setOptionValue(name, value)
        self._highs.passModel(highs_model(model))
        self._cost = model.cost.copy()
        self._fresh = True
        self._basis: highspy.HighsBasis | None = None

    def set_cost(self, columns: NDArray[np.int_], cost: Floats) -> None:
        """Change the objective of some variables.

        Parameters
        ----------
        columns : ndarray of int
            Their places.
        cost : ndarray of float
            Their new coefficients.
        """
        self._highs.changeColsCost(len(columns), columns.astype(np.int32), cost.astype(float))
        self._cost[columns] = cost

    def set_coefficient(self, row: int, column: int, value: float) -> None:
        """Change one coefficient.

        Parameters
        ----------
        row, column : int
            Its place.
        value : float
            Its new value.
        """
        self._highs.changeCoeff(int(row), int(column), float(value))

    def set_row(self, row: int, lower: float, upper: float) -> None:
        """Change the limits of one row.

        Parameters
        ----------
        row : int
            Its place.
        lower, upper : float
            Its new limits.
        """
        self._highs.changeRowBounds(int(row), float(lower), float(upper))

    def keep_basis(self) -> None:
        """Keep the basis of the last answer for `run_from_kept_basis`."""
        self._basis = self._highs.getBasis()

    def run_from_kept_basis(self) -> Solution:
        """Solve the model as it is now from the basis that was kept, so that answers do not depend on their order.

        Returns
        -------
        Solution
            As that of `run`.
        """
        if self._basis is not None:
            self._highs.setBasis(self._basis)
        return self.run()

    def run(self) -> Solution:
        """Solve the model as it is now.

        Returns
        -------
        Solution
            Reduced costs are HiGHS's own here.

        Raises
        ------
        SolverError
            If HiGHS stops without saying whether there is an optimum.
        """
        self._highs.run()
        if not self._fresh and self._highs.getModelStatus() not in _STATUS:
            self._highs.clearSolver()
            self._highs.run()
        status = _STATUS.get(self._highs.getModelStatus())
        if status is None:
            raise SolverError(f"HiGHS stopped with {self._highs.modelStatusToString(self._highs.getModelStatus())}")
        if self._fresh:
            self._highs.setOptionValue("simplex_strategy", _PRIMAL_SIMPLEX)
            self._fresh = False
        answer = self._highs.getSolution()
        x, dual, reduced = (
            np.array(part, dtype=float) for part in (answer.col_value, answer.row_dual, answer.col_dual)
        )
        objective = float(self._cost @ x) if x.size else np.nan
        return Solution(status, x, dual, reduced, objective)


def highs_model(model: LinearModel) -> highspy.HighsLp:
    """Return a linear model in the form of HiGHS.

    Parameters
    ----------
    model : LinearModel
        The model.

    Returns
    -------
    highspy.HighsLp
    """
    matrix = sparse.csc_array(model.matrix)
    made = highspy.HighsLp()
    made.num_col_, made.num_row_ = len(model.cost), len(model.lower)
    made.col_cost_, made.col_lower_, made.col_upper_ = model.cost, model.low, model.high
    made.row_lower_, made.row_upper_ = model.lower, model.upper
    made.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    made.a_matrix_.start_, made.a_matrix_.index_, made.a_matrix_.value_ = matrix.indptr, matrix.indices, matrix.data
    return made


def solve_fresh(model: LinearModel) -> Solution:
    """Solve a model once with HiGHS directly, without PuLP.

    Parameters
    ----------
    model : LinearModel
        The model.

    Returns
    -------
    Solution
    """
    return Engine(model).run()
