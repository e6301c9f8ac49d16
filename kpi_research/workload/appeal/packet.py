"""What someone who contests the coefficients gets to see: the work, the prediction, and what would change it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.results import Result
from kpi_research.study.suggest import did_you_mean
from kpi_research.workload.coefficients.result import Coefficients
from kpi_research.workload.fairness.frame import check_share, codes_of, column_of, number_column

Array = NDArray[np.float64]
LEAST_OTHERS = 5
"""Persons in the group that someone is compared with below which the packet shows no figures of others."""
LEAST_PERIODS = 3
COLUMNS = (
    "task",
    "count",
    "minutes",
    "expected",
    "ratio",
    "part",
    "coefficient",
    "own",
    "own_low",
    "own_high",
    "verdict",
)


@dataclass(frozen=True)
class Appeal(Result):
    """The evidence on an appeal against coefficients.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per task, largest part of the difference first: ``task``; ``count`` (pieces of work), ``minutes``
        (logged), ``expected`` (minutes that others of the same unit would need by the coefficients); ``ratio`` (minutes
        over expected); ``part`` (minutes above expected); ``coefficient`` (in force); ``own`` with ``own_low``,
        ``own_high`` (the coefficient that this log alone would give); ``verdict``: ``supports`` (the interval holds the
        coefficient), ``higher``, ``lower``, ``too_few``.
    cases : pandas.DataFrame
        The work itself, one row per period and task: ``period``, ``task``, ``count``, ``minutes``, ``expected``.
    ratio : float
        Minutes over expected, all tasks; 1 where the coefficients fit.
    low, high : float
        Its interval over periods.
    needed : float
        Periods of such records after which a difference of ``margin`` could be told from chance.
    margin : float
        Relative difference that matters.
    who : mapping of str to str
        Whose appeal it is.
    level : float
        Coverage of the intervals.
    """

    cases: pd.DataFrame
    ratio: float
    low: float
    high: float
    needed: float
    margin: float
    who: Mapping[str, str]
    level: float


def appeal_packet(
    coefficients: Coefficients,
    log: pd.DataFrame,
    *,
    who: Mapping[str, str],
    person: str,
    margin: float = 0.1,
    level: float = 0.95,
) -> Appeal:
    r"""Put together what bears on an appeal of a person or a group.

    Parameters
    ----------
    coefficients : Coefficients
        Coefficients in force, with unit and period among their columns.
    log : pandas.DataFrame
        The work log that they were measured on, or that of a time study.
    who : mapping of column to value
        Who appeals, e.g. ``{"officer": "S0001-004"}`` or ``{"post": "legal"}``.
    person : str
        Column of persons.
    margin : float
        Relative difference that matters, above 0 and below 1.
    level : float
        Coverage of the intervals.

    Returns
    -------
    Appeal
        Findings: ``appeal-confidential`` always; what the evidence says (``appeal-supported``, ``appeal-not-supported``,
        ``appeal-open``) and what would change it. It judges the coefficients, not the person.

    Raises
    ------
    ValueError
        If a column or value is unknown, or fewer than five other persons are left to compare with.

    Notes
    -----
    Expected minutes are the pieces of work at their coefficients times what all others of the same unit and period need
    for theirs, so a slow unit or month is no argument against its members. The interval of the ratio is
    :math:`\exp(\log r \pm t\,s)` with the spread of monthly ratios (months weighted by expected minutes).

    Examples
    --------
    >>> from kpi_research.workload import workload_coefficients
    >>> rng = np.random.default_rng(1)
    >>> keys = pd.MultiIndex.from_product([range(8), range(6), ["call", "case"]], names=["officer", "month", "task"])
    >>> log = keys.to_frame(index=False).assign(unit="A", n=10)
    >>> log["minutes"] = np.where(log["task"] == "call", 300.0, 900.0) * rng.gamma(50, 0.02, size=len(log))
    >>> log.loc[(log["officer"] == 0) & (log["task"] == "case"), "minutes"] *= 1.5
    >>> found = workload_coefficients(log, minutes="minutes", task="task", count="n", unit="unit", period="month",
    ...     cluster="officer")
    >>> appeal_packet(found, log, who={"officer": 0}, person="officer").table[["task", "verdict"]].values.tolist()
    [['case', 'higher'], ['call', 'supports']]
    """
    check_share("margin", margin)
    check_share("level", level)
    mine = _mine(log, who)
    frame = _frame(coefficients, log, person)
    others = frame.loc[~mine, "person"].nunique()
    if others < LEAST_OTHERS:
        raise ValueError(f"who leaves {others} other person(s) to compare with; at least {LEAST_OTHERS} are needed")
    frame["expected"] = frame["credit"] * _others_pace(frame, mine)
    own = frame[mine & frame["expected"].notna()]
    cases = own.groupby(["period", "task"], sort=True)[["count", "minutes", "expected"]].sum().reset_index()
    ratio, low, high, error = _ratio(cases.groupby("period")[["minutes", "expected"]].sum(), level)
    rows = coefficients.table[coefficients.table["factor"] == "task"].set_index("level")["coefficient"]
    table = _tasks(cases, rows, level)
    quantile = float(stats.norm.isf((1.0 - level) / 2.0))
    needed = float((quantile * error / np.log1p(margin)) ** 2) if np.isfinite(error) else float("nan")
    findings = _findings(who, (ratio, low, high), table, needed, cases["period"].nunique(), margin)
    return Appeal(
        table, findings, cases, ratio, low, high, needed, margin, {key: str(value) for key, value in who.items()}, level
    )


def _mine(log: pd.DataFrame, who: Mapping[str, str]) -> NDArray[np.bool_]:
    if not who:
        raise ValueError("who is empty; name a column and a value, e.g. {'post': 'legal'}")
    mine = np.ones(len(log), dtype=bool)
    for column, value in who.items():
        of_row = column_of(log, column).astype("str")
        if not (of_row == str(value)).any():
            known = sorted(of_row.dropna().unique())[:200]
            raise ValueError(f"who: column '{column}' has no '{value}'.{did_you_mean(str(value), known)['en']}")
        mine &= (of_row == str(value)).to_numpy(dtype=bool)
    if not mine.any():
        raise ValueError("who: no row fits all columns together")
    return mine


def _frame(coefficients: Coefficients, log: pd.DataFrame, person: str) -> pd.DataFrame:
    columns = coefficients.columns
    factors = tuple(name for name in ("task", "post", "rank") if name in columns)
    count = number_column(log, columns["count"]) if "count" in columns else 1.0
    keys = {
        key: column_of(log, columns[key]).astype("str") if key in columns else "all"
        for key in ("unit", "period", "task")
    }
    numbers = {"minutes": number_column(log, columns["minutes"]), "count": count}
    credit = coefficients.credit(log, factors=factors)
    return pd.DataFrame(
        {**keys, "person": column_of(log, person).astype("str"), **numbers, "credit": credit}, index=log.index
    )


def _others_pace(frame: pd.DataFrame, mine: NDArray[np.bool_]) -> Array:
    """Return, per row, minutes over credit of all others in the same unit and period; in the unit where there are none."""
    others = ~mine & frame["credit"].notna().to_numpy()
    pace = np.full(len(frame), np.nan)
    for keys in (["unit", "period"], ["unit"]):
        codes = codes_of(frame[keys].agg("|".join, axis=1))
        size = int(codes.max()) + 1
        totals = [
            np.bincount(codes, np.where(others, frame[name].fillna(0.0), 0.0), size) for name in ("minutes", "credit")
        ]
        ratio = np.where(totals[1] > 0, totals[0] / np.where(totals[1] > 0, totals[1], 1.0), np.nan)[codes]
        pace = np.where(np.isfinite(pace), pace, ratio)
    whole = float(frame.loc[others, "minutes"].sum() / frame.loc[others, "credit"].sum())
    return np.where(np.isfinite(pace), pace, whole)


def _ratio(sums: pd.DataFrame, level: float) -> tuple[float, float, float, float]:
    """Return minutes over expected, its interval over periods, and the spread of one period's log ratio."""
    minutes, expected = sums["minutes"].to_numpy(dtype=float), sums["expected"].to_numpy(dtype=float)
    if not expected.sum() > 0 or not minutes.sum() > 0:
        return (float("nan"),) * 4
    ratio = float(minutes.sum() / expected.sum())
    count = len(minutes)
    if count < LEAST_PERIODS:
        return ratio, float("nan"), float("nan"), float("nan")
    share = expected / expected.sum()
    left = share * (minutes / np.where(expected > 0, expected, 1.0) / ratio - 1.0)
    error = float(np.sqrt((left**2).sum() * count / (count - 1.0)))
    half = float(stats.t.isf((1.0 - level) / 2.0, count - 1)) * error
    return ratio, ratio * float(np.exp(-half)), ratio * float(np.exp(half)), error * float(np.sqrt(count))


def _tasks(cases: pd.DataFrame, coefficient: pd.Series, level: float) -> pd.DataFrame:
    rows = []
    for task, part in cases.groupby("task", sort=True):
        sums = part.groupby("period")[["minutes", "expected"]].sum()
        ratio, low, high, _ = _ratio(sums, level)
        worth = float(coefficient.get(str(task), np.nan))
        total = part[["count", "minutes", "expected"]].sum()
        verdict = "too_few" if np.isnan(low) else "higher" if low > 1.0 else "lower" if high < 1.0 else "supports"
        rows.append(
            (
                task,
                *total,
                ratio,
                total["minutes"] - total["expected"],
                worth,
                worth * ratio,
                worth * low,
                worth * high,
                verdict,
            )
        )
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    order = table["part"].abs().sort_values(ascending=False, kind="stable").index
    return table.loc[order].reset_index(drop=True)


def _findings(
    who: Mapping[str, str],
    whole: tuple[float, float, float],
    table: pd.DataFrame,
    needed: float,
    periods: int,
    margin: float,
) -> tuple[Finding, ...]:
    named = ", ".join(f"{key} {value}" for key, value in who.items())
    ratio, low, high = whole
    if np.isnan(low):
        return (finding("appeal-confidential"), finding("appeal-too-few", needed=LEAST_PERIODS, periods=periods))
    facts = {"who": named, "ratio": f"{ratio:.2f}", "low": f"{low:.2f}", "high": f"{high:.2f}"}
    code = "appeal-supported" if low > 1.0 or high < 1.0 else "appeal-not-supported"
    if code == "appeal-not-supported" and (high > 1.0 + margin or low < 1.0 - margin):
        code = "appeal-open"
    found = [finding("appeal-confidential"), finding(code, Where(), **facts)]
    differing = table.loc[table["verdict"].isin(["higher", "lower"]), "task"]
    if len(differing):
        found.append(finding("appeal-tasks", tasks=", ".join(differing.head(5))))
    if code == "appeal-open" and np.isfinite(needed):
        found.append(finding("appeal-needed", periods=int(np.ceil(needed)), margin=f"{margin:.0%}", have=periods))
    return tuple(found)
