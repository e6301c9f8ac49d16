"""Benefit of the doubt: another implementation's scores, every unit's own linear program, and relations."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from kpi_research.weights.benefit import benefit_of_doubt
from kpi_research.weights.benefit.bod import flatter
from kpi_research.weights.benefit.inputs import Shares, share_limits

Reference = Callable[[str], Path]
SEEDS = st.integers(0, 10**6)


def frame(values: np.ndarray) -> pd.DataFrame:
    units, size = values.shape
    return pd.DataFrame(values, index=[f"u{k}" for k in range(units)], columns=[f"i{j}" for j in range(size)])


def random_values(seed: int, units: int, size: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.asarray(np.exp(0.3 * rng.normal(size=(units, 1)) + 0.5 * rng.normal(size=(units, size))))


def random_scores(seed: int, units: int = 12, size: int = 4) -> pd.DataFrame:
    return frame(random_values(seed, units, size))


def best_scores(values: np.ndarray, shares: Shares | None) -> np.ndarray:
    limits = share_limits([f"i{j}" for j in range(values.shape[1])], shares, None)
    return np.asarray(flatter(values, limits).contribution.sum(axis=1))


def one_program(
    values: np.ndarray, unit: np.ndarray, at: np.ndarray, limits: list[tuple[np.ndarray, float, float]]
) -> float:
    """Maximize the unit's score by scipy, one program with all units as rows."""
    rows, right = [values], [np.ones(len(values))]
    for form, low, high in limits:
        rows += [(low * at - form * at)[None, :], (form * at - high * at)[None, :]]
        right += [np.zeros(1), np.zeros(1)]
    answer = linprog(-unit, np.vstack(rows), np.concatenate(right), bounds=(0, None), method="highs")
    return float(-answer.fun)


@pytest.mark.parametrize(("file", "shares"), [("bod_scores_500", None), ("bod_constr_scores_500", (0.02, 0.5))])
def test_scores_equal_compind(reference: Reference, file: str, shares: tuple[float, float] | None) -> None:
    # Compind 3.4 ci_bod(X, 1:10) and ci_bod_constr(X, 1:10, up_w = .5, low_w = .02)
    scores = pd.read_csv(reference("bod/bod_X_500.csv"))
    expected = pd.read_csv(reference(f"bod/{file}.csv"))["bod"]
    found = benefit_of_doubt(scores, shares=shares)
    assert np.abs(found.table["score"] - expected).max() <= 1e-9
    assert (
        max(found.certificate.primal_violation, found.certificate.duality_gap, found.certificate.dual_violation) <= 1e-9
    )


def test_pillars_of_asem_equal_compind(reference: Reference) -> None:
    # Compind 3.4 ci_bod on the eight pillars
    stored = pd.read_csv(reference("coinr/asem_pillars_bod.csv"), index_col="uCode")
    results = pd.read_csv(reference("coinr/asem_results_scores_original.csv"), index_col="uCode")
    pillars = ["Physical", "ConEcFin", "Political", "Instit", "P2P", "Environ", "Social", "SusEcFin"]
    found = benefit_of_doubt(results.loc[stored.index, pillars]).table.set_index("unit")["score"]
    assert np.abs(found - stored["bod"]).max() <= 1e-9


@pytest.mark.parametrize("profile", ["own", "mean"])
@pytest.mark.parametrize("seed", range(6))
def test_single_limits_and_groups_equal_one_program_per_unit(seed: int, profile: str) -> None:
    scores = random_scores(seed, 15, 5)
    values = scores.to_numpy()
    shares = {"i0": (0.05, 0.2), "i1": (0.3, 0.9), "i3": (0.1, 0.5)}
    groups = {"field": (["i3", "i4"], 0.2, 0.5)}
    found = benefit_of_doubt(scores, shares=shares, groups=groups, profile=profile)  # type: ignore[arg-type]
    limits = [(np.eye(5)[int(name[1])], *pair) for name, pair in shares.items()]
    limits.append((np.array([0, 0, 0, 1, 1.0]), 0.2, 0.5))
    for number, unit in enumerate(values):
        at = unit if profile == "own" else (values / values.max(axis=0)).mean(axis=0) * values.max(axis=0)
        assert found.table["score"][number] == pytest.approx(one_program(values, unit, at, limits), abs=1e-9)
    if profile == "own":
        for name, (low, high) in shares.items():
            assert found.shares[name].between(low - 1e-9, high + 1e-9).all()
        assert found.shares[["i3", "i4"]].sum(axis=1).between(0.2 - 1e-9, 0.5 + 1e-9).all()


def test_peers_envelop_the_unit_and_their_intensities_add_up_to_its_score() -> None:
    scores = random_scores(3, 30, 4)
    found = benefit_of_doubt(scores)
    assert np.allclose(found.peers.groupby("unit")["intensity"].sum()[scores.index], found.table["score"], atol=1e-9)
    for unit, own in found.peers.groupby("unit"):
        combined = own["intensity"].to_numpy() @ scores.loc[own["peer"]].to_numpy()
        assert (combined >= scores.loc[str(unit)].to_numpy() - 1e-9).all()
    assert found.table.set_index("unit").loc[found.peers["peer"].unique(), "on_top"].all()


def test_an_ignored_indicator_has_no_weight_in_any_optimum() -> None:
    # East is far behind on visits: giving visits any weight can only lower its score.
    scores = pd.DataFrame({"patrol": [1.0, 0.8], "visits": [1.0, 0.1]}, index=["North", "East"])
    found = benefit_of_doubt(scores).table.set_index("unit")
    assert found.loc["East", "score"] == pytest.approx(0.8, abs=1e-12)
    assert found.loc["East", "ignored"] == 1
    assert found.loc["North", "ignored"] == 0


@given(seed=SEEDS)
@settings(deadline=None, derandomize=True, max_examples=500)
def test_units_of_measure_and_order_change_nothing(seed: int) -> None:
    values, rng = random_values(seed, 8, 3), np.random.default_rng(seed)
    shares = (0.1, 0.6) if seed % 2 else None
    units, columns = rng.permutation(8), rng.permutation(3)
    moved = (values * rng.uniform(0.01, 100, size=3))[np.ix_(units, columns)]
    assert np.abs(best_scores(moved, shares) - best_scores(values, shares)[units]).max() <= 1e-9


def test_names_go_with_their_units_whatever_the_order() -> None:
    scores = random_scores(4)
    found = benefit_of_doubt(scores, shares={"i0": (0.1, 0.6)})
    again = benefit_of_doubt(scores.iloc[::-1, [2, 0, 3, 1]] * [3.0, 1e3, 0.1, 1.0], shares={"i0": (0.1, 0.6)})
    expected = found.table.set_index("unit")["score"]
    assert np.abs(again.table.set_index("unit")["score"][expected.index] - expected).max() <= 1e-9


@given(seed=SEEDS)
@settings(deadline=None, derandomize=True, max_examples=500)
def test_tightening_never_helps_and_a_better_rival_never_helps(seed: int) -> None:
    values = random_values(seed, 7, 3)
    wide = best_scores(values, (0.05, 0.8))
    if seed % 3 == 0:
        assert (best_scores(values, None) >= wide - 1e-9).all()
    elif seed % 3 == 1:
        assert (wide >= best_scores(values, (0.2, 0.5)) - 1e-9).all()
    else:
        better = values.copy()
        better[0] *= 1.5
        assert (best_scores(better, (0.05, 0.8))[1:] <= wide[1:] + 1e-9).all()


def test_one_unit_stands_on_top_and_zeros_are_said() -> None:
    assert benefit_of_doubt(frame(np.array([[3.0, 0.0, 2.0]]))[["i0", "i2"]]).table["score"].tolist() == [1.0]
    zero = benefit_of_doubt(frame(np.array([[1.0, 0.0], [0.5, 0.8]])), shares=(0.1, 0.9))
    assert zero.table["score"][0] == 0.0
    assert "benefit-zero-score" in {item.code for item in zero.findings}
    assert zero.shares.iloc[0].isna().all()


@pytest.mark.parametrize(
    ("values", "options", "words"),
    [
        ([[1.0, np.nan]], {}, "unit 'u0' has nan in 'i1'"),
        ([[1.0, np.inf]], {}, "finite numbers"),
        ([[1.0, -2.0]], {}, "0 or more"),
        ([[1.0, 0.0], [2.0, 0.0]], {}, "'i1' is 0 for every unit"),
        ([[1.0, 1.0]], {"shares": (0.6, 0.9)}, "contradict each other"),
        ([[1.0, 1.0]], {"shares": (0.0, 0.2)}, "contradict each other"),
        ([[1.0, 1.0]], {"shares": {"i7": (0.0, 0.2)}}, "no indicator 'i7'"),
        ([[1.0, 1.0]], {"shares": (0.5, 0.2)}, "smallest <= largest"),
        ([[1.0, 1.0]], {"groups": {"g": (["i0", "x"], 0.1, 0.2)}}, "no indicator 'x'"),
        ([[1.0, 1.0]], {"profile": "average"}, "profile is 'average'"),
    ],
)
def test_unusable_input_is_refused(values: list[list[float]], options: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        benefit_of_doubt(frame(np.array(values)), **options)  # type: ignore[arg-type]


def test_no_units_or_text_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        benefit_of_doubt(pd.DataFrame({"a": []}))
    with pytest.raises(ValueError, match="must hold numbers"):
        benefit_of_doubt(pd.DataFrame({"发案": ["高", "低"]}))
    with pytest.raises(TypeError, match="DataFrame"):
        benefit_of_doubt([[1.0]])  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="pair"):
        benefit_of_doubt(frame(np.ones((1, 2))), shares={"i0": 0.3})  # type: ignore[dict-item]
