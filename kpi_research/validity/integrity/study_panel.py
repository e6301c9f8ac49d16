"""Checks of the recorded columns of the panel: once per column, told for each indicator that reads it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.model import Study
from kpi_research.study.spec_validity import IntegrityThresholds
from kpi_research.validity.evidence import Grade, evidence_row
from kpi_research.validity.integrity.frozen import frozen
from kpi_research.validity.integrity.slips import tenfold_slips
from kpi_research.validity.panel_frame import StudyPanel

Found = tuple[dict[str, Any], pd.DataFrame]
KEYS = ("unit", "period")
CHECKS = {"tenfold-slips": tenfold_slips, "frozen": frozen}
UNREAD = {"tenfold-slips": "unread-column-tenfold-slips", "frozen": "unread-column-frozen"}


class PanelRecords:
    """The recorded columns of a study's panel and what stands out in them.

    Parameters
    ----------
    study : Study
    panel : StudyPanel
    sources : pandas.DataFrame
        See `kpi_research.study.lineage.lineage`.
    limits : IntegrityThresholds
    """

    def __init__(self, study: Study, panel: StudyPanel, sources: pd.DataFrame, limits: IntegrityThresholds) -> None:
        self.panel, self.limits = panel, limits
        typed = study.role_table("panel")
        self.table = panel.frame[list(KEYS)] if typed is None else typed
        self.sources = sources[(sources["role"] == "panel") & sources["column"].isin(_numeric(self.table))]
        self._found: dict[tuple[str, str], pd.DataFrame] = {}

    def columns(self, indicator: str, *, counted: bool) -> list[str]:
        """Return the recorded columns that an indicator reads; without its denominator where only ``counted`` are asked."""
        mine = self.sources[self.sources["indicator"] == indicator]
        return list(dict.fromkeys(mine.loc[(mine["part"] != "denominator") | (not counted), "column"]))

    def values(self, indicator: str) -> tuple[pd.DataFrame, str]:
        """Return known values of what comes nearest to an indicator's records, and the name of their column.

        The only column that its value or numerator reads, otherwise the indicator itself.
        """
        columns = self.columns(indicator, counted=True)
        return self._seen(columns[0]) if len(columns) == 1 else _known(self.panel.frame, indicator)

    def slips(self, indicator: str) -> Found:
        """Return evidence on tenfold slips in all columns that an indicator reads."""
        columns = self.columns(indicator, counted=False)
        n = sum(len(self._seen(column)[0]) for column in columns)
        if not n:
            return evidence_row(indicator, "authenticity", "tenfold-slips", "unknown"), pd.DataFrame()
        found = self._together("tenfold-slips", columns)
        facts = {"k": len(found), "n": n, "where": where_found(found, "period")}
        row = _graded(indicator, "tenfold-slips", len(found) / n, self.limits.slips, facts)
        return row, found.assign(period_from=found["period"], period_to=found["period"], n=1)

    def frozen(self, indicator: str) -> Found:
        """Return evidence on frozen series in the columns that an indicator counts, otherwise in the indicator itself.

        Parameters
        ----------
        indicator : str
            Its id.

        Returns
        -------
        dict, pandas.DataFrame
            Row of evidence, and the runs that stand out.
        """
        columns = self.columns(indicator, counted=True)
        if columns:
            found = self._together("frozen", columns)
            units = max(self._seen(column)[0]["unit"].nunique() for column in columns)
        else:
            seen, name = _known(self.panel.frame, indicator)
            found, units = self._run("frozen", seen, name), seen["unit"].nunique()
        share = found["unit"].nunique() / units if units else 0.0
        facts = {"k": found["unit"].nunique(), "n": units, "where": where_found(found, "period_from")}
        row = _graded(indicator, "frozen", share, self.limits.frozen, facts)
        return row, found.assign(n=found["rows"])

    def unread(self, name: str) -> Iterator[tuple[pd.DataFrame, Finding]]:
        """Yield what stands out in panel columns that no indicator reads, with a finding each.

        Parameters
        ----------
        name : str
            Name of the panel for the finding.
        """
        for column in sorted(set(_numeric(self.table)) - set(self.sources["column"])):
            for check, start in (("tenfold-slips", "period"), ("frozen", "period_from")):
                found = self._together(check, [column])
                if len(found):
                    listed = found.assign(check=check, period_from=found[start], n=found.get("rows", 1))
                    facts = {"k": len(found), "places": where_found(found, start)}
                    yield (
                        listed.assign(period_to=found.get("period_to", found[start])),
                        finding(UNREAD[check], Where(name, column=column), **facts),
                    )

    def _seen(self, column: str) -> tuple[pd.DataFrame, str]:
        return _known(self.table, column)

    def _together(self, check: str, columns: Sequence[str]) -> pd.DataFrame:
        for column in columns:
            if (check, column) not in self._found:
                self._found[check, column] = self._run(check, *self._seen(column))
        parts = [self._found[check, column] for column in columns]
        return pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)

    def _run(self, check: str, seen: pd.DataFrame, column: str) -> pd.DataFrame:
        if seen.empty:
            return pd.DataFrame({name: pd.Series(dtype=object) for name in (*KEYS, "period_from", "rows", "value")})
        return CHECKS[check](
            seen, unit="unit", period="period", value=column, false_discovery=self.limits.false_discovery
        )


def _numeric(table: pd.DataFrame) -> list[str]:
    kinds = pd.api.types
    return [
        str(name)
        for name, data in table.items()
        if name not in KEYS and kinds.is_numeric_dtype(data) and not kinds.is_bool_dtype(data)
    ]


def _known(frame: pd.DataFrame, column: str) -> tuple[pd.DataFrame, str]:
    finite = np.isfinite(frame[column].to_numpy(float, na_value=np.nan))
    return frame.loc[finite, [*KEYS, column]], column


def _graded(indicator: str, check: str, share: float, failing: float, facts: dict[str, Any]) -> dict[str, Any]:
    grade: Grade = "fail" if share > failing else "care" if share > 0 else "pass"
    return evidence_row(indicator, "authenticity", check, grade, value=share, threshold=failing, **facts)


def where_found(found: pd.DataFrame, period: str) -> str:
    """Return unit and period of the first three rows as text."""
    places = [f"{row['unit']} {row[period]}" for _, row in found.head(3).iterrows()]
    return ", ".join(places) + (" …" if len(found) > len(places) else "")
