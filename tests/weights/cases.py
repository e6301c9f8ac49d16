"""Small problems for the tests of weights, made directly from limits, without catalogue and filters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kpi_research.weights.evidence import Evidence
from kpi_research.weights.limits import Limit
from kpi_research.weights.program import Program, compile_program

Floats = NDArray[np.float64]


def band(
    rule: str, members: list[int], size: int, low: float | None = None, high: float | None = None, **options: object
) -> list[Limit]:
    """Return the limits of a band on the sum of some indicators."""
    chosen = np.isin(np.arange(size), members)
    ends = [("min", low), ("max", high)]
    return [Limit(rule, kind, value, chosen, **options) for kind, value in ends if value is not None]  # type: ignore[arg-type]


def each(
    rule: str, members: list[int], size: int, low: float | None = None, high: float | None = None, **options: object
) -> list[Limit]:
    """Return limits on each of some indicators."""
    chosen = np.isin(np.arange(size), members)
    ends = [("each_min", low), ("each_max", high)]
    return [Limit(rule, kind, value, chosen, **options) for kind, value in ends if value is not None]  # type: ignore[arg-type]


def evidence_of(scores: Floats, outcome: Floats) -> Evidence:
    """Standardize scores and outcome."""
    scaled = (scores - scores.mean(axis=0)) / scores.std(axis=0)
    units = tuple(f"u{number:03d}" for number in range(len(outcome)))
    absent = np.zeros(scores.shape[1], dtype=bool)
    return Evidence(units, scaled, (outcome - outcome.mean()) / outcome.std(), absent, ())


@dataclass(frozen=True)
class Case:
    """A random problem: rules that can hold, evidence, reference weights and a tether."""

    program: Program
    evidence: Evidence
    target: Floats
    tether: float

    def permuted(self, order: NDArray[np.int_]) -> Case:
        """Return the same problem with its indicators in another order."""
        limits = [
            Limit(
                item.rule, item.kind, item.value, item.selected[order], None if item.base is None else item.base[order]
            )
            for item in self.program.limits
        ]
        old = self.evidence
        moved = Evidence(old.units, old.scores[:, order], old.outcome, old.absent, ())
        return Case(compile_program(self.program.ids, limits), moved, self.target[order], self.tether)


def random_case(seed: int) -> Case:
    """Return a problem around a random allowed point; every second one has ties (copied or coarse indicators)."""
    generator = np.random.default_rng(seed)
    size, units = int(generator.integers(3, 8)), int(generator.integers(6, 16))
    inside = generator.dirichlet(np.ones(size)) * 100
    limits: list[Limit] = []
    for number in range(int(generator.integers(0, 4))):
        chosen = generator.random(size) < 0.5
        value = float(inside[chosen].sum())
        if chosen.any():
            limits += band(
                f"band{number}",
                list(np.flatnonzero(chosen)),
                size,
                np.floor(0.8 * value),
                min(100.0, np.ceil(1.1 * value)),
            )
    if generator.random() < 0.3:
        limits += each("cap", list(range(size)), size, high=float(np.ceil(inside.max())))
    scores = (
        generator.integers(0, 4, size=(units, size)).astype(float) if seed % 2 else generator.normal(size=(units, size))
    )
    if seed % 4 == 1:
        scores[:, 1] = scores[:, -1] = scores[:, 0]
    scores[0], scores[1] = -7, 9
    outcome = scores @ generator.random(size) + generator.normal(size=units)
    target = np.round(generator.dirichlet(np.ones(size)), 1) * 100 if seed % 3 else np.full(size, 100 / size)
    ids = tuple(f"i{number:02d}" for number in range(size))
    tether = [np.inf, 10.0, 30.0][int(generator.integers(0, 3))]
    return Case(compile_program(ids, limits), evidence_of(scores, outcome), target, tether)
