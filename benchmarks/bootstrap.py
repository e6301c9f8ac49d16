"""From records to ranks 200 times on the demonstration bureau: seconds, against running its stages again each time.

    python benchmarks/bootstrap.py --out reports/validation/bootstrap_speed.md

"Stages again" is what one writes first: the stages workload, weights and scorecard as they are, once per replicate; it is
timed on a few and scaled up. Both are single-threaded per process.
"""

from __future__ import annotations

import argparse
import os
import platform
import time
from pathlib import Path

import kpi_research as kr
from kpi_research.result import StudyResult

DEMO = Path(__file__).resolve().parents[1] / "data" / "demo_bureau"
LIMIT = "60 s on two processors"
AGAIN = 5


def measured(result: StudyResult, replicates: int, jobs: int) -> dict[str, float]:
    """Return wall seconds and the share of variance that the weights have."""
    start = time.perf_counter()
    found = kr.bootstrap_scorecard(result, replicates=replicates, jobs=jobs)
    wall = time.perf_counter() - start
    known = found.table.dropna(subset=["se"])
    weights = 1.0 - float((known["se_adjusted"] ** 2).sum() / (known["se"] ** 2).sum())
    return {"wall_s": wall, "variance_from_weights": weights}


def stages_again(result: StudyResult) -> float:
    """Return the processor seconds of the stages as they are, of one replicate."""
    start = time.process_time()
    for _ in range(AGAIN):
        workload = kr.fit_workload(result.study)
        weights = kr.optimize_weights(result.study, result.validity)
        kr.build_scorecard(result.study, weights, result.preventability, workload)
    return (time.process_time() - start) / AGAIN


def main() -> None:
    """Run and print; ``--out`` also writes the page."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--replicates", type=int, default=200)
    asked.add_argument("--jobs", type=int, default=2)
    asked.add_argument("--out", type=Path)
    given = asked.parse_args()
    result = kr.run_study(DEMO)
    start = time.process_time()
    kr.bootstrap_scorecard(result, replicates=100, jobs=1)
    one = (time.process_time() - start) / 100
    again = stages_again(result)
    found = measured(result, given.replicates, given.jobs)
    text = "\n".join(
        [
            "# From records to ranks: time of the bootstrap",
            "",
            f"Made by `python benchmarks/bootstrap.py`: the demonstration bureau, {given.replicates} replicates, {given.jobs} processes.",
            f"Machine: {platform.system()}, {platform.machine()}, {os.cpu_count()} processors; Python {platform.python_version()}.",
            "",
            "| measure | value | limit |",
            "|---|---|---|",
            f"| all replicates, wall seconds | {found['wall_s']:.0f} | {LIMIT} |",
            f"| one replicate, processor seconds | {one:.2f} | |",
            f"| the stages as they are once, processor seconds | {again:.2f} | |",
            f"| ratio | {again / one:.1f} | |",
            f"| share of the variance of scores that comes from the weights | {found['variance_from_weights']:.2f} | |",
        ]
    )
    print(text)
    if given.out:
        given.out.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
