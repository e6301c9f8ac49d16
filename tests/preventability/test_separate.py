"""The stage on the demo bureau, whose truth is known, and on studies that lack something."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kpi_research.preventability import Preventability, funnel, separate_preventable
from kpi_research.preventability.compare import definition_findings
from kpi_research.preventability.result import COLUMNS
from kpi_research.study.load import load_study, study_from_frames
from kpi_research.study.model import Study
from tests.scorecard.studies import make_study, random_values

DEMO = Path(__file__).resolve().parents[2] / "data" / "demo_bureau"
EMPTY = pd.DataFrame({"incident": ["a"]})


def codes(found: Preventability) -> set[str]:
    return {item.code for item in found.findings}


@pytest.mark.parametrize(
    ("present", "missing"), [((), ["incidents", "labels"]), (("incidents",), ["labels"]), (("labels",), ["incidents"])]
)
def test_the_missing_tables_are_named(present: tuple[str, ...], missing: list[str]) -> None:
    result = separate_preventable(make_study(random_values(), tables=dict.fromkeys(present, EMPTY)))
    assert result.skipped
    assert result.table.empty
    assert [item.facts["missing"] for item in result.findings] == missing
    assert all(
        name in item.line(lang) for name, item in zip(missing, result.findings, strict=True) for lang in ("en", "zh")
    )


def test_tables_that_cannot_be_used_are_said_and_nothing_is_made_up() -> None:
    result = separate_preventable(make_study(random_values(), tables={"incidents": EMPTY, "labels": EMPTY}))
    assert codes(result) == {"preventability-failed"}
    assert "no column 'unit'" in result.findings[0].line("en")
    assert not result.skipped
    assert result.table.empty
    assert list(result.table.columns) == list(COLUMNS)


@pytest.fixture(scope="module")
def demo() -> Preventability:
    return separate_preventable(load_study(DEMO / "study.toml"))


@pytest.fixture(scope="module")
def truth() -> pd.DataFrame:
    return pd.read_parquet(DEMO / "truth" / "preventability.parquet").set_index("unit")


def test_shares_of_the_demo_bureau_hold_the_true_ones(demo: Preventability, truth: pd.DataFrame) -> None:
    table = demo.table.set_index("unit")
    assert set(table.index) == set(truth.index)
    share = truth["share"].reindex(table.index)
    assert table["n"].tolist() == truth["cases"].reindex(table.index).tolist()
    for low, high in (("low", "high"), ("design_low", "design_high")):
        assert ((table[low] <= share) & (share <= table[high])).mean() >= 0.85
    error = {name: float(((table[name] - share) ** 2).mean() ** 0.5) for name in ("estimate", "design")}
    assert error["estimate"] < error["design"] < 0.1
    assert (table["high"] - table["low"]).mean() < (table["design_high"] - table["design_low"]).mean()


def test_no_station_is_accused_by_chance(demo: Preventability) -> None:
    told = demo.table[demo.table["verdict"] != ""]
    assert set(told["verdict"]) <= {"higher", "lower", "as_expected"}
    assert (told["verdict"] == "as_expected").mean() > 0.8
    assert (told["observed"] / told["expected"]).to_numpy() == pytest.approx(told["ratio"].to_numpy())
    without = demo.table.loc[demo.table["verdict"] == "", "unit"]
    alone = next(item for item in demo.findings if item.code == "expected-no-like")
    assert alone.facts["count"] == len(without) < 4
    assert {"units-stand-out", "preventability-use"} <= codes(demo)


def test_units_are_compared_under_every_definition(demo: Preventability) -> None:
    table = demo.sensitivity
    assert set(zip(table["definition"], table["unclear"], strict=True)) == {
        ("strict", "none"), ("strict", "all"), ("loose", "none"),
    }  # fmt: skip
    wide = table[table["definition"] == "strict"].set_index(["unclear", "unit"])["observed"]
    assert (wide["none"] <= wide["all"]).all()
    assert table["ratio"].to_numpy() == pytest.approx((table["observed"] / table["expected"]).to_numpy())


def test_a_verdict_that_rests_on_the_definition_is_pointed_out() -> None:
    told = {"as_expected": ["a", "b", "c"], "higher": ["d"]}
    rows = [(unit, verdict) for verdict, units in told.items() for unit in units]
    chart = replace(funnel([5.0, 5.0, 5.0, 5.0], [5.0] * 4), table=pd.DataFrame(rows, columns=["unit", "verdict"]))
    calm = pd.DataFrame({"unit": list("abcd"), "verdict": "as_expected", "definition": "strict", "unclear": "none"})
    (said,) = definition_findings(calm, chart)
    assert (said.facts["units"], said.facts["total"], said.facts["most"]) == (1, 4, 0)
    assert definition_findings(calm.assign(verdict=calm["unit"].map(dict(rows))), chart) == ()
    assert "口径" in said.line("zh")


def test_without_double_coding_bounds_stand_in_for_the_errors() -> None:
    def once(tables: dict[str, pd.DataFrame]) -> None:
        tables["labels"] = tables["labels"].drop_duplicates("incident")

    found = separate_preventable(small_study(once))
    assert {"errors-unknown", "share-errors-unknown"} <= codes(found)
    assert (found.bounds["largest"] > found.bounds["least"]).all()


def test_no_table_speaks_of_a_single_case(demo: Preventability) -> None:
    tables = {name: value for name, value in vars(demo).items() if isinstance(value, pd.DataFrame)}
    assert len(tables) >= 12
    for name, table in tables.items():
        assert not {"incident", "probability", "label"} & (set(table.columns) - {"probability"}), name
        assert len(table) < 200, name
    assert "单起案件" in next(item for item in demo.findings if item.code == "preventability-use").line("zh")


def test_the_rate_is_offered_as_an_indicator_with_its_reliability(demo: Preventability, truth: pd.DataFrame) -> None:
    units = pd.read_parquet(DEMO / "tables" / "units.parquet").set_index("unit")
    table = demo.indicator.set_index("unit")
    assert list(table.columns) == ["value", "se", "reliability"]
    true = 10_000 * truth["preventable"] / units["population"].reindex(truth.index)
    within = (table["value"] - true.reindex(table.index)).abs() <= 1.96 * table["se"]
    assert within.mean() >= 0.85
    correlation = table["value"].corr(true.reindex(table.index))
    assert table["reliability"].between(0, 1).all()
    assert abs(table["reliability"].mean() - correlation**2) < 0.3


def test_figures_are_drawn_in_both_languages(demo: Preventability) -> None:
    for lang in ("en", "zh"):
        for draw in (demo.plot, demo.plot_funnel, demo.plot_calibration):
            assert draw(lang).axes


def test_the_same_study_gives_the_same_result() -> None:
    first, again = (separate_preventable(small_study()) for _ in range(2))
    for name in ("table", "indicator", "shares", "effect", "calibration"):
        pd.testing.assert_frame_equal(getattr(first, name), getattr(again, name))


SPEC = """
[study]
id = "small"
title = "Small"
seed = 3
[tables.incidents]
source = "-"
[tables.labels]
source = "-"
[tables.units]
source = "-"
[tables.panel]
source = "-"
[people]
simulated = true
[preventability]
learner = "logistic"
exposure = "people"
programme = "started"
[[preventability.definitions]]
id = "gate"
[[preventability.definitions.rules]]
where = "gate = '无'"
to = "preventable"
"""


def small_study(change: Callable[[dict[str, pd.DataFrame]], None] = lambda tables: None, spec: str = SPEC) -> Study:
    """Return a study of ten units of 90 cases in ten months; four units start a programme that halves missing gates."""
    rng = np.random.default_rng(0)
    names = [f"所{number:02d}" for number in range(10)]
    unit, month = np.repeat(names, 240), np.tile(np.arange(240) % 10, 10)
    runs = np.isin(unit, names[:4]) & (month >= 5)
    gate = np.where(rng.random(2400) < np.where(runs, 0.25, 0.5), "无", "有")
    incidents = pd.DataFrame(
        {"incident": [f"c{n}" for n in range(2400)], "unit": unit, "period": [f"2024-{m + 1:02d}" for m in month]}
    ).assign(gate=gate)
    truth = rng.random(2400) < np.where(gate == "无", 0.8, 0.2)
    rows = [
        (f"c{n}", rater, bool(truth[n]) ^ bool(rng.random() < 0.08), 0.25)
        for n in range(0, 2400, 4)
        for rater in (["甲", "乙", "丙"] if n % 12 == 0 else ["甲"])
    ]
    units = pd.DataFrame({"unit": names, "people": 1000.0, "started": ["2024-06"] * 4 + [None] * 6})
    tables = {
        "incidents": incidents,
        "labels": pd.DataFrame(rows, columns=["incident", "rater", "preventable", "inclusion"]),
        "units": units,
        "panel": pd.DataFrame({"unit": names[:2], "period": [2024, 2024], "calls": [1.0, 2.0]}),
    }
    change(tables)
    indicators = pd.DataFrame(
        {"id": ["calls"], "label_en": ["Calls"], "direction": ["lower"], "table": ["panel"], "value": ["calls"]}
    )
    return study_from_frames(spec, indicators, tables)


def test_the_programme_of_a_study_is_judged_under_each_definition() -> None:
    found = separate_preventable(small_study())
    row = found.effect[found.effect["term"] == "programme"].iloc[0]
    assert row["definition"] == "gate"
    assert row["changed"] == 4
    # From odds of 1 to odds of 1/3.
    assert row["low"] < 1 / 3 < row["high"]
    assert row["p"] < 0.001
    assert "prevention-effect" in codes(found)


def test_a_programme_that_cannot_be_judged_is_said() -> None:
    found = separate_preventable(small_study(spec=SPEC.replace('"started"', '"people"')))
    assert "prevention-effect-failed" in codes(found)
    assert found.effect.empty
    assert len(found.table) == 10


def test_units_with_few_cases_and_few_labels_are_not_shown() -> None:
    def shrink(tables: dict[str, pd.DataFrame]) -> None:
        incidents, labels = tables["incidents"], tables["labels"]
        tables["incidents"] = incidents[(incidents["unit"] != "所00") | (incidents.groupby("unit").cumcount() < 4)]
        own = labels["incident"].map(incidents.set_index("incident")["unit"])
        tables["labels"] = labels[(own != "所01") | (labels.groupby(own).cumcount() < 3)]

    found = separate_preventable(small_study(shrink))
    rows = found.table.set_index("unit")
    assert rows.loc["所00", ["estimate", "design", "observed"]].isna().all()
    assert np.isfinite(rows.loc["所01", "estimate"])
    assert rows.loc["所01", ["design", "observed"]].isna().all()
    assert rows.loc[["所00", "所01"], "flag"].str.contains("small_cell").all()
    assert "small-cells-hidden" in codes(found)
    assert "所00" not in set(found.definitions["unit"])
    assert (found.agreement["cases"] >= 5).all()
    hidden = found.shares[(found.shares["unit"] == "所00")]
    assert hidden[["estimate", "se", "low", "high"]].isna().all(axis=None)
    assert found.plot("zh").axes


def test_a_study_that_means_to_punish_is_warned() -> None:
    found = separate_preventable(
        small_study(spec=SPEC.replace("[preventability]", '[preventability]\nuse = "sanction"'))
    )
    said = next(item for item in found.findings if item.code == "preventability-use-sanction")
    assert said.severity == "caution"
    assert found.use == "sanction"


def test_without_a_table_of_units_the_share_itself_is_the_indicator() -> None:
    def drop(tables: dict[str, pd.DataFrame]) -> None:
        tables["units"] = tables["units"][["unit"]]

    plain = SPEC.replace('exposure = "people"\n', "").replace('programme = "started"\n', "")
    found = separate_preventable(small_study(drop, plain))
    assert found.indicator["value"].between(0, 1).all()
    assert np.isfinite(found.table["expected"]).all()
