"""Cases with features, units and labels whose probabilities are known."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import expit

FEATURES = ["gate", "light", "hour", "loss"]


def draw_cases(
    seed: int = 0,
    units: int = 20,
    per_unit: int = 150,
    labelled: float = 0.3,
    shift: float = 0.4,
    strength: float = 1.0,
) -> pd.DataFrame:
    """Draw cases with texts, numbers, gaps and unknowns; ``true`` is the probability, ``truth`` the outcome."""
    rng = np.random.default_rng(seed)
    n = units * per_unit
    frame = pd.DataFrame(
        {
            "unit": np.repeat([f"所{number:02}" for number in range(units)], per_unit),
            "gate": rng.choice(["yes", "no", "unknown"], n, p=[0.5, 0.4, 0.1]),
            "light": rng.choice(["good", "poor"], n),
            "hour": rng.integers(0, 24, n).astype(float),
            "loss": rng.lognormal(6, 1, n),
        }
    )
    score = -0.6 + strength * (1.2 * (frame["gate"] == "no") + 0.8 * (frame["light"] == "poor") - 0.4)
    score += strength * np.where((frame["hour"] < 6) | (frame["hour"] > 21), 0.8, -0.2)
    score += np.repeat(rng.normal(0, shift, units), per_unit)
    frame["true"] = expit(score)
    frame["truth"] = (rng.random(n) < frame["true"]).astype(float)
    frame["inclusion"] = labelled
    frame["label"] = frame["truth"].where(rng.random(n) < labelled)
    frame.loc[rng.random(n) < 0.05, "loss"] = np.nan
    frame["light"] = frame["light"].where(rng.random(n) > 0.05)
    return frame
