"""Panels of raters whose errors are known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

NAMES = {"case": "case", "rater": "rater", "rating": "said"}


@dataclass(frozen=True)
class Panel:
    """Ratings and the truth behind them."""

    ratings: pd.DataFrame
    truth: np.ndarray
    e01: np.ndarray
    e10: np.ndarray


def draw_panel(
    rng: np.random.Generator,
    cases: int = 600,
    raters: int = 6,
    several: int = 3,
    double: float = 1.0,
    e01: float = 0.08,
    e10: float = 0.12,
    share: float = 0.35,
    spread: float = 0.5,
    panel: bool = False,
) -> Panel:
    """Draw ratings: a part ``double`` of the cases has ``several`` raters and, if asked for, the panel's decision."""
    truth = rng.random(cases) < share
    false, missed = (error * (1 + spread * rng.uniform(-1, 1, raters)) for error in (e01, e10))
    counts = np.where(rng.random(cases) < double, several, 1)
    chosen = np.argsort(rng.random((cases, raters)), axis=1)
    case = np.repeat(np.arange(cases), counts)
    place = np.concatenate([np.arange(count) for count in counts])
    rater = chosen[case, place]
    said = rng.random(len(case)) < np.where(truth[case], 1 - missed[rater], false[rater])
    ratings = pd.DataFrame(
        {"case": case, "rater": [f"r{number}" for number in rater], "said": said.astype(int), "final": False}
    )
    if panel:
        seen = np.flatnonzero(counts > 1)
        ratings = pd.concat(
            [ratings, pd.DataFrame({"case": seen, "rater": "panel", "said": truth[seen].astype(int), "final": True})],
            ignore_index=True,
        )
    return Panel(ratings, truth, false, missed)
