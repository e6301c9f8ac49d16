"""What goes with an outcome in a panel: linear models of units over periods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from scipy import stats

from kpi_research.study.findings import Finding, Language, Where, finding
from kpi_research.study.results import Result
from kpi_research.validity.prediction.panel_data import read_panel
from kpi_research.validity.prediction.panel_design import Design, build_design
from kpi_research.validity.prediction.panel_fit import Fit, first_stage_f, fit_design
from kpi_research.validity.prediction.panel_question import Question, ask
from kpi_research.validity.words import MODELS

Model = Literal["two_way", "between", "first_difference", "iv_two_way"]
ENOUGH_CLUSTERS = 40
STRONG_F = 10.0


@dataclass(frozen=True)
class PanelEffect(Result):
    """Estimates of one panel model.

    ``table`` has a row per term (indicators, controls, then ``const`` and period indicators where the model has them):
    ``term``, ``estimate`` (outcome units per unit of the term, or elasticities with logarithms), ``se``, ``low`` and
    ``high`` (interval), ``p`` (two-sided, estimate against 0).

    Attributes
    ----------
    n : int
        Rows of the regression: unit-periods, units (``between``) or differences.
    r2 : float
        Share of variance explained; of the variance within units and periods for ``two_way``. For ``iv_two_way`` it
        may be negative.
    model : str
        The model.
    outcome : str
        The column explained.
    logs : bool
        Whether logarithms were taken, so that estimates are elasticities.
    dof : int
        Degrees of freedom of the t intervals.
    errors : str
        Name of the standard errors.
    level : float
        Coverage of the intervals.
    """

    n: int
    r2: float
    model: str
    outcome: str
    logs: bool
    dof: int
    errors: str
    level: float

    def plot(self, lang: Language = "en") -> Figure:
        """Draw estimates with their intervals, constant and period indicators left out.

        Parameters
        ----------
        lang : {"en", "zh"}
            Language of the labels.

        Returns
        -------
        matplotlib.figure.Figure
        """
        from kpi_research.validity.draw import draw_panel_effect

        return draw_panel_effect(self, lang)


def panel_effect(
    frame: pd.DataFrame,
    *,
    outcome: str,
    indicators: Sequence[str],
    unit: str,
    period: str,
    model: Model = "two_way",
    controls: Sequence[str] = (),
    logs: bool = False,
    instruments: Mapping[str, str | Sequence[str]] | None = None,
    cluster: str | None = None,
    level: float = 0.95,
) -> PanelEffect:
    """Estimate how an outcome goes with indicators in a panel of units over periods.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per unit and period, in any order; need not be balanced. Rows that lack a number are left out with a
        finding.
    outcome : str
        Numeric column to be explained.
    indicators : sequence of str
        Numeric columns whose effects are asked for, at least one.
    unit, period : str
        Key columns; periods must sort in time order.
    model : {"two_way", "between", "first_difference", "iv_two_way"}
        ``two_way``: unit and period effects. ``between``: means of units. ``first_difference``: changes between
        adjacent periods of the panel, with constant and period indicators. ``iv_two_way``: two-stage least squares
        with both effects.
    controls : sequence of str
        Further numeric columns.
    logs : bool
        Take logarithms of outcome, indicators, controls and instruments. Columns that only hold 0 and 1 stay as they
        are.
    instruments : mapping of str to str or sequence of str, optional
        For ``iv_two_way``: instrumented regressor to its instrument or instruments. All instruments together instrument
        all of these regressors; the pairing only documents what was meant.
    cluster : str, optional
        None: errors of equal variance, independent given the effects. ``"unit"`` or a column name: errors may depend
        on each other within its groups.
    level : float
        Coverage of the intervals, above 0 and below 1.

    Returns
    -------
    PanelEffect
        ``.table`` with ``term``, ``estimate``, ``se``, ``low``, ``high``, ``p``; ``.n``, ``.r2``, ``.findings``.

    Raises
    ------
    ValueError
        If names, numbers or the model do not fit: unknown or repeated columns, repeated unit-period pairs, infinite
        values, values without logarithm, columns that the effects absorb or that depend on others, too few units,
        periods, rows or instruments. The message names the columns and the first units and periods.

    Notes
    -----
    Least squares on columns with unit and period effects taken out, on unit means, or on differences (Baltagi 2021,
    ch. 2 and 7). Without clusters the variance is divided by rows less all parameters, effects included, and
    intervals use t with as many degrees of freedom; with instruments as in the fixed-effects two-stage least squares
    of plm. With G clusters: the CR1 correction G / (G - 1) * (n - 1) / (n - K), effects constant inside clusters not
    counted in K, and t(G - 1). Effects are associations given the model, not proof of cause.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> panel = pd.DataFrame({"station": np.repeat(range(20), 5), "year": np.tile(range(5), 20)})
    >>> panel["patrols"] = rng.normal(size=100)
    >>> panel["calls"] = 3.0 * panel["station"] + panel["year"] - 2.0 * panel["patrols"]
    >>> found = panel_effect(panel, outcome="calls", indicators=["patrols"], unit="station", period="year")
    >>> round(float(found.table["estimate"].iloc[0]), 6)
    -2.0
    """
    if not 0 < level < 1:
        raise ValueError(f"level is {level}; it must lie between 0 and 1")
    question = ask(frame, outcome, indicators, controls, (unit, period), model, logs, instruments, cluster)
    data = read_panel(frame, question)
    design = build_design(data, question)
    fit = fit_design(design, question)
    findings = data.findings + _cautions(design, question)
    return PanelEffect(
        _table(design, fit, level), findings, fit.n, fit.r2, model, outcome, logs, fit.dof, fit.errors, level
    )


def _table(design: Design, fit: Fit, level: float) -> pd.DataFrame:
    half = stats.t.isf((1.0 - level) / 2.0, fit.dof) * fit.se
    with np.errstate(divide="ignore", invalid="ignore"):
        p = 2.0 * stats.t.sf(np.abs(fit.estimate / fit.se), fit.dof)
    return pd.DataFrame(
        {
            "term": list(design.names),
            "estimate": fit.estimate,
            "se": fit.se,
            "low": fit.estimate - half,
            "high": fit.estimate + half,
            "p": p,
        }
    )


def _cautions(design: Design, question: Question) -> tuple[Finding, ...]:
    found = []
    groups, model = len(np.unique(design.cluster)), MODELS[question.model]
    if question.cluster is not None and groups < ENOUGH_CLUSTERS:
        where = Where(column=question.cluster)
        found.append(finding("few-clusters", where, model=model, clusters=groups, enough=ENOUGH_CLUSTERS))
    if question.endogenous:
        strength = first_stage_f(design, question)
        if strength < STRONG_F:
            facts = {"regressors": ", ".join(question.endogenous), "instruments": ", ".join(question.instruments)}
            found.append(
                finding("weak-instruments", Where(), model=model, f=f"{strength:.2f}", needed=f"{STRONG_F:g}", **facts)
            )
    return tuple(found)
