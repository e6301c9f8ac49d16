"""Error rates of raters against planted ones."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from kpi_research.preventability import error_rates
from tests.preventability.panel.panels import NAMES, draw_panel


def test_against_the_panel_the_rates_are_counts() -> None:
    frame = pd.DataFrame(
        [
            *((case, "a", said, False) for case, said in enumerate([1, 0, 0, 0, 1, 1, 1, 0])),
            *((case, "panel", said, True) for case, said in enumerate([0, 0, 0, 0, 1, 1, 1, 1])),
        ],
        columns=["case", "rater", "said", "final"],
    )
    result = error_rates(frame, **NAMES, adjudicated="final")
    assert result.error == (0.25, 0.25)
    assert result.method == "adjudicated"
    low, high = stats.binomtest(1, 4).proportion_ci(method="wilson")
    assert result.table.loc[0, ["e01_low", "e01_high"]].tolist() == pytest.approx([low, high])


def test_no_error_seen_is_not_no_error() -> None:
    panel = draw_panel(np.random.default_rng(0), cases=60, e01=0.0, e10=0.0, panel=True)
    first = error_rates(panel.ratings, **NAMES, adjudicated="final").table.iloc[0]
    assert first["e01"] == 0.0
    assert first["e01_high"] > 0.02


def test_planted_errors_are_found_with_and_without_a_panel() -> None:
    panel = draw_panel(np.random.default_rng(4), cases=2000, panel=True)
    for frame, adjudicated in ((panel.ratings, "final"), (panel.ratings[~panel.ratings["final"]], None)):
        first = error_rates(frame, **NAMES, adjudicated=adjudicated, draws=100).table.iloc[0]
        assert first["e01"] == pytest.approx(panel.e01.mean(), abs=0.015)
        assert first["e10"] == pytest.approx(panel.e10.mean(), abs=0.025)


def test_a_panel_of_disputed_cases_does_not_inflate_the_errors() -> None:
    panel = draw_panel(np.random.default_rng(5), cases=1500, panel=True)
    single = panel.ratings[~panel.ratings["final"]]
    disputed = single.groupby("case")["said"].nunique().loc[lambda count: count > 1].index
    frame = panel.ratings[~panel.ratings["final"] | panel.ratings["case"].isin(disputed)]
    naive = error_rates(frame, **NAMES, adjudicated="final", method="adjudicated", draws=50)
    result = error_rates(frame, **NAMES, adjudicated="final", draws=50)
    assert result.method == "double"
    assert "adjudication-selective" in {item.code for item in result.findings}
    assert naive.e01 > 2 * panel.e01.mean()
    assert result.e01 == pytest.approx(panel.e01.mean(), abs=0.02)


def test_chinese_answers_and_exchanged_answers() -> None:
    panel = draw_panel(np.random.default_rng(6), cases=400, panel=True)
    words = panel.ratings.assign(said=panel.ratings["said"].map({1: "是", 0: "否"}))
    plain = error_rates(panel.ratings, **NAMES, adjudicated="final")
    assert error_rates(words, **NAMES, adjudicated="final").error == plain.error
    turned = error_rates(panel.ratings.assign(said=1 - panel.ratings["said"]), **NAMES, adjudicated="final")
    assert turned.error == pytest.approx(plain.error[::-1])


def test_raters_worse_than_chance_are_an_error() -> None:
    panel = draw_panel(np.random.default_rng(7), cases=400, e01=0.6, e10=0.6, spread=0.0, panel=True)
    assert "errors-no-better-than-chance" in {
        item.code for item in error_rates(panel.ratings, **NAMES, adjudicated="final").findings
    }


def test_refusals() -> None:
    once = pd.DataFrame({"case": [1, 2], "rater": ["a", "b"], "said": [0, 1]})
    with pytest.raises(ValueError, match="no case was rated twice"):
        error_rates(once, **NAMES)
    with pytest.raises(ValueError, match="decision of the panel"):
        error_rates(once, **NAMES, method="adjudicated")
    with pytest.raises(ValueError, match="'maybe'"):
        error_rates(once.assign(said=["maybe", "1"]), **NAMES)
    with pytest.raises(ValueError, match="Did you mean 'double'"):
        error_rates(once, **NAMES, method="doubel")


@pytest.mark.validation
@pytest.mark.parametrize("panel", [True, False], ids=["adjudicated", "double"])
def test_intervals_of_error_rates_cover(dossier, panel: bool) -> None:  # type: ignore[no-untyped-def]
    runs = 400 if panel else 150
    hits = []
    for cases, e01, e10 in ((1000, 0.08, 0.12), (1000, 0.10, 0.02), (600, 0.20, 0.20)):
        rng = np.random.default_rng([9, cases, int(100 * e10)])
        seen = []
        for _ in range(runs):
            drawn = draw_panel(rng, cases=cases, double=0.3, e01=e01, e10=e10, panel=panel)
            adjudicated = "final" if panel else None
            first = error_rates(drawn.ratings, **NAMES, adjudicated=adjudicated, draws=200).table.iloc[0]
            true = drawn.e01.mean(), drawn.e10.mean()
            seen.append(
                [
                    first[f"{name}_low"] <= value <= first[f"{name}_high"]
                    for name, value in zip(("e01", "e10"), true, strict=True)
                ]
                + [first["e01"] - true[0], first["e10"] - true[1]]
            )
        mean = np.mean(seen, axis=0)
        dossier(
            "preventability", "Error rates of raters, 30 % of cases with three raters (nominal 95 %)",
            method="adjudicated" if panel else "double", cases=cases, e01=e01, e10=e10, runs=runs,
            coverage_e01=mean[0], coverage_e10=mean[1], bias_e01=mean[2], bias_e10=mean[3],
        )  # fmt: skip
        hits += [row[0] for row in seen] + [row[1] for row in seen]
        assert abs(mean[2]) < 0.02
        assert abs(mean[3]) < 0.03
    covered = stats.binomtest(int(np.sum(hits)), len(hits), 0.95)
    assert covered.statistic >= 0.93
