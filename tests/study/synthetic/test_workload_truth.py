"""True minutes of tasks, posts, ranks and units are recovered by a Poisson regression on the work log."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from scipy import sparse, stats
from scipy.sparse.linalg import spsolve

from kpi_research.study.synthetic import Bureau

Draw = Callable[..., Bureau]

SEEDS = (1, 2)
FACTORS = ("task", "post", "rank", "unit", "period")


def design(frame: pd.DataFrame) -> tuple[sparse.csr_matrix, list[tuple[str, str]]]:
    """Return a dummy design whose first level of every factor but the task is the reference."""
    blocks, names = [], []
    for factor in FACTORS:
        codes, levels = frame[factor].factorize(sort=True)
        first = 0 if factor == "task" else 1
        block = sparse.csr_matrix(
            (np.ones(len(frame)), (np.arange(len(frame)), codes)), shape=(len(frame), len(levels))
        )
        blocks.append(block[:, first:])
        names += [(factor, level) for level in levels[first:]]
    return sparse.hstack(blocks).tocsr(), names


def poisson_fit(frame: pd.DataFrame) -> pd.DataFrame:
    """Fit minutes = count x exp(effects) and return estimates with officer-clustered standard errors."""
    x, names = design(frame)
    y, offset = frame["minutes"].to_numpy(float), np.log(frame["count"].to_numpy(float))
    beta = np.zeros(x.shape[1])
    beta[: frame["task"].nunique()] = np.log(y.sum() / np.exp(offset).sum())
    for _ in range(30):
        mean = np.exp(offset + x @ beta)
        step = spsolve((x.T @ x.multiply(mean[:, None])).tocsc(), x.T @ (y - mean))
        beta += step
        if np.abs(step).max() < 1e-10:
            break
    inverse = np.linalg.inv((x.T @ x.multiply(mean[:, None])).toarray())
    officer = frame["officer"].factorize()[0]
    sums = sparse.csr_matrix((np.ones(len(y)), (officer, np.arange(len(y))))) @ x.multiply((y - mean)[:, None])
    spread = inverse @ (sums.T @ sums).toarray() @ inverse
    return pd.DataFrame({"estimate": beta, "se": np.sqrt(np.diag(spread))}, index=pd.MultiIndex.from_tuples(names))


def logged(bureau: Bureau) -> pd.DataFrame:
    officers = bureau.tables["officers"][["officer", "post", "rank"]]
    frame = bureau.tables["worklog"].merge(officers, on="officer")
    return frame[frame["period"] < "2024-10"].reset_index(drop=True)


def planted(bureau: Bureau, factor: str, column: str) -> pd.Series:
    values = np.log(bureau.truth[f"{factor}s"].set_index(factor)[column]).sort_index()
    return values if factor == "task" else values - values.iloc[0]


@pytest.mark.parametrize(("seed", "noise"), [(1, "gamma"), (2, "lognormal")])
def test_poisson_regression_recovers_tasks_posts_ranks_and_units(bureau: Draw, seed: int, noise: str) -> None:
    drawn = bureau(seed, work_noise=noise, ability_spread=0.3)
    fit = poisson_fit(logged(drawn))
    speed = drawn.truth["speed"].set_index("unit")["log_minutes"].sort_index()
    months = drawn.truth["work_months"].set_index("period")["log_minutes"].sort_index()
    reference = planted(drawn, "post", "factor").index[0], planted(drawn, "rank", "factor").index[0]
    base = np.log(drawn.truth["posts"].set_index("post")["factor"][reference[0]])
    base += np.log(drawn.truth["ranks"].set_index("rank")["factor"][reference[1]]) + speed.iloc[0] + months.iloc[0]
    truth = {
        "task": planted(drawn, "task", "minutes") + base,
        "post": planted(drawn, "post", "factor"),
        "rank": planted(drawn, "rank", "factor"),
        "unit": speed - speed.iloc[0],
        "period": months - months.iloc[0],
    }
    expected = pd.concat(truth)
    z = (fit["estimate"] - expected.reindex(fit.index)) / fit["se"]
    assert z.abs().max() < 4.5
    for factor in ("post", "rank"):
        assert np.abs(fit.loc[factor, "estimate"] - truth[factor].iloc[1:]).max() < 0.08


def test_thin_levels_exist(bureau: Draw) -> None:
    counts = logged(bureau())["task"].value_counts()
    assert 0 < counts["escort"] < 0.01 * counts.sum()


@pytest.mark.parametrize("noise", ["gamma", "lognormal"])
def test_noise_has_mean_one_and_the_planted_variance(bureau: Draw, noise: str) -> None:
    drawn = bureau(1, work_noise=noise, ability_spread=0.0, heaping_share=0.0)
    frame = logged(drawn)
    for factor, column, name in (
        ("task", "minutes", "tasks"),
        ("post", "factor", "posts"),
        ("rank", "factor", "ranks"),
    ):
        frame[f"true_{factor}"] = frame[factor].map(drawn.truth[name].set_index(factor)[column])
    shift = frame["unit"].map(drawn.truth["speed"].set_index("unit")["log_minutes"])
    shift += frame["period"].map(drawn.truth["work_months"].set_index("period")["log_minutes"])
    mean = frame["count"] * frame["true_task"] * frame["true_post"] * frame["true_rank"] * np.exp(shift)
    ratio = (frame["minutes"] / mean)[mean > 100]
    assert ratio.mean() == pytest.approx(1, abs=4 * 0.5 / np.sqrt(len(ratio)))
    assert ratio.var() == pytest.approx(0.25, rel=0.08)


def test_selection_into_case_posts_is_off_by_default_and_can_be_switched_on(bureau: Draw) -> None:
    for seed in SEEDS:
        gaps = []
        for selection in (0.0, 1.5):
            drawn = bureau(seed, post_selection=selection)
            frame = drawn.tables["officers"].merge(drawn.truth["people"], on="officer")
            frame = frame[frame["unit"].str.startswith("S")]
            case = frame["post"] == "case"
            gaps.append(stats.ttest_ind(frame.loc[case, "ability"], frame.loc[~case, "ability"]))
        assert abs(gaps[0].statistic) < 3.5
        assert gaps[1].statistic > 8


def test_overloaded_stations_log_more_call_work_per_officer(bureau: Draw) -> None:
    drawn = bureau()
    overload = drawn.truth["situation"].set_index("unit")["overload"]
    calls = drawn.tables["worklog"].query("task == 'call_handling'").groupby("unit")["count"].sum()
    officers = drawn.tables["units"].set_index("unit")["officers"]
    assert np.corrcoef(overload, np.log((calls / officers)[overload.index]))[0, 1] > 0.8
