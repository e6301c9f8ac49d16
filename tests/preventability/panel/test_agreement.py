"""Agreement against published values, other implementations and facts that must hold."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.inter_rater import aggregate_raters, cohens_kappa, fleiss_kappa

from kpi_research.preventability import agreement

NAMES = {"case": "case", "rater": "rater", "rating": "rating"}


def long(table: pd.DataFrame) -> pd.DataFrame:
    """Return ratings with cases in rows and raters in columns as one row per case and rater."""
    wide = table.set_axis([f"r{i}" for i in range(table.shape[1])], axis=1)
    return wide.reset_index(names="case").melt("case", var_name="rater", value_name="rating")


def test_diagnoses_have_the_published_alpha_and_kappa(reference: Callable[[str], Path]) -> None:
    # krippendorff 0.9.0 and the definition give .4334098283; R irr 0.84.1 gives .4308775817 for complete data, a fault.
    result = agreement(long(pd.read_csv(reference("agreement/irr_diagnoses.csv"))), **NAMES)
    assert result.alpha == pytest.approx(0.4334098283, abs=1e-10)
    assert result.kappa == pytest.approx(0.4302445201, abs=1e-10)
    assert result.low < result.alpha < result.high


@pytest.mark.parametrize(
    ("level", "alpha"), [("nominal", 0.7434210526), ("ordinal", 0.8153875038), ("interval", 0.8491071429)]
)
def test_the_example_of_four_raters_and_twelve_cases(
    reference: Callable[[str], Path], level: str, alpha: float
) -> None:
    # krippendorff 0.9.0, alpha(reliability_data=..., level_of_measurement=level); values are missing.
    table = pd.read_csv(reference("agreement/krippendorff_example_4raters_12units.csv")).T.reset_index(drop=True)
    assert agreement(long(table), **NAMES, level=level).alpha == pytest.approx(alpha, abs=1e-10)


def random_ratings(cases: int = 60, raters: int = 3, seed: int = 0, values: int = 3) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, values, cases)
    told = np.where(rng.random((cases, raters)) < 0.7, truth[:, None], rng.integers(0, values, (cases, raters)))
    return long(pd.DataFrame(told))


def test_kappas_equal_those_of_statsmodels() -> None:
    ratings = random_ratings()
    wide = ratings.pivot_table(index="case", columns="rater", values="rating").to_numpy(dtype=int)
    result = agreement(ratings, **NAMES)
    assert result.kappa == pytest.approx(fleiss_kappa(aggregate_raters(wide)[0]), abs=1e-12)
    first = result.pairs.iloc[0]
    table = pd.crosstab(wide[:, 0], wide[:, 1]).to_numpy()
    assert first["kappa"] == pytest.approx(cohens_kappa(table).kappa, abs=1e-12)
    assert first["raw"] == pytest.approx((wide[:, 0] == wide[:, 1]).mean())


def test_ac1_of_the_paradox_of_kappa() -> None:
    # 118 yes-yes, 5 yes-no, 2 no-yes, 0 no-no: Gwet (2008), table 2, has AC1 .9408 where kappa is about -.02.
    pairs = [("y", "y")] * 118 + [("y", "n")] * 5 + [("n", "y")] * 2
    result = agreement(long(pd.DataFrame(pairs)), **NAMES)
    row = result.table.iloc[0]
    assert row["ac1"] == pytest.approx(0.9408, abs=5e-5)
    assert row["raw"] == pytest.approx(118 / 125)
    assert row["alpha"] < 0


@settings(deadline=None, derandomize=True, max_examples=25)
@given(st.integers(0, 10_000), st.sampled_from(["nominal", "ordinal", "interval"]))
def test_names_and_order_of_cases_and_raters_do_not_matter(seed: int, level: str) -> None:
    ratings = random_ratings(seed=seed, values=4)
    ratings = ratings[np.random.default_rng(seed).random(len(ratings)) < 0.8]
    turned = ratings.sample(frac=1, random_state=seed).assign(case=lambda frame: -frame["case"])
    turned["rater"] = turned["rater"].map({"r0": "c", "r1": "a", "r2": "b"})
    first, second = (agreement(frame, **NAMES, level=level, draws=100) for frame in (ratings, turned))
    assert first.alpha == pytest.approx(second.alpha, abs=1e-12)
    assert first.raw == pytest.approx(second.raw, abs=1e-12)


@settings(deadline=None, derandomize=True, max_examples=15)
@given(st.integers(0, 10_000), st.floats(0.5, 20), st.floats(-5, 5))
def test_interval_alpha_knows_no_unit_of_measure(seed: int, scale: float, shift: float) -> None:
    ratings = random_ratings(seed=seed, values=5)
    moved = ratings.assign(rating=ratings["rating"] * scale + shift)
    assert agreement(moved, **NAMES, level="interval", draws=100).alpha == pytest.approx(
        agreement(ratings, **NAMES, level="interval", draws=100).alpha, abs=1e-9
    )
    cubed = ratings.assign(rating=ratings["rating"] ** 3)
    assert agreement(cubed, **NAMES, level="ordinal", draws=100).alpha == pytest.approx(
        agreement(ratings, **NAMES, level="ordinal", draws=100).alpha, abs=1e-9
    )


def test_chinese_answers_and_groups() -> None:
    ratings = random_ratings(values=2).assign(单位="一所")
    ratings["rating"] = ratings["rating"].map({0: "否", 1: "是"})
    ratings.loc[ratings["case"] >= 30, "单位"] = "二所"
    result = agreement(
        ratings.rename(columns={"rating": "可防性"}), case="case", rater="rater", rating="可防性", by="单位"
    )
    assert result.table["group"].tolist() == ["", "一所", "二所"]
    assert result.table["cases"].tolist() == [60, 30, 30]


def test_the_same_seed_gives_the_same_interval() -> None:
    ratings = random_ratings()
    first, again = (agreement(ratings, **NAMES, seed=3) for _ in range(2))
    pd.testing.assert_frame_equal(first.table, again.table)


def test_perfect_agreement_has_an_interval_that_shrinks_with_cases() -> None:
    few, many = (agreement(long(pd.DataFrame({0: [0, 1] * n, 1: [0, 1] * n})), **NAMES) for n in (10, 200))
    assert few.alpha == many.alpha == 1.0
    assert few.low < many.low < 1.0


def test_equal_ratings_say_nothing_and_missing_ones_are_counted() -> None:
    flat = agreement(long(pd.DataFrame({0: [1.0] * 5, 1: [1, 1, 1, 1, np.nan]})), **NAMES)
    assert np.isnan(flat.alpha)
    assert flat.raw == 1.0
    assert {item.code for item in flat.findings} == {"agreement-undefined", "agreement-few-cases", "ratings-missing"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda frame: frame.drop(columns="rater"), "no column 'rater'"),
        (lambda frame: pd.concat([frame, frame]), "repeat a case and rater"),
        (lambda frame: frame.assign(rating=np.nan), "has no values"),
        (lambda frame: frame.assign(rating=np.inf), "infinite"),
        (lambda frame: frame[frame["rater"] == "r0"], "no case has two ratings"),
        (lambda frame: frame.assign(case=None), "no 'case'"),
    ],
)
def test_refusals(change: Callable[[pd.DataFrame], pd.DataFrame], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        agreement(change(random_ratings()), **NAMES)


def test_refusals_of_options() -> None:
    ratings = random_ratings()
    with pytest.raises(ValueError, match="Did you mean 'nominal'"):
        agreement(ratings, **NAMES, level="nominl")
    with pytest.raises(ValueError, match="needs numbers"):
        agreement(ratings.assign(rating=ratings["rating"].astype(str)), **NAMES, level="ordinal")
    with pytest.raises(ValueError, match="more than one value of 'unit'"):
        agreement(ratings.assign(unit=ratings["rater"]), **NAMES, by="unit")
    with pytest.raises(TypeError, match="pandas DataFrame"):
        agreement([1, 2], **NAMES)  # type: ignore[arg-type]
