"""Whether prevention works: preventable against other cases of the same units, before and after."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats
from scipy.special import expit, logit

from kpi_research.study.findings import Finding, finding
from kpi_research.study.frame_checks import require_columns, require_filled, require_share
from kpi_research.study.results import Result

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
FEW_CHANGES = 5
"""Units whose programme starts within the time seen, below which the interval is called rough."""
LEADS = 3
"""Periods before the start in which nothing should have moved yet."""
STEPS, SWEEPS = 50, 400
TOLERANCE = 1e-8


@dataclass(frozen=True)
class PreventionEffect(Result):
    """Change of preventable against other cases that goes with a programme.

    ``table`` has two rows: ``term`` ``programme`` and ``before`` (the last three periods before a start, where nothing
    should show yet); ``log_ratio`` (change of the log of preventable over other cases), ``se``, ``ratio`` (its
    exponential: .8 is a fall by 20 %), ``low``, ``high`` (of the ratio), ``p``.

    Attributes
    ----------
    ratio, low, high, p : float
        The row of the programme.
    units, changed : int
        Units, and units whose programme starts within the periods seen.
    """

    ratio: float
    low: float
    high: float
    p: float
    units: int
    changed: int


def prevention_effect(
    counts: pd.DataFrame,
    *,
    unit: str,
    period: str,
    preventable: str,
    other: str,
    programme: str,
    level: float = 0.95,
) -> PreventionEffect:
    r"""Estimate how a prevention programme changes preventable cases, with the other cases of the same unit as control.

    .. math:: \log\frac{E(\text{preventable}_{ut})}{E(\text{other}_{ut})} = \alpha_u + \gamma_t + \delta\,D_{ut}

    What moves both kinds of cases alike in a unit and period, such as fewer patrols reporting or more people, cancels; what
    moves one kind everywhere is taken up by the period. The error is that of the jackknife over units.

    Parameters
    ----------
    counts : pandas.DataFrame
        One row per unit and period.
    unit, period : str
        Its key columns; periods sort in time.
    preventable, other : str
        Columns of numbers of preventable and of other cases, at least 0, whole or estimated. A number that is the sum of
        probabilities by recorded features does not move with prevention and is no use here; take numbers of a definition,
        or estimates from labels in each period.
    programme : str
        Column that is 1 (or true) where the programme runs, else 0.
    level : float
        Confidence level.

    Returns
    -------
    PreventionEffect
        Findings: ``prevention-few-units``, ``prevention-moved-before``.

    Raises
    ------
    ValueError
        If a column is missing or holds no fit numbers, a unit and period stand twice, or no unit changes.

    References
    ----------
    Angrist, J. D. & Pischke, J.-S. (2009), Mostly Harmless Econometrics, ch. 5; Bell, R. M. & McCaffrey, D. F. (2002),
    Survey Methodology 28:169-181 (jackknife over clusters).

    Examples
    --------
    >>> rows = [(u, t, 20 if u < 4 and t > 2 else 40, 60, int(u < 4 and t > 2)) for u in range(8) for t in range(6)]
    >>> counts = pd.DataFrame(rows, columns=["unit", "period", "yes", "no", "on"])
    >>> found = prevention_effect(counts, unit="unit", period="period", preventable="yes", other="no", programme="on")
    >>> round(found.ratio, 3)
    0.5
    """
    names = {"unit": unit, "period": period, "preventable": preventable, "other": other, "programme": programme}
    require_columns(counts, "counts", names)
    require_share("level", level)
    for column in (unit, period, programme):
        require_filled(counts, "counts", column)
    if counts.duplicated([unit, period]).any():
        raise ValueError("counts: a unit and period stand twice; one row per pair is allowed")
    frame = counts.sort_values([unit, period], kind="stable")
    yes, no = _counts(frame, preventable), _counts(frame, other)
    used = yes + no > 0
    frame, yes, no = frame[used], yes[used], no[used]
    code = np.asarray(pd.factorize(frame[unit])[0], dtype=np.intp)
    time = np.asarray(pd.factorize(frame[period], sort=True)[0], dtype=np.intp)
    on: Floats = frame[programme].to_numpy(dtype=float)
    x = np.column_stack([on, _before(on, code, time)])
    by_unit = pd.Series(on).groupby(code)
    moved = int((by_unit.max() > by_unit.min()).sum())
    if moved == 0:
        raise ValueError(f"programme: column '{programme}' changes in no unit, so nothing can be compared")
    beta, covariance = _fit(yes, yes + no, x[:, x.std(axis=0) > 0], code, time)
    table = _table(beta, covariance, level, min(int(code.max()), 2 * moved - 1))
    first = table.iloc[0]
    numbers = {name: float(first[name]) for name in ("ratio", "low", "high", "p")}
    return PreventionEffect(table, _findings(table, moved), units=int(code.max()) + 1, changed=moved, **numbers)


def _counts(frame: pd.DataFrame, column: str) -> Floats:
    if not pd.api.types.is_numeric_dtype(frame[column].dtype):
        raise ValueError(f"column '{column}' holds {frame[column].dtype}; it must hold numbers")
    values = frame[column].to_numpy(dtype=float, na_value=np.nan)
    if not (np.isfinite(values) & (values >= 0)).all():
        raise ValueError(f"column '{column}' holds numbers that are missing, infinite or negative")
    return values


def _before(on: Floats, unit: Ints, time: Ints) -> Floats:
    """Mark the last periods before a programme starts, where units that start have earlier ones to compare with."""
    start = pd.Series(np.where(on > 0, time, np.iinfo(np.intp).max)).groupby(unit).transform("min").to_numpy()
    starts = (start < np.iinfo(np.intp).max) & (start > 0)
    compared = bool((starts & (time < start - LEADS)).any())
    return ((time < start) & (time >= start - LEADS) & starts & compared).astype(float)


def _fit(yes: Floats, n: Floats, x: Floats, unit: Ints, time: Ints) -> tuple[Floats, Floats]:
    """Fit the logit with levels of units and periods; return coefficients and their jackknife covariance over units."""
    share = (yes + 0.5) / (n + 1)
    eta = np.asarray(logit(share))
    beta = np.zeros(x.shape[1])
    inside, rest, w = x, eta, n
    for _ in range(STEPS):
        mu = expit(np.clip(eta, -12.0, 12.0))
        w = np.maximum(n * mu * (1 - mu), 1e-8)
        work = eta + (yes - n * mu) / w
        both = _without_levels(np.column_stack([x, work]), w, unit, time)
        inside, target = both[:, :-1], both[:, -1]
        root = np.sqrt(w)
        fresh = np.linalg.lstsq(root[:, None] * inside, root * target, rcond=None)[0]
        rest = target - inside @ fresh
        eta = work - rest
        change = float(np.abs(fresh - beta).max())
        beta = fresh
        if change < TOLERANCE:
            break
    return beta, _jackknife(inside, rest, w, unit)


def _without_levels(columns: Floats, w: Floats, unit: Ints, time: Ints) -> Floats:
    """Take weighted means of units and periods out in turns until nothing moves."""
    total = [np.bincount(code, w) for code in (unit, time)]
    for _ in range(SWEEPS):
        largest = 0.0
        for code, weight in zip((unit, time), total, strict=True):
            means = np.column_stack([np.bincount(code, w * column) for column in columns.T]) / weight[:, None]
            columns = columns - means[code]
            largest = max(largest, float(np.abs(means).max()))
        if largest < TOLERANCE:
            break
    return columns


def _jackknife(x: Floats, rest: Floats, w: Floats, unit: Ints) -> Floats:
    r"""Return :math:`\frac{G-1}{G}\sum_g d_g d_g'`, with :math:`d_g` what leaving unit g out moves in one step."""
    groups = int(unit.max()) + 1
    whole = np.einsum("ni,nj,n->ij", x, x, w)
    moved = np.zeros((groups, x.shape[1]))
    for group in range(groups):
        own = unit == group
        score = x[own].T @ (w[own] * rest[own])
        left = whole - np.einsum("ni,nj,n->ij", x[own], x[own], w[own])
        moved[group] = np.linalg.lstsq(left, score, rcond=None)[0]
    moved -= moved.mean(axis=0)
    return np.asarray((groups - 1) / groups * moved.T @ moved)


def _table(beta: Floats, covariance: Floats, level: float, freedom: int) -> pd.DataFrame:
    se = np.sqrt(np.diag(covariance))
    t = float(stats.t.isf((1 - level) / 2, max(freedom, 1)))
    with np.errstate(divide="ignore", invalid="ignore"):
        p = 2 * stats.t.sf(np.abs(beta / se), max(freedom, 1))
    return pd.DataFrame(
        {
            "term": ["programme", "before"][: len(beta)],
            "log_ratio": beta,
            "se": se,
            "ratio": np.exp(beta),
            "low": np.exp(beta - t * se),
            "high": np.exp(beta + t * se),
            "p": p,
        }
    )


def _findings(table: pd.DataFrame, moved: int) -> tuple[Finding, ...]:
    made = []
    if moved < FEW_CHANGES:
        made.append(finding("prevention-few-units", changed=moved, needed=FEW_CHANGES))
    before = table[table["term"] == "before"]
    if len(before) and float(before["p"].iloc[0]) < 0.05:
        made.append(finding("prevention-moved-before", ratio=f"{float(before['ratio'].iloc[0]):.2f}"))
    return tuple(made)
