"""Work logs whose coefficients are known: units of different speed, officers, and units with habits of their own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

TASK_MINUTES = np.array([40, 240, 55, 25, 15, 120, 150, 300.0])
TASK_SHARES = np.array([0.3, 0.1, 0.15, 0.15, 0.2, 0.07, 0.025, 0.005])
POST_FACTORS = np.array([1, 0.95, 1.15, 0.85, 1.1])
POST_SHARES = np.array([0.3, 0.3, 0.25, 0.1, 0.05])
NAMES = {"minutes": "minutes", "count": "count", "task": "task", "post": "post", "unit": "unit", "period": "period"}


@dataclass(frozen=True)
class Bureau:
    """Size of a simulated bureau and what varies in it."""

    units: int = 12
    officers: int = 12
    records: int = 25
    unit_habits: float = 0.05
    officer_speed: float = 0.07
    rare_post_units: int = 4


def draw(rng: np.random.Generator, bureau: Bureau) -> pd.DataFrame:
    """Draw a log: the last task is rare (five in a thousand), the last post stands in a few units only."""
    sizes = np.maximum(4, rng.poisson(bureau.officers, bureau.units))
    unit = np.repeat(np.arange(bureau.units), sizes)
    post = rng.choice(len(POST_SHARES), len(unit), p=POST_SHARES)
    post = np.where((post == 4) & (unit >= bureau.rare_post_units), 0, post)
    who = np.repeat(np.arange(len(unit)), bureau.records)
    task = rng.choice(len(TASK_SHARES), len(who), p=TASK_SHARES)
    count, month = 1 + rng.poisson(2, len(who)), rng.integers(0, 6, len(who))
    logs = rng.normal(0, 0.1, bureau.units)[unit[who]] + 0.03 * np.sin(month)
    logs += rng.normal(0, bureau.unit_habits, (bureau.units, 8))[unit[who], task]
    logs += rng.normal(0, bureau.unit_habits, (bureau.units, 5))[unit[who], post[who]]
    logs += rng.normal(0, bureau.officer_speed, len(unit))[who]
    mean = count * TASK_MINUTES[task] * POST_FACTORS[post[who]] * np.exp(logs)
    columns = {"unit": unit[who], "task": task, "post": post[who], "period": month, "count": count}
    return pd.DataFrame(columns | {"minutes": mean * rng.gamma(4, 0.25, len(who))})


def truth(rows: pd.DataFrame) -> np.ndarray:
    """Return the true coefficients of the levels of one factor, with the mean one under the same weights."""
    values = {"task": TASK_MINUTES, "post": POST_FACTORS}[rows["factor"].iloc[0]][rows["level"].astype(int)]
    return values / (rows["share"].to_numpy() @ values)
