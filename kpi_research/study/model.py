"""A loaded study: checked, pseudonymized, in canonical order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from kpi_research.study.cells import table_cells
from kpi_research.study.findings import Finding, Language
from kpi_research.study.inputs import InputFile
from kpi_research.study.spec import StudySpec
from kpi_research.study.tables import Tables


@dataclass(frozen=True)
class Study:
    """Everything a stage may look at.

    Attributes
    ----------
    spec : StudySpec
        The checked study file.
    folder : pathlib.Path
        Folder of the study file.
    indicators : pandas.DataFrame
        The catalogue, one row per indicator in file order; see `kpi_research.study.catalogue`.
    tables : Tables
        Input tables by name, typed, persons pseudonymized; large ones are fetched only where asked for.
    values : pandas.DataFrame
        One row per unit and period: ``unit``, ``period``, then a float column per indicator (NaN = missing).
    inputs : tuple of InputFile
        Inputs with their checksums.
    findings : tuple of Finding
        Cautions and notes from loading.
    digest : str
        sha256 over the study file, the catalogue and all inputs: equal digests mean equal studies.
    truth : mapping of str to pandas.DataFrame
        For a simulated study, what an analysis should recover; no stage reads it.
    """

    spec: StudySpec
    folder: Path
    indicators: pd.DataFrame
    tables: Tables
    values: pd.DataFrame
    inputs: tuple[InputFile, ...]
    findings: tuple[Finding, ...]
    digest: str
    truth: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    def label(self, indicator: str, lang: Language = "en") -> str:
        """Return the label of an indicator in the language asked for.

        Parameters
        ----------
        indicator : str
            An id of the catalogue.
        lang : {"en", "zh"}
            The language; the other one, then the id, stand in where a label is missing.

        Returns
        -------
        str
        """
        row = self.indicators.loc[self.indicators["id"] == indicator].iloc[0]
        first, second = ("label_zh", "label_en") if lang == "zh" else ("label_en", "label_zh")
        return str(row[first] or row[second] or indicator)

    def role_table(self, role: str) -> pd.DataFrame | None:
        """Return the first table of a role, or None where the study has none.

        Parameters
        ----------
        role : str
            A name of `kpi_research.study.schemas.ROLES`.

        Returns
        -------
        pandas.DataFrame or None
        """
        name = self.role_name(role)
        return None if name is None else self.tables[name]

    def role_name(self, role: str) -> str | None:
        """Return the name of the first table of a role, or None where the study has none.

        Parameters
        ----------
        role : str
            A name of `kpi_research.study.schemas.ROLES`.

        Returns
        -------
        str or None
        """
        return next((name for name, section in self.spec.tables.items() if (section.role or name) == role), None)

    def unit_column(self, column: str | None) -> pd.Series | None:
        """Return a column of the table of units, or None where there is none.

        Parameters
        ----------
        column : str or None
            Its name.

        Returns
        -------
        pandas.Series or None
            Indexed by unit.
        """
        units = self.role_table("units")
        if column is None or units is None or column not in units:
            return None
        return units.drop_duplicates("unit").set_index("unit")[column]

    def cells(
        self, table: str, *, by: Sequence[str], value: str, weight: str | None = None, where: str | None = None
    ) -> pd.DataFrame:
        """Group a table to sufficient statistics, where its rows live.

        Parameters
        ----------
        table : str
            Name of a table of the study.
        by : sequence of str
            Categorical columns, at least one.
        value : str
            SQL expression of the value of a row, e.g. ``"minutes"``.
        weight : str, optional
            SQL expression of the non-negative weight of a row.
        where : str, optional
            SQL condition on the rows.

        Returns
        -------
        pandas.DataFrame
            See `kpi_research.study.cells.table_cells`.

        Raises
        ------
        KeyError
            If the study has no such table.
        StudyError
            If a column or expression is wrong.
        """
        return table_cells(self.tables.relations[table], by=by, value=value, weight=weight, where=where)

    def outcome(self) -> pd.DataFrame | None:
        """Return the outcome that ``[validity]`` names.

        Returns
        -------
        pandas.DataFrame or None
            Columns ``unit``, ``period``, ``outcome`` (in its own unit of measure), or None where none is named.
        """
        if self.spec.validity.outcome is None:
            return None
        table, _, column = self.spec.validity.outcome.partition(".")
        frame = self.tables[table][["unit", "period", column]]
        return frame.set_axis(["unit", "period", "outcome"], axis=1)

    def __repr__(self) -> str:
        units, periods = self.values["unit"].nunique(), self.values["period"].nunique()
        return (
            f"Study('{self.spec.study.id}': {units} units × {periods} periods, {len(self.indicators)} indicators, "
            f"tables {', '.join(self.tables)}; {len(self.findings)} findings)"
        )

    def _repr_html_(self) -> str:
        shown = self.indicators[["id", "label_en", "label_zh", "module", "direction", "current_weight"]]
        return f"<p>{self!r}</p>{shown.to_html(index=False, border=0)}"
