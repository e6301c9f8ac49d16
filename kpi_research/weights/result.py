"""The result of the weights stage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd
import pulp
from matplotlib.figure import Figure

from kpi_research.study.findings import Language
from kpi_research.study.results import Result
from kpi_research.weights.check import Certificate
from kpi_research.weights.draw import draw_weights
from kpi_research.weights.model_tables import model_from_tables
from kpi_research.weights.solve import to_pulp

GOAL_COLUMNS = ("objective", "value", "slack")
GRID_COLUMNS = ("step", "distance", "proven", "objective", "objective_published")


@dataclass(frozen=True)
class Weights(Result):
    """Weights of indicators, what they rest on and what each rule costs.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per indicator in catalogue order: ``id``; ``label_en``, ``label_zh``, ``module``, ``direction``;
        ``current`` (points of 100, NaN where none are given); ``weight`` (points); ``low``, ``high`` (the exact range
        that the weight can take while the objective stays at its optimum, points); ``boot_sd`` (standard deviation
        over bootstrap samples of units, points), ``boot_low``, ``boot_high`` (its quantiles at the level asked for),
        ``boot_share`` (share of samples, 0 to 1, in which the weight is above 0); NaN where nothing was resampled;
        ``near_low``, ``near_high`` (the range it can take while the objective gives up at most 2 %; NaN unless the
        objective rests on scores, and beyond 100 indicators); ``published`` (points on the grid; NaN without one);
        ``reason`` (why it is what it is: ``"banned"``, ``"no_evidence"``; ``"unmoved"`` from the reference; ``"rules"``:
        moved as far as the rules ask; ``"at_most"``, ``"at_least"``: moved up to a limit of its own; ``"objective"``).
    findings : tuple of Finding
        What the user must know.
    rules : pandas.DataFrame
        One row per rule and kind of limit: ``rule``, ``kind`` (``"sum"``, ``"share"``, ``"each"``, ``"each_change"``,
        ``"change"``, ``"least"``, ``"count"``, ``"move"`` for the tether), ``label_en``, ``label_zh``; ``value`` (points, or a share from 0 to 1), ``min``, ``max``; ``binding``
        (the value stands at a limit); ``violation`` (points, above 0 only for soft rules); ``hard``; ``source``;
        ``limit`` (which limit is priced), ``price_minus_5``, ``price_minus_1``, ``price_plus_1``, ``price_plus_5``
        (change of ``objective`` when that limit is 5 or 1 points, or percentage points of a share, lower or higher; NaN
        where the rules then cannot all hold or nothing goes with the outcome).
    aim : str
        The objective that was optimized in the end; ``"goals"`` for a sequence.
    objective : float
        For ``"validity"`` the covariance of score and outcome over the score's mean absolute deviation (larger is
        better; with both standardized between -1.25 and 1.25 for normal scores); for ``"closest"`` the sum of moves
        from the reference weights in points (smaller is better); for others see `optimize`; of a sequence the first.
    validity : pandas.DataFrame
        Correlation of score and outcome over the complete units, a row per kind of ``weights``: ``optimized`` (in
        sample), ``optimized_out_of_bag`` (mean over bootstrap samples, on the units outside), ``optimized_cross_validated``
        (each unit scored with weights that were optimized without it), ``largest_possible`` (of any weights that rules
        and tether allow, in sample), ``current``, ``equal`` and ``experts``; ``units``, ``correlation``, ``low``,
        ``high`` (interval); ``gain``, ``gain_low``, ``gain_high`` (by how much optimized weights do better than these out
        of bag). No rows without an outcome.
    certificate : Certificate
        Largest violation and duality gap, computed without the solver.
    goals : pandas.DataFrame
        One row per goal in its order: ``objective``, ``value``, ``slack``.
    grid : pandas.DataFrame
        One row where a grid was asked for: ``step``; ``distance``, ``proven`` (sum of moves from ``weight``, and the least
        that is possible, points); ``objective``, ``objective_published``.
    model : mapping of str to pandas.DataFrame
        The linear program whose optimum the weights are: ``columns``, ``rows`` and ``entries``; see `to_pulp`.
    """

    rules: pd.DataFrame
    aim: str
    objective: float
    validity: pd.DataFrame
    certificate: Certificate
    goals: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(GOAL_COLUMNS)))
    grid: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(GRID_COLUMNS), dtype=float))
    model: Mapping[str, pd.DataFrame] = field(default_factory=dict, repr=False, compare=False)

    def validity_of(self, weights: str) -> float:
        """Return the correlation of score and outcome for one kind of weights.

        Parameters
        ----------
        weights : str
            A kind of the table `validity`.

        Returns
        -------
        float
            NaN where the table has no such row.
        """
        rows = self.validity.loc[self.validity["weights"] == weights, "correlation"]
        return float(rows.iloc[0]) if len(rows) else float("nan")

    @property
    def validity_reference(self) -> float:
        """Correlation for the current weights, for equal ones where there are none."""
        known = "current" if (self.validity["weights"] == "current").any() else "equal"
        return self.validity_of(known)

    def to_pulp(self) -> pulp.LpProblem:
        """Return the linear program as a PuLP problem, always a minimization.

        Its first variables ``w00001``, ``w00002``, ... are the weights in the order of the sorted ids; for the aim
        ``"validity"`` they are multiplied by the variable that follows them (see the notes of `optimize`).
        ``to_pulp().writeLP("weights.lp")`` and ``.writeMPS("weights.mps")`` export it for other solvers.

        Returns
        -------
        pulp.LpProblem

        Raises
        ------
        ValueError
            If these weights were not made by `optimize` and carry no model.
        """
        if not self.model:
            raise ValueError("these weights carry no linear program; call optimize to get weights that do")
        return to_pulp(model_from_tables(self.model))[0]

    def plot(self, lang: Language = "en") -> Figure:
        """Draw current and new weights of each indicator with the range that does equally well.

        Parameters
        ----------
        lang : {"en", "zh"}
            Language of the texts.

        Returns
        -------
        matplotlib.figure.Figure
        """
        return draw_weights(self.table, lang)
