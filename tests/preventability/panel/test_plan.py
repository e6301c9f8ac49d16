"""Label plans: sizes by the formula, samples with the probabilities they state."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from kpi_research.preventability import plan_labels
from kpi_research.preventability.panel.sampling import inclusion_probabilities, systematic_sample


def make_cases(sizes: tuple[int, ...] = (300, 120, 40), seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    unit = np.repeat([f"u{number}" for number in range(len(sizes))], sizes)
    return pd.DataFrame(
        {"unit": unit, "type": rng.choice(["a", "b"], len(unit)), "chance": rng.uniform(0.05, 0.95, len(unit))}
    )


def test_without_errors_the_number_is_that_of_the_textbook() -> None:
    # Cochran (1977, sec. 4.4): n0 = t² p q / d², n = n0 / (1 + (n0 - 1) / N); here with the t quantile at n - 1.
    plan = plan_labels(make_cases((1000,)), unit="unit", width=0.2, error=(0.0, 0.0))
    n = int(plan.table["labels"].iloc[0])
    for size, enough in ((n, True), (n - 1, False)):
        half = stats.t.isf(0.025, size - 1) * np.sqrt(0.25 / size * (1 - size / 1000))
        assert (2 * half <= 0.2) is enough or (2 * half <= 0.2) == enough


def test_more_error_wider_wishes_and_prediction_change_the_number_as_they_must() -> None:
    cases = make_cases((2000,))

    def labels(**options: object) -> int:
        return int(plan_labels(cases, unit="unit", **options).table["labels"].iloc[0])  # type: ignore[arg-type]

    assert labels(width=0.2) > labels(width=0.3)
    assert labels(error=(0.2, 0.2)) > labels(error=(0.1, 0.1)) > labels(error=(0.0, 0.0))
    assert labels(explained=0.5) < labels()
    assert labels(share=0.1) < labels(share=0.5)
    assert labels(level=0.9) < labels(level=0.95)


def test_a_unit_with_few_cases_is_labelled_whole_and_pointed_out() -> None:
    plan = plan_labels(make_cases((300, 20)), unit="unit", width=0.2, error=(0.15, 0.15))
    small = plan.table.iloc[1]
    assert small["labels"] == 20
    assert not small["reached"]
    assert [item.code for item in plan.findings] == ["plan-width-out-of-reach"]


def test_the_sample_is_as_large_as_planned_and_reproducible() -> None:
    cases = make_cases()
    plan, again, other = (
        plan_labels(cases, unit="unit", probability="chance", strata="type", seed=seed) for seed in (1, 1, 2)
    )
    assert plan.sample.groupby("unit").size().tolist() == plan.table["labels"].tolist()
    pd.testing.assert_frame_equal(plan.sample, again.sample)
    assert not plan.sample["case"].equals(other.sample["case"])
    assert plan.sample["case"].is_unique
    assert plan.sample["inclusion"].between(0, 1, inclusive="right").all()
    assert plan.table["double"].sum() == plan.sample["double"].sum()


@settings(deadline=None, derandomize=True, max_examples=25)
@given(st.lists(st.floats(0.01, 100), min_size=1, max_size=60), st.integers(1, 60), st.integers(0, 100))
def test_inclusion_probabilities_add_up_and_the_draw_has_that_size(sizes: list[float], wanted: int, seed: int) -> None:
    size = np.array(sizes)
    n = min(wanted, len(size))
    unit = np.zeros(len(size), dtype=np.intp)
    chance = inclusion_probabilities(unit, size, np.array([n]))
    assert chance.sum() == pytest.approx(n, rel=1e-9)
    assert (chance > 0).all()
    assert (chance <= 1).all()
    drawn = systematic_sample(unit, unit, chance, np.random.default_rng(seed))
    assert drawn.sum() == n
    assert drawn[chance >= 1].all()


def test_cases_are_drawn_as_often_as_stated() -> None:
    unit = np.repeat([0, 1], [30, 12])
    chance = inclusion_probabilities(unit, np.random.default_rng(0).uniform(0.3, 1, 42), np.array([9, 5]))
    rng = np.random.default_rng(1)
    drawn = np.mean([systematic_sample(unit, unit * 0, chance, rng) for _ in range(3000)], axis=0)
    assert np.abs(drawn - chance).max() < 4.5 * np.sqrt(0.25 / 3000)


def test_uncertain_cases_are_drawn_more_often() -> None:
    cases = pd.DataFrame({"unit": "u", "chance": [0.5] * 200 + [0.02] * 200})
    inclusion = plan_labels(cases, unit="unit", probability="chance").sample.set_index("case")["inclusion"]
    assert inclusion[inclusion.index < 200].mean() > 2 * inclusion[inclusion.index >= 200].mean()


def test_refusals() -> None:
    cases = make_cases()
    for options, message in (
        ({"width": 0.0}, "width is 0.0"),
        ({"share": 1.5}, "share is 1.5"),
        ({"error": (0.6, 0.5)}, "add up to less than 1"),
        ({"raters": 1}, "at least 2"),
        ({"probability": "chanc"}, "Did you mean 'chance'"),
        ({"strata": "kind"}, "no column 'kind'"),
    ):
        with pytest.raises(ValueError, match=message):
            plan_labels(cases, unit="unit", **options)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="outside 0 to 1"):
        plan_labels(cases.assign(chance=2.0), unit="unit", probability="chance")


@pytest.mark.validation
def test_planned_widths_are_hit_and_the_intervals_cover(dossier) -> None:  # type: ignore[no-untyped-def]
    for error in ((0.0, 0.0), (0.1, 0.1), (0.1, 0.02)):
        for width in (0.2, 0.3):
            rng = np.random.default_rng([10, int(100 * width), int(100 * error[1])])
            sizes = (150, 300, 600)
            cases = make_cases(sizes)
            true = np.full(len(sizes), 0.45)
            widths, hits = [], []
            for run in range(200):
                truth = rng.random(len(cases)) < np.repeat(true, sizes)
                plan = plan_labels(cases, unit="unit", width=width, error=error, share=0.45, seed=run)
                sample = plan.sample
                y = truth[sample["case"]]
                said = rng.random(len(y)) < np.where(y, 1 - error[1], error[0])
                for number, row in enumerate(plan.table.itertuples()):
                    own = (sample["unit"] == row.unit).to_numpy()
                    low, high = corrected_interval(said[own], int(row.cases), error)
                    widths.append(high - low)
                    hits.append(low <= truth[np.repeat(np.arange(3), sizes) == number].mean() <= high)
            covered = float(np.mean(hits))
            dossier(
                "preventability", "Label plans: width wanted and width found (units of 150, 300 and 600 cases)",
                e01=error[0], e10=error[1], wanted=width, runs=200, mean_width=np.mean(widths), coverage=covered,
            )  # fmt: skip
            assert np.mean(widths) == pytest.approx(width, rel=0.05)
            assert 0.93 <= covered <= 0.975


def corrected_interval(said: np.ndarray, cases: int, error: tuple[float, float]) -> tuple[float, float]:
    """Return the t interval of a share, corrected for known errors, with the finite-population correction."""
    n, (e01, e10) = len(said), error
    size = 1 - e01 - e10
    p = (said.mean() - e01) / size
    bounded = np.clip(p, 0, 1)
    noise = (bounded * e10 * (1 - e10) + (1 - bounded) * e01 * (1 - e01)) / size**2
    total = said.var(ddof=1) / size**2
    half = stats.t.isf(0.025, n - 1) * np.sqrt((max(total - noise, 0.0) * (1 - n / cases) + noise) / n)
    return p - half, p + half
