"""From records to ranks on resampled data: what it must and must not change, resumption, refusals."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import kpi_research as kr
from kpi_research.bootstrap.replicate import make_plan, replicate
from kpi_research.result import StudyResult


@pytest.fixture(scope="module")
def result() -> StudyResult:
    """A small simulated bureau, all stages run."""
    few = {"incidents_per_month": 12, "survey_calls": 3, "labels_per_year": 40}
    return kr.run_study(kr.simulate_bureau(stations=12, months=9, officers_per_station=6, seed=3, **few))


@pytest.fixture(scope="module")
def told() -> list[int]:
    """What the first, interrupted run told of its progress."""
    return []


@pytest.fixture(scope="module")
def found(result: StudyResult, told: list[int], tmp_path_factory: pytest.TempPathFactory) -> kr.ScorecardBootstrap:
    """A run that was interrupted after 60 replicates by one process, and ended by two."""
    folder = tmp_path_factory.mktemp("bootstrap")

    def stop(_name: str, done: int, _total: int) -> None:
        told.append(done)
        if done == 60:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        kr.bootstrap_scorecard(result, replicates=100, folder=folder, progress=stop)
    assert len(list(folder.glob("*/*.zip"))) == 6
    ended = kr.bootstrap_scorecard(result, replicates=100, folder=folder, jobs=2)
    assert not list(folder.iterdir())
    return ended


def test_it_tells_of_every_unit_and_of_each_source(result: StudyResult, found: kr.ScorecardBootstrap) -> None:
    table = found.table
    assert set(table["unit"]) == set(result.scorecard.table["unit"])
    known = table.dropna(subset=["se"])
    assert len(known) >= 12
    stage = result.scorecard.table.set_index("unit")["se"].reindex(known["unit"]).to_numpy()
    assert np.allclose(known["se_sampling"], stage, rtol=0.15)  # the same errors, on scales of other indicators
    assert (known["low"] <= known["rank"]).all()
    assert (known["rank"] <= known["high"]).all()
    assert known["se"].mean() > known["se_sampling"].mean()
    assert {item.code for item in found.findings} >= {"bootstrap-told"}
    assert found.plot("zh") is not None


def test_every_replicate_has_a_stream_of_its_own_before_and_after_the_interruption(
    result: StudyResult, found: kr.ScorecardBootstrap, told: list[int]
) -> None:
    assert told == [0, 10, 20, 30, 40, 50, 60]
    seeds = np.random.SeedSequence(result.study.spec.study.seed).spawn(100)
    plan = make_plan(result)
    table = found.replicates.set_index(["replicate", "part"])
    assert len(table) == 300
    for number in (7, 93):
        one = replicate(plan, seeds[number])
        for part in ("sampling", "adjusted", "whole"):
            stored = table.loc[(number, part)].dropna()
            pd.testing.assert_series_equal(stored, getattr(one, part), check_names=False, check_exact=True)


def test_weights_that_rules_fix_add_no_error(result: StudyResult) -> None:
    spec = result.study.spec
    tied = result.study.spec.weights.model_copy(update={"tether": 0.0})
    study = replace(result.study, spec=spec.model_copy(update={"weights": tied}))
    plan = make_plan(replace(result, study=study, weights=kr.optimize_weights(study, result.validity)))
    for seed in np.random.SeedSequence(1).spawn(3):
        one = replicate(plan, seed)
        pd.testing.assert_series_equal(one.whole, one.adjusted)
        assert not one.whole.equals(one.sampling)  # workload was measured again


def test_refusals(result: StudyResult) -> None:
    with pytest.raises(ValueError, match="replicates is 20; allowed: 100 or more"):
        kr.bootstrap_scorecard(result, replicates=20)
    with pytest.raises(ValueError, match="block is 40; allowed: 1 to 9"):
        kr.bootstrap_scorecard(result, block=40)
    with pytest.raises(ValueError, match="jobs is 0"):
        kr.bootstrap_scorecard(result, jobs=0)
    empty = replace(result.scorecard, table=result.scorecard.table.assign(score=np.nan))
    with pytest.raises(ValueError, match="no scores"):
        kr.bootstrap_scorecard(replace(result, scorecard=empty))
