"""The result of measuring workload coefficients."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from kpi_research.study.findings import Language
from kpi_research.study.results import Result
from kpi_research.workload.fairness.frame import column_of, number_column

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Fit:
    """What the model behind the coefficients rests on.

    Attributes
    ----------
    rows, cells : int
        Records, and combinations of factors among them.
    clusters : int
        Clusters of the errors; 0 where they are those of records.
    errors : str
        Kind of error: ``CR2`` (bias-reduced linearization with Satterthwaite's degrees of freedom), ``CR1`` (factor
        G / (G − 1)), ``CR1S`` (times (N − 1) / (N − K), as Stata and statsmodels), ``CR0`` (none), ``HC1`` (records,
        factor N / (N − K)), ``model`` (Pearson's dispersion).
    base_minutes : float
        Minutes of a piece of work with all coefficients 1 in a unit and period of average speed.
    variance : float
        Variance of the minutes of one record relative to the square of their mean; NaN where unknown.
    iterations : int
        Newton steps.
    """

    rows: int
    cells: int
    clusters: int
    errors: str
    base_minutes: float
    variance: float
    iterations: int


@dataclass(frozen=True)
class Coefficients(Result):
    """Workload coefficients of tasks, posts and ranks.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per factor and level: ``factor`` (task, post, rank), ``level``; ``raw`` with ``raw_se``, ``raw_low``,
        ``raw_high`` (measured, weighted mean 1); ``shrunk`` with ``shrunk_low``, ``shrunk_high`` (after shrinkage of thin
        levels); ``coefficient`` with ``se``, ``low``, ``high`` (after order, bounds, cap and off-balance factor: the one to
        use; equal to ``raw`` where none of these was asked for); ``published`` (rounded last); ``df`` (degrees of freedom
        of the measured error); ``n`` (records), ``count`` (pieces of work), ``minutes`` (logged), ``clusters`` (in which
        it occurs); ``standard_minutes`` with ``standard_minutes_se`` (expected minutes of one piece of that level when all
        else is standard: ``shrunk`` times the base, untouched by order and limits); ``previous`` (coefficient of the last period); ``share`` (weight in the mean); ``reason``
        (empty, or ``only_level``, ``one_cluster``, ``order``, ``limit``, ``no_minutes``, ``not_identified``; the last two
        have no coefficient).
    checks : pandas.DataFrame
        The same coefficients from other models: ``factor``, ``level``, ``poisson`` (measured), ``log_ols`` (geometric
        means), ``gamma``, ``crude`` (minutes per piece without adjustment, mean 1), ``difference`` (largest relative
        difference of Gamma or log-OLS from ``poisson``).
    units : pandas.DataFrame
        One row per unit: ``unit``, ``n``, ``minutes``; ``speed`` (minutes relative to the average unit, same work);
        ``post_mean``, ``rank_mean`` (mean coefficient of its work) where there are such factors, and ``off_balance``
        (factor that brings the product of both to the mean 1 in the unit).
    fit : Fit
        What the model rests on.
    spreads : pandas.DataFrame
        Per factor: ``spread`` (standard deviation of log coefficients between levels, used for shrinkage), ``factor_applied``
        (off-balance factor after limits).
    reconciliation : pandas.DataFrame or None
        Standard times of a panel beside the measured ones, where given; see `reconcile`.
    columns : mapping of str to str
        Columns of the work log that the factors came from.
    level : float
        Coverage of the intervals.
    """

    checks: pd.DataFrame
    units: pd.DataFrame
    fit: Fit
    spreads: pd.DataFrame
    reconciliation: pd.DataFrame | None
    columns: Mapping[str, str]
    level: float

    @property
    def tasks(self) -> pd.DataFrame:
        """Difficulty of tasks: ``level``, ``coefficient``, ``se``, ``low``, ``high``, ``n``, ``raw``, ``standard_minutes``."""
        return self.of("task")

    @property
    def posts(self) -> pd.DataFrame:
        """Allowances of posts: the columns of ``tasks``."""
        return self.of("post")

    @property
    def ranks(self) -> pd.DataFrame:
        """Allowances of ranks, a status of the person and no difficulty of the work: the columns of ``tasks``."""
        return self.of("rank")

    def of(self, factor: str) -> pd.DataFrame:
        """Return the coefficients of one factor.

        Parameters
        ----------
        factor : {"task", "post", "rank"}

        Returns
        -------
        pandas.DataFrame
            ``level``, ``coefficient``, ``se``, ``low``, ``high``, ``n``, ``raw``, ``standard_minutes``; no rows where the
            factor was not given.
        """
        names = ["level", "coefficient", "se", "low", "high", "n", "raw", "standard_minutes"]
        return self.table.loc[self.table["factor"] == factor, names].reset_index(drop=True)

    def credit(self, log: pd.DataFrame, *, factors: tuple[str, ...] = ("task",)) -> pd.Series:
        """Return the work of each row in standard minutes.

        Parameters
        ----------
        log : pandas.DataFrame
            Rows with the columns that the coefficients were measured on; minutes are not read.
        factors : tuple of str
            Coefficients that count: ``("task",)`` credits the difficulty of the work alone, ``("task", "post")`` adds the
            allowance of the post.

        Returns
        -------
        pandas.Series
            Pieces of work × base minutes × coefficients; missing where a level has no coefficient.

        Raises
        ------
        ValueError
            If a column is missing or a factor was not measured.
        """
        worth = pd.Series(self.fit.base_minutes, index=log.index)
        if "count" in self.columns:
            worth = worth * number_column(log, self.columns["count"])
        for factor in factors:
            if factor not in self.columns:
                raise ValueError(
                    f"factors: '{factor}' was not measured; there are {', '.join(self.table['factor'].unique())}"
                )
            rows = self.table[self.table["factor"] == factor]
            values = dict(zip(rows["level"], rows["coefficient"], strict=True))
            worth = worth * column_of(log, self.columns[factor]).astype("str").map(values).astype("float64")
        return worth.rename("standard_minutes")

    def plot(self, lang: Language = "en") -> Figure:
        """Draw the coefficients with their intervals, and those of the last period where given.

        Parameters
        ----------
        lang : {"en", "zh"}
            Language of the labels.

        Returns
        -------
        matplotlib.figure.Figure
        """
        from kpi_research.workload.coefficients.draw import draw_coefficients

        return draw_coefficients(self, lang)
