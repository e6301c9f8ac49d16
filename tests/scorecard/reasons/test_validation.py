"""Are planted causes of weak stations found, and is nothing said where the data do not carry it?"""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from kpi_research.scorecard.reasons.gap import explain_gap
from tests.scorecard.reasons.planted import CAUSES, planted_bureau

pytestmark = pytest.mark.validation
RUNS = 20
LEAST = 0.9


def weak_stations(months: int, calls: int, strength: float) -> pd.DataFrame:
    """Return the weak stations of simulated bureaus: the planted cause and what was said of them."""
    rows = []
    for run in range(RUNS):
        frame, planted = planted_bureau(500 + run, stations=40, months=months, survey_calls=calls, weakness=strength)
        report = explain_gap(
            frame, outcome="answer", unit="unit", causes=CAUSES, peers="peer_group", weight="answers", draws=500
        )
        known = report.parts[report.parts["cause"] != "unexplained"]
        lowest = known.loc[known.groupby("unit")["part"].idxmin()].set_index("unit")["cause"]
        table = report.table.set_index("unit").assign(planted=planted, lowest=lowest)
        rows.append(table[table["planted"].notna()])
    return pd.concat(rows)


@pytest.mark.parametrize(
    ("months", "calls", "strength"), [(24, 60, 1.0), (12, 60, 1.0), (6, 60, 1.0), (12, 15, 1.0), (12, 60, 0.5)]
)
def test_planted_causes_are_found_or_nothing_is_said(
    months: int, calls: int, strength: float, dossier: Callable[..., None]
) -> None:
    weak = weak_stations(months, calls, strength)
    told = weak[weak["drag"] != ""]
    named = weak[(weak["verdict"] == "cause") & (weak["gap"] < 0)]
    dossier(
        "scorecard", "Planted causes of weak stations (20 bureaus of 40 stations; a cause is named from probability 0.9)",
        months=months, calls=calls, strength=strength, weak=len(weak), told=len(told) / len(weak),
        right=(told["drag"] == told["planted"]).mean(), right_of_gaps=(named["main"] == named["planted"]).mean(),
        right_if_always_told=(weak["lowest"] == weak["planted"]).mean(),
    )  # fmt: skip
    assert (told["drag"] == told["planted"]).mean() >= LEAST
    assert (named["main"] == named["planted"]).mean() >= LEAST
    if strength == 1.0 and months >= 12 and calls >= 60:  # where data are enough for most stations to be told
        assert len(told) / len(weak) > 0.5
        assert (weak["lowest"] == weak["planted"]).mean() >= LEAST
