"""Fifteen indicators per station and month from millions of incidents: our data layer against the same by hand.

Each contender runs in a process of its own; one run of all of them is one row of figures, so that the machine's mood
hits them alike. Quoted are CPU seconds, wall seconds and peak memory, and the ratios to hand-written DuckDB SQL.

    python benchmarks/data_layer.py --rows 1 10 50 --out reports/validation/data_layer.md

The incidents are those of `kpi-research simulate` (made once in --data); polars is compared where it is installed.
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
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pandas as pd

SPEC = """[study]
id = "bench"
title.en = "bench"
seed = 1
period = "month"
timezone = "Asia/Shanghai"

[tables.incidents]
source = "{source}"

[people]
simulated = true
"""
RESPONSE = "date_diff('minute', dispatched_at, arrived_at)"
INDICATORS = {  # id: value, numerator, denominator
    "calls": ("", "count(*)", ""),
    "criminal": ("", "category = 'criminal'", ""),
    "burglary": ("", "type = 'burglary'", ""),
    "officers": ("count(DISTINCT officer)", "", ""),
    "cleared": ("", "outcome = 'solved'", "category = 'criminal'"),
    "within_10": ("", f"{RESPONSE} <= 10", "arrived_at IS NOT NULL"),
    "mean_response": (f"avg({RESPONSE})", "", ""),
    "median_response": (f"median({RESPONSE})", "", ""),
    "p90_response": (f"quantile_cont({RESPONSE}, 0.9)", "", ""),
    "late_entry": ("", "date_diff('minute', reported_at, recorded_at) > 1440", "count(*)"),
    "night": ("", "extract(hour FROM reported_at) < 6", "count(*)"),
    "repeat": ("", "repeat_address", "count(*)"),
    "transient": ("", "transient = 'yes'", "transient <> 'unknown'"),
    "minutes": ("", "handling_minutes", "count(*)"),
    "dark": ("", "lighting = 'poor' AND cctv = 'no' AND type IN ('burglary', 'robbery')", "count(*)"),
}
SHARE = "CAST(count(*) FILTER (WHERE {0}) AS DOUBLE) / nullif(count(*) FILTER (WHERE {1}), 0)"
BY_HAND = f"""SELECT unit, period, count(*)::DOUBLE AS calls,
  (count(*) FILTER (WHERE category = 'criminal'))::DOUBLE AS criminal,
  (count(*) FILTER (WHERE type = 'burglary'))::DOUBLE AS burglary, count(DISTINCT officer)::DOUBLE AS officers,
  {SHARE.format("outcome = 'solved'", "category = 'criminal'")} AS cleared,
  {SHARE.format("minutes <= 10", "arrived_at IS NOT NULL")} AS within_10,
  avg(minutes) AS mean_response, quantile_cont(minutes::DOUBLE, 0.5) AS median_response,
  quantile_cont(minutes::DOUBLE, 0.9) AS p90_response,
  {SHARE.format("entry > 1440", "true")} AS late_entry, {SHARE.format("hour < 6", "true")} AS night,
  {SHARE.format("repeat_address", "true")} AS repeat,
  {SHARE.format("transient = 'yes'", "transient <> 'unknown'")} AS transient,
  sum(handling_minutes)::DOUBLE / count(*) AS minutes,
  {SHARE.format("lighting = 'poor' AND cctv = 'no' AND type IN ('burglary', 'robbery')", "true")} AS dark
FROM (SELECT *, date_diff('minute', dispatched_at, arrived_at) AS minutes,
  date_diff('minute', reported_at, recorded_at) AS entry, extract(hour FROM reported_at) AS hour
  FROM read_parquet(FILES)) GROUP BY unit, period ORDER BY unit, period"""


BY_HAND_TUNED = BY_HAND.replace(
    "date_diff('minute', dispatched_at, arrived_at)", "floor(epoch(arrived_at) / 60) - floor(epoch(dispatched_at) / 60)"
).replace(
    "date_diff('minute', reported_at, recorded_at)", "floor(epoch(recorded_at) / 60) - floor(epoch(reported_at) / 60)"
)


def ours(files: list[str]) -> pd.DataFrame:
    """Compute the indicators as a study does."""
    from kpi_research.study.backends.backend import file_states
    from kpi_research.study.backends.duckdb_tables import ParquetTable
    from kpi_research.study.engine import Formula, indicator_values
    from kpi_research.study.expressions import parse_expression
    from kpi_research.study.relation import Relation

    backend = ParquetTable(tuple(files), "Asia/Shanghai", file_states(tuple(files)))
    kinds = backend.kinds()
    relation = Relation(backend, kinds, {name: name for name in kinds})

    def parse(text: str):
        return parse_expression(text, columns=kinds, expect="any", aggregates=True)[0] if text else None

    formulas = tuple(Formula(name, "incidents", *map(parse, parts)) for name, parts in INDICATORS.items())
    return indicator_values(formulas, {"incidents": relation})


def duckdb_by_hand(files: list[str], query: str = BY_HAND) -> pd.DataFrame:
    """Compute the indicators by one hand-written query."""
    import duckdb

    connection = duckdb.connect(config={"threads": 2})
    connection.execute("SET TimeZone = 'Asia/Shanghai'")
    return connection.sql(query.replace("FILES", str(files))).df()


def pandas_by_hand(files: list[str]) -> pd.DataFrame:
    """Compute the indicators with everything in memory."""
    columns = [
        *("unit", "period", "category", "type", "officer", "outcome", "dispatched_at", "arrived_at", "reported_at"),
        *("recorded_at", "repeat_address", "transient", "handling_minutes", "lighting", "cctv"),
    ]
    frame = pd.concat([pd.read_parquet(file, columns=columns) for file in files], ignore_index=True)
    minute = {
        name: frame[name].dt.floor("min") for name in ("dispatched_at", "arrived_at", "reported_at", "recorded_at")
    }
    response = (minute["arrived_at"] - minute["dispatched_at"]).dt.total_seconds() / 60
    entry = (minute["recorded_at"] - minute["reported_at"]).dt.total_seconds() / 60
    criminal, known = frame["category"] == "criminal", frame["transient"] != "unknown"
    dark = (frame["lighting"] == "poor") & (frame["cctv"] == "no") & frame["type"].isin(["burglary", "robbery"])
    parts = pd.DataFrame(
        {
            "criminal": criminal, "burglary": frame["type"] == "burglary", "solved": frame["outcome"] == "solved",
            "quick": response <= 10, "arrived": frame["arrived_at"].notna(), "late": entry > 1440,
            "night": frame["reported_at"].dt.hour < 6, "repeat": frame["repeat_address"], "known": known,
            "transient": frame["transient"] == "yes", "minutes": frame["handling_minutes"], "dark": dark,
        }
    )  # fmt: skip
    keys = [frame["unit"], frame["period"]]
    total = parts.groupby(keys).sum().astype(float)
    groups = response.groupby(keys)
    calls = groups.size().astype(float)
    return pd.DataFrame(
        {
            "calls": calls, "criminal": total["criminal"], "burglary": total["burglary"],
            "officers": frame["officer"].groupby(keys).nunique().astype(float),
            "cleared": total["solved"] / total["criminal"], "within_10": total["quick"] / total["arrived"],
            "mean_response": groups.mean(), "median_response": groups.median(), "p90_response": groups.quantile(0.9),
            "late_entry": total["late"] / calls, "night": total["night"] / calls, "repeat": total["repeat"] / calls,
            "transient": total["transient"] / total["known"], "minutes": total["minutes"] / calls,
            "dark": total["dark"] / calls,
        }
    ).reset_index()  # fmt: skip


def polars_by_hand(files: list[str]) -> pd.DataFrame:
    """Compute the indicators with polars' streaming engine."""
    import polars as pl

    def minutes(start: str, end: str) -> pl.Expr:
        return (pl.col(end).dt.truncate("1m") - pl.col(start).dt.truncate("1m")).dt.total_minutes()

    def share(above: pl.Expr, below: pl.Expr | None = None) -> pl.Expr:
        return above.sum() / (pl.len() if below is None else below.sum())

    response, col = minutes("dispatched_at", "arrived_at"), pl.col
    dark = (col("lighting") == "poor") & (col("cctv") == "no") & col("type").is_in(["burglary", "robbery"])
    query = pl.scan_parquet(files).group_by("unit", "period").agg(
        pl.len().cast(float).alias("calls"), (col("category") == "criminal").sum().cast(float).alias("criminal"),
        (col("type") == "burglary").sum().cast(float).alias("burglary"),
        col("officer").n_unique().cast(float).alias("officers"),
        share(col("outcome") == "solved", col("category") == "criminal").alias("cleared"),
        share(response <= 10, col("arrived_at").is_not_null()).alias("within_10"),
        response.mean().alias("mean_response"), response.median().alias("median_response"),
        response.quantile(0.9, "linear").alias("p90_response"),
        share(minutes("reported_at", "recorded_at") > 1440).alias("late_entry"),
        share(col("reported_at").dt.hour() < 6).alias("night"), share(col("repeat_address")).alias("repeat"),
        share(col("transient") == "yes", col("transient") != "unknown").alias("transient"),
        col("handling_minutes").mean().alias("minutes"), share(dark).alias("dark"),
    )  # fmt: skip
    return query.sort("unit", "period").collect(engine="streaming").to_pandas()


CONTENDERS: dict[str, Callable[[list[str]], pd.DataFrame]] = {
    "kpi_research": ours,
    "DuckDB SQL by hand": duckdb_by_hand,
    "DuckDB SQL by hand, tuned": lambda files: duckdb_by_hand(files, BY_HAND_TUNED),
    "polars by hand": polars_by_hand,
    "pandas by hand": pandas_by_hand,
}

_IMPORTS = {
    "kpi_research": ["kpi_research.study.engine", "kpi_research.study.backends.duckdb_tables"],
    "DuckDB SQL by hand": ["duckdb", "pandas"],
    "DuckDB SQL by hand, tuned": ["duckdb", "pandas"],
    "polars by hand": ["polars", "pandas"],
    "pandas by hand": ["pandas", "pyarrow.parquet"],
}


def main() -> None:
    """Run all contenders on all sizes and print or write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=float, nargs="+", default=[1.0], help="millions of incidents")
    parser.add_argument("--data", type=Path, default=Path(tempfile.gettempdir()) / "kpi_research_incidents")
    parser.add_argument("--pandas-limit", type=float, default=10.0, help="most millions of incidents for pandas")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--one", nargs=2, metavar=("NAME", "FILES"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        _one(*options.one)
        return
    figures = []
    simulated = _simulated(options.data, max(options.rows) * 1e6)
    for millions in options.rows:
        figures += _compare(_first(simulated, millions * 1e6), millions, options.pandas_limit)
        print(pd.DataFrame(figures).to_string(index=False), flush=True)
    if options.out:
        options.out.write_text(_report(pd.DataFrame(figures)), encoding="utf-8")


def _one(name: str, listing: str) -> None:
    files = json.loads(Path(listing).read_text(encoding="utf-8"))
    for module in _IMPORTS[name]:
        import_module(module)
    wall, cpu = time.perf_counter(), time.process_time()
    frame = CONTENDERS[name](files)
    used = {"cpu_s": time.process_time() - cpu, "wall_s": time.perf_counter() - wall}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    frame.sort_values(["unit", "period"], ignore_index=True).to_parquet(f"{listing}.parquet")
    print(json.dumps({**used, "peak_GB": peak, "cells": len(frame)}))


def _simulated(folder: Path, rows: float) -> list[tuple[str, int]]:
    """Return the files of a simulated bureau with at least so many incidents, and their rows."""
    import pyarrow.parquet as pq

    months = max(1, round(rows / 440_000) + 1)
    command = ["simulate", "--stations", "2000", "--months", str(months), "--out", str(folder)]
    subprocess.run([sys.executable, "-m", "kpi_research", *command], check=True, stdout=subprocess.DEVNULL)
    files = sorted(folder.glob("incidents/*/*.parquet"))
    return [(str(file), pq.read_metadata(file).num_rows) for file in files]


def _first(files: list[tuple[str, int]], rows: float) -> list[str]:
    chosen, total = [], 0
    for file, held in files:
        if total < rows:
            chosen.append(file)
            total += held
    return chosen


def _compare(files: list[str], millions: float, pandas_limit: float) -> list[dict[str, object]]:
    figures, first = [], None
    with tempfile.TemporaryDirectory() as folder:
        listing = Path(folder) / "files.json"
        listing.write_text(json.dumps(files), encoding="utf-8")
        for name in CONTENDERS:
            skipped = (name.startswith("pandas") and millions > pandas_limit) or (
                name.startswith("polars") and find_spec("polars") is None
            )
            if skipped:
                continue
            command = [sys.executable, __file__, "--one", name, str(listing)]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            frame = pd.read_parquet(f"{listing}.parquet")
            first = frame if first is None else first
            columns = ["unit", "period", *INDICATORS]
            pd.testing.assert_frame_equal(frame[columns], first[columns], check_dtype=False, rtol=1e-9)
            figures.append({"million rows": millions, "contender": name, **json.loads(done.stdout.splitlines()[-1])})
    by_hand = next(item for item in figures if item["contender"].endswith("tuned"))
    return [
        {**item, "cpu / SQL": item["cpu_s"] / by_hand["cpu_s"], "wall / SQL": item["wall_s"] / by_hand["wall_s"]}
        for item in figures
    ]


def _report(figures: pd.DataFrame) -> str:
    shown = figures.round({"cpu_s": 2, "wall_s": 2, "peak_GB": 2, "cpu / SQL": 2, "wall / SQL": 2})
    head = "| " + " | ".join(shown.columns) + " |\n|" + "---|" * len(shown.columns)
    rows = "\n".join("| " + " | ".join(str(cell) for cell in row) + " |" for row in shown.itertuples(index=False))
    versions = ", ".join(f"{name} {__import__(name).__version__}" for name in ("duckdb", "pandas", "pyarrow"))
    cores = __import__("os").cpu_count()
    return f"""# The data layer: fifteen indicators from millions of incidents

Made by `python benchmarks/data_layer.py`. Every contender gave the same table (relative difference at most 1e-9).
Times are single runs in one go; read the ratios. Machine: {platform.system()}, {platform.machine()}, {cores} cores;
Python {platform.python_version()}, {versions}.

{head}
{rows}

Imports are not counted; parsing and checking the formulas is. `kpi_research` limits DuckDB to 1 GB and computes medians, quantiles and
distinct counts in parts of the units above 20 million rows, which bounds memory and costs time; the queries by hand
have no limit. "Tuned" takes minutes from seconds since 1970 instead of calling `date_diff` on times with a zone, as our
compiler does; the plain query is what one writes first. Ratios are to the tuned query.
"""


if __name__ == "__main__":
    main()
