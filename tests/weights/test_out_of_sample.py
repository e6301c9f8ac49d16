"""Weights chosen on some stations of a simulated bureau, held against current and expert weights on the others."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from kpi_research.study.model import Study
from kpi_research.study.simulate import simulate_bureau
from kpi_research.validity import ahp
from kpi_research.weights import Rule
from kpi_research.weights.evidence import correlation, prepare_evidence
from kpi_research.weights.from_validity import expert_weights
from kpi_research.weights.indicators import canonical_indicators, weights_of
from kpi_research.weights.limits import single_limit
from kpi_research.weights.objectives import closest_weights, most_valid_weights
from kpi_research.weights.program import Program, compile_program
from kpi_research.weights.rules import resolve
from kpi_research.weights.stage import unit_outcome, unit_scores
from kpi_research.weights.wording import wording_of

STATIONS, MONTHS, SAMPLES, BUREAUS = 500, 6, 15, (11, 12, 13, 14)
SIZES = (40, 100, 300)
RULES = [
    Rule("business-band", "module = 'business'", min=60, max=80),
    Rule("team-band", "module = 'team'", min=10, max=20),
    Rule("count-cap", "kind = 'quantity'", max=15),
    Rule("single-cap", "NOT banned", each_max=20),
    Rule("prevention", "module = 'business' AND kind = 'preventive'", of="module = 'business'", min=0.4),
]
Floats = np.ndarray


class World:
    """Scores and outcome of many stations, and weights that were not chosen on them."""

    def __init__(self, study: Study) -> None:
        self.frame = canonical_indicators(study.indicators)
        self.ids = tuple(self.frame["id"])
        scores, outcome = unit_scores(study), unit_outcome(study)
        assert outcome is not None
        self.scores, self.outcome = scores.reindex(outcome.index)[list(self.ids)], outcome
        self.resolved = resolve(RULES, self.frame)
        missing = [place for place, name in enumerate(self.ids) if self.scores[name].isna().mean() > 0.5]
        limits = [
            *self.resolved.limits,
            *(single_limit(list(self.ids), place, "no_evidence", 0.0) for place in missing),
        ]
        self.program: Program = compile_program(self.ids, limits)
        self.scores = self.scores.drop(columns=[self.ids[place] for place in missing]).dropna()
        self.outcome = self.outcome.reindex(self.scores.index)
        self.scores = self.scores.reindex(columns=list(self.ids), fill_value=0.0)
        current = pd.Series(study.indicators["current_weight"].to_numpy(), index=list(study.indicators["id"]))
        self.current = weights_of(current, self.ids)
        self.experts = weights_of(_experts(study, current), self.ids)

    def sample(self, units: int, seed: int) -> dict[str, float]:
        """Choose weights on some stations and correlate scores with the outcome on all others."""
        order = np.random.default_rng(seed).permutation(len(self.outcome))
        inside, outside = order[:units], order[units:]
        wording = wording_of(self.resolved, self.frame)
        own = self.scores.iloc[inside]
        evidence = prepare_evidence(own, self.outcome.iloc[inside], wording, self.program.high > 0)
        spread = own.std(ddof=0).replace(0.0, 1.0)
        rest = ((self.scores.iloc[outside] - own.mean()) / spread).to_numpy()
        found = {name: weights for name, weights in self._weights(evidence).items() if weights is not None}
        outcome = self.outcome.iloc[outside].to_numpy()
        return {name: correlation(rest @ weights, outcome) for name, weights in found.items()}

    def _weights(self, evidence: object) -> dict[str, Floats | None]:
        found: dict[str, Floats | None] = {"current": self.current, "experts": self.experts}
        found["equal"] = (self.program.high > 0) * 1.0
        for name, target in (("current", self.current), ("experts", self.experts)):
            nearest = closest_weights(self.program, target)
            assert nearest is not None
            found[f"{name}_allowed"] = nearest.weights
            for tether in (10.0, np.inf):
                best = most_valid_weights(self.program, evidence, nearest.weights, target, tether)
                chosen = nearest.weights if best is None else best.weights
                found[f"optimized_{name}_{tether:g}"] = chosen
        return found


def _experts(study: Study, current: pd.Series) -> pd.Series:
    table = study.role_table("comparisons")
    assert table is not None
    parts = []
    for name, part in table.groupby("group"):
        found = ahp(part, expert="expert", first="first", second="second", ratio="ratio")
        parts.append(found.table.assign(group=name))

    class Evidence:
        """What the stage reads of the evidence on validity."""

        skipped, details = False, {"ahp": pd.concat(parts)}

    weights = expert_weights(study.indicators, current, Evidence())  # type: ignore[arg-type]
    assert weights is not None
    return weights


@pytest.fixture(scope="module")
def worlds() -> list[World]:
    return [
        World(simulate_bureau(STATIONS, MONTHS, officers_per_station=8, incidents_per_month=30, seed=seed))
        for seed in BUREAUS
    ]


NAMES = {
    "current": "current weights",
    "current_allowed": "current weights, brought within the rules",
    "experts": "expert weights (AHP)",
    "experts_allowed": "expert weights, brought within the rules",
    "equal": "equal weights",
    "optimized_current_10": "default: optimized, tethered to the current weights by 10 points",
    "optimized_experts_10": "optimized, tethered to the expert weights by 10 points",
    "optimized_current_inf": "optimized without tether",
}


@pytest.mark.validation
@pytest.mark.parametrize("units", SIZES, ids=lambda units: f"{units:03d}")
def test_default_weights_on_stations_they_were_not_chosen_on(
    worlds: list[World], dossier: Callable[..., None], units: int
) -> None:
    samples = [(number, world.sample(units, seed)) for number, world in enumerate(worlds) for seed in range(SAMPLES)]
    rows = pd.DataFrame([found for _, found in samples])
    bureau = pd.Series([number for number, _ in samples])
    gains = rows.rsub(rows["optimized_current_10"], axis=0)
    for name, text in NAMES.items():
        gain, of_bureaus = gains[name], gains[name].groupby(bureau).mean()
        dossier(
            "weights", "Correlation with the outcome on stations that were left out", stations=units, weights=text,
            bureaus=len(worlds), runs=len(rows), correlation=round(float(rows[name].mean()), 3),
            default_better_by=round(float(gain.mean()), 3),
            standard_error=round(float(of_bureaus.std(ddof=1) / np.sqrt(len(worlds))), 3),
            runs_at_least_as_good=round(float((gain >= 0).mean()), 2), bureaus_at_least_as_good=int((of_bureaus >= 0).sum()),
        )  # fmt: skip
    for name in ("current", "current_allowed", "experts", "experts_allowed", "equal"):
        assert gains[name].mean() >= 0, name
