"""What is true about cases can be recovered: who prevents, what share is preventable, who came from elsewhere."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.special import logit

from kpi_research.study.synthetic import Bureau

Draw = Callable[..., Bureau]

SEEDS = (1, 2)


def joined(bureau: Bureau) -> pd.DataFrame:
    frame = bureau.tables["incidents"].merge(
        bureau.truth["cases"], on=["incident", "unit", "period"], suffixes=("", "_true")
    )
    return frame[frame["category"] != "service"]


@pytest.mark.parametrize("seed", SEEDS)
def test_probabilities_are_calibrated_at_every_level(bureau: Draw, seed: int) -> None:
    cases = joined(bureau(seed))
    for _, group in cases.groupby(pd.qcut(cases["probability"], 10)):
        p = group["probability"]
        assert abs((group["preventable"] - p).sum()) < 4 * np.sqrt((p * (1 - p)).sum())
    service = bureau(seed).truth["cases"].loc[bureau(seed).tables["incidents"]["category"] == "service"]
    assert not service["preventable"].any()


@pytest.mark.parametrize("seed", SEEDS)
def test_features_and_transient_offenders_have_their_logit_effects(bureau: Draw, seed: int) -> None:
    drawn = bureau(seed, feature_missing=0.0, concept_shift=0.0, prevention_effect=0.0)
    effects = drawn.truth["effects"].set_index("name")["value"]
    kinds = drawn.truth["types"].set_index("type")["preventable_logit"]
    cases = joined(drawn)
    hour = cases["occurred_at"].dt.hour
    score = (
        cases["type"].map(kinds)
        + effects["preventable.lighting"] * (cases["lighting"] == "poor")
        + effects["preventable.gate"] * (cases["gate"] == "no")
        + effects["preventable.cctv"] * (cases["cctv"] == "no")
        + effects["preventable.night"] * ((hour < 6) | (hour >= 22))
        + effects["preventable.transient"] * cases["transient_true"]
    )
    np.testing.assert_allclose(logit(cases["probability"]), score, atol=1e-4)


@pytest.mark.parametrize("seed", SEEDS)
def test_weighted_labels_recover_the_share_of_each_station_and_unweighted_ones_do_not(bureau: Draw, seed: int) -> None:
    drawn = bureau(seed, labels_per_year=250)
    truth = drawn.truth["preventability"].set_index("unit")["share"]
    labels = drawn.tables["labels"].query("not adjudicated and not unsure").drop_duplicates("incident")
    errors = drawn.truth["raters"].set_index("rater").loc[labels["rater"]].reset_index()
    rate = (1 - errors["false_positive"] - errors["false_negative"]).to_numpy()
    labels = labels.assign(y=(labels["preventable"].to_numpy(float) - errors["false_positive"].to_numpy()) / rate)
    rows, plain = [], []
    for unit, group in labels.groupby("unit"):
        w = 1 / group["inclusion"]
        mean = np.average(group["y"], weights=w)
        spread = np.sqrt((w**2 * (group["y"] - mean) ** 2).sum()) / w.sum()
        rows.append((mean - truth[unit]) / spread)
        plain.append(group["y"].mean() - truth[unit])
    assert 0.001 < stats.chi2.sf(np.square(rows).sum(), len(rows)) < 0.999
    assert np.mean(plain) > 0.04


def test_prevention_shows_as_a_difference_in_differences(bureau: Draw) -> None:
    deviations: list[float] = []
    for seed in SEEDS:
        drawn = bureau(seed, quality_drift=0.0)
        prevention = drawn.truth["prevention"].set_index("unit")
        cases = joined(drawn)
        after = cases["period"] >= sorted(cases["period"].unique())[9]
        treated = cases["unit"].map(prevention["programme"])
        count = cases.groupby([treated.rename("treated"), after.rename("after"), "preventable"]).size()
        sign = pd.Series([(1 if t == a else -1) * (1 if p else -1) for t, a, p in count.index], index=count.index)
        estimate, error = float((sign * np.log(count)).sum()), float(np.sqrt((1 / count).sum()))
        planted = prevention.loc[prevention["programme"], "programme_log_effect"].iloc[0]
        assert planted == pytest.approx(-0.3)
        assert estimate < -2.5 * error
        deviations.append((estimate - planted) / error)
    assert np.abs(deviations).max() < 3.5


def test_prevention_leaves_other_cases_alone(bureau: Draw) -> None:
    with_effect, without = bureau(1), bureau(1, prevention_effect=0.0)
    kept = set(with_effect.tables["incidents"].query("category == 'service'")["reported_at"])
    assert kept == set(without.tables["incidents"].query("category == 'service'")["reported_at"])
    assert len(with_effect.tables["incidents"]) < len(without.tables["incidents"])


@pytest.mark.parametrize("seed", SEEDS)
def test_transient_offenders_are_solved_less_and_hidden_where_unsolved(bureau: Draw, seed: int) -> None:
    cases = joined(bureau(seed, prevention_effect=0.0, transient_effect=0.0, context_spread=0.0, weak_share=0.0))
    planted = bureau(seed).truth["types"].set_index("type")["transient"]
    for kind, group in cases[cases["category"] == "criminal"].groupby("type"):
        error = np.sqrt(planted[kind] * (1 - planted[kind]) / len(group))
        assert abs(group["transient_true"].mean() - planted[kind]) < 4 * error
    thefts = cases[cases["type"] == "ebike_theft"]
    solved = thefts["outcome"].eq("solved").groupby(thefts["transient_true"]).mean()
    assert logit(solved[True]) - logit(solved[False]) == pytest.approx(-0.7, abs=0.35)
    known = thefts[thefts["transient"] != "unknown"]
    assert (known["transient"].eq("yes") == known["transient_true"]).all()
    assert known["transient_true"].mean() < thefts["transient_true"].mean()


@pytest.mark.parametrize("seed", SEEDS)
def test_raters_err_as_planted_and_dawid_skene_finds_it_without_the_truth(bureau: Draw, seed: int) -> None:
    drawn = bureau(seed, labels_per_year=400, double_coded=1.0)
    labels = drawn.tables["labels"].merge(
        drawn.truth["cases"][["incident", "preventable"]], on="incident", suffixes=("", "_true")
    )
    planted = drawn.truth["raters"].set_index("rater")
    for rater, group in labels[~labels["unsure"]].groupby("rater"):
        for truth, column in ((False, "false_positive"), (True, "false_negative")):
            part = group[group["preventable_true"] == truth]
            wrong = (part["preventable"] != int(truth)).sum()
            assert stats.binomtest(int(wrong), len(part), planted[column][str(rater)]).pvalue > 1e-4
    found = dawid_skene(labels[~labels["unsure"] & ~labels["adjudicated"]])
    panel = planted.drop("PANEL")
    assert np.abs(found["false_positive"] - panel["false_positive"]).max() < 0.04
    assert np.abs(found["false_negative"] - panel["false_negative"]).max() < 0.06


def dawid_skene(labels: pd.DataFrame) -> pd.DataFrame:
    """Estimate rater errors by EM from the labels alone (Dawid & Skene 1979)."""
    case, raters = labels["incident"].factorize()[0], labels["rater"].factorize(sort=True)
    said = labels["preventable"].to_numpy(float)
    belief = np.bincount(case, said) / np.bincount(case)
    for _ in range(200):
        share = belief.mean()
        weight = belief[case]
        positive = np.bincount(raters[0], said * (1 - weight)) / np.bincount(raters[0], 1 - weight)
        negative = np.bincount(raters[0], (1 - said) * weight) / np.bincount(raters[0], weight)
        a, b = positive[raters[0]], negative[raters[0]]
        score = np.where(said == 1, np.log((1 - b) / a), np.log(b / (1 - a)))
        belief = 1 / (1 + np.exp(-(logit(share) + np.bincount(case, score))))
    return pd.DataFrame({"false_positive": positive, "false_negative": negative}, index=raters[1])


def test_inclusion_probabilities_give_back_the_number_of_cases(bureau: Draw) -> None:
    deviations: list[float] = []
    for seed in SEEDS:
        drawn = bureau(seed, labels_per_year=250)
        drawn_once = drawn.tables["labels"].drop_duplicates("incident")["inclusion"]
        estimate, error = (1 / drawn_once).sum(), np.sqrt(((1 - drawn_once) / drawn_once**2).sum())
        deviations.append((estimate - drawn.truth["preventability"]["cases"].sum()) / error)
    assert np.abs(deviations).max() < 3.5


@pytest.mark.parametrize("seed", SEEDS)
def test_telecom_fraud_grows_and_theft_falls_as_planted(bureau: Draw, seed: int) -> None:
    drawn = bureau(seed, prevention_effect=0.0)
    months = drawn.tables["incidents"].groupby(["type", "period"]).size().unstack()
    planted = drawn.truth["types"].set_index("type")["log_growth_per_month"]
    time = np.arange(months.shape[1]) - (months.shape[1] - 1) / 2
    for kind, counts in months.iterrows():
        slope = (time * np.log(counts)).sum() / (time**2).sum()
        error = np.sqrt((time**2 / counts).sum()) / (time**2).sum()
        assert abs(slope - planted[str(kind)]) < 4 * error
    assert planted["telecom_fraud"] == pytest.approx(0.03)
