"""Incidents of very large bureaus, written piece by piece to partitioned parquet in bounded memory."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import pyarrow.parquet as pq

from kpi_research.study.synthetic.incidents import draw_incidents
from kpi_research.study.synthetic.options import BureauOptions
from kpi_research.study.synthetic.parquet import write_parquet, write_text
from kpi_research.study.synthetic.world import World, make_world

Progress = Callable[[int, int, int], None]
"""Called with partitions done, partitions in all, and rows so far."""

ROWS_PER_PARTITION = 100_000
STREAM_LEVEL = 3
SETTINGS = "stream.json"


@dataclass(frozen=True, slots=True)
class Streamed:
    """What was written.

    Attributes
    ----------
    folder : pathlib.Path
        Folder of the incidents; read it with the glob ``*/*.parquet``.
    partitions, written : int
        Partitions in all, and those written by this call (the others were there already).
    rows : int
        Incidents in all partitions.
    """

    folder: Path
    partitions: int
    written: int
    rows: int


@dataclass(frozen=True, slots=True)
class _Partition:
    file: str
    stations: slice
    month: slice


def stream_incidents(
    options: BureauOptions, out: str | Path, *, progress: Progress | None = None, truth: bool = False
) -> Streamed:
    """Write the incidents of a bureau to ``out/incidents/<month>/part-<n>.parquet``.

    The rows are those that `draw_bureau` gives for the same options. Each partition holds one month of a block of
    stations, about 100,000 incidents, and is written whole or not at all; a call with the same options and folder
    continues where an earlier one stopped.

    Parameters
    ----------
    options : BureauOptions
        The bureau.
    out : str or pathlib.Path
        The folder; it is made.
    progress : callable, optional
        Called after each partition with partitions done, partitions in all and rows so far.
    truth : bool, default False
        Write the truth of the incidents to ``out/truth/cases/`` too.

    Returns
    -------
    Streamed

    Raises
    ------
    ValueError
        If the folder holds the stream of another bureau.
    OSError
        If the folder cannot be written to.
    """
    home = Path(out)
    home.mkdir(parents=True, exist_ok=True)
    _claim(home, options, truth)
    world = make_world(options)
    partitions = list(_partitions(world))
    rows = written = 0
    for done, partition in enumerate(partitions, 1):
        path = home / "incidents" / partition.file
        fresh = not path.exists()
        rows += _write(world, partition, home, truth) if fresh else pq.read_metadata(path).num_rows
        written += fresh
        if progress is not None:
            progress(done, len(partitions), rows)
    return Streamed(home / "incidents", len(partitions), written, rows)


def _claim(home: Path, options: BureauOptions, truth: bool) -> None:
    """Note the options in the folder, or refuse a folder that holds another bureau."""
    settings = json.dumps({**asdict(options), "truth": truth}, indent=1, sort_keys=True) + "\n"
    note = home / SETTINGS
    if not note.exists():
        write_text(settings, note)
    elif note.read_text(encoding="utf-8") != settings:
        raise ValueError(
            f"out = '{home}' holds incidents of a bureau with other options (see {note.name}); choose another folder"
        )


def _partitions(world: World) -> Iterator[_Partition]:
    options = world.options
    block = max(1, round(ROWS_PER_PARTITION / options.incidents_per_month))
    for month, name in enumerate(world.months.names):
        for number, first in enumerate(range(0, options.stations, block)):
            stations = slice(first, min(first + block, options.stations))
            yield _Partition(f"{name}/part-{number:04d}.parquet", stations, slice(month, month + 1))


def _write(world: World, partition: _Partition, home: Path, truth: bool) -> int:
    """Write the truth first: where the incidents are there, everything is."""
    drawn = draw_incidents(world, partition.stations, partition.month)
    frames = {"truth/cases": drawn.truth} if truth else {}
    for folder, frame in {**frames, "incidents": drawn.table}.items():
        path = home / folder / partition.file
        path.parent.mkdir(parents=True, exist_ok=True)
        write_parquet(frame, path, STREAM_LEVEL)
    return len(drawn.table)
