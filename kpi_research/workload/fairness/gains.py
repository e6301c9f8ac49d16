"""Who gains and who loses when one table of coefficients replaces another."""

from __future__ import annotations

import pandas as pd

from kpi_research.workload.fairness.frame import column_of, number_column


def gains(
    frame: pd.DataFrame, *, before: str, after: str, group: str, within: str | None = None, margin: float = 0.05
) -> pd.DataFrame:
    """Return how each group's share of the credit changes.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per person and period.
    before, after : str
        Names of the columns with the credit under the old and the new coefficients; 0 or more.
    group : str
        Name of the column with the groups.
    within : str, optional
        Name of the column within which credit is a share of the whole, e.g. the unit; by default over all rows.
    margin : float
        Relative change of a person's share that counts as a gain or a loss.

    Returns
    -------
    pandas.DataFrame
        One row per group: ``group``, ``n`` (rows); ``share_before``, ``share_after`` (of all credit, 0 to 1);
        ``change`` (relative change of the share); ``gain``, ``lose`` (share of its rows whose own share rises or falls
        by more than the margin). Shares sum to 1, so one group's gain is another's loss.

    Raises
    ------
    ValueError
        If a column is missing, not numeric or negative, or there is no credit at all.

    Examples
    --------
    >>> rows = pd.DataFrame({"post": ["a", "a", "b"], "old": [1.0, 1.0, 2.0], "new": [1.5, 1.5, 1.0]})
    >>> gains(rows, before="old", after="new", group="post")[["group", "share_before", "share_after"]].values.tolist()
    [['a', 0.5, 0.75], ['b', 0.5, 0.25]]
    """
    parts = {"before": number_column(frame, before), "after": number_column(frame, after)}
    parts["group"] = column_of(frame, group).astype("str")
    parts["within"] = column_of(frame, within) if within else pd.Series(0, index=frame.index)
    clean = pd.DataFrame(parts).dropna()
    for name in ("before", "after"):
        if (clean[name] < 0).any() or not clean[name].sum() > 0:
            raise ValueError(f"'{before if name == 'before' else after}' must be 0 or more and not 0 everywhere")
        total = clean.groupby("within")[name].transform("sum")
        clean[f"{name}_share"] = (clean[name] / total.where(total > 0)).fillna(0.0)
    share = clean["before_share"]
    moved = (clean["after_share"] - share) / share.where(share > 0)
    clean = clean.assign(gain=moved > margin, lose=moved < -margin)
    found = clean.groupby("group").agg(
        n=("before", "size"), share_before=("before", "sum"), share_after=("after", "sum"),
        gain=("gain", "mean"), lose=("lose", "mean"),
    )  # fmt: skip
    for name in ("share_before", "share_after"):
        found[name] = found[name] / found[name].sum()
    found["change"] = found["share_after"] / found["share_before"].where(found["share_before"] > 0) - 1.0
    return found.reset_index()[["group", "n", "share_before", "share_after", "change", "gain", "lose"]]
