"""In the null bureau all stations are equal: tests for differences raise an alarm as often as they should."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from kpi_research.study.synthetic import Bureau, draw_bureau, null_options

REPLICATES = 20
SIZE = {"stations": 8, "months": 4, "officers_per_station": 8, "incidents_per_month": 60, "survey_calls": 40}


def homogeneous(part: pd.Series, whole: pd.Series) -> float:
    """Return the p-value of equal shares over stations."""
    return float(stats.chi2_contingency(np.array([part, whole - part], dtype=float)).pvalue)


def p_values(bureau: Bureau) -> dict[str, float]:
    tables = bureau.tables
    incidents, cases = tables["incidents"], bureau.truth["preventability"]
    counts = incidents.groupby("unit").size()
    lag = (incidents["recorded_at"] - incidents["reported_at"]).dt.total_seconds()
    travel = (incidents["arrived_at"] - incidents["dispatched_at"]).dt.total_seconds()
    panel = tables["panel"].query("sequence == 'station'").groupby("unit").sum(numeric_only=True)
    answered = tables["survey"].query("status == 'answered' and item == 'handling'")
    high = (answered["answer"] >= 8).groupby(answered["unit"]).agg(["sum", "count"])
    log = tables["worklog"].merge(tables["officers"][["officer", "post", "rank"]], on="officer")
    log = log[log["unit"].str.startswith("S") & (log["minutes"] >= 100)]
    third = tables["ratings"].query("kind == 'third_party' and item == 'manner'")
    reached = panel["visits"] / panel["officers"]
    return {
        "incidents": float(stats.chisquare(counts).pvalue),
        "preventable": homogeneous(cases["preventable"], cases["cases"]),
        "entry": stats.kruskal(*(group for _, group in lag.groupby(incidents["unit"]))).pvalue,
        "travel": stats.kruskal(*(group.dropna() for _, group in travel.groupby(incidents["unit"]))).pvalue,
        "lawful": homogeneous(panel["procedures_lawful"], panel["procedures_checked"]),
        "spot_check": homogeneous(panel["records_right"], panel["records_checked"]),
        "visits": float(stats.chi2.sf(((reached - reached.mean()) ** 2).sum() / reached.mean() * 32, 7)),
        "handling": homogeneous(high["sum"], high["count"]),
        "safety": stats.f_oneway(*(group for _, group in tables["outcomes"].groupby("unit")["safety"])).pvalue,
        "last_digit": float(stats.chisquare(np.bincount(log["minutes"] % 10, minlength=10)).pvalue),
        "third_party": stats.kruskal(*(group for _, group in third.groupby("unit")["rating"])).pvalue,
    }


@pytest.fixture(scope="module")
def drawn() -> list[Bureau]:
    return [draw_bureau(seed=seed, rating_interval=2, **SIZE, **null_options()) for seed in range(REPLICATES)]


def test_p_values_of_tests_for_differences_are_uniform(drawn: list[Bureau]) -> None:
    table = pd.DataFrame([p_values(bureau) for bureau in drawn])
    for name, values in table.items():
        if name == "safety":
            continue
        assert stats.kstest(values, "uniform").pvalue > 1e-3, name
    alarms = (table < 0.05).to_numpy().mean()
    assert alarms < 0.05 + 3.5 * np.sqrt(0.05 * 0.95 / table.size)


def test_nobody_games_and_nothing_is_faulty(drawn: list[Bureau]) -> None:
    for bureau in drawn[:5]:
        truth = bureau.truth
        assert not truth["gaming"].drop(columns="unit").to_numpy().any()
        assert truth["faults"].empty
        assert not truth["cases"][["moved", "swapped"]].to_numpy().any()
        assert not truth["ledger"][["backfilled", "duplicate"]].to_numpy().any()
        assert (truth["weakness"]["cause"] == "none").all()
        assert (truth["quality"][["quality", "effort", "manner", "procedure", "solving"]] == 0).to_numpy().all()
        assert truth["situation"].drop(columns="unit").to_numpy().any() == np.False_
        assert truth["indicators"]["validity"].isna().all()


def test_all_stations_have_the_same_size_and_situation(drawn: list[Bureau]) -> None:
    units = drawn[0].tables["units"].query("sequence == 'station'")
    for column in units.columns.difference(["unit", "name_en", "name_zh", "peer_group"]):
        assert units[column].nunique() == 1, column
