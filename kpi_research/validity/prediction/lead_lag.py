"""Whether an indicator moves before an outcome or after it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpi_research.numerics.panel_tables import complete, remove_effects
from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.results import Result
from kpi_research.validity.prediction.distributed_lag import distributed_lag
from kpi_research.validity.prediction.granger_null import bootstrap_p, calibrated_p
from kpi_research.validity.prediction.granger_walds import LEAST_FREEDOM, UnitWalds, panel_granger, unit_walds
from kpi_research.validity.prediction.panel_columns import check_level, read_columns
from kpi_research.validity.prediction.reading import causal_statement
from kpi_research.validity.words import Both

Array = NDArray[np.float64]
SHORT = 10.0
"""Residual degrees of freedom of a unit below which a note says that the test is weak."""
COLUMNS = (
    "cause", "effect", "lags", "units", "wbar", "zbar", "ztilde", "p", "p_normal", "p_bootstrap",
    "estimate", "se", "low", "high", "freedom",
)  # fmt: skip
_VERDICTS = {
    (True, False): "cause_leads",
    (False, True): "effect_leads",
    (True, True): "both",
    (False, False): "neither",
}


@dataclass(frozen=True)
class LeadLag(Result):
    """Which of two columns moves first.

    ``table`` has two rows, ``cause`` → ``effect`` and the other way round: ``cause``, ``effect``, ``lags``; ``units``
    tested; ``wbar``, ``zbar``, ``ztilde`` (Dumitrescu & Hurlin 2012); ``p`` (one-sided, scale learned from mismatched
    units); ``p_normal`` (of ``ztilde``, one-sided); ``p_bootstrap`` (NaN unless asked for); ``estimate``, ``se``,
    ``low``, ``high``, ``freedom``: sum of the lag coefficients with unit effects, units of ``effect`` per unit of
    ``cause``, clustered by unit.

    Attributes
    ----------
    verdict : str
        ``cause_leads``, ``effect_leads``, ``both`` or ``neither``, at 1 - level.
    lag_table : pandas.DataFrame
        ``cause``, ``effect``, and a row per lag; see `kpi_research.validity.prediction.distributed_lag`.
    units : pandas.DataFrame
        ``unit``, ``cause``, ``effect``, ``wald``, ``freedom`` of every unit; NaN where it could not be tested.
    reading : mapping of language to str
        What would have to be true to read the first row causally.
    level : float
        Coverage of the intervals.
    """

    verdict: str
    lag_table: pd.DataFrame
    units: pd.DataFrame
    reading: Both
    level: float


def lead_lag(
    frame: pd.DataFrame,
    *,
    unit: str,
    period: str,
    cause: str,
    effect: str,
    lags: int = 1,
    period_effects: bool = True,
    bootstrap: int = 0,
    seed: int = 0,
    level: float = 0.95,
) -> LeadLag:
    """Test in both directions whether one column of a panel helps to predict the other.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per unit and period; its sorted periods are taken as successive.
    unit, period : str
        Key columns.
    cause, effect : str
        Numeric columns, e.g. an indicator and an outcome.
    lags : int
        Periods to look back, at least 1.
    period_effects : bool
        Take out what all units share in a period. Without it, shocks common to all units look like leads.
    bootstrap : int
        Draws of a block bootstrap of whole periods for ``p_bootstrap``, which allows any dependence between units; 0
        for none.
    seed : int
        Seed of the bootstrap.
    level : float
        Coverage of the intervals; 1 - level is the size of the tests.

    Returns
    -------
    LeadLag

    Raises
    ------
    ValueError
        If names or numbers do not fit, or no unit has more than 5 + 3 lags complete periods, without which the
        statistic has no variance.

    Notes
    -----
    See `kpi_research.validity.prediction.granger_walds.panel_granger` for the test and
    `kpi_research.validity.prediction.granger_null.calibrated_p` for its p-value. To come first is not to be the cause.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> patrols, noise = rng.normal(size=(2, 20, 24))
    >>> safety = np.roll(patrols, 1, axis=1) + noise
    >>> keys = {"station": np.repeat(range(20), 24), "month": np.tile(range(24), 20)}
    >>> panel = pd.DataFrame({**keys, "patrols": patrols.ravel(), "safety": safety.ravel()})
    >>> lead_lag(panel, unit="station", period="month", cause="patrols", effect="safety").verdict
    'cause_leads'
    """
    check_level(level)
    if isinstance(lags, bool) or not isinstance(lags, int | np.integer) or lags < 1:
        raise ValueError(f"lags is {lags!r}; it must be a whole number of at least 1")
    columns = read_columns(frame, {"cause": cause, "effect": effect}, unit, period)
    x, y = columns.tables[cause], columns.tables[effect]
    pairs = {(cause, effect): (x, y), (effect, cause): (y, x)}
    found = {
        names: _direction(x_table, y_table, int(lags), level, period_effects, (bootstrap, seed))
        for names, (x_table, y_table) in pairs.items()
    }
    _refuse_short(found, columns.tables, int(lags))
    table = pd.DataFrame(
        [{"cause": names[0], "effect": names[1], "lags": lags, **part.row} for names, part in found.items()]
    )[list(COLUMNS)]
    verdict = _VERDICTS[tuple(bool(p < 1.0 - level) for p in table["p"])]  # type: ignore[index]
    failures = {"effect_leads": ["reversed"], "both": ["both-ways"]}.get(verdict, [])
    conditions = ["no-third-within", "no-reverse", "same-record", "lags-enough"]
    lag_table = pd.concat([part.lag_table.assign(cause=n[0], effect=n[1]) for n, part in found.items()])
    units = pd.concat([_units(part.walds, columns.units, *names) for names, part in found.items()])
    return LeadLag(
        table,
        _findings(found, int(lags), len(columns.units)),
        verdict,
        lag_table.reset_index(drop=True),
        units.reset_index(drop=True),
        causal_statement(conditions, failures),
        level,
    )


@dataclass(frozen=True, slots=True)
class _Direction:
    walds: UnitWalds
    row: Mapping[str, float]
    lag_table: pd.DataFrame


def _direction(
    x: Array, y: Array, lags: int, level: float, period_effects: bool, bootstrap: tuple[int, int]
) -> _Direction:
    both = np.stack([x, y])
    kept = complete(both)
    used = np.where(kept, remove_effects(both, kept, unit=False), np.nan) if period_effects else both
    walds = unit_walds(used[1], used[0], lags)
    if not walds.used.any():
        return _Direction(walds, {}, pd.DataFrame())
    test = panel_granger(walds)
    lag_table = distributed_lag(y, x, lags, level, period_effects=period_effects)
    total = lag_table.iloc[-1]
    row: dict[str, float] = {name: getattr(test, name) for name in ("units", "wbar", "zbar", "ztilde", "p_normal")}
    row["p"] = calibrated_p(used[1], used[0], walds)
    row["p_bootstrap"] = bootstrap_p(used[1], used[0], walds, *bootstrap) if bootstrap[0] else float("nan")
    row |= {name: float(total[name]) for name in ("estimate", "se", "low", "high", "freedom")}
    return _Direction(walds, row, lag_table)


def _refuse_short(found: Mapping[tuple[str, str], _Direction], tables: Mapping[str, Array], lags: int) -> None:
    if all(part.row for part in found.values()):
        return
    longest = int(complete(np.stack(list(tables.values()))).sum(axis=1).max())
    needed = 6 + 3 * lags
    if longest < needed:
        raise ValueError(
            f"the longest unit has {longest} complete periods; with lags={lags} the test needs at least {needed} "
            "(more than 5 + 3 lags). Use fewer lags or more periods"
        )
    raise ValueError("no unit varies enough in both columns to be tested; look for constant or repeated values")


def _units(walds: UnitWalds, labels: pd.Index, cause: str, effect: str) -> pd.DataFrame:
    wald = np.where(walds.freedom > LEAST_FREEDOM, walds.wald, np.nan)
    return pd.DataFrame({"unit": labels, "cause": cause, "effect": effect, "wald": wald, "freedom": walds.freedom})


def _findings(found: Mapping[tuple[str, str], _Direction], lags: int, units: int) -> tuple[Finding, ...]:
    walds = next(iter(found.values())).walds
    used = int(walds.used.sum())
    notes = []
    if used < units:
        notes.append(finding("lead-lag-units-left-out", Where(), left=units - used, of=units, needed=6 + 3 * lags))
    if float(np.median(walds.freedom[walds.used])) < SHORT:
        periods = int(np.median(walds.freedom[walds.used])) + 3 * lags + 1
        notes.append(finding("lead-lag-short", Where(), periods=periods, lags=lags))
    return tuple(notes)
