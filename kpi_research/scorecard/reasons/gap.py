"""Why a unit lies behind its peers: staffing, case mix, training, manner, or none of these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from kpi_research.scorecard.reasons.frames import check_whole
from kpi_research.scorecard.reasons.gap_data import GapData, gather_gaps
from kpi_research.scorecard.reasons.gap_model import (
    GapModel,
    draw_parts,
    fit_gaps,
    mean_of_peers,
    parts_of_gaps,
)
from kpi_research.scorecard.reasons.gap_result import REST, GapReport
from kpi_research.scorecard.reasons.words import cause_text
from kpi_research.study.findings import Finding, finding
from kpi_research.study.frame_checks import require_choice, require_columns, require_share

Array = NDArray[np.float64]
SCALES = ("identity", "logit")
DIRECTIONS = ("higher", "lower")
FEW = 10
"""Degrees of freedom below which a finding warns."""
OVERLAP = 0.9
"""Correlation of two indices among peers from which they are hard to tell apart."""


def explain_gap(
    frame: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    causes: Mapping[str, Sequence[str]],
    peers: str | None = None,
    weight: str | None = None,
    scale: str = "identity",
    direction: str = "higher",
    level: float = 0.95,
    certainty: float = 0.9,
    draws: int = 2000,
    seed: int = 0,
) -> GapReport:
    r"""Take the distance of each unit to its peers apart by cause.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per unit and period, or finer; a column that describes the unit repeats its value.
    outcome : str
        Column of the outcome, e.g. the share of satisfied callers.
    unit : str
        Column of units.
    causes : mapping of str to sequence of str
        Columns that measure each cause, e.g. ``{"staffing": ["response_minutes", "load"], "manner": ["rating"]}``;
        at most 12 causes. Several columns of a cause enter as their first principal component among peers, so that a
        cause counts once, however often it is measured.
    peers : str, optional
        Column of the group that a unit is compared with, the same in all its rows; all units if not given.
    weight : str, optional
        Column of the number of answers behind each outcome.
    scale : {"identity", "logit"}
        ``logit`` where the outcome is a share: causes add up on the logit and are shared out by their Shapley values.
    direction : {"higher", "lower"}
        Which outcomes are better; it decides which part drags.
    level : float
        Coverage of the intervals, between 0 and 1.
    certainty : float
        Probability of being the largest part from which a cause is named, between 0 and 1; otherwise the verdict is
        "cannot tell".
    draws, seed : int
        Draws behind intervals and probabilities, at least 100, and their seed.

    Returns
    -------
    GapReport
        Units that lack a value are left out with a finding. Parts add up to the gap.

    Raises
    ------
    TypeError
        If ``frame`` is not a frame.
    ValueError
        If a column is missing or holds no numbers, a unit stands in two groups, there are too few units (causes and
        groups and three more are needed), or causes repeat each other.

    Notes
    -----
    With :math:`\bar x_{uk}` the index of cause k of unit u and :math:`\bar x_{-u,k}` the mean of the other units of its
    group, the part of cause k is :math:`\hat\beta_k (\bar x_{uk} - \bar x_{-u,k})`, with coefficients from the regression
    of the units' outcomes on all indices and a level per group (Kitagawa 1955, doi:10.1080/01621459.1955.10501299;
    Oaxaca 1973, doi:10.2307/2525981); on the logit the parts are the Shapley values of these terms. The rest is the gap
    less all parts. Intervals hold the errors of coefficients, indices and outcomes.

    The parts are associations between units. They are effects only as far as no other cause that moves with the
    measured ones is left out; a cause without a column lands in the rest.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> load, manner = rng.normal(size=(2, 30))
    >>> load[0] = 3.0
    >>> frame = pd.DataFrame({"unit": [f"S{k:02d}" for k in range(30)], "load": load, "manner": manner})
    >>> frame["satisfaction"] = 80 - 4 * load + 3 * manner + rng.normal(size=30)
    >>> causes = {"staffing": ["load"], "manner": ["manner"]}
    >>> report = explain_gap(frame, outcome="satisfaction", unit="unit", causes=causes)
    >>> report.table.loc[0, ["verdict", "main"]].tolist()
    ['cause', 'staffing']
    """
    _check(frame, outcome, unit, causes, peers, weight)
    require_choice("scale", scale, SCALES)
    require_choice("direction", direction, DIRECTIONS)
    require_share("level", level)
    require_share("certainty", certainty)
    check_whole("draws", draws, 100)
    check_whole("seed", seed, 0)
    data = gather_gaps(frame, outcome, unit, causes, peers, weight)
    model = fit_gaps(data, scale)
    gap, parts = parts_of_gaps(data, model)
    gaps, drawn = draw_parts(data, model, draws, seed)
    tails = [(1 - level) / 2, (1 + level) / 2]
    low, high = np.quantile(gaps, tails, axis=0)
    largest = _largest(drawn, np.where(gap < 0, -1.0, 1.0))
    drag = _largest(drawn, np.full(len(gap), -1.0 if direction == "higher" else 1.0))
    table = _table(data, gap, low, high, largest, drag, certainty)
    found = (*data.findings, *_remarks(data, model, table))
    bounds = np.quantile(drawn, tails, axis=0)
    return GapReport(
        table, found, _parts(data, parts, bounds, largest), _causes(data, model, level), data.loadings, level
    )


def _check(
    frame: pd.DataFrame,
    outcome: str,
    unit: str,
    causes: Mapping[str, Sequence[str]],
    peers: str | None,
    weight: str | None,
) -> None:
    if not causes:
        raise ValueError("causes is empty; it needs at least one cause with its columns")
    if REST in causes:
        raise ValueError(f"causes has a cause named {REST!r}; that name is kept for the rest")
    for name, columns in causes.items():
        if isinstance(columns, str) or not len(columns):
            raise ValueError(f"causes[{name!r}] is {columns!r}; it must be a list of one column or more")
    given = {f"causes[{name!r}]": columns for name, columns in causes.items()}
    require_columns(frame, "frame", {"outcome": outcome, "unit": unit, **given, "peers": peers, "weight": weight})
    doubled = [name for name, columns in causes.items() if outcome in columns]
    if doubled:
        raise ValueError(f"causes[{doubled[0]!r}] holds the outcome '{outcome}' itself")


def _largest(drawn: Array, direction: Array) -> Array:
    """Return the share of draws in which each part is the one that reaches farthest in a direction, past 0."""
    toward = np.where(np.isnan(drawn), 0.0, drawn) * direction[None, :, None]
    leader = np.where(toward.max(axis=2) > 0, np.argmax(toward, axis=2), -1)
    return np.stack([(leader == part).mean(axis=0) for part in range(drawn.shape[2])], axis=1)


def _table(
    data: GapData, gap: Array, low: Array, high: Array, largest: Array, drag: Array, certainty: float
) -> pd.DataFrame:
    names = np.array([*data.causes, REST], dtype=object)
    first, sure = largest.argmax(axis=1), largest.max(axis=1)
    shown = (low > 0) | (high < 0)
    verdict = np.where(sure < certainty, "cannot_tell", np.where(names[first] == REST, "unexplained", "cause"))
    verdict = np.where(shown, verdict, "no_gap")
    held = (drag.max(axis=1) >= certainty) & (names[drag.argmax(axis=1)] != REST)
    return pd.DataFrame(
        {
            "unit": data.units,
            "group": data.groups[data.group],
            "outcome": data.outcome,
            "peers": mean_of_peers(data.outcome, data.group),
            "gap": gap,
            "low": low,
            "high": high,
            "verdict": pd.Series(verdict, dtype="str"),
            "main": pd.Series(np.where(verdict == "cause", names[first], ""), dtype="str"),
            "certainty": sure,
            "drag": pd.Series(np.where(held, names[drag.argmax(axis=1)], ""), dtype="str"),
            "drag_certainty": drag.max(axis=1),
        }
    )


def _parts(data: GapData, parts: Array, bounds: Array, largest: Array) -> pd.DataFrame:
    names = [*data.causes, REST]
    return pd.DataFrame(
        {
            "unit": np.repeat(data.units, len(names)),
            "cause": pd.Series(names * len(data.units), dtype="str"),
            "part": parts.ravel(),
            "low": bounds[0].ravel(),
            "high": bounds[1].ravel(),
            "largest": largest.ravel(),
        }
    )


def _causes(data: GapData, model: GapModel, level: float) -> pd.DataFrame:
    distance = data.index - mean_of_peers(data.index, data.group)
    spread = np.sqrt(np.nanmean(distance**2, axis=0))
    half = stats.t.isf((1 - level) / 2, model.freedom) * np.sqrt((model.factor**2).sum(axis=1))
    effect = spread * model.coefficient
    return pd.DataFrame(
        {
            "cause": pd.Series(list(data.causes), dtype="str"),
            "effect": effect,
            "low": effect - spread * half,
            "high": effect + spread * half,
        }
    )


def _remarks(data: GapData, model: GapModel, table: pd.DataFrame) -> list[Finding]:
    found = []
    if model.freedom < FEW:
        found.append(finding("gap-few-units", units=len(table), causes=len(data.causes), freedom=model.freedom))
    if not (data.outcome_se > 0).any():
        found.append(finding("gap-chance-unknown"))
    distance = data.index - mean_of_peers(data.index, data.group)
    varying = np.flatnonzero(np.nanstd(distance, axis=0) > 0)
    related = np.corrcoef(distance[~np.isnan(distance).any(axis=1)][:, varying], rowvar=False).reshape(
        len(varying), len(varying)
    )
    for row, column in zip(*np.nonzero(np.triu(np.abs(related) > OVERLAP, 1)), strict=True):
        names = (data.causes[varying[row]], data.causes[varying[column]])
        found.append(
            finding(
                "gap-causes-overlap",
                first=cause_text(names[0]),
                second=cause_text(names[1]),
                r=f"{related[row, column]:.2f}",
            )
        )
    counts = table["verdict"].value_counts()
    facts = {name: int(counts.get(name, 0)) for name in ("cause", "unexplained", "cannot_tell", "no_gap")}
    return [*found, finding("gap-verdicts", units=len(table), **facts)]
