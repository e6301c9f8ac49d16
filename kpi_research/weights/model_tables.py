"""A linear model as plain tables, to be stored with a result and written for other solvers."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from scipy import sparse

from kpi_research.weights.model import LinearModel


def model_tables(model: LinearModel) -> dict[str, pd.DataFrame]:
    """Write a linear model as tables.

    Parameters
    ----------
    model : LinearModel
        The model.

    Returns
    -------
    dict of str to pandas.DataFrame
        ``columns``: ``cost``, ``low``, ``high`` of each variable. ``rows``: ``lower``, ``upper`` of each row. ``entries``:
        ``row``, ``column`` (places from 0) and ``value`` of each coefficient that is not 0.
    """
    entries = sparse.coo_array(model.matrix)
    return {
        "columns": pd.DataFrame({"cost": model.cost, "low": model.low, "high": model.high}),
        "rows": pd.DataFrame({"lower": model.lower, "upper": model.upper}),
        "entries": pd.DataFrame({"row": entries.row, "column": entries.col, "value": entries.data}),
    }


def model_from_tables(tables: Mapping[str, pd.DataFrame]) -> LinearModel:
    """Read a linear model from its tables.

    Parameters
    ----------
    tables : mapping of str to pandas.DataFrame
        From `model_tables`.

    Returns
    -------
    LinearModel
    """
    columns, rows, entries = tables["columns"], tables["rows"], tables["entries"]
    places = entries["row"].to_numpy(), entries["column"].to_numpy()
    matrix = sparse.csr_array((entries["value"].to_numpy(), places), shape=(len(rows), len(columns)))
    cost, low, high = (columns[name].to_numpy(dtype=float) for name in ("cost", "low", "high"))
    lower, upper = (rows[name].to_numpy(dtype=float) for name in ("lower", "upper"))
    return LinearModel(cost, matrix, lower, upper, low, high)
