"""The Poisson pseudo-likelihood on cells: which effects enter, what the data cannot place, estimates and errors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kpi_research.numerics.cluster_errors import ReducedBias, reduced_bias, sandwich
from kpi_research.numerics.factor_clusters import cluster_products, cluster_scores, row_meat
from kpi_research.numerics.factor_design import FactorDesign, independence
from kpi_research.numerics.factor_fits import FactorFit, factor_poisson
from kpi_research.study.findings import Finding, Where, finding
from kpi_research.workload.coefficients.cells import Cells
from kpi_research.workload.coefficients.options import ROLES

Array = NDArray[np.float64]
Codes = NDArray[np.intp]
MOST_COLUMNS = 2000
MOST_PRODUCTS = 3e7
"""Largest number of cross-products over clusters for which CR2 is computed; there are many clusters then."""


@dataclass(frozen=True)
class Model:
    """A fitted model.

    Attributes
    ----------
    cells : Cells
        Cells that entered.
    design : FactorDesign
    roles : tuple of str
        Factor of each part of the design.
    kept : numpy.ndarray of int
        Columns that were estimated.
    null : numpy.ndarray
        Directions that the data do not determine.
    fit : FactorFit
    covariance : numpy.ndarray, shape (columns, columns)
        Of the effects; zeros for columns that are not kept.
    bread : numpy.ndarray, shape (columns, columns)
        Covariance under the working model, up to a factor.
    reduced : ReducedBias or None
        For degrees of freedom of CR2.
    clusters : int
        Number of clusters; 0 where errors are those of rows.
    errors : str
        Kind of errors that was used.
    omega : float or None
        Variance of one record relative to the square of its mean.
    aside : mapping of (str, str) to str
        Levels without a coefficient, and the reason.
    findings : tuple of Finding
    """

    cells: Cells
    design: FactorDesign
    roles: tuple[str, ...]
    kept: Codes
    null: Array
    fit: FactorFit
    covariance: Array
    bread: Array
    reduced: ReducedBias | None
    clusters: int
    errors: str
    omega: float | None
    aside: Mapping[tuple[str, str], str]
    findings: tuple[Finding, ...]


def fit_model(cells: Cells, errors: str, unidentified: str) -> Model:
    """Fit the model.

    Parameters
    ----------
    cells : Cells
    errors : {"CR2", "CR1S", "CR1", "CR0", "model"}
        Kind of error wanted.
    unidentified : {"error", "set_aside"}
        What to do with levels that the data cannot place.

    Returns
    -------
    Model

    Raises
    ------
    ValueError
        If there are too many levels, no minutes, or levels that the data cannot place and may not be set aside.
    """
    cells, aside, findings = _with_minutes(cells, unidentified)
    _check_size(cells)
    absorbed = next((role for role in ("unit", "period") if role in cells.codes), None)
    zero = np.zeros(len(cells.n), dtype=np.intp)
    roles = tuple(role for role in ("period", *ROLES) if role in cells.codes and role != absorbed)
    design = FactorDesign(cells.codes[absorbed] if absorbed else zero, tuple(cells.codes[role] for role in roles))
    found = independence(design)
    try:
        fit = factor_poisson(design, cells.minutes, cells.count, found.kept)
    except ValueError as error:
        raise ValueError(f"{error}: a level has minutes only where others have none; merge thin levels") from error
    bread = np.asarray(np.linalg.inv(fit.partialled.matrix[np.ix_(found.kept, found.kept)]), dtype=np.float64)
    reduced, covariance, clusters, used = _errors(cells, design, fit, found.kept, errors, bread)
    if used != errors:
        findings = (*findings, finding("workload-errors-changed", asked=errors, used=used, clusters=clusters))
    omega = _relative_variance(cells, design, fit, found.kept)
    return Model(
        cells,
        design,
        roles,
        found.kept,
        found.null,
        fit,
        covariance,
        _spread(design, found.kept, bread),
        reduced,
        clusters,
        used,
        omega,
        aside,
        findings,
    )


def _check_size(cells: Cells) -> None:
    sizes = {role: len(cells.levels[role]) for role in cells.codes if role not in ("unit", "cluster")}
    if sum(sizes.values()) > MOST_COLUMNS:
        role = max(sizes, key=lambda name: sizes[name])
        raise ValueError(
            f"{role} has {sizes[role]} levels; {MOST_COLUMNS} levels can be estimated together (any number of units). "
            "Merge levels, or check that the column holds categories rather than identifiers"
        )


def _with_minutes(cells: Cells, unidentified: str) -> tuple[Cells, dict[tuple[str, str], str], tuple[Finding, ...]]:
    """Drop levels without any minutes: their effect is minus infinity and they say nothing about the others."""
    if not cells.minutes.sum() > 0:
        raise ValueError("all minutes are 0; there is nothing to measure")
    aside: dict[tuple[str, str], str] = {}
    dropped: dict[str, int] = {}
    while True:
        before = len(cells.n)
        for role in [role for role in cells.codes if role != "cluster"]:
            empty = np.bincount(cells.codes[role], cells.minutes) == 0
            if empty.any():
                names = [cells.levels[role][code] for code in np.flatnonzero(empty).tolist()]
                dropped[role] = dropped.get(role, 0) + len(names)
                aside |= {(role, name): "no_minutes" for name in names if role in ROLES}
                cells = cells.keep(~empty[cells.codes[role]])
        if len(cells.n) == before:
            break
    if aside and unidentified == "error":
        role, name = next(iter(aside))
        raise ValueError(
            f"{role} '{name}' has pieces of work but no minutes at all; its coefficient would be 0. "
            "Remove it, or pass unidentified='set_aside'"
        )
    findings = [
        finding("workload-effects-dropped", Where(column=role), levels=number)
        for role, number in dropped.items()
        if role not in ROLES
    ]
    return cells, aside, tuple(findings)


def _errors(
    cells: Cells, design: FactorDesign, fit: FactorFit, kept: Codes, errors: str, bread: Array
) -> tuple[ReducedBias | None, Array, int, str]:
    cluster = cells.codes.get("cluster", cells.codes.get("unit"))
    clusters = int(cluster.max()) + 1 if cluster is not None else 0
    rows, columns = float(cells.n.sum()), len(kept) + design.groups
    reduced, inner = None, bread
    if cluster is not None and clusters > 1 and errors != "model":
        if errors == "CR2" and clusters * len(kept) ** 2 > MOST_PRODUCTS:
            errors = "CR1"
        stata = (rows - 1) / (rows - columns) if errors == "CR1S" and rows > columns else 1.0
        inner, reduced = _clustered(cells, design, fit, kept, errors, bread, cluster, stata)
    elif cells.squares is not None and errors != "model" and rows > columns:
        meat = row_meat(design, fit.partialled.means, _squares(cells, fit))[np.ix_(kept, kept)]
        inner, clusters, errors = np.asarray(rows / (rows - columns) * bread @ meat @ bread), 0, "HC1"
    else:
        inner, clusters, errors = _pearson(cells, fit, rows, columns) * bread, 0, "model"
    return reduced, _spread(design, kept, (inner + inner.T) / 2), clusters, errors


def _spread(design: FactorDesign, kept: Codes, inner: Array) -> Array:
    """Return a matrix of the kept columns with zeros for the others."""
    whole = np.zeros((int(design.starts[-1]), int(design.starts[-1])))
    whole[np.ix_(kept, kept)] = inner
    return whole


def _clustered(
    cells: Cells,
    design: FactorDesign,
    fit: FactorFit,
    kept: Codes,
    errors: str,
    bread: Array,
    cluster: Codes,
    stata: float,
) -> tuple[Array, ReducedBias | None]:
    means = fit.partialled.means
    scores = cluster_scores(design, means, cells.minutes - fit.expected, cluster)[:, kept]
    if errors == "CR2":
        reduced = reduced_bias(cluster_products(design, means, fit.expected, cluster, kept), scores)
        return reduced.covariance, reduced
    clusters = len(scores)
    return (1.0 if errors == "CR0" else clusters / (clusters - 1)) * stata * sandwich(bread, scores), None


def _squares(cells: Cells, fit: FactorFit) -> Array:
    """Return the sum of squared residuals of the rows of each cell."""
    minutes, cross, count = cells.squares or (np.zeros(0),) * 3
    rate = fit.expected / cells.count
    return np.clip(minutes - 2 * rate * cross + rate**2 * count, 0.0, None)


def _pearson(cells: Cells, fit: FactorFit, rows: float, columns: int) -> float:
    """Return Pearson's dispersion; NaN where the cells do not carry it or no degree of freedom is left."""
    if cells.pearson is None or rows <= columns:
        return float("nan")
    rate = fit.expected / cells.count
    return float((cells.pearson / rate - 2 * cells.minutes + rate * cells.count).sum()) / (rows - columns)


def _relative_variance(cells: Cells, design: FactorDesign, fit: FactorFit, kept: Codes) -> float | None:
    rows, columns = float(cells.n.sum()), len(kept) + design.groups
    dispersion = _pearson(cells, fit, rows, columns)
    return None if np.isnan(dispersion) else max(dispersion, 0.0) * rows / float(fit.expected.sum())
