"""Simulated panels with known truth, for the tests of this folder."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

DETERRENCE = ["prbarr", "prbconv", "prbpris", "avgsen", "polpc"]
OTHERS = ["density", "wcon", "wtuc", "wtrd", "wfir", "wser", "wmfg", "wfed", "wsta", "wloc", "pctymle"]
PLACES = ["pctmin80", "west", "central", "urban"]
CRIME: dict[str, Any] = {
    "outcome": "crmrte",
    "indicators": DETERRENCE,
    "unit": "county",
    "period": "year",
    "logs": True,
}


def autoregressive(rng: np.random.Generator, units: int, periods: int, rho: float) -> np.ndarray:
    """Return normal series with unit variance, one row per unit."""
    series = rng.normal(size=(units, periods))
    for period in range(1, periods):
        series[:, period] = rho * series[:, period - 1] + np.sqrt(1 - rho**2) * series[:, period]
    return series


def long(table: np.ndarray, name: str = "x") -> pd.DataFrame:
    """Return a units x periods array as rows."""
    units, periods = table.shape
    keys = {"unit": np.repeat(np.arange(units), periods), "period": np.tile(np.arange(periods), units)}
    return pd.DataFrame({**keys, name: table.ravel()})


def effect_panel(rng: np.random.Generator, units: int = 25, periods: int = 6, rho: float = 0.0) -> pd.DataFrame:
    """Return a panel with y = 1.5 x - 0.5 w + unit + period + error, where x follows the unit effect and z."""
    unit, period = rng.normal(size=(units, 1)), rng.normal(size=(1, periods))
    z, w = rng.normal(size=(2, units, periods))
    hidden = rng.normal(size=(units, periods))
    x = z + unit + 0.5 * rng.normal(size=(units, periods))
    endogenous = z + 0.5 * hidden
    error = autoregressive(rng, units, periods, rho)
    frame = long(1.5 * x - 0.5 * w + 2.0 * unit + period + error, "y")
    frame["y_iv"] = (1.5 * endogenous - 0.5 * w + 2.0 * unit + period + hidden + error).ravel()
    parts = {"x": x, "w": w, "z": z, "endogenous": endogenous}
    return frame.assign(**{name: part.ravel() for name, part in parts.items()})
