"""Rater severity: against psych and statsmodels, and against planted truth."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_research.scorecard import rank_sets
from kpi_research.scorecard.evaluators import rater_severity

FEW = settings(deadline=None, derandomize=True, max_examples=10)
NAMES = {"rater": "rater", "target": "target", "rating": "rating"}


def crossed(
    seed: int, *, targets: int = 30, raters: int = 8, each: int = 4, severity: float = 1.0, noise: float = 0.5
) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Return ratings by raters who each rate only some targets, with true merits and severities."""
    rng = np.random.default_rng(seed)
    merit, harsh = rng.normal(0, 1, targets), rng.normal(0, severity, raters)
    pairs = [(rater, target) for target in range(targets) for rater in rng.choice(raters, each, replace=False)]
    rows = [(f"r{i}", f"t{j:02d}", 6 + merit[j] - harsh[i] + noise * rng.standard_normal()) for i, j in pairs]
    return pd.DataFrame(rows, columns=["rater", "target", "rating"]), merit, harsh


def test_agreement_and_consistency_equal_the_intraclass_correlations_of_psych(reference: Callable[[str], Path]) -> None:
    wide = pd.read_csv(reference("psychometrics/shrout_fleiss.csv"))
    long = wide.rename(columns={wide.columns[0]: "target"}).melt("target", var_name="rater", value_name="rating")
    kinds = rater_severity(long, **NAMES).kinds.iloc[0]
    # psych::ICC(lmer = FALSE): ICC2 and ICC3.
    assert kinds["agreement"] == pytest.approx(0.289764, abs=1e-4)
    assert kinds["consistency"] == pytest.approx(0.714841, abs=1e-4)


def test_unbalanced_ratings_have_the_variances_of_statsmodels() -> None:
    frame, *_ = crossed(3)
    kinds = rater_severity(frame, **NAMES).kinds.iloc[0]
    model = smf.mixedlm(
        "rating ~ 1", frame.assign(one=1), groups="one", re_formula="0",
        vc_formula={"rater": "0 + C(rater)", "target": "0 + C(target)"},
    )  # fmt: skip
    found = model.fit(reml=True)
    assert kinds["severity_sd"] == pytest.approx(np.sqrt(found.vcomp[0]), rel=2e-3)
    assert kinds["target_sd"] == pytest.approx(np.sqrt(found.vcomp[1]), rel=2e-3)
    assert kinds["noise_sd"] == pytest.approx(np.sqrt(found.scale), rel=2e-3)
    assert kinds["mean"] == pytest.approx(found.fe_params.iloc[0], rel=1e-3)


def test_one_who_is_harsh_to_all_does_not_punish_those_they_rate() -> None:
    frame, merit, _ = crossed(5, severity=0.2)
    harsh = frame.assign(rating=frame["rating"] - np.where(frame["rater"] == "r0", 3.0, 0.0))
    fair, found = (rater_severity(data, **NAMES).table.set_index("target") for data in (frame, harsh))
    hit = frame.loc[frame["rater"] == "r0", "target"].unique()
    loss = found["score"] - fair["score"]
    raw_loss = found["raw"] - fair["raw"]
    # The common level falls a little; what counts is that those hit lose no more than the others.
    spared = ~loss.index.isin(hit)
    assert raw_loss[hit].mean() - raw_loss[spared].mean() < -0.5
    assert loss[hit].mean() - loss[spared].mean() == pytest.approx(0.0, abs=0.08)
    assert np.corrcoef(found["score"], merit)[0, 1] > np.corrcoef(found["raw"], merit)[0, 1]


def test_the_harsh_rater_is_named() -> None:
    frame, _, harsh = crossed(6, targets=60)
    found = rater_severity(frame, **NAMES)
    table = found.severities.set_index("rater")
    expected = pd.Series(harsh, index=[f"r{number}" for number in range(8)])
    assert np.corrcoef(table["severity"], expected.loc[table.index])[0, 1] > 0.98
    assert [item.code for item in found.findings] == ["ratings-severity-matters"]
    assert found.plot("zh").axes


def test_what_people_add_when_they_rate_themselves_is_measured_and_enters_no_score() -> None:
    frame, merit, _ = crossed(7, targets=60, severity=0.3)
    rng = np.random.default_rng(7)
    own = pd.DataFrame({"rater": [f"t{n:02d}" for n in range(60)], "target": [f"t{n:02d}" for n in range(60)]})
    own["rating"] = 6 + merit + 1.5 + 0.5 * rng.standard_normal(60)
    both = pd.concat([frame.assign(kind="superior"), own.assign(kind="self")])
    found = rater_severity(both, **NAMES, kind="kind")
    row = found.kinds.set_index("kind").loc["self"]
    assert row["low"] < 1.5 < row["high"]
    assert row["leniency"] == pytest.approx(1.5, abs=0.4)
    without = rater_severity(frame.assign(kind="superior"), **NAMES, kind="kind").table
    pd.testing.assert_frame_equal(found.table, without)
    assert "ratings-of-oneself" in [item.code for item in found.findings]


@FEW
@given(st.integers(0, 2**32 - 1), st.floats(-3, 3), st.floats(0.2, 5))
def test_shift_scale_and_order_of_ratings_carry_over(seed: int, shift: float, scale: float) -> None:
    frame, *_ = crossed(seed, targets=12, raters=5, each=3)
    first = rater_severity(frame, **NAMES).table
    other = frame.assign(rating=shift + scale * frame["rating"]).sample(frac=1, random_state=1)
    second = rater_severity(other, **NAMES).table
    np.testing.assert_allclose(second["score"], shift + scale * first["score"], rtol=0, atol=2e-3 * scale)
    assert first["target"].tolist() == second["target"].tolist()


def test_scores_go_into_rank_sets() -> None:
    frame, *_ = crossed(8)
    found = rater_severity(frame, **NAMES)
    sets = rank_sets(found.table.set_index("target")["score"], cov=found.covariance, kind="simultaneous", draws=500)
    assert 0 < sets.unresolved < 1


def test_raters_whom_nobody_can_be_compared_with_are_named() -> None:
    frame, *_ = crossed(9)
    alone = pd.DataFrame({"rater": "far", "target": ["x1", "x2", "x3"], "rating": [1.0, 2.0, 3.0]})
    found = rater_severity(pd.concat([frame, alone]), **NAMES)
    assert found.severities.set_index("rater").loc["far", "alone"]
    assert "ratings-rater-alone" in [item.code for item in found.findings]


def test_missing_ratings_are_left_out_with_a_finding() -> None:
    frame, *_ = crossed(10)
    frame.loc[[0, 5], "rating"] = np.nan
    found = rater_severity(frame, **NAMES)
    assert found.findings[0].facts == {"count": 2}
    clean = rater_severity(frame.dropna(), **NAMES).table
    pd.testing.assert_frame_equal(found.table, clean)


@pytest.mark.validation
@pytest.mark.parametrize("each", [3, 6])
def test_intervals_cover_merit_and_severity(each: int, dossier: Callable[..., None]) -> None:
    runs, differences, severities, inflation = 400, [], [], []
    for run in range(runs):
        frame, merit, harsh = crossed(run, targets=20, raters=8, each=each)
        rng = np.random.default_rng(10_000 + run)
        names = [f"t{number:02d}" for number in range(20)]
        own = pd.DataFrame({"rater": names, "target": names, "rating": 7.2 + merit + 0.5 * rng.standard_normal(20)})
        both = pd.concat([frame.assign(kind="superior"), own.assign(kind="self")])
        found = rater_severity(both, **NAMES, kind="kind")
        score = found.table.set_index("target")["score"]
        cov = found.covariance.loc[names, names].to_numpy()
        gap = score.loc[names].to_numpy()[:10] - score.loc[names].to_numpy()[10:]
        first, second = np.arange(10), np.arange(10, 20)
        se = np.sqrt(cov[first, first] + cov[second, second] - 2 * cov[first, second])
        differences.append(np.abs(gap - (merit[:10] - merit[10:])) <= 1.96 * se)
        table = found.severities.set_index("rater")
        true = pd.Series(harsh, index=[f"r{number}" for number in range(8)]).loc[table.index]
        severities.append(((table["low"] <= true) & (true <= table["high"])).mean())
        row = found.kinds.set_index("kind").loc["self"]
        inflation.append(row["low"] <= 1.2 <= row["high"])
    held = {"difference_of_targets": differences, "severity": severities, "self_inflation": inflation}
    each_run = {name: np.array([np.mean(one) for one in found]) for name, found in held.items()}
    dossier("scorecard", "Ratings with severity taken out: coverage (nominal 95 %)", ratings_per_target=each, runs=runs,
            **{name: float(found.mean()) for name, found in each_run.items()})  # fmt: skip
    for found in each_run.values():
        # Errors of a run go together: the Monte Carlo error is that of the means of runs.
        assert found.mean() >= 0.95 - 2.5 * found.std() / np.sqrt(runs)


def test_kinds_that_see_the_same_merit_agree_and_others_are_named() -> None:
    frame, *_ = crossed(11, targets=60, severity=1.0)
    peers = frame.assign(rating=frame["rating"] + np.random.default_rng(1).normal(0, 0.3, len(frame)))
    rng = np.random.default_rng(2)
    public = pd.DataFrame({"rater": "p", "target": frame["target"].unique(), "rating": rng.normal(8, 1, 60)})
    both = pd.concat([frame.assign(kind="superior"), peers.assign(kind="peer"), public.assign(kind="public")])
    found = rater_severity(both, **NAMES, kind="kind")
    table = found.between.set_index(["first", "second"])
    assert table.loc[("peer", "superior"), "correlation"] > 0.9
    assert table.loc[("public", "superior"), "high"] < 0.5
    assert {item.facts["first"] for item in found.findings if item.code == "ratings-kinds-disagree"} == {
        "peer",
        "public",
    }


def test_a_net_of_ratings_that_would_take_hours_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kpi_research.scorecard.evaluators.crossed.MOST", 20)
    with pytest.raises(ValueError, match="allowed: up to 20"):
        rater_severity(crossed(1)[0], **NAMES)
