"""Ratio studies: how level and how even assigned workloads are against observed ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import statsmodels.api as sm
from numpy.typing import NDArray
from scipy import stats

from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.results import Result
from kpi_research.workload.fairness.frame import check_share, column_of, number_column

Array = NDArray[np.float64]
COD_LIMIT = 15.0
PRD_LIMITS = (0.98, 1.03)
PRB_LIMITS = (-0.05, 0.05)
MEDIAN_LIMITS = (0.95, 1.05)
"""Limits of the International Association of Assessing Officers, Standard on Ratio Studies (2013), section 9."""
LEAST = 10
COLUMNS = ("group", "n", "measure", "estimate", "low", "high", "limit_low", "limit_high", "verdict")


@dataclass(frozen=True)
class RatioStudy(Result):
    """Level and evenness of assigned workloads.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per group (``all`` first) and measure: ``group``, ``n``; ``measure`` (``median_ratio``; ``cod``, mean
        absolute deviation from the median ratio in percent of it; ``prd``, mean ratio over total ratio, above 1 where
        heavy loads are credited too little; ``prb``, relative change of the ratio when the load doubles); ``estimate``,
        ``low``, ``high``; ``limit_low``, ``limit_high``; ``verdict``: ``within`` (the interval lies inside the limits),
        ``outside`` (it lies outside), ``cannot_tell``.
    level : float
        Coverage of the intervals.
    """

    level: float


def ratio_study(
    frame: pd.DataFrame,
    *,
    observed: str,
    assigned: str,
    group: str | None = None,
    level: float = 0.95,
    draws: int = 2000,
    seed: int = 0,
) -> RatioStudy:
    r"""Hold assigned workloads against observed ones, person by person or unit by unit.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per person or unit.
    observed : str
        Name of the column with the observed load, e.g. minutes; above 0.
    assigned : str
        Name of the column with the load that the coefficients give; above 0, in any unit of measure: it is scaled to
        the same total.
    group : str, optional
        Name of a column; each of its groups is studied too.
    level : float
        Coverage of the intervals, above 0 and below 1.
    draws : int
        Bootstrap draws for COD and PRD, at least 200.
    seed : int
        Seed of the draws.

    Returns
    -------
    RatioStudy

    Raises
    ------
    ValueError
        If a column is missing, not numeric or not positive, or there are fewer than ten rows.

    Notes
    -----
    With ratios :math:`r_i = a_i / o_i` and median :math:`M`: COD = :math:`100\, \overline{|r_i - M|} / M`;
    PRD = :math:`\bar r / (\sum a_i / \sum o_i)`; PRB is the slope of :math:`(r_i - M) / M` on
    :math:`\log_2 (a_i / M + o_i) / 2` (International Association of Assessing Officers 2013, Standard on Ratio
    Studies). The interval of the median comes from order statistics, that of PRB from HC3 errors, those of COD and
    PRD from the bias-corrected and accelerated bootstrap. Observed loads that carry noise of their own bend PRD and
    PRB, because the noise stands in the ratio as well as in the load it is held against.

    Examples
    --------
    >>> rows = pd.DataFrame({"minutes": np.arange(100.0, 140.0), "credit": np.arange(100.0, 140.0)})
    >>> ratio_study(rows, observed="minutes", assigned="credit").table[["measure", "estimate"]].round(6).values.tolist()
    [['median_ratio', 1.0], ['cod', 0.0], ['prd', 1.0], ['prb', 0.0]]
    """
    check_share("level", level)
    if draws < 200:
        raise ValueError(f"draws is {draws}; it must be at least 200")
    clean, dropped = _read(frame, observed, assigned, group)
    parts = [("all", clean)]
    if group is not None:
        parts += [(str(name), part) for name, part in clean.groupby("group", sort=True) if len(part) >= LEAST]
    children = np.random.SeedSequence(seed).spawn(len(parts))
    rows = [
        row
        for (name, part), child in zip(parts, children, strict=True)
        for row in _measures(name, part, level, draws, np.random.default_rng(child))
    ]
    findings = (finding("ratio-rows-dropped", Where(column=observed), rows=dropped),) if dropped else ()
    small: tuple[Finding, ...] = ()
    if group is not None and (few := sorted(clean["group"].value_counts().loc[lambda n: n < LEAST].index)):
        small = (finding("ratio-small-groups", Where(column=group), groups=", ".join(map(str, few)), few=LEAST),)
    return RatioStudy(pd.DataFrame(rows, columns=list(COLUMNS)), (*findings, *small), level)


def _read(frame: pd.DataFrame, observed: str, assigned: str, group: str | None) -> tuple[pd.DataFrame, int]:
    clean = pd.DataFrame({"o": number_column(frame, observed), "a": number_column(frame, assigned)})
    if group is not None:
        clean["group"] = column_of(frame, group)
    kept = clean.dropna()
    for name, column in (("o", observed), ("a", assigned)):
        if (kept[name] <= 0).any():
            raise ValueError(f"column '{column}' is {kept[name].min():g} in some row; ratios need loads above 0")
    if len(kept) < LEAST:
        raise ValueError(f"the frame has {len(kept)} rows with both loads; a ratio study needs {LEAST} at least")
    return kept.assign(a=kept["a"] * kept["o"].sum() / kept["a"].sum()), len(frame) - len(kept)


def _measures(
    name: str, rows: pd.DataFrame, level: float, draws: int, rng: np.random.Generator
) -> list[dict[str, object]]:
    a, o = rows["a"].to_numpy(float), rows["o"].to_numpy(float)
    ratio = a / o
    found = {
        "median_ratio": (float(np.median(ratio)), *median_interval(ratio, level)),
        "cod": _bootstrap(_cod, a, o, level, draws, rng),
        "prd": _bootstrap(_prd, a, o, level, draws, rng),
        "prb": _prb(a, o, level),
    }
    limits = {"median_ratio": MEDIAN_LIMITS, "cod": (0.0, COD_LIMIT), "prd": PRD_LIMITS, "prb": PRB_LIMITS}
    head = {"group": name, "n": len(rows)}
    return [
        head
        | {"measure": measure, "estimate": estimate, "low": low, "high": high}
        | {"limit_low": limits[measure][0], "limit_high": limits[measure][1]}
        | {"verdict": _verdict(low, high, *limits[measure])}
        for measure, (estimate, low, high) in found.items()
    ]


def _verdict(low: float, high: float, least: float, most: float) -> str:
    if np.isnan(low) or np.isnan(high):
        return "cannot_tell"
    if low >= least and high <= most:
        return "within"
    return "outside" if high < least or low > most else "cannot_tell"


def median_interval(values: Array, level: float) -> tuple[float, float]:
    """Return the interval of a median from order statistics.

    Parameters
    ----------
    values : ndarray of shape (n,)
        Independent numbers.
    level : float
        Least coverage.

    Returns
    -------
    low, high : float
        Order statistics between which the median lies with at least that probability (David & Nagaraja 2003,
        doi:10.1002/0471722162, ch. 7); the extremes where ``n`` is too small for it.

    Examples
    --------
    >>> median_interval(np.arange(1.0, 21.0), 0.95)
    (6.0, 15.0)
    """
    ordered = np.sort(values)
    below = int(stats.binom.ppf((1.0 - level) / 2, len(ordered), 0.5))
    return float(ordered[max(below - 1, 0)]), float(ordered[min(len(ordered) - below, len(ordered) - 1)])


def _cod(a: Array, o: Array, axis: int = -1) -> Array:
    ratio = a / o
    middle = np.median(ratio, axis=axis, keepdims=True)
    return np.asarray(100.0 * (np.abs(ratio - middle) / middle).mean(axis=axis))


def _prd(a: Array, o: Array, axis: int = -1) -> Array:
    return np.asarray((a / o).mean(axis=axis) / (a.sum(axis=axis) / o.sum(axis=axis)))


def _bootstrap(
    measure: Callable[..., Array], a: Array, o: Array, level: float, draws: int, rng: np.random.Generator
) -> tuple[float, float, float]:
    estimate = float(measure(a, o))
    if np.ptp(a / o) <= 1e-12 * float(np.median(a / o)):
        return estimate, estimate, estimate
    found = stats.bootstrap(
        (a, o), measure, paired=True, vectorized=True, n_resamples=draws, batch=200,
        confidence_level=level, method="BCa", rng=rng,
    )  # fmt: skip
    return estimate, float(found.confidence_interval.low), float(found.confidence_interval.high)


def _prb(a: Array, o: Array, level: float) -> tuple[float, float, float]:
    ratio = a / o
    middle = float(np.median(ratio))
    load = np.log2(0.5 * (a / middle + o))
    if np.ptp(load) <= 1e-12 * abs(load).max():
        return float("nan"), float("nan"), float("nan")
    fit = sm.OLS((ratio - middle) / middle, sm.add_constant(load)).fit(cov_type="HC3", use_t=True)
    low, high = fit.conf_int(1.0 - level)[1]
    return float(fit.params[1]), float(low), float(high)
