"""The digest, and cells that must not be seen."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from kpi_research.scorecard.reasons.digest import digest
from kpi_research.scorecard.reasons.hidden_cells import can_be_worked_out, hide_small_cells
from tests.scorecard.reasons.test_change import MONTHS, bureau, drawn, more


def with_totals(cells: np.ndarray[Any, np.dtype[np.int64]]) -> np.ndarray[Any, np.dtype[np.float64]]:
    rows = np.column_stack([cells, cells.sum(axis=1)])
    return np.vstack([rows, rows.sum(axis=0)]).astype(float)


TABLES = st.tuples(st.integers(1, 6), st.integers(1, 6), st.integers(0, 10_000), st.sampled_from([2, 6, 20]))


@given(table=TABLES)
@settings(deadline=None, derandomize=True, max_examples=60)
def test_no_small_count_is_shown_or_follows_from_the_shown_ones(table: tuple[int, int, int, float]) -> None:
    rows, columns, seed, mean = table
    counts = with_totals(np.random.default_rng(seed).poisson(mean, (rows, columns)))
    hidden = hide_small_cells(counts, 5)
    assert (counts[~hidden] >= 5).all()
    assert not can_be_worked_out(hidden).any() or hidden.all()


def test_a_linear_program_finds_no_hidden_cell_either() -> None:
    counts = with_totals(np.array([[3, 9, 12], [8, 7, 15], [6, 9, 4]]))
    hidden = hide_small_cells(counts, 5)
    place = np.argwhere(hidden)
    equations, right = [], []
    for axis in (0, 1):
        for line in range(4):
            signs = np.where(np.arange(4) == 3, -1.0, 1.0)
            row = [signs[p[1 - axis]] if p[axis] == line else 0.0 for p in place]
            values, secret = (counts[line], hidden[line]) if axis == 0 else (counts[:, line], hidden[:, line])
            equations.append(row)
            right.append(-(signs * values)[~secret].sum())
    for number in range(len(place)):
        aim = np.eye(len(place))[number]
        bounds = [linprog(sign * aim, A_eq=equations, b_eq=right).fun * sign for sign in (1, -1)]
        assert bounds[1] - bounds[0] >= 3


@given(rows=st.integers(1, 6), columns=st.integers(1, 6), seed=st.integers(0, 10_000), share=st.floats(0.1, 0.9))
@settings(deadline=None, derandomize=True, max_examples=60)
def test_what_follows_is_what_linear_algebra_says(rows: int, columns: int, seed: int, share: float) -> None:
    hidden = np.random.default_rng(seed).random((rows + 1, columns + 1)) < share
    place = np.argwhere(hidden)
    equations = np.zeros((rows + columns + 2, len(place)))
    for number, (row, column) in enumerate(place):
        equations[row, number] = -1.0 if column == columns else 1.0
        equations[rows + 1 + column, number] = -1.0 if row == rows else 1.0
    rank = np.linalg.matrix_rank(equations) if len(place) else 0
    for number, (row, column) in enumerate(place):
        fixed = np.linalg.matrix_rank(np.vstack([equations, np.eye(len(place))[number]])) == rank
        assert can_be_worked_out(hidden)[row, column] == fixed


def test_known_dependencies_are_seen() -> None:
    alone = np.zeros((3, 3), dtype=bool)
    alone[0, 0] = True
    assert can_be_worked_out(alone)[0, 0]
    square = np.zeros((3, 3), dtype=bool)
    square[:2, :2] = True
    assert not can_be_worked_out(square).any()


def made(cases: pd.DataFrame, **options: Any) -> Any:
    return digest(cases, **{"type": "type", "period": "month", "unit": "unit", **options})


def test_rises_beyond_chance_are_in_the_digest_and_usual_months_are_not() -> None:
    cases = bureau(20)
    assert set(made(cases).table["verdict"]) == {"usual"}
    assert made(more(cases, 70)).table.set_index("kind").loc["theft", "verdict"] == "rise"
    fewer = cases[(cases["month"] != MONTHS[-1]) | (cases["type"] != "theft") | (cases.index % 3 == 0)]
    assert made(fewer).table.set_index("kind").loc["theft", "verdict"] == "fall"


@given(seed=st.integers(0, 500), mean=st.sampled_from([2.0, 10.0, 40.0]))
@settings(deadline=None, derandomize=True, max_examples=10)
def test_the_digest_shows_no_count_below_five(seed: int, mean: float) -> None:
    cases = pd.concat([drawn(seed, "robbery", mean), drawn(seed + 1, "theft", 60)], ignore_index=True)
    found = made(cases)
    assert (found.units["cases"].dropna() >= 5).all()
    assert (found.table["now"].dropna() >= 5).all()
    assert found.table.loc[found.table["verdict"] == "hidden", ["now", "before", "change"]].isna().all(axis=None)
    text = found.summary("zh") + found.summary("en") + found.units.to_string()
    assert "S1" in text
    assert "场所" not in text


def test_a_hidden_count_of_an_earlier_period_does_not_follow_from_means() -> None:
    rare = pd.concat([drawn(1, "robbery", 3, MONTHS[:1]), drawn(2, "robbery", 40, MONTHS[1:])])
    found = made(pd.concat([rare, drawn(3, "theft", 60)], ignore_index=True)).table.set_index("kind")
    assert found.loc["robbery", "now"] > 0
    assert found.loc["robbery", ["before", "change"]].isna().all()


def test_totals_are_those_of_the_cases() -> None:
    cases = bureau(3)
    found = made(cases)
    shown = found.units.set_index(["unit", "kind"])["cases"]
    assert shown["total", "total"] == (cases["month"] == MONTHS[-1]).sum()


def test_a_digest_of_small_counts_says_that_cells_are_hidden() -> None:
    found = made(pd.concat([drawn(1, "robbery", 6), drawn(2, "theft", 60)], ignore_index=True))
    assert {"digest-cells-hidden", "digest-changes"} <= {item.code for item in found.findings}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"least": 3}, "from 5"),
        ({"unit": "units"}, "Did you mean 'unit'"),
        ({"now": "2024-03"}, "at least 3"),
        ({"run_length": 2}, "10 or more"),
    ],
)
def test_bad_arguments_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        made(bureau(), **options)
