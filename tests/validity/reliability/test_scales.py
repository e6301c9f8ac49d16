"""Scales, raters and generalizability against psych, lavaan, semTools and gtheory; relations; coverage."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from kpi_research.validity.reliability.alpha import alpha
from kpi_research.validity.reliability.confirm import factor_fit, htmt
from kpi_research.validity.reliability.generalizability import g_study
from kpi_research.validity.reliability.intraclass import intraclass
from kpi_research.validity.reliability.omega import omega

SCALES = {"agree": "A", "conscientious": "C", "extraversion": "E", "neuroticism": "N", "openness": "O"}
TURNED = ("A1", "C4", "C5", "E1", "E2", "O2", "O5")
HOLZINGER = {"visual": ["x1", "x2", "x3"], "textual": ["x4", "x5", "x6"], "speed": ["x7", "x8", "x9"]}


@pytest.fixture(scope="module")
def personality(reference) -> pd.DataFrame:
    """Return the 2,800 answers of psych::bfi, keyed items turned as 7 - x."""
    frame = pd.read_csv(reference("psychometrics/bfi.csv"))
    return frame.assign(**{name: 7 - frame[name] for name in TURNED})


@pytest.mark.parametrize("scale", SCALES)
def test_alpha_and_its_table_equal_those_of_psych(scale: str, personality, reference) -> None:
    expected = pd.read_csv(reference("psychometrics/psych_alpha_bfi.csv")).set_index(["scale", "use"])
    items = personality[[f"{SCALES[scale]}{number}" for number in range(1, 6)]]
    for use, missing in (("pairwise", "pairwise"), ("complete.obs", "listwise")):
        found, row = alpha(items, missing=missing), expected.loc[(scale, use)]
        assert found.estimate == pytest.approx(row["raw_alpha"], rel=1e-12)
        assert found.standardized == pytest.approx(row["std_alpha"], rel=1e-12)
        if missing == "listwise":
            rest = [float(part) for part in row["item_total_r_drop"].split(";")]
            np.testing.assert_allclose(found.items["item_rest"], rest, rtol=1e-6)
    found, row = alpha(items), expected.loc[(scale, "pairwise")]
    assert (found.low, found.high) == pytest.approx((row["feldt_lower"], row["feldt_upper"]), rel=1e-12)


@pytest.mark.parametrize("scale", SCALES)
def test_omega_of_one_factor_equals_that_of_psych(scale: str, personality, reference) -> None:
    expected = pd.read_csv(reference("psychometrics/psych_omega_1f_bfi.csv")).set_index("scale")
    items = personality[[f"{SCALES[scale]}{number}" for number in range(1, 6)]].dropna()
    assert omega(items, draws=0).estimate == pytest.approx(expected.loc[scale, "omega_total_1f"], abs=1e-6)


def test_omega_of_five_factors_equals_that_of_psych(reference) -> None:
    # psych 2.2.9, omega(bfi[, 1:25], 5): items that load negatively are turned around.
    found = omega(pd.read_csv(reference("psychometrics/bfi.csv")).iloc[:, :25], 5, draws=0)
    assert found.estimate == pytest.approx(0.874810, abs=2e-6)
    assert found.hierarchical == pytest.approx(0.461710, abs=5e-6)


def test_the_faulty_london_file_takes_alpha_from_917_to_595(reference) -> None:
    right = pd.read_csv(reference("integrity/police_pas_boroughs_correct.csv")).iloc[:, 2:].dropna()
    faulty = pd.read_csv(reference("integrity/police_pas_boroughs.csv")).iloc[:, 2:].dropna()
    expected = pd.read_csv(reference("integrity/police_pas_correct_reliability.csv")).set_index("stat")["value"]
    assert alpha(right).estimate == pytest.approx(expected["alpha_raw"], rel=1e-12)
    assert omega(right, draws=0).estimate == pytest.approx(expected["omega_t_1f"], abs=1e-6)
    assert alpha(faulty).estimate == pytest.approx(0.595020, abs=1e-6)
    weakest = alpha(right).items.set_index("item")["item_rest"]
    assert weakest.idxmin() == "Contact ward officer"
    assert weakest.min() == pytest.approx(0.172, abs=5e-4)


def test_shrout_and_fleiss(reference) -> None:
    expected = pd.read_csv(reference("psychometrics/psych_ICC_shrout_fleiss_aov.csv")).set_index("type")
    wide = pd.read_csv(reference("psychometrics/shrout_fleiss.csv"), index_col=0)
    long = wide.reset_index(names="target").melt("target", var_name="rater")
    found = intraclass(long, target="target", rater="rater", rating="value").table.set_index("form")
    for form, row in found.iterrows():
        wanted = expected.loc[form, ["ICC", "lower bound", "upper bound"]].to_numpy(float)
        np.testing.assert_allclose(row[["estimate", "low", "high"]].to_numpy(float), wanted, rtol=1e-9)


def test_holzinger_and_swineford_equal_lavaan_and_semtools(reference) -> None:
    frame = pd.read_csv(reference("psychometrics/HolzingerSwineford1939.csv"))
    expected = pd.read_csv(reference("psychometrics/lavaan_HS_fit_ML.csv")).set_index("measure")["ML"]
    found = factor_fit(frame, scales=HOLZINGER)
    names = {"chi2": "chisq", "df": "df", "p": "pvalue", "cfi": "cfi", "tli": "tli", "rmsea": "rmsea", "srmr": "srmr"}
    names |= {"rmsea_low": "rmsea.ci.lower", "rmsea_high": "rmsea.ci.upper", "aic": "aic", "bic": "bic"}
    for ours, theirs in names.items():
        assert found.fit[ours] == pytest.approx(expected[theirs], rel=2e-6), ours
    reliability = pd.read_csv(reference("psychometrics/semTools_HS_reliability.csv"), index_col=0)
    explained = found.explained.set_index("scale")
    np.testing.assert_allclose(explained["omega"], reliability.loc["omega", explained.index], atol=1e-6)
    np.testing.assert_allclose(explained["variance_extracted"], reliability.loc["avevar", explained.index], atol=1e-6)
    ratios = htmt(frame, scales=HOLZINGER, draws=0).table
    for column, file in (("htmt", "semTools_HS_htmt.csv"), ("htmt2", "semTools_HS_htmt2.csv")):
        wanted = pd.read_csv(reference(f"psychometrics/{file}"), index_col=0)
        for row in ratios.itertuples():
            assert getattr(row, column) == pytest.approx(wanted.loc[row.first, row.second], rel=1e-9)


def test_brennan_3_2(reference) -> None:
    frame = pd.read_csv(reference("psychometrics/gtheory_Brennan.3.2.csv"))
    wanted = pd.read_csv(reference("psychometrics/gtheory_Brennan.3.2_EMS.csv")).set_index("source")["var_EMS"]
    found = g_study(frame, target="Person", facets=["Task", "Rater"], rating="Score", nested={"Rater": "Task"})
    variances = found.table.set_index("effect")["variance"]
    names = {"Person": "p", "Task": "t", "Task:Rater": "rt", "Person:Task": "pt", "Person:Task:Rater": "e"}
    for ours, theirs in names.items():
        assert variances[ours] == pytest.approx(wanted[theirs], rel=1e-12)
    assert found.relative == pytest.approx(wanted["Erho2"], rel=1e-12)
    assert found.absolute == pytest.approx(wanted["Phi"], rel=1e-12)
    assert found.decide(Task=3, Rater=4).relative == pytest.approx(found.relative)
    assert found.decide(Task=30).relative > found.decide(Task=6).relative > found.relative


def answers(rng: np.random.Generator, persons: int, items: int, noise: float = 1.0) -> pd.DataFrame:
    ability = rng.standard_normal(persons)
    return pd.DataFrame({f"i{k}": ability + noise * rng.standard_normal(persons) for k in range(items)})


@settings(deadline=None, derandomize=True, max_examples=25)
@given(st.integers(0, 10**6))
def test_relations_of_scales(seed: int) -> None:
    frame = answers(np.random.default_rng(seed), 80, 4)
    shuffled = frame.sample(frac=1, random_state=seed)[["i2", "i0", "i3", "i1"]]
    assert alpha(shuffled).estimate == pytest.approx(alpha(frame).estimate, rel=1e-12)
    assert omega(frame * 3 + 5, draws=0).estimate == pytest.approx(omega(frame, draws=0).estimate, abs=1e-5)
    flipped = frame.assign(i1=-frame["i1"])
    assert alpha(flipped, reverse=["i1"]).estimate == pytest.approx(alpha(frame).estimate, rel=1e-12)


def test_a_forgotten_reverse_key_is_told() -> None:
    frame = answers(np.random.default_rng(1), 200, 5)
    found = alpha(frame.assign(i2=-frame["i2"]))
    assert [item.code for item in found.findings] == ["item-against-scale"]
    assert found.findings[0].facts["item"] == "i2"
    assert found.items.set_index("item").loc["i2", "alpha_without"] > found.estimate


def test_intraclass_of_one_way_equals_reliability() -> None:
    from kpi_research.validity.reliability.estimate import reliability

    rows = [(t, r, v) for t in range(8) for r, v in enumerate(np.random.default_rng(t).normal(t, 2, 4))]
    frame = pd.DataFrame(rows, columns=["t", "r", "v"])
    one = intraclass(frame, target="t", rater="r", rating="v").table.set_index("form").loc["ICC1"]
    other = reliability(frame, unit="t", value="v", interval="exact")
    assert (one["estimate"], one["low"], one["high"]) == pytest.approx(
        (other.estimate, other.low, other.high), rel=1e-9
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda f: alpha(f[["i0"]]), "1 columns"),
        (lambda f: alpha(f.assign(i0=1.0)), "same answer from everybody"),
        (lambda f: alpha(f, reverse=["x"]), "no item 'x'"),
        (lambda f: alpha(f, missing="mean"), "missing is 'mean'"),
        (lambda f: alpha(f.assign(i0="gut")), "must hold numbers"),
        (lambda f: omega(f, 4), "factors is 4"),
        (lambda f: omega(f, draws=5), "draws is 5"),
        (lambda f: factor_fit(f, scales={"a": ["i0", "i1", "i2"], "b": ["i0", "i3"]}), "two scales"),
        (lambda f: htmt(f, scales={"a": ["i0"], "b": ["i1", "i2"]}), "fewer than two"),
        (
            lambda f: intraclass(
                f.melt(ignore_index=False).reset_index(), target="index", rater="variable", rating="v"
            ),
            "no column 'v'",
        ),
        (lambda f: g_study(f, target="i0", facets=["i1"], rating="i2", nested={"i3": "i1"}), "is no facet"),
    ],
)
def test_refusals(call, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call(answers(np.random.default_rng(2), 30, 4))


def test_an_incomplete_design_is_refused_for_intraclass_and_used_by_g_study() -> None:
    rng = np.random.default_rng(3)
    rows = [(p, r, 2 * rng.standard_normal() + p) for p in range(12) for r in range(4)]
    frame = pd.DataFrame(rows, columns=["p", "r", "v"]).drop(index=[3, 17])
    with pytest.raises(ValueError, match="must be complete"):
        intraclass(frame, target="p", rater="r", rating="v")
    found = g_study(frame, target="p", facets=["r"], rating="v")
    assert 0 < found.relative < 1
    assert found.levels["r"] == pytest.approx(12 / (10 / 4 + 2 / 3))


TITLE = "Coverage of intervals (nominal 95 %)"


def _bounds(runs: int) -> tuple[float, float]:
    low, high = stats.binom.ppf([0.0005, 0.9995], runs, 0.95) / runs
    return float(low), float(high)


@pytest.mark.validation
@pytest.mark.parametrize(("persons", "items"), [(40, 4), (200, 8)])
def test_alpha_covers(persons: int, items: int, dossier) -> None:
    runs, truth = 1000, items / (items + 1)
    hits = []
    for run in range(runs):
        found = alpha(answers(np.random.default_rng([run, persons]), persons, items))
        hits.append(found.low <= truth <= found.high)
    coverage = float(np.mean(hits))
    dossier(
        "validity",
        TITLE,
        estimator="alpha (Feldt)",
        setting=f"{persons} persons, {items} items",
        runs=runs,
        coverage=coverage,
    )
    low, high = _bounds(runs)
    assert low <= coverage <= high


@pytest.mark.validation
def test_omega_covers(dossier) -> None:
    runs, hits = 300, []
    weights = np.array([0.9, 0.7, 0.6, 0.5])
    truth = weights.sum() ** 2 / (weights.sum() ** 2 + (1 - weights**2).sum())
    for run in range(runs):
        rng = np.random.default_rng([run, 1])
        data = rng.standard_normal((250, 1)) * weights + rng.standard_normal((250, 4)) * np.sqrt(1 - weights**2)
        found = omega(pd.DataFrame(data, columns=list("abcd")), draws=200, seed=run)
        hits.append(found.low <= truth <= found.high)
    coverage = float(np.mean(hits))
    dossier(
        "validity", TITLE, estimator="omega (bootstrap)", setting="250 persons, 4 items", runs=runs, coverage=coverage
    )
    assert 0.91 <= coverage <= 0.98


@pytest.mark.validation
@pytest.mark.parametrize(("form", "severity"), [("ICC1", 0.0), ("ICC2", 0.7), ("ICC3", 0.7)])
def test_intraclass_covers(form: str, severity: float, dossier) -> None:
    runs, hits, n, k = 1000, [], 30, 5
    truth = {"ICC1": 0.5, "ICC2": 1 / (2 + severity**2), "ICC3": 0.5}[form]
    for run in range(runs):
        rng = np.random.default_rng([run, 2])
        table = rng.standard_normal((n, 1)) + severity * rng.standard_normal(k) + rng.standard_normal((n, k))
        long = pd.DataFrame(table).reset_index(names="t").melt("t", var_name="r")
        row = intraclass(long, target="t", rater="r", rating="value").table.set_index("form").loc[form]
        hits.append(row["low"] <= truth <= row["high"])
    coverage = float(np.mean(hits))
    dossier("validity", TITLE, estimator=form, setting=f"{n} targets, {k} raters", runs=runs, coverage=coverage)
    assert 0.93 <= coverage <= 0.972


@pytest.mark.validation
@pytest.mark.parametrize("persons", [30, 80])
def test_generalizability_covers(persons: int, dossier) -> None:
    runs, hits = 200, []
    truth = 1 / (1 + 0.3 / 3 + 0.3 / 4 + 1.0 / 12)
    for run in range(runs):
        rng = np.random.default_rng([run, persons])
        p, r, i = np.meshgrid(np.arange(persons), np.arange(3), np.arange(4), indexing="ij")
        score = rng.standard_normal(persons)[p] + rng.standard_normal(3)[r] * 0.5 + rng.standard_normal(4)[i] * 0.5
        score = score + np.sqrt(0.3) * (
            rng.standard_normal((persons, 3))[p, r] + rng.standard_normal((persons, 4))[p, i]
        )
        frame = pd.DataFrame(
            {"p": p.ravel(), "r": r.ravel(), "i": i.ravel(), "v": (score + rng.standard_normal(p.shape)).ravel()}
        )
        found = g_study(frame, target="p", facets=["r", "i"], rating="v")
        hits.append(found.low <= truth <= found.high)
    coverage = float(np.mean(hits))
    dossier(
        "validity",
        TITLE,
        estimator="generalizability (jackknife)",
        setting=f"{persons} persons × 3 raters × 4 items",
        runs=runs,
        coverage=coverage,
    )
    assert 0.90 <= coverage <= 0.98


@pytest.mark.validation
def test_htmt2_covers(dossier) -> None:
    runs, hits, truth = 300, [], 0.5
    scales = {"a": ["a0", "a1", "a2"], "b": ["b0", "b1", "b2"]}
    for run in range(runs):
        rng = np.random.default_rng([run, 4])
        both = rng.multivariate_normal([0, 0], [[1, truth], [truth, 1]], 250)
        frame = pd.DataFrame(
            {
                f"{name}{k}": both[:, side] + 0.8 * rng.standard_normal(250)
                for side, name in enumerate("ab")
                for k in range(3)
            }
        )
        row = htmt(frame, scales=scales, draws=200, seed=run).table.iloc[0]
        hits.append(row["low"] <= truth <= row["high"])
    coverage = float(np.mean(hits))
    dossier(
        "validity",
        TITLE,
        estimator="HTMT2 (bootstrap)",
        setting="250 persons, 2 × 3 items",
        runs=runs,
        coverage=coverage,
    )
    assert 0.91 <= coverage <= 0.98
