"""Loading a study from its file, or from frames in memory."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from kpi_research.study.assemble import Checked, assemble, study_of
from kpi_research.study.conform import SpecPlace
from kpi_research.study.findings import finding
from kpi_research.study.model import Study
from kpi_research.study.open_table import Opened, loaded_frame, open_frame, open_table
from kpi_research.study.read_spec import parse_spec, read_spec
from kpi_research.study.sources import read_source
from kpi_research.study.spec import StudySection, TableSection


def load_study(path: str | Path) -> Study:
    """Load and check a study.

    Parameters
    ----------
    path : str or pathlib.Path
        The ``study.toml``, or the folder that holds it.

    Returns
    -------
    Study
        Checked, persons pseudonymized, rows in canonical order.

    Raises
    ------
    StudyError
        If anything is wrong; it lists every fault of the study file, the catalogue and the tables with file, row and
        column.

    Examples
    --------
    >>> import kpi_research as kr
    >>> kr.load_study("data/nc_counties/study.toml")  # doctest: +SKIP
    Study('nc-counties': 90 units × 7 periods, 6 indicators, tables panel; 0 findings)
    """
    return study_of(check_study(path))


def check_study(path: str | Path) -> Checked:
    """Check a study and return every finding instead of raising.

    Parameters
    ----------
    path : str or pathlib.Path
        The ``study.toml``, or the folder that holds it.

    Returns
    -------
    Checked
        The study, or None where there is any error, and all findings.
    """
    given = Path(path)
    file = given / "study.toml" if given.is_dir() else given
    read = read_spec(file)
    folder = file.parent
    return assemble(
        read,
        folder,
        lambda spec: read_source(
            spec.indicators.source,
            folder=folder,
            table="indicators",
            sheet=spec.indicators.sheet,
            encoding=spec.indicators.encoding,
            spec_where=read.source.where("indicators", "source"),
        ),
        lambda name, section, study, place: open_table(name, section, study, folder, place),
    )


def study_from_frames(
    spec: str,
    indicators: pd.DataFrame,
    tables: Mapping[str, pd.DataFrame],
    truth: Mapping[str, pd.DataFrame] | None = None,
) -> Study:
    """Make a study from frames, with the same checks as one from files.

    Parameters
    ----------
    spec : str
        Text of a study file; the sources of its tables are not read.
    indicators : pandas.DataFrame
        The indicator catalogue, with English or Chinese headers.
    tables : mapping of str to pandas.DataFrame
        A frame for each table that the study file names.
    truth : mapping of str to pandas.DataFrame, optional
        For a simulated study, what an analysis should recover.

    Returns
    -------
    Study

    Raises
    ------
    StudyError
        If anything is wrong; it lists every fault.
    """
    read = parse_spec(spec)

    def open_one(name: str, section: TableSection, study: StudySection, place: SpecPlace) -> Opened:
        if name not in tables:
            return Opened(None, None, (), (finding("frame-missing", place("source"), table=name),))
        return open_frame(name, section, study, tables[name], place)

    checked = assemble(read, Path(), lambda section: loaded_frame(indicators, section.indicators.source), open_one)
    return study_of(checked, truth)
