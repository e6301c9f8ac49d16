"""Simulated panels of scores."""

from __future__ import annotations

import numpy as np
import pandas as pd

Array = np.ndarray


def noisy_autoregression(
    rng: np.random.Generator, units: int, periods: int, persistence: float, share: float = 1.0
) -> Array:
    """Return series of unit variance: a stationary autoregression with that share of it, and white noise."""
    shocks = rng.standard_normal((units, periods))
    series = shocks.copy()
    for period in range(1, periods):
        series[:, period] = persistence * series[:, period - 1] + np.sqrt(1 - persistence**2) * shocks[:, period]
    return np.sqrt(share) * series + np.sqrt(1 - share) * rng.standard_normal((units, periods))


def panel(values: Array) -> pd.DataFrame:
    """Return a frame of units and periods."""
    return pd.DataFrame(values, index=[f"u{i:03}" for i in range(len(values))])
