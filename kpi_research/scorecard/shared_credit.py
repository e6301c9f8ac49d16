"""Credit for results that several units brought about; the sum of credit stays what it was."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kpi_research.study.suggest import did_you_mean

COLUMNS = ("unit", "own", "given", "received", "credit")


def shared_credit(
    results: pd.DataFrame,
    support: pd.DataFrame,
    *,
    result: str,
    unit: str,
    credit: str,
    helper: str,
    effort: str | None = None,
    share: float = 0.3,
) -> pd.DataFrame:
    """Share the credit of results with the units that helped.

    Parameters
    ----------
    results : pandas.DataFrame
        One row per result: its id, the unit it belongs to, and its credit.
    support : pandas.DataFrame
        One row per helping unit and result: the id and the helper, and its effort where known.
    result, unit, credit : str
        Columns of ``results`` (``result`` also of ``support``); credit is 0 or more.
    helper : str
        Column of ``support``.
    effort : str, optional
        Column of ``support``, above 0, e.g. standard minutes; helpers share by it, equally without.
    share : float
        Share of the credit of a result with help that goes to the helpers together, 0 to 1.

    Returns
    -------
    pandas.DataFrame
        One row per unit: ``unit``; ``own`` (credit of its results before sharing), ``given`` (to helpers), ``received``
        (as a helper), ``credit`` (own - given + received). The sum of ``credit`` is that of ``own``.

    Raises
    ------
    ValueError
        If a column is missing, a result stands twice, help was given to an unknown result, or a number is out of range.

    Notes
    -----
    Help of a unit to itself is no help. Without sharing, work for others is unpaid and therefore shirked (Holmström 1982,
    doi:10.2307/3003457); credit that is handed out twice pays for helping on paper.

    Examples
    --------
    >>> results = pd.DataFrame({"case": [1, 2], "unit": ["A", "B"], "credit": [10.0, 10.0]})
    >>> support = pd.DataFrame({"case": [1], "helper": ["B"]})
    >>> found = shared_credit(results, support, result="case", unit="unit", credit="credit", helper="helper", share=0.3)
    >>> found[["unit", "credit"]].values.tolist()
    [['A', 7.0], ['B', 13.0]]
    """
    if not 0 <= share <= 1:
        raise ValueError(f"share is {share}; it must lie between 0 and 1")
    _check(results, (result, unit, credit), "results")
    _check(support, (result, helper, *([effort] if effort else [])), "support")
    owned = results[[result, unit, credit]].dropna()
    if owned[result].duplicated().any():
        raise ValueError(f"result {owned.loc[owned[result].duplicated(), result].iloc[0]!r} stands twice in results")
    if (owned[credit] < 0).any():
        raise ValueError(f"credit: column '{credit}' is {owned[credit].min():g} in some row; it must be 0 or more")
    parts = _parts(support, owned, result, unit, helper, effort)
    parts["credit"] = parts["part"] * share * parts[credit]
    own = owned.groupby(unit)[credit].sum()
    given, received = (parts.groupby(column)["credit"].sum() for column in (unit, helper))
    units = sorted(set(own.index) | set(received.index))
    table = pd.DataFrame({"unit": units})
    for name, column in (("own", own), ("given", given), ("received", received)):
        table[name] = table["unit"].map(column).fillna(0.0).astype("float64")
    return table.assign(credit=table["own"] - table["given"] + table["received"])[list(COLUMNS)]


def _check(frame: pd.DataFrame, columns: tuple[str, ...], name: str) -> None:
    for column in columns:
        if column not in frame.columns:
            raise ValueError(f"{name} has no column '{column}'.{did_you_mean(column, map(str, frame.columns))['en']}")


def _parts(
    support: pd.DataFrame, owned: pd.DataFrame, result: str, unit: str, helper: str, effort: str | None
) -> pd.DataFrame:
    """Return each helper's part of the help to each result, 0 to 1."""
    help_ = support[[result, helper, *([effort] if effort else [])]].dropna()
    unknown = set(help_[result]) - set(owned[result])
    if unknown:
        raise ValueError(f"support names result {sorted(map(str, unknown))[0]}, which is not in results")
    amount = help_[effort].astype("float64") if effort else pd.Series(1.0, index=help_.index)
    if not (amount > 0).all():
        raise ValueError(f"effort: column '{effort}' is {amount.min():g} in some row; it must be above 0")
    joined = help_.assign(amount=amount).merge(owned, on=result)
    joined = joined[joined[helper] != joined[unit]]
    total = joined.groupby(result)["amount"].transform("sum")
    return joined.assign(part=np.divide(joined["amount"], total))
