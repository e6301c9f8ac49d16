"""Weights under which indicators have the importance that policy wants, as nearly as rules and correlations allow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.results import Result
from kpi_research.study.suggest import did_you_mean
from kpi_research.weights.importance_target.program import Importance, best_reach, equally_good, reachable_shares
from kpi_research.weights.indicators import weights_of
from kpi_research.weights.limits import Floats
from kpi_research.weights.objectives import tidy
from kpi_research.weights.program import TOTAL, Program
from kpi_research.weights.projection import closest_point
from kpi_research.weights.robustness.inputs import admissible
from kpi_research.weights.rules import Rule

FARTHEST = 1000.0
"""Points that weights may go to either side where they may be negative."""

REACHED = 1e-6
"""Largest distance from a target that counts as reached."""


@dataclass(frozen=True)
class ImportanceTarget(Result):
    """Weights for wanted importance and the proof that none come closer.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per indicator: ``id``; ``target`` (wanted share of importance, NaN where none is named); ``share`` (share
        reached: its correlation with the index over the sum of all); ``correlation``; ``weight`` (points of 100);
        ``nominal_share`` (the weight over 100, what the weight seems to say); ``lowest``, ``highest`` (shares it could
        reach by itself under the rules, whatever becomes of the others).
    findings : tuple of Finding
        Whether the targets are reached, and which are out of reach by themselves.
    error : float
        Largest distance of a named share from its target; no admissible weights have a smaller one.
    reached : bool
        Whether all targets are met.
    gap : float
        Distance of ``error`` from the bound that the duals prove, computed without the solver.
    """

    error: float
    reached: bool
    gap: float


def target_importance(
    scores: pd.DataFrame,
    target: Mapping[str, float],
    *,
    indicators: pd.DataFrame | None = None,
    rules: Iterable[Rule] = (),
    current: Mapping[str, float] | pd.Series | None = None,
    negative: bool = False,
) -> ImportanceTarget:
    """Find admissible weights under which indicators have named shares of importance.

    The importance of indicator j is its correlation with the index ``sum_k w_k x_k``; its share
    ``c_j / sum_l c_l`` with ``c_j = sum_k cov(x_j, x_k) w_k / sd_j`` is a ratio of linear forms, so that the smallest
    largest distance from the targets is one linear program. Among all weights that reach it the ones closest to the
    current are returned.

    Parameters
    ----------
    scores : pandas.DataFrame of shape (units, indicators)
        Index: unit; a column per indicator, normalized as in the index; at least 3 units, no gaps.
    target : mapping of indicator to share
        Wanted shares, 0 to 1, of some or all indicators; together at most 1, and exactly 1 if all are named.
    indicators : pandas.DataFrame, optional
        The catalogue; None takes the columns of the scores.
    rules : iterable of Rule, optional
        The rules; hard ones restrict the weights. Give the sums of pillars in a hierarchy as rules.
    current : mapping or pandas.Series of id to points, optional
        Weights to stay close to; None takes equal ones.
    negative : bool, default False
        Whether weights may be negative where no rule bounds them (to -1,000 points): a diagnosis of what the
        correlations alone allow, not a scheme to use.

    Returns
    -------
    ImportanceTarget

    Raises
    ------
    InfeasibleRules
        If the rules cannot all hold.
    ValueError
        If a target is unknown or out of range, an indicator does not vary, or no admissible weights give an index that
        goes with its indicators.

    Notes
    -----
    Weights are not importance: Paruolo, Saisana & Saltelli 2013, doi:10.1111/j.1467-985X.2012.01059.x; Becker, Saisana,
    Paruolo & Vandecasteele 2017, doi:10.1016/j.ecolind.2017.03.056. Linear by Charnes & Cooper 1962.

    Examples
    --------
    >>> scores = pd.DataFrame({"a": [1.0, 2.0, 3.0, 4.0], "b": [1.0, -1.0, -1.0, 1.0]})
    >>> found = target_importance(scores, {"a": 0.75, "b": 0.25})
    >>> found.reached, found.table["share"].round(6).tolist()
    (True, [0.75, 0.25])
    """
    values, program = admissible(scores, indicators, rules)
    wanted = _targets(target, program.ids)
    if negative:
        free = (program.low <= 0) & (program.high > 0)  # a ban or a smallest weight still holds
        program = replace(program, low=np.where(free, -FARTHEST, program.low))
        program = replace(program, high=np.where(program.high >= TOTAL, FARTHEST, program.high))
    asked = Importance(program, _pull(values, program.ids), wanted)
    best = best_reach(asked)
    if best is None:
        raise ValueError("scores: no admissible weights give an index that goes with its indicators as a whole")
    given = weights_of(current, program.ids)
    reference = np.full(len(program.ids), 100.0 / len(program.ids)) if given is None else given
    weights = tidy(closest_point(equally_good(asked, best.error), best.weights, reference), program)
    return _result(asked, values, weights, best.gap)


def _targets(target: Mapping[str, float], ids: tuple[str, ...]) -> Floats:
    if not target:
        raise ValueError("target names no indicator; give the share of at least one")
    found = np.full(len(ids), np.nan)
    for name, share in target.items():
        if name not in ids:
            raise ValueError(f"target: there is no indicator '{name}'.{did_you_mean(str(name), ids)['en']}")
        if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1:
            raise ValueError(f"target['{name}'] is {share!r}; allowed is a share from 0 to 1")
        found[ids.index(name)] = share
    total, full = float(np.nansum(found)), not np.isnan(found).any()
    if total > 1 + 1e-9 or (full and total < 1 - 1e-9):
        raise ValueError(
            f"target: the shares add up to {total:g}; they must add up to 1 (at most 1 where some are open)"
        )
    return found


def _pull(values: Floats, ids: tuple[str, ...]) -> Floats:
    if len(values) < 3:
        raise ValueError(f"scores has {len(values)} unit(s); at least 3 are needed for correlations")
    centered = values - values.mean(axis=0)
    spread = np.sqrt((centered**2).mean(axis=0))
    flat = spread <= 1e-12 * np.abs(values).max(axis=0)
    if flat.any():
        raise ValueError(f"scores: '{ids[int(flat.argmax())]}' is the same for every unit and can have no importance")
    covariance = centered.T @ centered / len(values)
    pull: Floats = covariance / spread[:, None] / spread.mean()
    return pull


def _result(asked: Importance, values: Floats, weights: Floats, gap: float) -> ImportanceTarget:
    shares = asked.shares(weights)
    index = values @ weights
    lowest, highest = reachable_shares(asked)
    table = pd.DataFrame(
        {
            "id": list(asked.program.ids),
            "target": asked.target,
            "share": shares,
            "correlation": [np.corrcoef(column, index)[0, 1] for column in values.T],
            "weight": weights,
            "nominal_share": weights / 100.0,
            "lowest": lowest,
            "highest": highest,
        }
    )
    error = float(np.nanmax(np.abs(shares - asked.target)))
    reached = error <= REACHED
    return ImportanceTarget(table, _findings(table, error, reached, asked.program), error, reached, gap)


def _findings(table: pd.DataFrame, error: float, reached: bool, program: Program) -> tuple[Finding, ...]:
    found: list[Finding] = []
    if reached:
        found.append(finding("target-importance-reached", Where(), count=int(table["target"].notna().sum())))
    else:
        worst = table.iloc[int(np.nanargmax((table["share"] - table["target"]).abs()))]
        facts = {"indicator": worst["id"], "wanted": f"{worst['target']:.3f}", "share": f"{worst['share']:.3f}"}
        found.append(finding("target-importance-not-reached", Where(), error=f"{error:.3f}", **facts))
    out = table[(table["target"] < table["lowest"] - REACHED) | (table["target"] > table["highest"] + REACHED)]
    for row in out.to_dict("records"):
        ends = {"lowest": f"{row['lowest']:.3f}", "highest": f"{row['highest']:.3f}"}
        found.append(
            finding(
                "target-importance-out-of-reach", Where(), indicator=row["id"], wanted=f"{row['target']:.3f}", **ends
            )
        )
    if (table["weight"] < -REACHED).any() and (program.low < 0).any():
        names = ", ".join(table.loc[table["weight"] < -REACHED, "id"])
        found.append(finding("target-importance-negative-weights", Where(), names=names))
    return tuple(found)
