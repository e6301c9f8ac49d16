"""Workload coefficients from a work log or from cells of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from kpi_research.workload.coefficients.assemble import assemble
from kpi_research.workload.coefficients.cells import cells_of_frame, cells_of_rows
from kpi_research.workload.coefficients.options import Bounds, Previous, read_options
from kpi_research.workload.coefficients.result import Coefficients

Order = Mapping[str, Sequence[str] | Sequence[Sequence[str]]]


def workload_coefficients(
    log: pd.DataFrame,
    *,
    minutes: str,
    task: str,
    count: str | None = None,
    post: str | None = None,
    rank: str | None = None,
    unit: str | None = None,
    period: str | None = None,
    cluster: str | None = None,
    level: float = 0.95,
    shrink: bool = True,
    bounds: tuple[float, float] | Bounds | None = None,
    normalize: str | Mapping[str, str] = "mean_one",
    balance: str = "count",
    ordered: Order | None = None,
    previous: Previous | pd.DataFrame | None = None,
    cap: float | None = None,
    digits: int = 2,
    expected: Mapping[str, float] | pd.Series | pd.DataFrame | None = None,
    errors: str = "CR2",
    unidentified: str = "error",
    seed: int = 0,
) -> Coefficients:
    r"""Measure what each task, post and rank is worth.

    The estimand is the expected minutes of a standard piece of work in a standard unit and period:
    :math:`E[m_i] = n_i \exp(\alpha_{task} + \beta_{post} + \rho_{rank} + \gamma_{unit} + \delta_{period})`, with the
    coefficients :math:`c_k = e^{\alpha_k} / \sum_j \pi_j e^{\alpha_j}` of weighted mean one. The difficulty of tasks and
    the status of persons are kept apart: a rank is an allowance, no property of the work.

    Parameters
    ----------
    log : pandas.DataFrame
        One row per record of work.
    minutes : str
        Column of minutes, 0 or more.
    task : str
        Column of tasks.
    count : str, optional
        Column of pieces of work in a row, above 0; one each by default.
    post, rank : str, optional
        Columns of the post and the rank of the person.
    unit, period : str, optional
        Columns whose effects are taken out.
    cluster : str, optional
        Column within which records depend on each other; the unit by default. Without either, records are independent.
    level : float
        Coverage of the intervals, above 0 and below 1.
    shrink : bool
        Pull thin levels toward the mean of their factor.
    bounds : (float, float) or mapping of factor to (float, float), optional
        Lowest and highest coefficient; they enclose 1.
    normalize : "mean_one" or mapping of factor to level
        Weighted mean one, or a level that has the coefficient one.
    balance : {"count", "minutes", "records"}
        Weights of the mean: pieces of work, minutes logged, or records.
    ordered : mapping of factor to levels, optional
        A claimed order, from the lowest coefficient to the highest, or several such orders.
    previous : mapping of factor to mapping of level to float, or frame, optional
        Coefficients of the last period; a frame has ``factor``, ``level`` and ``published`` or ``coefficient``.
    cap : float, optional
        Largest relative change against ``previous``, e.g. 0.1.
    digits : int
        Decimals of the published coefficients.
    expected : mapping, Series or frame of task to minutes, optional
        Standard times of a panel; see `reconcile`.
    errors : {"CR2", "CR1S", "CR1", "CR0", "model"}
        Kind of standard error; see `Fit`.
    unidentified : {"error", "set_aside"}
        What to do with levels that the data cannot place: refuse, or report them without a coefficient.
    seed : int
        Seed of the draws for the intervals of coefficients under bounds or a cap.

    Returns
    -------
    Coefficients

    Raises
    ------
    ValueError
        If a column is missing or of the wrong kind, an option is not allowed, minutes or pieces are negative, minutes
        stand beside no piece of work, or levels cannot be told apart and may not be set aside.
    TypeError
        If an order is a text.

    Notes
    -----
    Poisson pseudo-likelihood is consistent for the mean whatever the distribution of minutes (Gourieroux, Monfort &
    Trognon 1984, doi:10.2307/1913472); least squares on logs gives geometric means and compresses coefficients where
    the spread grows with difficulty (Santos Silva & Tenreyro 2006, doi:10.1162/rest.88.4.641). Standard errors are
    CR2 with Satterthwaite's degrees of freedom, which hold with a dozen units and with levels that only a few units
    have (Pustejovsky & Tipton 2018, doi:10.1080/07350015.2016.1247004). Intervals are symmetric on the log scale.

    Examples
    --------
    >>> rows = {"unit": ["A", "A", "B", "B", "C", "C"], "task": ["call", "case"] * 3, "minutes": [30, 90, 33, 99, 27, 81]}
    >>> found = workload_coefficients(pd.DataFrame(rows), minutes="minutes", task="task", unit="unit", shrink=False)
    >>> found.tasks[["level", "coefficient", "standard_minutes"]].round(6).values.tolist()
    [['call', 0.5, 30.0], ['case', 1.5, 90.0]]
    """
    factors = _factors(task=task, post=post, rank=rank, unit=unit, period=period, cluster=cluster)
    options = read_options(
        [role for role in ("task", "post", "rank") if role in factors], level=level, shrink=shrink, bounds=bounds,
        normalize=normalize, balance=balance, ordered=ordered, previous=previous, cap=cap, digits=digits, errors=errors,
        unidentified=unidentified, seed=seed,
    )  # fmt: skip
    cells = cells_of_rows(log, factors, minutes, count)
    columns = factors | {"minutes": minutes} | ({"count": count} if count else {})
    return assemble(cells, options, columns, expected)


def coefficients_from_cells(
    cells: pd.DataFrame,
    *,
    task: str = "task",
    post: str | None = None,
    rank: str | None = None,
    unit: str | None = None,
    period: str | None = None,
    cluster: str | None = None,
    n: str = "n",
    total: str = "total",
    weight: str = "weight",
    squares: str | None = "squares",
    expected: Mapping[str, float] | pd.Series | pd.DataFrame | None = None,
    **options: Any,
) -> Coefficients:
    """Measure coefficients from cells that a data engine has grouped: estimates and clustered errors are those of the rows.

    Parameters
    ----------
    cells : pandas.DataFrame
        One row per combination of factors, as ``study.cells("worklog", by=[...], value="minutes / count", weight="count")``
        gives.
    task, post, rank, unit, period, cluster : str
        Columns of the factors.
    n, total, weight : str
        Columns of rows, minutes and pieces of work.
    squares : str, optional
        Column of weighted squared deviations of minutes per piece, for the dispersion.
    expected : mapping, Series or frame of task to minutes, optional
        Standard times of a panel.
    **options
        Options of `workload_coefficients`.

    Returns
    -------
    Coefficients
        Without the checks by other models, which need sums of another kind.

    Raises
    ------
    ValueError
        As `workload_coefficients`.
    TypeError
        If an option is unknown.

    Examples
    --------
    >>> cells = pd.DataFrame({"unit": list("AABB"), "task": ["call", "case"] * 2, "n": 5, "weight": 10.0,
    ...     "total": [300.0, 900.0, 330.0, 990.0], "squares": 0.0})
    >>> coefficients_from_cells(cells, unit="unit", shrink=False).tasks["coefficient"].round(6).tolist()
    [0.5, 1.5]
    """
    factors = _factors(task=task, post=post, rank=rank, unit=unit, period=period, cluster=cluster)
    given = _DEFAULTS | options
    if unknown := set(options) - set(_DEFAULTS):
        raise TypeError(f"unknown option(s): {', '.join(sorted(unknown))}; allowed are {', '.join(_DEFAULTS)}")
    checked = read_options([role for role in ("task", "post", "rank") if role in factors], **given)
    read = cells_of_frame(cells, factors, n=n, total=total, weight=weight, squares=squares)
    return assemble(read, checked, factors | {"minutes": total, "count": weight}, expected)


_DEFAULTS: dict[str, Any] = {
    "level": 0.95, "shrink": True, "bounds": None, "normalize": "mean_one", "balance": "count", "ordered": None,
    "previous": None, "cap": None, "digits": 2, "errors": "CR2", "unidentified": "error",
    "seed": 0,
}  # fmt: skip


def _factors(**given: str | None) -> dict[str, str]:
    return {role: name for role, name in given.items() if name is not None}
