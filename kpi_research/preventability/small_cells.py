"""Numbers that rest on very few cases: they are not shown, for they would be verdicts on single ones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from kpi_research.preventability.share.shares import Shares
from kpi_research.study.findings import Finding, Where, finding

LEAST_CASES = 5
"""Cases, or labelled cases, that a number must rest on."""
FROM_LABELS = ("design", "labels")
NUMBERS = ("estimate", "se", "low", "high")


def hide_small_shares(shares: Shares) -> tuple[Shares, tuple[Finding, ...]]:
    """Blank the shares of units with fewer than five cases, and those that rest on fewer than five labels alone.

    Parameters
    ----------
    shares : Shares
        Shares of all units.

    Returns
    -------
    Shares
        The same units; numbers that rest on too few cases are missing, the flag of such units holds ``small_cell``.
    findings : tuple of Finding
        ``small-cells-hidden`` where there are any.
    """
    few = shares.table["n"] < LEAST_CASES
    few_labels = shares.table["n_labels"].between(1, LEAST_CASES - 1)
    if not (few.any() or few_labels.any()):
        return shares, ()
    table = shares.table.copy()
    table.loc[few | (few_labels & (shares.method in FROM_LABELS)), list(NUMBERS)] = np.nan
    marked = table["flag"].where(table["flag"] == "", table["flag"] + ",")
    table["flag"] = table["flag"].where(~(few | few_labels), marked + "small_cell")
    methods = shares.methods.copy()
    hidden = methods["unit"].isin(shares.table.loc[few, "unit"]) | (
        methods["method"].isin(FROM_LABELS) & methods["unit"].isin(shares.table.loc[few_labels, "unit"])
    )
    methods.loc[hidden, list(NUMBERS)] = np.nan
    facts = {"cases": int(few.sum()), "labels": int(few_labels.sum()), "least": LEAST_CASES}
    return replace(shares, table=table, methods=methods), (finding("small-cells-hidden", Where("labels"), **facts),)


def drop_small_rows(table: pd.DataFrame, count: str) -> pd.DataFrame:
    """Leave out the rows of a table that count fewer than five cases.

    Parameters
    ----------
    table : pandas.DataFrame
        Any table.
    count : str
        Its column of numbers of cases.

    Returns
    -------
    pandas.DataFrame

    Examples
    --------
    >>> drop_small_rows(pd.DataFrame({"type": ["a", "b"], "cases": [4, 5]}), "cases")["type"].tolist()
    ['b']
    """
    return table[table[count] >= LEAST_CASES].reset_index(drop=True) if count in table else table
