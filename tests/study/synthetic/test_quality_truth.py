"""True quality, its outcomes, the causes of weakness and the worth of each indicator are recovered from the records."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from kpi_research.study.load import load_study
from kpi_research.study.model import Study
from kpi_research.study.synthetic import Bureau, write_bureau

Draw = Callable[..., Bureau]

SEEDS = (1, 2, 3)
HONEST = {
    "backfill_share": 0.0, "bunching_share": 0.0, "lifting_share": 0.0, "heaping_share": 0.0, "inflation_share": 0.0,
    "time_errors": 0.0, "duplicates": 0.0, "tenfold_slips": 0.0, "frozen_share": 0.0, "nonresponse_bias": 0.0,
    "face_share": 1.0,
}  # fmt: skip


@pytest.fixture(scope="module")
def honest(bureau: Draw, tmp_path_factory: pytest.TempPathFactory) -> Study:
    return load_study(write_bureau(bureau(1, **HONEST), tmp_path_factory.mktemp("honest")))


def regression(y: np.ndarray, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return least-squares slopes (without the intercept) and their standard errors."""
    design = np.column_stack([np.ones(len(y)), x])
    beta, *_ = np.linalg.lstsq(design, y, rcond=None)
    residual = y - design @ beta
    spread = residual @ residual / (len(y) - design.shape[1]) * np.linalg.inv(design.T @ design)
    return beta[1:], np.sqrt(np.diag(spread))[1:]


@pytest.mark.parametrize("seed", SEEDS)
def test_the_sense_of_safety_follows_quality_delay_and_case_mix(bureau: Draw, seed: int) -> None:
    drawn = bureau(seed)
    effects = drawn.truth["effects"].set_index("name")["value"]
    frame = drawn.tables["outcomes"].merge(drawn.truth["quality"], on=["unit", "period"])
    frame = frame.merge(drawn.truth["situation"], on="unit")
    frame["safety"] -= frame.groupby("period")["safety"].transform("mean")
    early = frame[frame["period"] < "2024-04"]
    names = ["quality", "delay", "hardness", "revisits"]
    slopes, errors = regression(early["safety"].to_numpy(), early[names].to_numpy())
    planted = effects[["safety.quality", "safety.delay", "safety.case_mix", "safety.revisits"]].to_numpy()
    assert (np.abs(slopes[:3] - planted[:3]) < 4 * errors[:3]).all()
    assert planted[3] * 0.5 < slopes[3] < planted[3] * 1.3


def test_within_stations_safety_moves_with_quality(bureau: Draw) -> None:
    z = []
    for seed in SEEDS:
        drawn = bureau(seed, fraud_growth=0.0, theft_decline=0.0)
        frame = drawn.tables["outcomes"].merge(drawn.truth["quality"], on=["unit", "period"])
        wide = [
            frame.pivot_table(index="unit", columns="period", values=name).to_numpy() for name in ("safety", "quality")
        ]
        y, x = (part - part.mean(axis=0) - part.mean(axis=1, keepdims=True) + part.mean() for part in wide)
        slope = (x * y).sum() / (x**2).sum()
        error = np.sqrt(((y - slope * x) ** 2).sum() / (x**2).sum() / (x.size - 60))
        z.append((slope - 2.5) / error)
    assert np.abs(z).max() < 3.5


@pytest.mark.parametrize("seed", SEEDS)
def test_the_planted_cause_is_the_largest_part_of_low_satisfaction(bureau: Draw, seed: int) -> None:
    drawn = bureau(seed)
    weakness = drawn.truth["weakness"].set_index("unit")
    parts = drawn.truth["satisfaction"].set_index("unit")
    names = {"understaffed": "staffing", "untrained": "procedure", "hard_mix": "case_mix", "manner": "manner"}
    weak = weakness[weakness["cause"] != "none"]
    assert weak["cause"].value_counts().to_dict() == {"understaffed": 3, "untrained": 3, "hard_mix": 3, "manner": 3}
    for unit, cause in weak["cause"].items():
        assert parts.loc[str(unit)].drop("total").idxmin() == names[cause]
    np.testing.assert_allclose(parts.drop(columns="total").sum(axis=1), parts["total"], atol=1e-5)


@pytest.mark.parametrize("seed", SEEDS)
def test_each_cause_shows_where_it_should_and_nowhere_else(bureau: Draw, seed: int) -> None:
    drawn = bureau(seed)
    tables = drawn.tables
    cause = drawn.truth["weakness"].set_index("unit")["cause"]
    incidents = tables["incidents"]
    travel = (incidents["arrived_at"] - incidents["dispatched_at"]).dt.total_seconds() / 60
    urban = tables["units"].set_index("unit")["peer_group"].reindex(cause.index) == "urban"
    panel = (
        tables["panel"]
        .query("sequence == 'station'")
        .groupby("unit")[["procedures_lawful", "procedures_checked"]]
        .sum()
    )
    manner = tables["ratings"].query("kind == 'third_party' and item == 'manner'").groupby("unit")["rating"].mean()
    crimes = incidents[incidents["category"] == "criminal"].groupby("unit").size()
    seen = pd.DataFrame(
        {
            "understaffed": np.log(travel.groupby(incidents["unit"]).median()) - 0.35 * ~urban,
            "untrained": -(panel["procedures_lawful"] / panel["procedures_checked"]),
            "manner": -manner,
            "hard_mix": np.log(crimes / tables["units"].set_index("unit")["population"].astype(float)),
        }
    ).reindex(cause.index)
    for name, values in seen.items():
        other = cause[cause != name].index
        gap = (values[cause == name].mean() - values[other].mean()) / values[other].std()
        assert gap > 1.2, name


def test_satisfaction_of_stations_follows_its_planted_parts(bureau: Draw) -> None:
    drawn = bureau(1, face_share=1.0, nonresponse_bias=0.0)
    people = drawn.tables["survey"].query("item == 'satisfaction' and status == 'answered'")
    total = drawn.truth["satisfaction"].set_index("unit")["total"]
    high = (people["answer"] >= 8).groupby(people["unit"]).agg(["sum", "count"])
    share = (high["sum"] + 0.5) / (high["count"] + 1)
    slope, _, r, _, _ = stats.linregress(total, stats.norm.ppf(share[total.index]))
    assert slope == pytest.approx(1, abs=0.15)
    assert r > 0.95


def test_expected_values_are_what_honest_records_show_on_average(bureau: Draw, honest: Study) -> None:
    expected = bureau(1, **HONEST).truth["expected"]
    values = honest.values.melt(["unit", "period"], var_name="indicator", value_name="observed")
    frame = values.merge(expected, on=["indicator", "unit", "period"]).dropna()
    assert frame["indicator"].nunique() == 31
    for name, group in frame.groupby("indicator"):
        if name in {"competence", "recorded_crimes", "serious_faults"}:
            continue
        z = (group["observed"] - group["expected"]) / np.sqrt(group["variance"].mean())
        assert abs(z.mean()) * np.sqrt(len(z)) < 5, name
        assert 0.7 < z.std() < 1.35, name


def test_validity_and_reliability_are_those_of_the_records(bureau: Draw, honest: Study) -> None:
    drawn = bureau(1, **HONEST)
    truth = drawn.truth["indicators"].set_index("indicator")
    quality = drawn.truth["quality"].groupby("unit")["quality"].mean().filter(like="S")
    lower = honest.indicators.set_index("id")["direction"] == "lower"
    stations = honest.values[honest.values["unit"].str.startswith("S")]
    for name, row in truth.dropna().iterrows():
        if name in {"serious_faults", "competence", "use_match"}:
            continue
        wide = stations.pivot_table(index="unit", columns="period", values=name).to_numpy()
        mean = np.nanmean(wide, axis=1)
        found = np.corrcoef(mean, quality)[0, 1] * (-1 if lower[str(name)] else 1)
        months = wide.shape[1]
        attenuation = np.sqrt(row["reliability"] * months / (1 + row["reliability"] * (months - 1)))
        assert found == pytest.approx(row["validity"] * attenuation, abs=0.17), name
        within = np.nanvar(wide, axis=1, ddof=1).mean()
        between = mean.var(ddof=1) - within / months
        assert between / (between + within) == pytest.approx(row["reliability"], abs=0.2), name


def test_indicators_are_what_they_were_planted_as(demo: Study, demo_truth: Mapping[str, pd.DataFrame]) -> None:
    truth = demo_truth["indicators"].set_index("indicator")
    stations = demo.values[demo.values["unit"].str.startswith("S")]
    means = stations.groupby("unit").mean(numeric_only=True)
    assert truth.loc[truth["nature"] == "good", "validity"].min() > 0.3
    assert truth.loc[truth["nature"] == "noisy", "reliability"].max() < 0.35
    assert stations[["home_visits", "visit_entries"]].corr(method="spearman").to_numpy()[0, 1] > 0.9
    assert means[["training_logins", "use_match"]].to_numpy().min() > 0.95
    banned = set(demo.indicators.loc[demo.indicators["banned"], "id"])
    assert banned == set(truth.index[truth["nature"] == "banned"])
    assert "detentions" in demo.indicators.set_index("id")["value"]["strike_index"]
    assert set(truth.index) == set(demo.indicators["id"]) - {"tasks_on_time", "services_on_time", "major_outages"}


@pytest.mark.parametrize("seed", SEEDS)
def test_the_stale_indicator_loses_its_worth_as_fraud_grows(bureau: Draw, seed: int) -> None:
    drawn = bureau(seed, outcome_noise=0.2, quality_spread=0.5, stations=40, months=18, fraud_growth=0.06)
    frame = (
        drawn.tables["outcomes"]
        .merge(drawn.truth["quality"], on=["unit", "period"])
        .merge(drawn.truth["situation"], on="unit")
    )
    slopes = []
    for months in (slice(0, 4), slice(14, 18)):
        part = frame[frame["period"].isin(sorted(frame["period"].unique())[months])]
        values = part.groupby("unit")[["safety", "quality", "delay", "hardness", "revisits"]].mean()
        slopes.append(regression(values["safety"].to_numpy(), values.iloc[:, 1:].to_numpy())[0][3])
    assert slopes[0] > 0.7
    assert slopes[1] < 0.5 * slopes[0]
    incidents = drawn.tables["incidents"].query("category == 'criminal'")
    covered = (
        incidents["type"]
        .isin(["burglary", "ebike_theft", "vehicle_theft", "robbery"])
        .groupby(incidents["period"])
        .mean()
    )
    assert covered.iloc[-3:].mean() < covered.iloc[:3].mean() - 0.1


def test_deductions_come_more_from_stations_of_poor_manner(bureau: Draw) -> None:
    log_rates = []
    for seed in SEEDS:
        drawn = bureau(seed)
        events = drawn.tables["events"].query("kind == 'complaint'")["unit"].value_counts()
        manner = drawn.truth["quality"].groupby("unit")["manner"].mean()
        officers = drawn.tables["units"].set_index("unit")["officers"]
        poor = manner.index[manner < manner.median()]
        rate = [events.reindex(part).sum() / officers[part].sum() for part in (poor, manner.index.difference(poor))]
        log_rates.append(np.log(rate[0] / rate[1]))
    assert np.mean(log_rates) > 0.3
