"""A simulated bureau as a study, in memory or in a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kpi_research.study.load import study_from_frames
from kpi_research.study.model import Study
from kpi_research.study.synthetic import BureauOptions, draw_bureau, draw_with, stream_incidents, write_bureau
from kpi_research.study.synthetic.parquet import write_text
from kpi_research.study.synthetic.stream import Progress

MAX_INCIDENTS = 500_000
"""Expected incidents up to which a whole bureau is written; beyond, only its incidents are, piece by piece."""

_STREAM_SPEC = """# Incidents of a large simulated bureau. Nobody in it exists.

[study]
id = "simulated-incidents-{seed}"
title.en = "Incidents of {stations} simulated stations over {months} months"
title.zh = "{stations} 个模拟派出所 {months} 个月的警情"
seed = {seed}
unit = "station"
period = "month"
timezone = "Asia/Shanghai"

[tables.incidents]
source = "incidents/*/*.parquet"

[people]
simulated = true

[weights]
objective = "closest"
"""

_STREAM_INDICATORS = """id,label_en,label_zh,direction,table,value,numerator,denominator,unit,current_weight
response_10,Arrival within 10 minutes,10分钟到场率,higher,incidents,,"date_diff('minute', dispatched_at, arrived_at) <= 10",arrived_at IS NOT NULL,share,40
response_median,Median minutes to arrival,到场用时中位数,lower,incidents,"median(date_diff('minute', dispatched_at, arrived_at))",,,minutes,20
entry_24h,Entered within 24 hours,24小时内录入率,higher,incidents,,"date_diff('minute', reported_at, recorded_at) <= 1440",count(*),share,40
"""


def simulate_bureau(
    stations: int = 40, months: int = 24, officers_per_station: int = 30, seed: int = 1, **options: Any
) -> Study:
    """Simulate a police bureau whose truth is known.

    Parameters
    ----------
    stations : int
        Police stations, 1 to 9999.
    months : int
        Months, 1 to 240.
    officers_per_station : int
        Officers of a station of the norm, 6 to 300.
    seed : int
        Seed, not negative; the same arguments give the same study.
    **options
        Switches and strengths of the mechanisms; `kpi_research.study.synthetic.describe_options` lists them, and
        ``null_options()`` gives those of a bureau in which nobody games and all stations are equal.

    Returns
    -------
    Study
        With every table of a bureau and with ``truth``, which no stage reads.

    Raises
    ------
    TypeError
        If an option is unknown or of the wrong type.
    ValueError
        If an option is outside its range.

    Examples
    --------
    >>> study = simulate_bureau(stations=3, months=2, officers_per_station=8, incidents_per_month=20)
    >>> sorted(study.truth)[:2]
    ['cases', 'effects']
    """
    bureau = draw_bureau(stations, months, officers_per_station, seed, **options)
    return study_from_frames(bureau.spec_text, bureau.indicators, bureau.tables, bureau.truth)


def write_simulated_study(options: BureauOptions, folder: str | Path, progress: Progress | None = None) -> Path:
    """Write a simulated bureau as a study folder; very large ones as incidents only, in bounded memory.

    Parameters
    ----------
    options : BureauOptions
        The bureau.
    folder : str or pathlib.Path
        The folder; it is made. An interrupted stream of incidents goes on where it stopped.
    progress : callable, optional
        Called after each partition of a stream with partitions done, partitions in all, and rows so far.

    Returns
    -------
    pathlib.Path
        The study file.

    Raises
    ------
    ValueError
        If the folder holds the stream of another bureau.
    OSError
        If the folder cannot be written to.
    """
    home = Path(folder)
    if options.stations * options.months * options.incidents_per_month <= MAX_INCIDENTS:
        return write_bureau(draw_with(options), home)
    stream_incidents(options, home, progress=progress)
    write_text(_STREAM_INDICATORS, home / "indicators.csv")
    size = {"seed": options.seed, "stations": options.stations, "months": options.months}
    write_text(_STREAM_SPEC.format(**size), home / "study.toml")
    return home / "study.toml"
