"""Workload coefficients on millions of records: our cells against models on rows, in one run.

    python benchmarks/workload.py --rows 0.1 1 10 --out reports/validation/workload_speed.md

30 tasks x 12 posts + 200 units + 36 months, by Poisson pseudo-likelihood with errors clustered by unit. Each contender
runs in a process of its own, on the same Parquet file (made once in --data). Quoted are CPU seconds from opening the
file to coefficients with errors (after a warm-up on 3,000 rows), wall seconds and peak memory. statsmodels runs where its dense matrix fits (0.1
million rows); glum and pyfixest are compared where they are installed.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd

TASKS, POSTS, UNITS, MONTHS = 30, 12, 200, 36
BLOCK = 1_000_000


def draw(rows: int, rng: np.random.Generator, truth: dict[str, np.ndarray]) -> pd.DataFrame:
    """Return records: common and rare tasks, posts with three main kinds of work each, units of unequal size."""
    task = rng.choice(TASKS, rows, p=truth["task_share"])
    post = np.where(
        rng.random(rows) < 0.97, (task + 4 * rng.integers(0, 3, rows)) % POSTS, rng.integers(0, POSTS, rows)
    )
    unit = rng.choice(UNITS, rows, p=truth["unit_share"])
    month = rng.integers(0, MONTHS, rows)
    count = rng.integers(1, 6, rows)
    log = truth["task"][task] + truth["post"][post] + truth["unit"][unit] + truth["month"][month]
    minutes = np.maximum(1, np.rint(count * np.exp(log) * rng.gamma(4, 0.25, rows)))
    names = {"task": (task, TASKS), "post": (post, POSTS), "unit": (unit, UNITS), "period": (month, MONTHS)}
    columns = {
        name: pd.Categorical.from_codes(codes, [f"{name}{number:03d}" for number in range(size)])
        for name, (codes, size) in names.items()
    }
    return pd.DataFrame(columns | {"count": count.astype("int16"), "minutes": minutes.astype("int32")})


def make(file: Path, rows: int) -> None:
    """Write the records, a block at a time."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rng = np.random.default_rng(1)
    share = 1 / np.arange(1, TASKS + 1)
    size = rng.lognormal(0, 0.7, UNITS)
    truth = {
        "task_share": share / share.sum(), "unit_share": size / size.sum(), "task": rng.normal(4, 0.8, TASKS),
        "post": rng.normal(0, 0.15, POSTS), "unit": rng.normal(0, 0.1, UNITS), "month": rng.normal(0, 0.03, MONTHS),
    }  # fmt: skip
    writer = None
    for start in range(0, rows, BLOCK):
        table = pa.Table.from_pandas(draw(min(BLOCK, rows - start), rng, truth), preserve_index=False)
        schema = pa.schema([(f.name, pa.string() if pa.types.is_dictionary(f.type) else f.type) for f in table.schema])
        table = table.cast(schema)
        writer = writer or pq.ParquetWriter(file, schema, compression="zstd")
        writer.write_table(table)
    if writer is not None:
        writer.close()


def ours(file: str) -> dict[str, float]:
    """Group where the rows live, then fit on cells: all that `workload_coefficients` gives but the checks."""
    from kpi_research.study.backends.backend import file_states
    from kpi_research.study.backends.duckdb_tables import ParquetTable
    from kpi_research.study.relation import Relation
    from kpi_research.workload.coefficients.coefficients import coefficients_from_cells
    from kpi_research.workload.coefficients.engine import log_cells

    backend = ParquetTable((file,), "Asia/Shanghai", file_states((file,)))
    kinds = backend.kinds()
    relation = Relation(backend, kinds, {name: name for name in kinds})
    cells = log_cells(relation, by=["unit", "period", "task", "post"], minutes="minutes", count="count")
    found = coefficients_from_cells(cells, post="post", unit="unit", period="period", shrink=False)
    return _named(found.tasks.set_index("level")["coefficient"], found.table.set_index("level")["raw_se"]) | {
        "cells": len(cells)
    }


def ours_on_rows(file: str) -> dict[str, float]:
    """Read all rows into memory and measure, with the checks by other models."""
    from kpi_research.workload.coefficients.coefficients import workload_coefficients

    log = pd.read_parquet(file)
    names = {"task": "task", "post": "post", "unit": "unit", "period": "period"}
    found = workload_coefficients(log, minutes="minutes", count="count", **names, shrink=False)
    return _named(found.tasks.set_index("level")["coefficient"], found.table.set_index("level")["raw_se"])


def statsmodels_on_rows(file: str) -> dict[str, float]:
    """Fit the generalized linear model of statsmodels with indicators of all factors, errors clustered by unit."""
    import statsmodels.api as sm

    log = pd.read_parquet(file)
    design = sm.add_constant(pd.get_dummies(log[["task", "post", "unit", "period"]], drop_first=True, dtype=float))
    model = sm.GLM(log["minutes"], design, sm.families.Poisson(), offset=np.log(log["count"]))
    groups = {"groups": pd.factorize(log["unit"])[0]}
    fit = model.fit(cov_type="cluster", cov_kwds=groups)
    return _relative(log, fit.params.filter(like="task_").rename(lambda name: name.removeprefix("task_")))


def glum_on_rows(file: str) -> dict[str, float]:
    """Fit with glum at its default tolerance, without penalty."""
    import glum

    log = pd.read_parquet(file)
    x = log[["task", "post", "unit", "period"]].astype("category")
    model = glum.GeneralizedLinearRegressor(family="poisson", alpha=0, drop_first=True)
    model.fit(x, log["minutes"], offset=np.log(log["count"]))
    effects = pd.Series(model.coef_, index=model.feature_names_).filter(like="task")
    return _relative(log, effects.rename(lambda name: name[-7:]))


def pyfixest_on_rows(file: str) -> dict[str, float]:
    """Fit with pyfixest's fepois, units and periods absorbed, errors clustered by unit."""
    import pyfixest

    log = pd.read_parquet(file).assign(log_count=lambda frame: np.log(frame["count"]))
    fit = pyfixest.fepois("minutes ~ C(task) + C(post) | unit + period", log, vcov={"CRV1": "unit"}, offset="log_count")
    effects = fit.coef().filter(like="task")
    return _relative(log, effects.rename(lambda name: name.split(".")[-1].rstrip("]")))


def _named(coefficient: pd.Series, error: pd.Series) -> dict[str, float]:
    return {"first": float(coefficient.iloc[0]), "last": float(coefficient.iloc[-1]), "se": float(error.iloc[0])}


def _relative(log: pd.DataFrame, effects: pd.Series) -> dict[str, float]:
    """Return the first and last coefficient with mean one, from effects against the first task."""
    share = log.groupby("task", observed=True)["count"].sum()
    values = np.exp(effects.reindex(share.index).fillna(0.0))
    values = values / (share @ values / share.sum())
    return {"first": float(values.iloc[0]), "last": float(values.iloc[-1])}


RUNS: dict[str, tuple[Callable[[str], dict[str, float]], float, str]] = {  # function, most million rows, package
    "ours, cells": (ours, 1e9, ""),
    "ours, rows in memory": (ours_on_rows, 1, ""),
    "glum": (glum_on_rows, 10, "glum"),
    "pyfixest": (pyfixest_on_rows, 1, "pyfixest"),
    "statsmodels": (statsmodels_on_rows, 0.1, "statsmodels"),
}


def measure(name: str, file: str) -> None:
    """Run one contender in this process and print what it used, after a warm-up that loads its packages."""
    RUNS[name][0](str(Path(file).with_name("worklog_0.003m.parquet")))
    cpu, wall = time.process_time(), time.perf_counter()
    found = RUNS[name][0](file)
    used = {"cpu_s": time.process_time() - cpu, "wall_s": time.perf_counter() - wall}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(json.dumps(used | {"peak_GB": peak} | found))


def compare(data: Path, millions: float) -> list[dict[str, object]]:
    """Run all contenders on a file of that size."""
    file = data / f"worklog_{millions:g}m.parquet"
    for size in (0.003, millions):
        if not (path := data / f"worklog_{size:g}m.parquet").exists():
            make(path, round(size * 1e6))
    rows = []
    for name, (_, most, package) in RUNS.items():
        if millions > most or (package and find_spec(package) is None):
            continue
        command = [sys.executable, __file__, "--one", name, "--file", str(file)]
        output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        rows.append({"rows, million": millions, "contender": name} | json.loads(output.splitlines()[-1]))
        print(rows[-1], flush=True)
    return rows


def page(table: pd.DataFrame) -> str:
    """Return the page of the results."""
    apart = table.groupby("rows, million")[["first", "last"]].agg(np.ptp).max().max()
    shown = table.drop(columns=["first", "last", "se"]).round({"cpu_s": 2, "wall_s": 2, "peak_GB": 2})
    head = "| " + " | ".join(shown.columns) + " |"
    body = ["| " + " | ".join("" if pd.isna(value) else f"{value:g}" if not isinstance(value, str) else value
            for value in row) + " |" for row in shown.itertuples(index=False)]  # fmt: skip
    return "\n".join(
        [
            "# Workload coefficients: time and memory",
            "",
            f"Made by `python benchmarks/workload.py`: {TASKS} tasks × {POSTS} posts + {UNITS} units + {MONTHS} months, Poisson",
            "pseudo-likelihood, errors clustered by unit (ours: CR2 with Satterthwaite's degrees of freedom). Times include reading",
            f"the Parquet file. Coefficients of the contenders differ by {apart:.1e} at most.",
            f"Machine: {platform.system()}, {platform.machine()}; Python {platform.python_version()}.",
            "",
            head,
            "|---" * len(shown.columns) + "|",
            *body,
        ]
    )


def main() -> None:
    """Run and print; ``--out`` also writes the page."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--rows", type=float, nargs="+", default=[0.1, 1, 10], help="million rows")
    asked.add_argument("--data", type=Path, default=Path(tempfile.gettempdir()) / "kpi_research_benchmark")
    asked.add_argument("--out", type=Path)
    asked.add_argument("--one", choices=RUNS, help=argparse.SUPPRESS)
    asked.add_argument("--file", help=argparse.SUPPRESS)
    given = asked.parse_args()
    if given.one:
        measure(given.one, given.file)
        return
    given.data.mkdir(parents=True, exist_ok=True)
    text = page(pd.DataFrame([row for size in given.rows for row in compare(given.data, size)]))
    print(text)
    if given.out:
        given.out.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
