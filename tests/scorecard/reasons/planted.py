"""Simulated bureaus as frames for `explain_gap`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from kpi_research.study.synthetic.options import make_options
from kpi_research.study.synthetic.parts import TABLES, TRUTH, Parts

CAUSES = {
    "staffing": ["response", "load"],
    "case_mix": ["rental_share", "nightlife_density", "per_resident"],
    "training": ["lawful"],
    "manner": ["third_party", "public"],
}
PLANTED = {"understaffed": "staffing", "untrained": "training", "hard_mix": "case_mix", "manner": "manner"}
KEY = ["unit", "period"]


def planted_bureau(seed: int, **options: Any) -> tuple[pd.DataFrame, pd.Series]:
    """Return one row per station and month with outcome and causes, and the planted cause of each station."""
    parts = Parts(make_options(seed=seed, **options))
    frame = _answers(parts).join(_calls(parts)).join(_panel(parts)).join(_ratings(parts)).reset_index()
    units = TABLES["units"](parts).set_index("unit")
    for name in ("rental_share", "nightlife_density", "peer_group"):
        frame[name] = frame["unit"].map(units[name])
    frame["per_resident"] = np.log(frame["calls"] / frame["population"])
    frame["load"] = np.log(frame["calls"] / frame["officers"])
    causes = TRUTH["weakness"](parts).set_index("unit")["cause"].map(PLANTED)
    return frame, causes


def _answers(parts: Parts) -> pd.DataFrame:
    survey = parts.survey.table
    kept = survey[(survey["item"] == "satisfaction") & (survey["status"] == "answered")]
    return kept.groupby(KEY).agg(
        answer=("answer", "mean"), share=("answer", lambda values: (values >= 8).mean()), answers=("answer", "size")
    )


def _calls(parts: Parts) -> pd.DataFrame:
    table = parts.incidents.table
    minutes = (table["arrived_at"] - table["dispatched_at"]).dt.total_seconds() / 60
    keyed = table[KEY].assign(minutes=minutes.where(minutes > 0))
    grouped = keyed.groupby(KEY)["minutes"]
    return pd.DataFrame({"response": np.log(grouped.median()), "calls": grouped.size().astype(float)})


def _panel(parts: Parts) -> pd.DataFrame:
    panel = TABLES["panel"](parts).set_index(KEY)
    return pd.DataFrame(
        {
            "lawful": (panel["procedures_lawful"] / panel["procedures_checked"]).astype(float),
            "officers": panel["officers"].astype(float),
            "population": panel["population"].astype(float),
        }
    )


def _ratings(parts: Parts) -> pd.DataFrame:
    table = parts.ratings.table
    kept = table[(table["target_kind"] == "unit") & (table["item"] == "manner")]
    return kept.groupby([*KEY, "kind"])["rating"].mean().unstack("kind")
