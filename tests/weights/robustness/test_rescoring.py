"""Composites and their Monte Carlo: equal to COINr to 1e-9, stages that share results, tables that are refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import gmean, hmean

from kpi_research.weights.robustness import Scale, choices_that_move_ranks, composite_scores, rescore
from kpi_research.weights.robustness.composite import Composite, leaf_values, ranks_of
from kpi_research.weights.robustness.tree import climb, effective_weights, lower_from, raise_to, read_tree

Reference = Callable[[str], Path]


def asem(reference: Reference) -> tuple[pd.DataFrame, pd.DataFrame]:
    meta = pd.read_csv(reference("coinr/asem_iMeta.csv"))
    meta = meta[meta["Type"].isin(["Indicator", "Aggregate"])]
    tree = meta.rename(columns={"iCode": "id", "Parent": "parent", "Weight": "weight", "Direction": "direction"})
    return pd.read_csv(reference("coinr/asem_data_treated.csv"), index_col="uCode"), tree


@pytest.mark.parametrize(
    ("file", "scale"),
    [("minmax", Scale("minmax", 0, 100)), ("zscore", Scale("zscore", 10, 2))],
    ids=["minmax", "zscore"],
)
def test_normalizations_of_asem_equal_coinr(reference: Reference, file: str, scale: Scale) -> None:
    # Normalise(coin, dset = "Treated", f_n = n_minmax, c(0, 100)) and n_zscore, c(10, 2)
    values, table = asem(reference)
    tree = read_tree(table)
    expected = pd.read_csv(reference(f"coinr/asem_norm_{file}.csv"), index_col="uCode")[list(tree.nodes[: tree.leaves])]
    assert np.abs(scale.apply(leaf_values(values, tree)) - expected.loc[values.index]).max().max() <= 1e-9


def test_scores_of_asem_on_every_level_equal_coinr(reference: Reference) -> None:
    # get_results(coin, "Aggregated", tab_type = "Aggs", use = "scores" and "ranks")
    values, table = asem(reference)
    expected = pd.read_csv(reference("coinr/asem_results_scores_original.csv"), index_col="uCode").drop(columns="Rank")
    found = composite_scores(values, table)
    assert np.abs(found.loc[expected.index, expected.columns] - expected).max().max() <= 1e-9
    ranks = pd.read_csv(reference("coinr/asem_results_ranks_original.csv"), index_col="uCode")
    own = pd.Series(ranks_of(found[["Index"]].to_numpy().T)[0], index=found.index)
    assert (own[ranks.index] == ranks["Index"]).all()


def test_ranks_over_runs_of_asem_resemble_coinr(reference: Reference) -> None:
    # get_sensitivity(..., N = 1000): minmax(1, 100) | zscore(10, 2), weights +-25 % at levels 2 and 3, amean | gmean, and
    # the limit of winsorization, which is not varied here: the nominal ranks are equal, the mean ranks nearly so.
    values, table = asem(reference)
    expected = pd.read_csv(reference("coinr/asem_ua1000_rankstats.csv"), index_col="uCode")
    found = rescore(values, table, noise={2: 0.25, 3: 0.25}).table.set_index("unit").loc[expected.index]
    assert (found["rank"] == expected["Nominal"]).all()
    assert np.corrcoef(found["mean_rank"], expected["Mean"])[0, 1] >= 0.999
    assert np.abs(found["mean_rank"] - expected["Mean"]).max() <= 1.5


def test_the_mean_of_asem_is_what_moves_ranks_most(reference: Reference) -> None:
    values, table = asem(reference)
    found = choices_that_move_ranks(values, table, noise={2: 0.25, 3: 0.25}, sets=100, size=1024).table.set_index(
        "factor"
    )
    assert found["total"].idxmax() == "aggregation"
    assert 0.45 <= found.loc["aggregation", "first"] <= 0.7


@pytest.mark.parametrize(("mean", "function"), [("geometric", gmean), ("harmonic", hmean)])
def test_means_level_by_level_equal_scipy(mean: str, function: Callable[..., float]) -> None:
    rng = np.random.default_rng(1)
    values = pd.DataFrame(rng.uniform(1, 9, size=(6, 3)), columns=["a", "b", "c"])
    tree = pd.DataFrame(
        {"id": ["a", "b", "c", "p", "all"], "parent": ["p", "p", "all", "all", ""], "weight": [2, 1, 3, 1, 1.0]}
    )
    found = composite_scores(values, tree, scale=Scale("minmax", 1, 10), aggregation=mean)
    scaled = Scale("minmax", 1, 10).apply(values.to_numpy())
    pillar = function(scaled[:, :2], axis=1, weights=np.array([2.0, 1.0]))
    assert found["p"].to_numpy() == pytest.approx(pillar)
    assert found["all"].to_numpy() == pytest.approx(
        function(np.column_stack([scaled[:, 2], pillar]), axis=1, weights=np.array([3.0, 1.0]))
    )


def test_one_product_equals_climbing_and_gaps_share_their_weight() -> None:
    rng = np.random.default_rng(4)
    table = pd.DataFrame(
        {
            "id": [*"abcd", "p", "q", "all"],
            "parent": ["p", "p", "q", "q", "all", "all", None],
            "weight": rng.uniform(0.2, 2, 7),
        }
    )
    tree = read_tree(table)
    values = rng.uniform(1, 5, size=(8, 4))
    for mean in ("arithmetic", "geometric", "harmonic"):
        raised = raise_to(values, mean)
        whole = lower_from(raised @ effective_weights(tree, tree.weight[None])[0], mean)
        assert lower_from(climb(tree, raised, tree.weight)[:, -1], mean) == pytest.approx(whole)
    gaps = values.copy()
    gaps[0, 0] = np.nan
    composite = Composite(tree, gaps, (Scale("minmax", 1, 10),), ("arithmetic",), tree.weight[None])
    scores = composite.scores(*np.zeros((3, 1), dtype=int))[0]
    scaled = Scale("minmax", 1, 10).apply(gaps)
    share = tree.weight[4] / tree.weight[4:6].sum()
    lower = scaled[0, 2:] @ tree.weight[2:4] / tree.weight[2:4].sum()
    assert scores[0] == pytest.approx(share * scaled[0, 1] + (1 - share) * lower)


def test_scales_put_the_best_on_top_and_flat_indicators_in_the_middle() -> None:
    values = np.array([[1.0, 5.0], [3.0, 5.0], [2.0, np.nan]])
    for scale in (Scale("minmax"), Scale("zscore", 10, 2), Scale("rank"), Scale("best")):
        found = scale.apply(values)
        assert found[:, 0].argsort().tolist() == [0, 2, 1]
        assert found[0, 1] == found[1, 1] == (10 if scale.method == "zscore" else 50)
        assert np.isnan(found[2, 1])
    assert Scale("rank").apply(values)[:, 0].tolist() == [0, 100, 50]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"parent": ["x", "all", None]}, "the parent 'x'"),
        ({"parent": ["b", "a", None]}, "circle"),
        ({"parent": [None, "all", None]}, "2 roots"),
        ({"id": ["a", "a", "all"]}, "stands twice"),
        ({"weight": [0, 0, 1.0]}, "all weights beneath 'all' are 0"),
        ({"weight": [-1, 1, 1.0]}, "weight of 'a' is -1"),
        ({"direction": ["up", "higher", ""]}, "direction of 'a'"),
    ],
)
def test_unusable_trees_are_refused(changes: dict[str, object], words: str) -> None:
    table = pd.DataFrame({"id": ["a", "b", "all"], "parent": ["all", "all", None]}).assign(**changes)
    with pytest.raises(ValueError, match=words):
        read_tree(table)


def test_unusable_values_and_options_are_refused() -> None:
    tree = pd.DataFrame({"id": ["a", "b", "all"], "parent": ["all", "all", None]})
    values = pd.DataFrame({"a": [1.0, 2.0], "b": [3.0, 1.0]})
    for options, words in (
        ({"runs": 0}, "runs is 0"), ({"level": 2}, "level is 2"), ({"noise": 1.5}, "noise at level 1"),
        ({"noise": {7: 0.1}}, "names level 7"), ({"aggregations": ["mode"]}, "aggregation is 'mode'"), ({"aggregations": []}, "at least one"),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=words):
            rescore(values, tree, **options)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="needs values above 0"):
        composite_scores(values, tree, aggregation="geometric")
    with pytest.raises(ValueError, match="no column 'b'"):
        composite_scores(values[["a"]], tree)
    with pytest.raises(ValueError, match="finite"):
        composite_scores(values.assign(b=np.inf), tree)
    with pytest.raises(ValueError, match="method is 'max'"):
        Scale("max")  # type: ignore[arg-type]
