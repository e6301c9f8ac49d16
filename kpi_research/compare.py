"""Two runs of a study side by side: what changed in verdicts, weights, scores and ranks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from kpi_research.numerics.rank_correlation import spearman
from kpi_research.result import StudyResult
from kpi_research.study.findings import Finding, Language, finding
from kpi_research.study.results import Result

NOTABLE_POINTS = 5.0
"""Change of a weight, in points, that is told."""


@dataclass(frozen=True)
class Comparison(Result):
    """What changed between two runs.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per unit of either run: ``unit``, ``group`` (empty where there is one); ``score_before``, ``score_after``;
        ``rank_before``, ``rank_after``; ``move`` (ranks gained, positive is better; missing where the unit was in one run
        only or changed its group); ``beyond`` (whether the rank after lies outside the interval before: the move is more
        than the noise of the first run).
    weights : pandas.DataFrame
        ``indicator``, ``before``, ``after``, ``change`` in points of 100; an indicator that one run lacks has 0 there.
    verdicts : pandas.DataFrame
        ``indicator``, ``before``, ``after`` of indicators whose verdict changed.
    coefficients : pandas.DataFrame
        ``factor``, ``level``, ``before``, ``after``, ``change`` (relative) of workload coefficients that both runs have.
    rank_correlation : float
        Spearman's correlation of scores of units in both runs; NaN with fewer than three.
    """

    weights: pd.DataFrame
    verdicts: pd.DataFrame
    coefficients: pd.DataFrame
    rank_correlation: float

    def plot(self, lang: Language = "en") -> Figure:
        """Draw the ranks before and after, one line per unit.

        Parameters
        ----------
        lang : {"en", "zh"}
            Language of the labels.

        Returns
        -------
        matplotlib.figure.Figure
        """
        from kpi_research.publish.moves import draw_moves

        return draw_moves(self.table, lang)


def compare_runs(before: StudyResult, after: StudyResult) -> Comparison:
    """Compare two runs of one study: two periods, two sets of rules, two scenarios.

    Parameters
    ----------
    before, after : StudyResult
        Results of `run_study`; units and indicators are matched by their ids.

    Returns
    -------
    Comparison

    Examples
    --------
    >>> import kpi_research as kr
    >>> old = kr.run_study("data/nc_counties")  # doctest: +SKIP
    >>> kr.compare_runs(old, old).table["move"].abs().max()  # doctest: +SKIP
    0
    """
    table = _units(before.scorecard.table, after.scorecard.table)
    weights = _weights(before.weights.table, after.weights.table)
    verdicts = _verdicts(before.validity.verdicts, after.validity.verdicts)
    coefficients = _coefficients(before.workload.table, after.workload.table)
    both = table.dropna(subset=["score_before", "score_after"])
    alike = float("nan")
    if len(both) > 2:
        alike = spearman(both["score_before"].to_numpy(dtype=float), both["score_after"].to_numpy(dtype=float))
    return Comparison(table, _findings(table, weights, verdicts), weights, verdicts, coefficients, alike)


def _units(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    sides = [part.assign(group=part.get("group", "")) for part in (before, after)]
    keys = ["unit", "group", "score", "rank", "low", "high"]
    table = sides[0][keys].merge(sides[1][keys], on="unit", how="outer", suffixes=("_before", "_after"))
    same = table["group_before"] == table["group_after"]
    table["move"] = (table["rank_before"] - table["rank_after"]).where(same).astype("Int64")
    inside = (table["rank_after"] >= table["low_before"]) & (table["rank_after"] <= table["high_before"])
    table["beyond"] = (~inside.fillna(True) & same & table["move"].notna()).astype(bool)
    table["group"] = table["group_after"].fillna(table["group_before"])
    columns = ["unit", "group", "score_before", "score_after", "rank_before", "rank_after", "move", "beyond"]
    return table.sort_values(["group", "rank_after", "unit"], ignore_index=True)[columns]


def _weights(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    table = before[["id", "weight"]].merge(
        after[["id", "weight"]], on="id", how="outer", suffixes=("_before", "_after")
    )
    table = table.rename(columns={"id": "indicator", "weight_before": "before", "weight_after": "after"})
    table[["before", "after"]] = table[["before", "after"]].fillna(0.0)
    return table.assign(change=table["after"] - table["before"]).sort_values("indicator", ignore_index=True)


def _verdicts(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    columns = ["indicator", "before", "after"]
    if before.empty or after.empty:
        return pd.DataFrame(columns=columns)
    sides = [part[["indicator", "verdict"]] for part in (before, after)]
    table = sides[0].merge(sides[1], on="indicator", suffixes=("_before", "_after"))
    table = table.rename(columns={"verdict_before": "before", "verdict_after": "after"})
    return table[table["before"] != table["after"]].reset_index(drop=True)[columns]


def _coefficients(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    keys = ["factor", "level"]
    sides = [part[[*keys, "coefficient"]] for part in (before, after)]
    table = sides[0].merge(sides[1], on=keys, suffixes=("_before", "_after"))
    table = table.rename(columns={"coefficient_before": "before", "coefficient_after": "after"})
    return table.assign(change=table["after"] / table["before"] - 1.0)


def _findings(table: pd.DataFrame, weights: pd.DataFrame, verdicts: pd.DataFrame) -> tuple[Finding, ...]:
    found = []
    moved = table[table["beyond"]]
    both = int(table["move"].notna().sum())
    found.append(finding("runs-moved", units=len(moved), of=both, names=", ".join(moved["unit"].head(5)) or "–"))
    shifted = weights[weights["change"].abs() > NOTABLE_POINTS]
    if len(shifted):
        named = ", ".join(f"{row.indicator} ({row.change:+.1f})" for row in shifted.itertuples())
        found.append(finding("runs-weights", names=named, points=f"{NOTABLE_POINTS:g}"))
    if len(verdicts):
        named = ", ".join(f"{row.indicator} ({row.before} → {row.after})" for row in verdicts.head(8).itertuples())
        found.append(finding("runs-verdicts", names=named))
    lost = table.loc[table["score_after"].isna() & table["score_before"].notna(), "unit"]
    if len(lost):
        found.append(finding("runs-units-lost", names=", ".join(lost.head(8)), count=len(lost)))
    return tuple(found)


def largest_move(table: pd.DataFrame) -> tuple[str, int]:
    """Return the unit that moved most and by how many ranks.

    Parameters
    ----------
    table : pandas.DataFrame
        Table of `Comparison`.

    Returns
    -------
    unit : str
        Empty where nothing can be compared.
    move : int
        Ranks gained; negative where it fell.
    """
    moves = table.dropna(subset=["move"])
    if moves.empty:
        return "", 0
    gained = moves["move"].to_numpy(dtype=np.int64)
    place = int(np.abs(gained).argmax())
    return str(moves["unit"].to_numpy()[place]), int(gained[place])
