"""Writing a simulated bureau to a study folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from kpi_research.study.synthetic.bureau import Bureau
from kpi_research.study.synthetic.catalogue import catalogue_text
from kpi_research.study.synthetic.parquet import write_parquet, write_text


def write_bureau(bureau: Bureau, folder: str | Path) -> Path:
    """Write a bureau as a study folder; the same bureau gives the same bytes.

    Parameters
    ----------
    bureau : Bureau
        The bureau.
    folder : str or pathlib.Path
        The folder; it is made. Files of the same names are replaced, each whole or not at all.

    Returns
    -------
    pathlib.Path
        The study file; ``indicators.csv``, ``README.md``, ``tables/`` and ``truth/`` lie beside it.

    Raises
    ------
    OSError
        If the folder cannot be written to.
    """
    home = Path(folder)
    for name, tables in (("tables", bureau.tables), ("truth", bureau.truth)):
        (home / name).mkdir(parents=True, exist_ok=True)
        for table, frame in tables.items():
            write_parquet(frame, home / name / f"{table}.parquet")
    write_text(catalogue_text(), home / "indicators.csv")
    write_text(readme_text(bureau), home / "README.md")
    write_text(bureau.spec_text, home / "study.toml")
    return home / "study.toml"


def readme_text(bureau: Bureau) -> str:
    """Return the text of the folder's ``README.md``.

    Parameters
    ----------
    bureau : Bureau
        The bureau.

    Returns
    -------
    str
    """
    changed = bureau.truth["options"].set_index("option")["value"].to_dict()
    size = f"{changed['stations']} stations, {changed['months']} months from {changed['start']}, seed {changed['seed']}"
    return _README.format(size=size, tables=_listing(bureau.tables), truth=_listing(bureau.truth))


def _listing(tables: Mapping[str, pd.DataFrame]) -> str:
    return "\n".join(f"| `{name}` | {len(frame):,} | {', '.join(frame.columns)} |" for name, frame in tables.items())


_README = """# A simulated police bureau (模拟公安局)

{size}. Nobody in it exists, and the names of its units are invented. 本数据为模拟数据,人员与单位名称均属虚构。

`study.toml` is the study file, `indicators.csv` the indicator catalogue with labels in English and Chinese. The tables
are what a bureau would record. The truth tables are what a study should recover; no stage of a study reads them. All
mechanisms and their options are explained in `docs/simulated_bureau.md`; `truth/options.parquet` holds the values used
here, so `draw_bureau` of `kpi_research.study.synthetic` can draw the same bureau again.

## Tables (`tables/`)

| table | rows | columns |
|---|---:|---|
{tables}

## Truth (`truth/`)

| table | rows | columns |
|---|---:|---|
{truth}
"""
