"""The weights stage: seconds of its parts, against limits and against building a PuLP model anew for every answer.

    python benchmarks/weights.py --out reports/validation/weights_speed.md

Every line is the median of several runs, in seconds of clock and of processor. "Linear programs by PuLP and CBC" builds
and solves a PuLP model for each objective, as an analyst writes it first; a few are timed and scaled up.
"""

from __future__ import annotations

import argparse
import platform
import resource
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pulp

from kpi_research.weights import Rule
from kpi_research.weights.benefit import benefit_of_doubt
from kpi_research.weights.conflicts import conflict_sets
from kpi_research.weights.engine import Engine
from kpi_research.weights.evidence import Evidence
from kpi_research.weights.limits import Limit
from kpi_research.weights.objectives import closest_weights, ratio_model
from kpi_research.weights.program import Program, compile_program
from kpi_research.weights.published import publish_weights
from kpi_research.weights.resample import Question, bootstrap_weights
from kpi_research.weights.robustness import Scale, pairwise_dominance, rank_acceptability, rank_bounds, rescore
from kpi_research.weights.robustness.inputs import region_model
from kpi_research.weights.scenarios.program import Region, worst_mean
from kpi_research.weights.solve import to_pulp

INDICATORS, RULES, DRAWS = 40, 60, 1000


@dataclass(frozen=True)
class Timing:
    """Median seconds of one part."""

    part: str
    clock: float
    processor: float
    limit: str = ""


def processor_seconds() -> float:
    """Seconds of processor of this process and of the solvers it started."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def timed(part: str, run: Callable[[], object], repeats: int, limit: str = "", scale: float = 1.0) -> Timing:
    """Time a function several times."""
    clock, processor = [], []
    for _ in range(repeats):
        began = time.perf_counter(), processor_seconds()
        run()
        clock.append(time.perf_counter() - began[0])
        processor.append(processor_seconds() - began[1])
    found = Timing(part, scale * statistics.median(clock), scale * statistics.median(processor), limit)
    print(f"{found.part:70s} {found.clock:8.3f} {found.processor:8.3f} {limit}", flush=True)
    return found


def rules_of(seed: int = 0) -> Program:
    """Return 60 limits on sums of 40 indicators, around weights that obey them."""
    rng = np.random.default_rng(seed)
    inside = rng.dirichlet(np.full(INDICATORS, 3.0)) * 100
    limits: list[Limit] = []
    for number in range(RULES // 2):
        chosen = rng.random(INDICATORS) < 0.3
        value = float(inside[chosen].sum())
        limits.append(Limit(f"r{number:02d}", "min", float(np.floor(0.8 * value)), chosen))
        limits.append(Limit(f"s{number:02d}", "max", float(np.ceil(1.15 * value)), chosen))
    return compile_program(tuple(f"i{j:02d}" for j in range(INDICATORS)), limits)


def gains_of(seed: int = 1, scenarios: int = DRAWS) -> np.ndarray:
    """Return bootstrap covariances of 40 indicators with an outcome over 100 units."""
    rng = np.random.default_rng(seed)
    scores = 0.5 * rng.normal(size=(100, 1)) + rng.normal(size=(100, INDICATORS))
    outcome = scores @ rng.dirichlet(np.ones(INDICATORS)) + 0.5 * rng.normal(size=100)
    shares = rng.multinomial(100, np.full(100, 0.01), size=scenarios) / 100
    return shares @ (scores * outcome[:, None]) - (shares @ scores) * (shares @ outcome)[:, None]


def warm(program: Program, gains: np.ndarray) -> list[float]:
    """Solve for every objective inside one model."""
    engine, places = Engine(region_model(program)), np.arange(INDICATORS)
    found = []
    for gain in gains:
        engine.set_cost(places, -gain)
        found.append(-engine.run().objective)
    return found


def rebuilt(program: Program, gains: np.ndarray) -> list[float]:
    """Build a PuLP model for every objective and solve it with CBC."""
    found = []
    for gain in gains:
        problem = pulp.LpProblem("weights", pulp.LpMaximize)
        weights = [
            pulp.LpVariable(f"w{j:05d}", low, high)
            for j, (low, high) in enumerate(zip(program.low, program.high, strict=True))
        ]
        problem += pulp.lpSum(float(value) * weight for value, weight in zip(gain, weights, strict=True))
        for row, lower, upper in zip(program.matrix, program.lower, program.upper, strict=True):
            form = pulp.lpSum(float(value) * weight for value, weight in zip(row, weights, strict=True) if value)
            if np.isfinite(lower):
                problem += form >= float(lower)
            if np.isfinite(upper):
                problem += form <= float(upper)
        problem.solve(pulp.PULP_CBC_CMD(msg=False))
        found.append(pulp.value(problem.objective))
    return found


def rebuilt_validity(question: Question, draws: int) -> None:
    """Build the PuLP model of the default objective for every resample and solve it with CBC."""
    units, rng = len(question.evidence.outcome), np.random.default_rng(0)
    for _ in range(draws):
        rows = rng.integers(0, units, units)
        scores, outcome = question.evidence.scores[rows], question.evidence.outcome[rows]
        sample = Evidence(
            question.evidence.units,
            scores - scores.mean(axis=0),
            outcome - outcome.mean(),
            question.evidence.absent,
            (),
        )
        model, _ = ratio_model(question.program, sample, question.center, question.tether)
        to_pulp(model)[0].solve(pulp.PULP_CBC_CMD(msg=False))


def linear_programs(repeats: int) -> list[Timing]:
    """Time many answers under the same rules."""
    program, gains = rules_of(), gains_of()
    few = gains[:20]
    worst = max(abs(a - b) for a, b in zip(warm(program, few), rebuilt(program, few), strict=True))
    print(f"largest difference of the objective between the two: {worst:.1e}")
    center = closest_weights(program, np.full(INDICATORS, 2.5)).weights  # type: ignore[union-attr]
    rng = np.random.default_rng(2)
    scores, outcome = rng.normal(size=(100, INDICATORS)), rng.normal(size=100)
    scores = (scores - scores.mean(axis=0)) / scores.std(axis=0)
    outcome = scores.mean(axis=1) * 3 + outcome
    outcome = (outcome - outcome.mean()) / outcome.std()
    evidence = Evidence(tuple(map(str, range(100))), scores, outcome, np.zeros(INDICATORS, dtype=bool), ())
    question = Question(program, evidence, center, center, 10.0)
    return [
        timed("1,000 linear programs, 40 indicators x 60 rules, one model kept", lambda: warm(program, gains), repeats, "0.5"),
        timed("… by PuLP and CBC, built anew (20, scaled up)", lambda: rebuilt(program, few), repeats, "", DRAWS / 20),
        timed("1,000 resamples of the default objective, 100 units (100, scaled up)", lambda: bootstrap_weights(question, 100, 0), repeats, "", 10),
        timed("… by PuLP and CBC, built anew (10, scaled up)", lambda: rebuilt_validity(question, 10), repeats, "", DRAWS / 10),
        timed("mean of the worst tenth of 1,000 scenarios", lambda: worst_mean(Region(program, center, np.inf), gains, 0.1), repeats, "1"),
        timed("conflict among 60 rules", lambda: conflict_sets(program.ids, conflicting(program)), repeats, "0.2"),
    ]  # fmt: skip


def conflicting(program: Program) -> list[Limit]:
    """Replace two of the rules by two that contradict each other."""
    half = np.arange(INDICATORS) < INDICATORS // 2
    return [*program.limits[:-2], Limit("y", "max", 30.0, half), Limit("z", "max", 60.0, ~half)]


def benefit(repeats: int) -> list[Timing]:
    """Time benefit of the doubt and its growth."""
    found = []
    for units in (1000, 3000, 10_000):
        rng = np.random.default_rng(2024 + units)
        values = np.exp(0.35 * rng.normal(size=(units, 1)) + 0.5 * rng.normal(size=(units, 12)))
        scores = pd.DataFrame(values / values.max(axis=0), columns=[f"i{j}" for j in range(12)])
        limit = "20" if units == 10_000 else ""
        for name, shares in (("", None), (", shares of 3 to 30 % each", (0.03, 0.3))):
            part = f"benefit of the doubt, {units:,} units x 12{name}"
            found.append(
                timed(
                    part, lambda scores=scores, shares=shares: benefit_of_doubt(scores, shares=shares), repeats, limit
                )
            )
    return found


def robustness(repeats: int) -> list[Timing]:
    """Time what is said about all admissible weights, and re-scoring."""
    rng = np.random.default_rng(3)
    leaves, pillars = [f"i{j:02d}" for j in range(49)], [f"p{j}" for j in range(8)]
    tree = pd.DataFrame(
        {
            "id": [*leaves, *pillars, "conn", "sust", "index"],
            "parent": [*(pillars[j % 8] for j in range(49)), *["conn"] * 5, *["sust"] * 3, "index", "index", None],
        }
    )
    values = pd.DataFrame(rng.lognormal(size=(51, 49)), columns=leaves)
    scales = [Scale("minmax", 1, 100), Scale("zscore", 10, 2)]
    scores = pd.DataFrame(rng.uniform(size=(51, 1)) + rng.uniform(size=(51, 8)), columns=pillars)
    box = [Rule("box", None, each_min=5, each_max=25)]
    many = pd.DataFrame(
        rng.normal(size=(300, 1)) + rng.normal(size=(300, 20)), columns=[f"i{j:02d}" for j in range(20)]
    )
    weights = pd.Series(100 * rng.dirichlet(np.ones(40)), index=[f"i{j:02d}" for j in range(40)])
    catalogue = pd.DataFrame({"id": weights.index, "module": rng.choice(list("abcde"), 40)})
    bands = [Rule(name, f"module = '{name}'", min=5, max=40) for name in "abcde"]
    return [
        timed("1,000 re-scorings of 51 units x 49 indicators on 4 levels", lambda: rescore(values, tree, scales=scales, noise={2: 0.25, 3: 0.25}), repeats, "0.2"),
        timed("exact order of all pairs, 51 units x 8", lambda: pairwise_dominance(scores, rules=box), repeats),
        timed("exact order of all pairs, 300 units x 20", lambda: pairwise_dominance(many, rules=[Rule("box", None, each_min=2, each_max=10)]), repeats),
        timed("exact ranges of ranks, 51 units x 8", lambda: rank_bounds(scores, rules=box), repeats),
        timed("10,000 sampled weights under rules, 51 units x 8", lambda: rank_acceptability(scores, rules=box), repeats),
        timed("weights in whole points, 40 indicators, 0 or at least 2, 10 to 30 of them", lambda: publish_weights(weights, indicators=catalogue, rules=bands, least=2, count=(10, 30)), repeats),
    ]  # fmt: skip


def report(rows: list[Timing], repeats: int) -> str:
    """Write the table."""
    lines = [
        "# Speed of the weights stage", "",
        f"Median of {repeats} runs; Python {platform.python_version()}, {platform.machine()}.", "",
        "| part | seconds | processor seconds | limit |", "|---|---:|---:|---:|",
        *(f"| {row.part} | {row.clock:.3f} | {row.processor:.3f} | {row.limit or '–'} |" for row in rows), "",
    ]  # fmt: skip
    for what, warm_row, cold_row in (("One model kept", *rows[:2]), ("Resampling the default objective", *rows[2:4])):
        ratios = cold_row.clock / warm_row.clock, cold_row.processor / warm_row.processor
        lines.append(
            f"{what} is {ratios[0]:.0f} times as fast as building each anew, {ratios[1]:.0f} times by processor."
        )
    return "\n".join([*lines, ""])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    rows = [*linear_programs(given.repeats), *benefit(given.repeats), *robustness(given.repeats)]
    text = report(rows, given.repeats)
    print(text)
    if given.out:
        given.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
