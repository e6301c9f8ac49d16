"""What a unit could gain where: the list of improvements, per unit and per post."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpi_research.numerics.level_posterior import draw_levels
from kpi_research.scorecard.reasons.frames import check_whole, labels, numbers
from kpi_research.study.findings import Finding, finding
from kpi_research.study.frame_checks import require_columns, require_share
from kpi_research.study.results import Result

Array = NDArray[np.float64]
COLUMNS = ["unit", "group", "indicator", "post", "points", "level", "benchmark", "gain", "low", "high", "chance"]


@dataclass(frozen=True)
class Improvements(Result):
    """Improvements in the order of what they can be expected to gain.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per unit and indicator, largest expected gain first: ``unit``, ``group``, ``indicator``, ``post``;
        ``points`` (as scored, 0 to 100 or around 50), ``level`` (as the data allow them, pulled toward the peers as far as
        they may be chance), ``benchmark`` (level that the given share of peers do not exceed), ``gain`` (expected points of
        the score if the unit reached the benchmark) with ``low`` and ``high``, ``chance`` (probability that it lies below
        the benchmark).
    findings : tuple of Finding
        What the user must know.
    posts : pandas.DataFrame
        ``post``, ``indicator``, ``units`` (that surely lie below their benchmark, with probability 0.9), ``gain`` (summed
        over all units), largest first.
    level : float
        Coverage of the intervals.
    """

    posts: pd.DataFrame
    level: float = 0.95

    def of_unit(self, unit: str, most: int = 5) -> pd.DataFrame:
        """Return the improvements of one unit that gain most.

        Parameters
        ----------
        unit : str
            A unit of the table.
        most : int
            Number of rows.

        Returns
        -------
        pandas.DataFrame
        """
        return self.table[self.table["unit"] == unit].head(most).reset_index(drop=True)


def improvements(
    points: pd.DataFrame,
    *,
    unit: str = "unit",
    indicator: str = "indicator",
    value: str = "normalized",
    weight: str = "weight",
    se: str | None = None,
    group: str | None = None,
    post: str | None = None,
    benchmark: float = 0.75,
    level: float = 0.95,
    draws: int = 1000,
    seed: int = 0,
) -> Improvements:
    r"""Rank what units could improve by the expected gain of their score.

    Parameters
    ----------
    points : pandas.DataFrame
        One row per unit and indicator, such as the contributions of a scorecard.
    unit, indicator : str
        Columns of labels.
    value : str
        Column of points on one scale, higher is better.
    weight : str
        Column of weights, points of 100, 0 or above.
    se : str, optional
        Column of standard errors of the points; without it all shortfalls count as real.
    group, post : str, optional
        Columns of the peer group of a unit and of the post that an indicator belongs to.
    benchmark : float
        Share of peers that do not exceed the level to be reached, between 0 and 1.
    level : float
        Coverage of the intervals, between 0 and 1.
    draws, seed : int
        Draws of levels, at least 100, and their seed.

    Returns
    -------
    Improvements

    Raises
    ------
    TypeError
        If ``points`` is not a frame.
    ValueError
        If a column is missing or holds no numbers, a pair of unit and indicator stands twice, or a number is out of range.

    Notes
    -----
    Per indicator and group, levels :math:`\theta_u` are drawn from their posterior (`draw_levels`) and with them the
    benchmark q; the gain is :math:`w_u \max(q - \theta_u, 0) / 100`. A unit whose shortfall may be chance gains little, so
    the list does not send it after noise. The gain is what the score would show, not what the change would cost.

    Examples
    --------
    >>> rows = [(u, i, 50.0 + d * (k - 2), 50.0) for k, u in enumerate("abcde") for i, d in (("x", 10), ("y", -1))]
    >>> frame = pd.DataFrame(rows, columns=["unit", "indicator", "normalized", "weight"])
    >>> improvements(frame).table[["unit", "indicator", "gain"]].head(2).to_numpy().tolist()
    [['a', 'x', 15.0], ['b', 'x', 10.0]]
    """
    named = {
        "unit": unit,
        "indicator": indicator,
        "value": value,
        "weight": weight,
        "se": se,
        "group": group,
        "post": post,
    }
    require_columns(points, "points", named)
    require_share("benchmark", benchmark)
    require_share("level", level)
    check_whole("draws", draws, 100)
    check_whole("seed", seed, 0)
    frame = _tidy(points, named)
    parts = [
        _gains(part.reset_index(drop=True), benchmark, level, draws, [seed, place])
        for place, (_, part) in enumerate(frame.groupby(["group", "indicator"], sort=True))
    ]
    table = pd.concat(parts, ignore_index=True)
    table = table.sort_values(["gain", "unit", "indicator"], ascending=[False, True, True], ignore_index=True)
    return Improvements(table[COLUMNS], _remarks(frame, se), _posts(table), level)


def _tidy(points: pd.DataFrame, named: dict[str, str | None]) -> pd.DataFrame:
    text = {"unit": "unit", "indicator": "indicator", "group": "group", "post": "post"}
    frame = pd.DataFrame(
        {name: labels(points, column, name) for name in text if (column := named[name]) is not None}, index=points.index
    )
    for name in ("group", "post"):
        if name not in frame:
            frame[name] = ""
    frame["points"], frame["weight"] = (numbers(points, str(named[name])) for name in ("value", "weight"))
    frame["se"] = 0.0 if named["se"] is None else numbers(points, str(named["se"]))
    for name in ("weight", "se"):
        if (frame[name] < 0).any():
            raise ValueError(f"{name}: column '{named[name]}' is below 0 in {int((frame[name] < 0).sum())} rows")
    doubled = frame.duplicated(["unit", "indicator"])
    if doubled.any():
        first = frame[doubled].iloc[0]
        raise ValueError(f"points has unit '{first['unit']}' and indicator '{first['indicator']}' twice")
    frame = frame[frame["points"].notna() & frame["weight"].notna() & (frame["weight"] > 0) & frame["se"].notna()]
    return frame.sort_values(["group", "indicator", "unit"], ignore_index=True)


def _gains(part: pd.DataFrame, benchmark: float, level: float, draws: int, seed: list[int]) -> pd.DataFrame:
    value, error = part["points"].to_numpy(dtype=float), part["se"].to_numpy(dtype=float)
    number = int(np.random.SeedSequence(seed).generate_state(1)[0])
    drawn = draw_levels(value, np.diag(error**2), draws, number).levels
    aim = np.quantile(drawn, benchmark, axis=1)
    short = np.maximum(aim[:, None] - drawn, 0.0) * part["weight"].to_numpy(dtype=float) / 100
    low, high = np.quantile(short, [(1 - level) / 2, (1 + level) / 2], axis=0)
    below = (drawn < aim[:, None] - 1e-9 * max(np.abs(value).max(), 1.0)).mean(axis=0)
    return part.assign(
        level=drawn.mean(axis=0), benchmark=aim.mean(), gain=short.mean(axis=0), low=low, high=high, chance=below
    )


def _posts(table: pd.DataFrame) -> pd.DataFrame:
    sure = table.assign(sure=table["chance"] >= 0.9)
    found = sure.groupby(["post", "indicator"], as_index=False).agg(units=("sure", "sum"), gain=("gain", "sum"))
    return found.sort_values(["gain", "indicator"], ascending=[False, True], ignore_index=True)


def _remarks(frame: pd.DataFrame, se: str | None) -> tuple[Finding, ...]:
    units = frame["unit"].nunique()
    found = [finding("improvements-chance-unknown")] if se is None else []
    return (*found, finding("improvements-listed", units=units, indicators=frame["indicator"].nunique()))
