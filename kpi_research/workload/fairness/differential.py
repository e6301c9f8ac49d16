"""Differential coefficients: tasks that take one group longer than its general pace explains."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from kpi_research.study.findings import Where, finding
from kpi_research.study.results import Result
from kpi_research.workload.fairness.frame import check_share, codes_of, column_of, number_column

Array = NDArray[np.float64]
COLUMNS = ("task", "group", "n", "clusters", "ratio", "low", "high", "p", "q", "flagged")
LEAST_CLUSTERS = 3


@dataclass(frozen=True)
class DifferentialCoefficients(Result):
    """Task by group interactions.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per task and group: ``task``, ``group``; ``n`` (pieces of work of the group), ``clusters`` (of the group
        in the task); ``ratio`` with ``low``, ``high`` (minutes per piece in the group over those in all other groups,
        relative to the mean such ratio of the group over tasks; 1 = the group's general pace); ``p``, ``q`` (false
        discovery rate over all rows); ``flagged``.
    level : float
        Coverage of the intervals.
    """

    level: float


def differential_coefficients(
    log: pd.DataFrame,
    *,
    minutes: str,
    task: str,
    group: str,
    cluster: str,
    count: str | None = None,
    false_discovery: float = 0.05,
    level: float = 0.95,
) -> DifferentialCoefficients:
    r"""Find tasks whose coefficient would differ between groups.

    Parameters
    ----------
    log : pandas.DataFrame
        One row per person, task and period.
    minutes : str
        Name of the column with minutes, 0 or more.
    task, group : str
        Names of the columns with the task and the group.
    cluster : str
        Name of the column within which rows depend on each other (officer or unit).
    count : str, optional
        Name of the column with pieces of work, above 0; by default one per row.
    false_discovery : float
        Expected share of wrong flags among flags, above 0 and below 1.
    level : float
        Coverage of the intervals, above 0 and below 1.

    Returns
    -------
    DifferentialCoefficients

    Raises
    ------
    ValueError
        If a column is missing or impossible, or there are fewer than two tasks or groups.

    Notes
    -----
    With :math:`m_{tg}` the minutes per piece and :math:`d_{tg} = \log m_{tg} - \log m_{t,-g}`, the row's ratio is
    :math:`\exp(d_{tg} - \sum_t w_t d_{tg})`, :math:`w_t` the share of the group's pieces: the saturated Poisson model's
    interaction. Errors are the delete-one-cluster jackknife; q-values after Benjamini & Hochberg 1995
    (doi:10.1111/j.2517-6161.1995.tb02031.x). A general difference of pace is no difference of coefficients and is not
    flagged here; see `fairness`.

    Examples
    --------
    >>> rows = [(f"o{i}", "old" if i < 6 else "new", t, m) for i in range(12) for t, m in (("a", 30 + i), ("b", 60 + i))]
    >>> log = pd.DataFrame(rows, columns=["officer", "who", "task", "minutes"])
    >>> found = differential_coefficients(log, minutes="minutes", task="task", group="who", cluster="officer")
    >>> found.table["task"].tolist(), bool((found.table["ratio"] > 0).all())
    (['a', 'a', 'b', 'b'], True)
    """
    for name, value in (("level", level), ("false_discovery", false_discovery)):
        check_share(name, value)
    clean = _read(log, minutes, task, group, cluster, count)
    tables, tasks, groups = _cells(clean)
    rows = []
    for place, name in enumerate(groups):
        rows += _group_rows(tables, tasks, place, str(name), level)
    table = pd.DataFrame(rows)
    table["q"] = np.nan
    known = table["p"].notna()
    table.loc[known, "q"] = stats.false_discovery_control(table.loc[known, "p"].to_numpy(float))
    table["flagged"] = (table["q"] <= false_discovery).fillna(False).astype(bool)
    ordered = table.sort_values(["task", "group"], kind="stable", ignore_index=True)[list(COLUMNS)]
    thin = int((~known).sum())
    findings = (finding("differential-thin", Where(column=task), cells=thin, few=LEAST_CLUSTERS),) if thin else ()
    return DifferentialCoefficients(ordered, findings, level)


def _read(log: pd.DataFrame, minutes: str, task: str, group: str, cluster: str, count: str | None) -> pd.DataFrame:
    parts = {"y": number_column(log, minutes)}
    parts["n"] = number_column(log, count) if count else pd.Series(1.0, index=log.index)
    parts |= {"task": column_of(log, task), "group": column_of(log, group), "cluster": column_of(log, cluster)}
    clean = pd.DataFrame(parts).dropna()
    if (clean["y"] < 0).any() or (clean["n"] <= 0).any():
        raise ValueError(f"'{minutes}' must be 0 or more, and '{count or 'count'}' above 0, in every row")
    for column, name in (("task", task), ("group", group)):
        if clean[column].nunique() < 2:
            raise ValueError(f"column '{name}' has {clean[column].nunique()} value(s); two are needed to compare")
    return clean


def _cells(clean: pd.DataFrame) -> tuple[tuple[Array, Array], list[str], list[str]]:
    """Return minutes and pieces by cluster, task and group."""
    codes = [codes_of(clean[name]) for name in ("cluster", "task", "group")]
    shape = tuple(int(code.max()) + 1 for code in codes)
    place = np.ravel_multi_index(codes, shape)
    size = int(np.prod(shape))
    sums: list[Array] = [
        np.bincount(place, clean[name].to_numpy(float), size).reshape(shape).astype(float) for name in ("y", "n")
    ]
    names = [sorted(clean[name].astype("str").unique()) for name in ("task", "group")]
    return (sums[0], sums[1]), names[0], names[1]


def _group_rows(tables: tuple[Array, Array], tasks: list[str], place: int, name: str, level: float) -> list[dict]:
    inside = [table[:, :, place] for table in tables]
    outside = [table.sum(axis=2) - part for table, part in zip(tables, inside, strict=True)]
    whole = [part.sum(axis=0) for part in (*inside, *outside)]
    estimate = _log_ratios(*whole)
    deleted = _log_ratios(*(total - part for total, part in zip(whole, (*inside, *outside), strict=True)))
    touched = (inside[1] > 0) | (outside[1] > 0)
    clusters = (inside[1] > 0).sum(axis=0)
    others = (outside[1] > 0).sum(axis=0)
    count = int(touched.any(axis=1).sum())
    center = np.nansum(deleted, axis=0) / np.maximum(np.isfinite(deleted).sum(axis=0), 1)
    error = np.sqrt((count - 1) / max(count, 1) * np.nansum((deleted - center) ** 2, axis=0))
    known = np.isfinite(estimate) & (np.minimum(clusters, others) >= LEAST_CLUSTERS) & (error > 0)
    freedom = np.maximum(np.minimum(clusters, others) - 1, 1)
    reach = stats.t.ppf(0.5 + level / 2, freedom) * error
    p = np.where(known, 2 * stats.t.sf(np.abs(estimate) / np.where(known, error, 1.0), freedom), np.nan)
    low, high = (np.where(known, np.exp(estimate + sign * reach), np.nan) for sign in (-1, 1))
    return [
        {"task": task, "group": name, "n": float(whole[1][t]), "clusters": int(clusters[t])}
        | {"ratio": float(np.exp(estimate[t])), "low": float(low[t]), "high": float(high[t]), "p": float(p[t])}
        for t, task in enumerate(tasks)
        if whole[1][t] > 0
    ]


def _log_ratios(y: Array, n: Array, y_others: Array, n_others: Array) -> Array:
    """Return each task's log ratio of the group to the others, less the group's mean over tasks."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.log(y / n) - np.log(y_others / n_others)
    ratio = np.where(np.isfinite(ratio), ratio, np.nan)
    weight = np.where(np.isnan(ratio), 0.0, n)
    total = weight.sum(axis=-1, keepdims=True)
    mean = np.nansum(weight * ratio, axis=-1, keepdims=True) / np.where(total > 0, total, 1.0)
    return np.asarray(ratio - mean)
