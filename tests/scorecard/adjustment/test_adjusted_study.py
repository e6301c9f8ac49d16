"""Adjustment inside a study: named indicators only, told by findings, and used by the scorecard."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from kpi_research.scorecard import build_scorecard
from kpi_research.scorecard.adjustment import adjusted_study
from tests.scorecard.studies import make_study, make_weights, random_values

UNITS = [f"s{i:02}" for i in range(12)]
LOAD = np.linspace(0.7, 1.6, 12)


def study(by: str = "workload", officers: bool = True, **options: Any) -> Any:
    values = random_values(spread=0.1)
    values["calls"] = values["calls"] * 0.1 - 5.0 * np.repeat(np.log(LOAD), 6)
    units = pd.DataFrame({"unit": UNITS, "officers": 10.0, "population": 1000.0})
    tables = {"panel": values, **({"units": units} if officers else {})}
    return make_study(values, tables=tables, adjust=({"indicator": "calls", "by": by},), **options)


def workload() -> Any:
    rows = (
        pd.MultiIndex.from_product([UNITS, range(2020, 2026)])
        .to_frame(index=False)
        .set_axis(["unit", "period"], axis=1)
    )
    volumes = rows.assign(work=np.repeat(1000.0 * LOAD, 6))
    return SimpleNamespace(table=pd.DataFrame({"level": ["x"]}), volumes=volumes)


def preventability() -> Any:
    return SimpleNamespace(table=pd.DataFrame({"unit": UNITS[:-1], "expected": 10.0 * LOAD[:-1]}))


def codes(found: Any) -> list[str]:
    return [item.code for item in found.findings]


def test_overload_is_taken_out_of_the_named_indicator_only() -> None:
    given = study()
    found = adjusted_study(given, None, workload())
    assert codes(found) == ["adjusted-for-workload"]
    means = found.study.values.groupby("unit")["calls"].mean()
    assert abs(np.corrcoef(means, np.log(LOAD))[0, 1]) < 1e-9
    pd.testing.assert_frame_equal(found.study.values.drop(columns="calls"), given.values.drop(columns="calls"))
    table = found.table.set_index("unit")
    assert np.allclose(table["adjusted"], means)
    assert np.allclose(table["raw"], given.values.groupby("unit")["calls"].mean())


def test_the_scorecard_ranks_at_equal_workload() -> None:
    weights = make_weights(calls=100.0)
    raw = build_scorecard(study(), weights).table.set_index("unit")
    fair = build_scorecard(study(), weights, None, workload())
    assert raw.loc["s00", "rank"] == 1  # the least load
    assert abs(np.corrcoef(fair.table.set_index("unit")["score"].reindex(UNITS), np.log(LOAD))[0, 1]) < 1e-9
    assert len(fair.adjustments) == 12


def test_expected_numbers_turn_rates_into_standardized_ones() -> None:
    given = study("expected")
    found = adjusted_study(given, preventability(), None)
    table = found.table.set_index("unit")
    ratio = table["adjusted"] / table["raw"]
    assert np.allclose(ratio[:-1], np.mean(LOAD[:-1]) / LOAD[:-1])
    assert np.isnan(ratio.iloc[-1])
    item = found.findings[0]
    assert item.code == "adjusted-to-expected"
    assert item.facts["without"] == 1


def test_without_a_basis_values_stay_and_a_finding_says_so() -> None:
    given = study()
    for found in (adjusted_study(given, None, None), adjusted_study(study(officers=False), None, workload())):
        assert "adjustment-without-basis" in codes(found)
        pd.testing.assert_frame_equal(found.study.values, given.values)
    assert "adjustment-without-basis" in codes(adjusted_study(study("expected"), None, None))
