"""Prices: what a new start with the moved rule costs, for rules of every kind on small random problems."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_research.weights.evidence import Evidence
from kpi_research.weights.limits import Limit
from kpi_research.weights.objectives import Optimum, closest_weights, most_valid_weights
from kpi_research.weights.prices import STEPS, Priced, rule_prices
from kpi_research.weights.program import compile_program
from tests.weights.cases import Floats, band, each, evidence_of

NAMES = list(STEPS)


def random_rules(rng: np.random.Generator) -> tuple[list[Limit], Floats]:
    """Return a band, a share, single limits and a cap around a random allowed point of 4 to 6 indicators."""
    size = int(rng.integers(4, 7))
    inside = 100 * rng.dirichlet(np.full(size, 2.0))
    part = np.arange(size) < 2
    total = float(inside[part].sum())
    share = float(inside[0]) / total
    limits = [
        *band("band", [0, 1], size, np.floor(0.8 * total), np.ceil(1.2 * total)),
        Limit("share", "min" if rng.random() < 0.5 else "max", share, np.arange(size) == 0, part),
        *each("single", [2], size, low=float(np.floor(inside[2] * rng.uniform(0.3, 1.0)))),
        *each("cap", list(range(size)), size, high=float(np.ceil(inside.max()))),
    ]
    return limits, inside


def table_of(limits: list[Limit], weights: Floats, tether: float | None, center: Floats) -> pd.DataFrame:
    """Return the table of rules as `rule_prices` reads it, with values computed here."""
    rows: dict[str, dict[str, object]] = {}
    for item in limits:
        if item.is_each:
            value = weights[item.selected].min() if item.is_lower else weights[item.selected].max()
        else:
            base = 1.0 if item.base is None else weights[item.base].sum()
            value = weights[item.selected].sum() / base
        kind = "each" if item.is_each else ("sum" if item.base is None else "share")
        row = rows.setdefault(
            item.rule, {"rule": item.rule, "kind": kind, "value": value, "min": np.nan, "max": np.nan}
        )
        row["min" if item.is_lower else "max"] = item.value
    if tether is not None:
        moved = float(np.abs(weights - center).sum())
        rows["tether"] = {"rule": "tether", "kind": "tether", "value": moved, "min": np.nan, "max": tether}
    return pd.DataFrame(list(rows.values()))


def restarted(
    limits: list[Limit], evidence: Evidence | None, center: Floats, target: Floats, tether: float
) -> Optimum | None:
    program = compile_program(tuple("abcdef")[: len(target)], limits)
    if (program.low > program.high).any() or tether < 0:
        return None
    if evidence is None:
        return closest_weights(program, target)
    return most_valid_weights(program, evidence, center, target, tether)


@given(seed=st.integers(0, 10**6))
@settings(deadline=None, derandomize=True, max_examples=500)
def test_prices_are_differences_from_a_new_start_with_the_moved_limit(seed: int) -> None:
    rng = np.random.default_rng(seed)
    limits, target = random_rules(rng)
    by_validity = seed % 3 > 0
    if not by_validity:
        target = 100 * rng.dirichlet(np.ones(len(target)))
    scores = rng.normal(size=(8, len(target))) + rng.normal(size=(8, 1))
    evidence = evidence_of(scores, scores @ rng.random(len(target)) + rng.normal(size=8)) if by_validity else None
    tether = float(rng.choice([4.0, 15.0, np.inf])) if by_validity else np.inf
    best = restarted(limits, evidence, target, target, tether)
    if best is None:
        return
    problem = Priced(best.program, best.model, best.layout, tether, by_validity)
    table = table_of(limits, best.weights, tether if np.isfinite(tether) else None, target)
    # Two rules are priced, so that the second one finds the model as the first one left it.
    rows, name = rng.permutation(len(table))[:2], NAMES[int(rng.integers(len(NAMES)))]
    prices = rule_prices(problem, best, table.iloc[rows])
    rule, limit, price = table["rule"][rows[1]], prices["limit"].iloc[1], prices[name].iloc[1]
    step = STEPS[name] / (100.0 if rule == "share" else 1.0)
    moved = [
        replace(item, value=item.value + step) if item.rule == rule and item.kind.endswith(limit) else item
        for item in limits
    ]
    again = restarted(moved, evidence, target, target, tether + STEPS[name] if rule == "tether" else tether)
    if again is None:
        assert np.isnan(price)
    else:
        assert price == pytest.approx(again.objective - best.objective, abs=1e-9)
