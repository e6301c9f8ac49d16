"""What stations make of true counts before they report them: raised, lifted, frozen, ten times too large."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kpi_research.study.synthetic.arrays import Bools, Floats
from kpi_research.study.synthetic.panel import Panel, unit_uniforms
from kpi_research.study.synthetic.quantiles import happens
from kpi_research.study.synthetic.world import World

TARGETS: Mapping[str, float] = {"visits": 3.2, "information_items": 6.5}
"""Target per officer and month of the counts that become targets."""

SPOT_CHECK_TARGET = 0.85
SPOT_CHECK_FLOOR = 0.75
SLIPPING = "risk_checks"
FREEZING = "security_inspections"
FROZEN_FROM = 3


@dataclass(frozen=True)
class Reported:
    """Counts as reported.

    Attributes
    ----------
    values : mapping of str to numpy.ndarray, shape (units, months)
        Column -> reported number, NaN where the unit has no such column.
    faults : pandas.DataFrame
        One row per changed number: ``unit``, ``period``, ``column``, ``kind`` (``inflated``, ``lifted``, ``tenfold``,
        ``frozen``), ``true``, ``reported``.
    """

    values: Mapping[str, Floats]
    faults: pd.DataFrame


def report(world: World, panel: Panel) -> Reported:
    """Return the counts as stations report them.

    Parameters
    ----------
    world : World
        The hidden world.
    panel : Panel
        The true counts.

    Returns
    -------
    Reported
    """
    values = dict(panel.values)
    changes = []
    for column, target in TARGETS.items():
        changes.append((column, "inflated", _inflated(world, column, values[column], target)))
    changes.append(("records_right", "lifted", _lifted(world, values)))
    changes.append((FREEZING, "frozen", _frozen(world, values[FREEZING])))
    slips = happens(unit_uniforms(world, "tenfold"), world.options.tenfold_slips)
    changes.append((SLIPPING, "tenfold", np.where(slips, values[SLIPPING] * 10, values[SLIPPING])))
    faults = [_faults(world, column, kind, panel.values[column], new) for column, kind, new in changes]
    return Reported({**values, **{column: new for column, _, new in changes}}, pd.concat(faults, ignore_index=True))


def _stations(world: World, flags: Bools) -> Bools:
    whole = np.zeros((len(world.roster), 1), dtype=bool)
    whole[: world.roster.stations, 0] = flags
    return whole


def _inflated(world: World, column: str, true: Floats, target: float) -> Floats:
    """Raise a number below target to the target and a little above, once the target is set."""
    officers = np.ones((len(world.roster), 1))
    officers[: world.roster.stations, 0] = world.context.officers
    wanted = np.ceil(target * officers)
    u = unit_uniforms(world, f"inflate/{column}")
    extra = np.floor(unit_uniforms(world, f"extra/{column}") * 4)
    since = np.arange(len(world.months)) >= world.options.target_month
    below = true < wanted
    raised = _stations(world, world.gaming.inflates) & since & below & happens(u, world.options.inflation)
    return np.where(raised, wanted + extra, true)


def _lifted(world: World, values: Mapping[str, Floats]) -> Floats:
    checked, right = values["records_checked"], values["records_right"]
    near = (right < SPOT_CHECK_TARGET * checked) & (right >= SPOT_CHECK_FLOOR * checked)
    u = unit_uniforms(world, "lift")
    moved = _stations(world, world.gaming.lifts_85) & near & happens(u, world.options.lifting)
    return np.where(moved, np.ceil(SPOT_CHECK_TARGET * checked - 1e-9), right)


def _frozen(world: World, true: Floats) -> Floats:
    if true.shape[1] <= FROZEN_FROM:
        return true
    after = np.arange(true.shape[1]) > FROZEN_FROM
    frozen = _stations(world, world.gaming.freezes) & after
    return np.where(frozen, true[:, [FROZEN_FROM]], true)


def _faults(world: World, column: str, kind: str, true: Floats, new: Floats) -> pd.DataFrame:
    unit, month = np.nonzero((new != true) & np.isfinite(new))
    return pd.DataFrame(
        {
            "unit": pd.Series([world.roster.ids[row] for row in unit], dtype="str"),
            "period": pd.Series([world.months.names[col] for col in month], dtype="str"),
            "column": pd.Series([column] * unit.size, dtype="str"),
            "kind": pd.Series([kind] * unit.size, dtype="str"),
            "true": true[unit, month].astype(np.int64),
            "reported": new[unit, month].astype(np.int64),
        }
    )
