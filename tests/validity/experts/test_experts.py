"""Content validity and the analytic hierarchy process: published tables, relations, refusals."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_research.validity.experts.ahp import ahp, principal
from kpi_research.validity.experts.content import content_validity, lawshe

NAMES = {"expert": "e", "first": "a", "second": "b", "ratio": "r"}


@pytest.mark.parametrize(
    ("experts", "agreeing", "kappa"),
    [(3, 3, 1.0), (3, 2, 0.47), (4, 3, 0.67), (5, 4, 0.76), (6, 5, 0.81), (6, 4, 0.56), (7, 5, 0.65), (9, 7, 0.76)],
)
def test_kappa_of_polit_beck_and_owen(experts: int, agreeing: int, kappa: float) -> None:
    # Polit, Beck & Owen (2007), table 2.
    frame = pd.DataFrame({"e": range(experts), "i": "x", "r": [4] * agreeing + [1] * (experts - agreeing)})
    found = content_validity(frame, expert="e", item="i", relevance="r").table.iloc[0]
    assert found["i_cvi"] == pytest.approx(agreeing / experts)
    assert found["kappa"] == pytest.approx(kappa, abs=0.0101)


@pytest.mark.parametrize(("experts", "needed"), [(5, 5), (8, 7), (10, 9), (15, 12), (20, 15), (40, 26)])
def test_critical_values_of_ayre_and_scally(experts: int, needed: int) -> None:
    # Ayre & Scally (2014), table 2: experts that must agree, one-sided .05.
    frame = pd.DataFrame({"e": range(experts), "i": "x", "y": [True] * needed + [False] * (experts - needed)})
    assert lawshe(frame, expert="e", item="i", essential="y")["kept"].all()
    frame.loc[0, "y"] = False
    assert not lawshe(frame, expert="e", item="i", essential="y")["kept"].any()


def test_the_ratio_of_lawshe() -> None:
    # psychometric::CVratio(5, 3) = .2.
    frame = pd.DataFrame({"e": range(5), "i": "x", "y": [1, 1, 1, 0, 0]})
    assert lawshe(frame, expert="e", item="i", essential="y")["cvr"].iloc[0] == pytest.approx(0.2)


def test_averages_over_items() -> None:
    rows = [(e, item, 4 if (item == "a" or e < 3) else 2) for e in range(5) for item in "ab"]
    found = content_validity(pd.DataFrame(rows, columns=["e", "i", "r"]), expert="e", item="i", relevance="r")
    assert (found.average, found.universal) == (pytest.approx(0.8), 0.5)


def test_weights_of_saaty() -> None:
    # Saaty's example of choosing a school (1980, ch. 1), six criteria: weights .32 .14 .03 .13 .24 .14. The book's
    # largest eigenvalue, 7.49, is a hand calculation; the characteristic polynomial has 7.4199.
    matrix = np.array(
        [
            [1, 4, 3, 1, 3, 4],
            [1 / 4, 1, 7, 3, 1 / 5, 1],
            [1 / 3, 1 / 7, 1, 1 / 5, 1 / 5, 1 / 6],
            [1, 1 / 3, 5, 1, 1, 1 / 3],
            [1 / 3, 5, 5, 1, 1, 3],
            [1 / 4, 1, 6, 3, 1 / 3, 1],
        ]
    )
    weights, ratio = principal(matrix)
    np.testing.assert_allclose(weights, [0.32, 0.14, 0.03, 0.13, 0.24, 0.14], atol=0.006)
    largest = max(np.roots(np.poly(matrix)).real)
    assert ratio * 1.2479 * 5 + 6 == pytest.approx(largest, rel=1e-9)


weights_given = st.lists(st.floats(0.05, 1.0), min_size=3, max_size=7)


@settings(deadline=None, derandomize=True, max_examples=60)
@given(weights_given, st.integers(0, 10**6))
def test_consistent_comparisons_give_back_their_weights(weights: list, seed: int) -> None:
    items = [f"指标{k}" for k in range(len(weights))]
    pairs = list(itertools.combinations(range(len(weights)), 2))
    rng = np.random.default_rng(seed)
    rows = [
        (f"E{e}", items[i], items[j], weights[i] / weights[j])
        for e in range(3)
        for i, j in pairs
        if j == i + 1 or rng.random() < 0.5  # some pairs are left out, the chain stays
    ]
    found = ahp(pd.DataFrame(rows, columns=list("eabr")), **NAMES)
    expected = dict(zip(items, np.array(weights) / sum(weights), strict=True))
    for row in found.table.itertuples():
        assert row.weight == pytest.approx(expected[row.item], rel=1e-6)
    assert (found.experts["consistency_ratio"].abs() < 1e-6).all()


def test_an_inconsistent_expert_is_told_and_left_out() -> None:
    good = [("A", "x", "y", 2.0), ("A", "y", "z", 2.0), ("A", "x", "z", 4.0)]
    circle = [("B", "x", "y", 5.0), ("B", "y", "z", 5.0), ("B", "z", "x", 5.0)]
    found = ahp(pd.DataFrame(good + circle, columns=list("eabr")), **NAMES)
    assert found.experts.set_index("expert")["consistent"].to_dict() == {"A": True, "B": False}
    assert found.table["weight"].round(4).tolist() == [0.5714, 0.2857, 0.1429]
    assert [item.code for item in found.findings] == ["expert-inconsistent"]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([("A", "x", "y", 0.0)], "above 0"),
        ([("A", "x", "x", 1.0)], "compared with itself"),
        ([("A", "x", "y", 2.0), ("A", "y", "x", 0.5)], "twice"),
        ([("A", "x", "y", 2.0), ("A", "u", "v", 2.0)], "no chain"),
        ([], "no comparison"),
    ],
)
def test_ahp_refusals(rows: list, message: str) -> None:
    frame = pd.DataFrame(rows, columns=list("eabr")).astype({"r": float})
    with pytest.raises(ValueError, match=message):
        ahp(frame, **NAMES)


def test_content_refusals() -> None:
    frame = pd.DataFrame({"e": [1, 1], "i": "x", "r": [4, 5]})
    with pytest.raises(ValueError, match="1 to 4"):
        content_validity(frame, expert="e", item="i", relevance="r")
    with pytest.raises(ValueError, match="twice"):
        content_validity(frame.assign(r=4), expert="e", item="i", relevance="r")
    with pytest.raises(ValueError, match="true and false"):
        lawshe(frame, expert="e", item="i", essential="r")
