"""Coefficients that a rule sets beside those that were measured."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from kpi_research.study.suggest import did_you_mean
from kpi_research.workload.coefficients.result import Coefficients

COLUMNS = ("factor", "level", "n", "fiat", "measured", "low", "high", "ratio", "verdict")


def coefficient_ladder(coefficients: Coefficients, fiat: Mapping[str, Mapping[str, float]]) -> pd.DataFrame:
    """Set the coefficients of a rule beside the measured ones, on one scale.

    Parameters
    ----------
    coefficients : Coefficients
        Measured coefficients.
    fiat : mapping of factor to mapping of level to float
        Coefficients of the rule, above 0; levels that it does not name are left out.

    Returns
    -------
    pandas.DataFrame
        One row per level of the rule: ``factor``, ``level``, ``n`` (records); ``fiat`` (scaled to the weighted mean 1 of
        the measured ones); ``measured`` with ``low``, ``high``; ``ratio`` (fiat over measured); ``verdict``: ``agrees``
        (inside the interval), ``pays_more`` (the rule gives more than the work takes), ``pays_less``,
        ``not_measured`` (the log has no such level).

    Raises
    ------
    ValueError
        If a factor was not measured, or a coefficient is not above 0.

    Notes
    -----
    A measured coefficient of a rank says how many minutes the same work takes persons of that rank; a rule that gives
    the skilled more for the same piece rewards status, which may be wanted, but is no measure of work.

    Examples
    --------
    >>> from kpi_research.workload import workload_coefficients
    >>> rows = {"unit": list("AABB"), "task": ["call", "case"] * 2, "minutes": [30, 90, 33, 99]}
    >>> found = workload_coefficients(pd.DataFrame(rows), minutes="minutes", task="task", unit="unit", shrink=False)
    >>> coefficient_ladder(found, {"task": {"call": 1.0, "case": 1.0}})["ratio"].round(2).tolist()
    [2.0, 0.67]
    """
    measured = coefficients.table
    parts = []
    for factor, levels in fiat.items():
        mine = measured[measured["factor"] == factor].set_index("level")
        if mine.empty:
            known = list(dict.fromkeys(measured["factor"]))
            raise ValueError(
                f"fiat names the factor '{factor}', which was not measured.{did_you_mean(factor, known)['en']}"
            )
        parts.append(_ladder(factor, pd.Series(dict(levels), dtype="float64"), mine))
    if not parts:
        return pd.DataFrame(columns=list(COLUMNS))
    return pd.concat(parts, ignore_index=True)[list(COLUMNS)]


def _ladder(factor: str, fiat: pd.Series, mine: pd.DataFrame) -> pd.DataFrame:
    if not (fiat > 0).all():
        raise ValueError(
            f"fiat coefficient of '{fiat.index[~(fiat > 0)][0]}' is {fiat[~(fiat > 0)].iloc[0]:g}; it must be above 0"
        )
    table = mine.reindex(fiat.index)
    share = table["share"].fillna(0.0)
    known = share > 0
    scale = (share * table["coefficient"])[known].sum() / (share * fiat)[known].sum() if known.any() else 1.0
    found = pd.DataFrame({"factor": factor, "level": fiat.index, "n": table["n"].fillna(0).astype(int).to_numpy()})
    found["fiat"] = (fiat * scale).to_numpy()
    for name, column in (("measured", "coefficient"), ("low", "low"), ("high", "high")):
        found[name] = table[column].to_numpy()
    found["ratio"] = found["fiat"] / found["measured"]
    found["verdict"] = [_verdict(*row) for row in found[["fiat", "low", "high"]].itertuples(index=False)]
    return found


def _verdict(fiat: float, low: float, high: float) -> str:
    if pd.isna(low) or pd.isna(high):
        return "not_measured"
    return "pays_more" if fiat > high else "pays_less" if fiat < low else "agrees"
