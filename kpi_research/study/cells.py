"""Sufficient statistics of groups of rows, computed where the rows live, for models on more rows than memory holds."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from kpi_research.study.expressions import Expect, Expression, parse_expression
from kpi_research.study.findings import Finding, StudyError, Where
from kpi_research.study.relation import Relation


def table_cells(
    relation: Relation, *, by: Sequence[str], value: str, weight: str | None = None, where: str | None = None
) -> pd.DataFrame:
    r"""Group a table to the sufficient statistics of a Gaussian or Poisson model with these covariates.

    Let :math:`y_i` be the values and :math:`w_i` the weights (1 where none are given) of the rows of a cell. Then
    :math:`n`, :math:`W = \sum w_i`, :math:`T = \sum w_i y_i` and :math:`S = \sum w_i (y_i - T/W)^2` are all that the
    likelihood of a Gaussian model with covariates constant in the cell depends on, and :math:`W` and :math:`T` all that
    a Poisson pseudo-likelihood depends on; `kpi_research.numerics.cell_models` fits both. ``squares`` is computed from
    deviations, not from squares of raw values, or from values
    shifted by the overall mean where there are weights, so that digits do not cancel.

    Parameters
    ----------
    relation : Relation
        The table.
    by : sequence of str
        Categorical columns, at least one.
    value : str
        SQL expression of the value of a row, e.g. ``"minutes"``.
    weight : str, optional
        SQL expression of the non-negative weight of a row.
    where : str, optional
        SQL condition on the rows.

    Returns
    -------
    pandas.DataFrame
        The columns of ``by``; ``n`` rows with a value (and weight); ``weight`` their total weight; ``total`` the
        weighted sum of values; ``squares`` the weighted sum of squared deviations from the cell's mean. Sorted.

    Raises
    ------
    StudyError
        If a column or expression is wrong.
    BackendError
        If the table cannot be read.

    References
    ----------
    Chan, T. F., Golub, G. H. & LeVeque, R. J. (1983), Algorithms for computing the sample variance,
    doi:10.1080/00031305.1983.10483115. Cox, D. R. (2006), Principles of Statistical Inference, ch. 2, doi:10.1017/CBO9780511813559.
    """
    groups = {name: _quoted(name) for name in by}
    numbers = {name: text for name, text in (("value", value), ("weight", weight)) if text is not None}
    parsed, faults = _parsed(relation, groups | numbers, "any")
    conditions, more = _parsed(relation, {"where": where} if where is not None else {}, "boolean")
    if faults or more:
        raise StudyError((*faults, *more))
    condition = conditions.get("where")
    reads = frozenset().union(*(parsed[name].columns for name in numbers))
    double = "DOUBLE PRECISION" if relation.backend.dialect == "postgres" else "DOUBLE"
    sql = {name: f"CAST({parsed[name].sql(relation.backend.dialect)} AS {double})" for name in numbers}
    if weight is None:
        measures = _plain(sql["value"])
    else:
        center = relation.aggregate([], {"mean": f"avg({sql['value']})"}, reads, where=condition)["mean"].iloc[0]
        measures = _weighted(sql["value"], sql["weight"], float(center))
    frame = relation.aggregate(list(by), measures, reads, where=condition)
    return frame[frame["n"] > 0].astype({"n": "int64", "weight": "float64"}).reset_index(drop=True)


def _plain(value: str) -> dict[str, str]:
    n = f"count({value})"
    return {"n": n, "weight": n, "total": f"sum({value})", "squares": f"var_pop({value}) * {n}"}


def _weighted(value: str, weight: str, center: float) -> dict[str, str]:
    """Return the weighted measures; values are shifted by the overall mean (Chan, Golub & LeVeque 1983)."""
    known = f"CASE WHEN {value} IS NOT NULL THEN {weight} END"
    shifted = f"({value} - ({center!r}))"
    first, second = f"sum({weight} * {shifted})", f"sum({weight} * {shifted} * {shifted})"
    return {
        "n": f"count({weight} * {value})",
        "weight": f"sum({known})",
        "total": f"sum({weight} * {value})",
        "squares": f"{second} - {first} * {first} / nullif(sum({known}), 0)",
    }


def _quoted(name: str) -> str:
    escaped = name.replace('"', '""')
    return f'"{escaped}"'


def _parsed(
    relation: Relation, texts: dict[str, str], expect: Expect
) -> tuple[dict[str, Expression], tuple[Finding, ...]]:
    parsed: dict[str, Expression] = {}
    faults: tuple[Finding, ...] = ()
    for name, text in texts.items():
        expression, found = parse_expression(text, columns=relation.columns, where=Where("", None, name), expect=expect)
        faults += found
        if expression is not None:
            parsed[name] = expression
    return parsed, faults
