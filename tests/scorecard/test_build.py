"""The scorecard stage on small studies: what it must keep, and what it must say."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_research.scorecard import Scorecard, build_scorecard
from kpi_research.study.store import load, save
from tests.scorecard.studies import codes, make_catalogue, make_study, make_weights, random_values

FEW = settings(deadline=None, derandomize=True, max_examples=12)
WEIGHTS = make_weights(calls=50.0, cases=30.0, visits=20.0)


def units_table(**columns: Sequence[str | None]) -> pd.DataFrame:
    return pd.DataFrame({"unit": [f"s{i:02}" for i in range(12)], **columns})


@pytest.fixture(scope="module")
def card() -> Scorecard:
    return build_scorecard(make_study(random_values()), WEIGHTS)


def test_points_sum_to_the_score(card: Scorecard) -> None:
    summed = card.contributions.groupby("unit")["points"].agg(math.fsum)
    assert (card.table.set_index("unit")["score"] - summed).abs().max() <= 1e-12
    whole = card.contributions.groupby("unit")["weight"].agg(math.fsum)
    assert whole.to_numpy() == pytest.approx(100)


def test_the_best_score_comes_first_and_each_rank_lies_in_its_set(card: Scorecard) -> None:
    assert card.table["score"].is_monotonic_decreasing
    assert card.table["rank"].tolist() == list(range(1, 13))
    assert ((card.table["low"] <= card.table["rank"]) & (card.table["rank"] <= card.table["high"])).all()
    assert (card.table["se"] > 0).all()


@pytest.mark.parametrize("method", ["z", "rank", "goalposts"])
def test_scores_recover_the_true_order_where_units_differ_much(method: str) -> None:
    values = random_values(units=10, periods=8, ids=("calls",), spread=0.1)
    values["calls"] += values["unit"].str[1:].astype(int) * 5.0
    card = build_scorecard(make_study(values, normalization=method), make_weights(calls=100.0))
    assert card.table["unit"].tolist() == [f"s{i:02}" for i in reversed(range(10))]
    assert (card.table["low"] == card.table["rank"]).all()
    assert (card.table["high"] == card.table["rank"]).all()


@FEW
@given(st.integers(0, 1000))
def test_the_order_of_rows_indicators_and_weights_changes_no_bit(seed: int) -> None:
    values = random_values(seed=seed).round(1)
    values.loc[::7, "cases"] = np.nan
    rng = np.random.default_rng(seed)
    mixed = values.sample(frac=1, random_state=seed)[["unit", "period", *rng.permutation(["calls", "cases", "visits"])]]
    other = make_study(mixed, make_catalogue(rng.permutation(["calls", "cases", "visits"])))
    first = build_scorecard(make_study(values), WEIGHTS)
    second = build_scorecard(other, make_weights(visits=20.0, calls=50.0, cases=30.0))
    pd.testing.assert_frame_equal(first.table, second.table, check_exact=True)
    pd.testing.assert_frame_equal(first.contributions, second.contributions, check_exact=True)


@FEW
@given(
    st.integers(0, 1000), st.floats(0.001, 1000), st.floats(-1000, 1000), st.sampled_from(["z", "rank", "goalposts"])
)
def test_the_unit_of_measure_of_an_indicator_changes_no_rank(
    seed: int, factor: float, shift: float, method: str
) -> None:
    values = random_values(seed=seed).round(2)
    first = build_scorecard(make_study(values, normalization=method), WEIGHTS).table
    values["cases"] = values["cases"] * factor + shift
    second = build_scorecard(make_study(values, normalization=method), WEIGHTS).table
    pd.testing.assert_frame_equal(first, second, rtol=1e-6)


@FEW
@given(st.integers(0, 1000))
def test_a_copy_of_a_unit_gets_its_score_and_rank(seed: int) -> None:
    values = random_values(seed=seed)
    copied = pd.concat([values, values[values["unit"] == "s04"].assign(unit="copy")])
    table = build_scorecard(make_study(copied), WEIGHTS).table.set_index("unit")
    assert table["score"]["copy"] == table["score"]["s04"]
    assert table["rank"]["copy"] == table["rank"]["s04"]


@FEW
@given(st.integers(0, 1000), st.integers(0, 71), st.floats(0.1, 50), st.sampled_from(["rank", "goalposts"]))
def test_a_better_period_never_lowers_the_rank(seed: int, row: int, gain: float, method: str) -> None:
    values = random_values(seed=seed)
    before = build_scorecard(make_study(values, normalization=method), WEIGHTS).table.set_index("unit")
    values["calls"] += gain * (values.index == row)
    after = build_scorecard(make_study(values, normalization=method), WEIGHTS).table.set_index("unit")
    unit = values["unit"][row]
    assert after["rank"][unit] <= before["rank"][unit]
    assert after["score"][unit] >= before["score"][unit] - 1e-9


def test_units_are_compared_within_their_group_only() -> None:
    values = random_values()
    groups = units_table(sequence=["station"] * 8 + ["internal"] * 4, peer_group=["urban", "rural"] * 4 + [None] * 4)
    card = build_scorecard(make_study(values, tables={"panel": values, "units": groups}), WEIGHTS)
    assert card.table["group"].unique().tolist() == ["internal", "station / rural", "station / urban"]
    assert card.table.groupby("group")["rank"].max().tolist() == [4, 4, 4]
    assert card.table.groupby("group")["high"].max().max() <= 4
    alone = values[values["unit"].isin(["s00", "s02", "s04", "s06"])]
    urban = build_scorecard(make_study(alone), WEIGHTS).table
    inside = card.table[card.table["group"] == "station / urban"].drop(columns="group").reset_index(drop=True)
    pd.testing.assert_frame_equal(inside, urban)


def test_an_indicator_of_another_sequence_does_not_count() -> None:
    values = random_values()
    groups = units_table(sequence=["station"] * 6 + ["internal"] * 6)
    catalogue = make_catalogue(["calls", "cases", "visits"], sequence={"visits": "station"})
    card = build_scorecard(make_study(values, catalogue, {"panel": values, "units": groups}), WEIGHTS)
    used = card.contributions.groupby("unit")["indicator"].agg(set)
    assert used["s00"] == {"calls", "cases", "visits"}
    assert used["s11"] == {"calls", "cases"}
    weight = card.contributions.set_index(["unit", "indicator"])["weight"]
    assert weight["s11", "calls"] == pytest.approx(62.5)


def test_a_veto_is_flagged_and_stays_out_of_the_score() -> None:
    values = random_values()
    values["deaths"] = 0.0
    values.loc[values["unit"] == "s03", "deaths"] = [0.0, 0, 1, 0, 0, 0]
    catalogue = make_catalogue(
        values.columns[2:], role={"deaths": "veto"}, direction={"deaths": "lower"}, target={"deaths": 0.0}
    )
    card = build_scorecard(
        make_study(values, catalogue), make_weights(calls=50.0, cases=30.0, visits=20.0, deaths=10.0)
    )
    plain = build_scorecard(make_study(values), WEIGHTS)
    assert card.table.loc[card.table["veto"], "unit"].tolist() == ["s03"]
    pd.testing.assert_frame_equal(card.table.drop(columns="veto"), plain.table)
    assert {"veto-raised", "veto-carries-weight"} <= codes(card)


def test_a_threshold_gives_all_points_or_none() -> None:
    values = random_values()
    catalogue = make_catalogue(["calls", "cases", "visits"], role={"cases": "threshold"}, target={"cases": 0.0})
    rows = build_scorecard(make_study(values, catalogue), WEIGHTS).contributions
    rows = rows[rows["indicator"] == "cases"]
    assert rows["points"].to_numpy() == pytest.approx(np.where(rows["value"] >= 0, 30.0, 0.0))


def test_missing_values_are_named_and_never_zero() -> None:
    values = random_values()
    values.loc[values["unit"] == "s05", "cases"] = np.nan
    study = make_study(values)
    card = build_scorecard(study, WEIGHTS)
    rows = card.contributions
    row = rows[(rows["unit"] == "s05") & (rows["indicator"] == "cases")]
    assert row["value"].isna().all()
    assert row[["weight", "points"]].to_numpy().tolist() == [[0.0, 0.0]]
    found = next(item for item in card.findings if item.code == "indicator-missing-reweighted")
    assert found.where.unit == "s05"
    assert "cases" in found.message
    excluded = build_scorecard(study, WEIGHTS, missing="exclude")
    last = excluded.table.iloc[-1]
    assert last["unit"] == "s05"
    assert last[["score", "rank", "low", "high"]].isna().all()
    assert excluded.table["rank"].max() == 11
    assert {"indicator-missing-excluded", "unit-without-score"} <= codes(excluded)


@pytest.mark.parametrize(
    ("periods", "code"), [(1, "no-rank-interval"), (2, "few-periods-for-ranks"), (4, "few-periods-for-ranks")]
)
def test_few_periods_are_a_caution(periods: int, code: str) -> None:
    card = build_scorecard(make_study(random_values(periods=periods)), WEIGHTS)
    assert code in codes(card)
    assert card.table["rank"].tolist() == list(range(1, 13))
    assert card.table["low"].isna().all() == (periods == 1)
    assert card.table["se"].isna().all() == (periods == 1)


def test_enough_periods_are_no_caution_but_close_units_are() -> None:
    card = build_scorecard(make_study(random_values(spread=0.0)), WEIGHTS)
    assert codes(card) == {"cannot-be-told-apart", "improvements-listed"}
    share = next(item for item in card.findings).facts["share"]
    assert float(share) >= 90


def test_a_group_of_one_is_said_to_have_no_rank() -> None:
    card = build_scorecard(make_study(random_values(units=1)), WEIGHTS)
    assert codes(card) >= {"group-of-one"}
    assert card.table["score"].tolist() == [50.0]
    assert card.table["low"].isna().all()


def test_without_values_or_weights_nothing_is_faked() -> None:
    empty = build_scorecard(make_study(random_values().iloc[:0]), WEIGHTS)
    assert empty.skipped
    assert empty.table.empty
    unweighted = build_scorecard(make_study(random_values()), make_weights(calls=0.0))
    assert codes(unweighted) == {"scorecard-without-weights"}
    assert unweighted.table.columns.tolist() == empty.table.columns.tolist()
    assert unweighted.plot() is not None


def test_weights_of_another_study_are_refused() -> None:
    with pytest.raises(ValueError, match="arrests"):
        build_scorecard(make_study(random_values()), make_weights(calls=50.0, arrests=50.0))


def test_results_that_are_not_used_yet_are_named() -> None:
    class Preventability(SimpleNamespace):
        table = pd.DataFrame({"unit": ["s00"]})

    card = build_scorecard(make_study(random_values()), WEIGHTS, Preventability())  # type: ignore[arg-type]
    assert "adjustment-not-asked" in codes(card)


def test_a_score_can_be_taken_apart(card: Scorecard) -> None:
    rows = card.explain("s04")
    assert math.fsum(rows["points"]) == pytest.approx(card.table.set_index("unit").loc["s04", "score"], abs=1e-12)
    assert rows["against_group"].is_monotonic_decreasing
    against = math.fsum(rows["against_group"])
    assert against == pytest.approx(rows["points"].sum() - card.table["score"].mean())
    with pytest.raises(ValueError, match="Did you mean 's04'"):
        card.explain("s4")


def test_the_same_study_gives_the_same_scorecard_and_it_can_be_stored(card: Scorecard, tmp_path: Path) -> None:
    again = build_scorecard(make_study(random_values()), WEIGHTS)
    save(card, tmp_path / "card.zip")
    for other in (again, load(tmp_path / "card.zip")):
        pd.testing.assert_frame_equal(card.table, other.table)
        pd.testing.assert_frame_equal(card.contributions, other.contributions)
        assert card.findings == other.findings


def test_the_study_is_left_alone() -> None:
    values = random_values()
    build_scorecard(make_study(values), WEIGHTS)
    pd.testing.assert_frame_equal(values, random_values())


def test_ranks_of_real_counties_rest_on_seven_years(crime4: pd.DataFrame) -> None:
    # Cornwell & Trumbull (1994): clearance and conviction of 90 counties, 1981 to 1987.
    values = pd.DataFrame({"unit": crime4["county"].astype("str"), "period": crime4["year"]})
    values[["prbarr", "prbconv"]] = crime4[["prbarr", "prbconv"]].astype(float)
    card = build_scorecard(make_study(values), make_weights(prbarr=60.0, prbconv=40.0))
    assert len(card.table) == 90
    assert codes(card) == {"cannot-be-told-apart", "improvements-listed"}
    widths = card.table["high"] - card.table["low"]
    assert widths.median() > 30  # a seven-year league table hardly ranks the middle
