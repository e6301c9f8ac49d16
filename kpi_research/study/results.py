"""What every result of a stage can do: a summary, a frame, a picture, an HTML face."""

from __future__ import annotations

import html
from dataclasses import dataclass

import pandas as pd
from matplotlib.figure import Figure

from kpi_research.study.findings import Finding, Language


@dataclass(frozen=True)
class Result:
    """Base of the frozen results that stages return.

    Attributes
    ----------
    table : pandas.DataFrame
        The main tidy table; the subclass documents its columns and units.
    findings : tuple of Finding
        What the user must know about this result.
    """

    table: pd.DataFrame
    findings: tuple[Finding, ...]

    @property
    def skipped(self) -> bool:
        """Whether the stage had nothing to work on; a ``stage-skipped`` finding says what is missing."""
        return any(item.code == "stage-skipped" for item in self.findings)

    def to_frame(self) -> pd.DataFrame:
        """Return a copy of the main table."""
        return self.table.copy()

    def summary(self, lang: Language = "en") -> str:
        """Return the main table and the findings as plain text."""
        body = "" if self.table.empty else self.table.to_string(index=False, float_format=lambda value: f"{value:.4g}")
        lines = [f"[{item.severity}] {item.line(lang)}" for item in self.findings]
        return "\n".join([type(self).__name__, *filter(None, [body]), *lines])

    def plot(self, lang: Language = "en") -> Figure:
        """Draw the result; subclasses that have a picture override this."""
        raise NotImplementedError(f"{type(self).__name__} has no picture")

    def _repr_html_(self) -> str:
        lines = "".join(f"<li>{html.escape(item.severity)}: {html.escape(item.line())}</li>" for item in self.findings)
        return f"<h4>{type(self).__name__}</h4>{self.table.to_html(index=False, border=0)}<ul>{lines}</ul>"
