"""The card of one indicator: its verdict and, question by question, what led to it."""

from __future__ import annotations

import html
from dataclasses import dataclass

import pandas as pd

from kpi_research.study.findings import Language
from kpi_research.validity.verdict.words import ASPECTS, GRADES, VERDICTS


@dataclass(frozen=True)
class Card:
    """What is known of one indicator.

    Attributes
    ----------
    indicator : str
        Its id.
    label_en, label_zh : str
        Its labels.
    verdict : str
        ``use``, ``use_with_care``, ``cannot_tell``, ``repair`` or ``do_not_use``.
    table : pandas.DataFrame
        Its rows of evidence in the order of the questions, see `kpi_research.validity.evidence.Evidence`.
    """

    indicator: str
    label_en: str
    label_zh: str
    verdict: str
    table: pd.DataFrame

    def text(self, lang: Language = "en") -> str:
        """Return the card as plain text.

        Parameters
        ----------
        lang : {"en", "zh"}
            Language.

        Returns
        -------
        str
            The label and verdict, then one line per check under its question.
        """
        colon = "：" if lang == "zh" else ": "
        lines = [f"{self._label(lang)}{colon}{VERDICTS[self.verdict][lang]}"]
        for aspect, rows in self._by_aspect():
            lines.append(ASPECTS[aspect][lang].capitalize())
            lines += [
                f"  [{GRADES[row['grade']][lang]}] {row[f'name_{lang}']}{colon}{row[f'reason_{lang}']}"
                for _, row in rows.iterrows()
            ]
        return "\n".join(lines)

    def to_frame(self) -> pd.DataFrame:
        """Return a copy of the rows of evidence."""
        return self.table.copy()

    def _by_aspect(self) -> list[tuple[str, pd.DataFrame]]:
        parts = ((aspect, self.table[self.table["aspect"] == aspect]) for aspect in ASPECTS)
        return [(aspect, rows) for aspect, rows in parts if not rows.empty]

    def _label(self, lang: Language) -> str:
        return (self.label_zh if lang == "zh" else self.label_en) or self.label_en or self.label_zh or self.indicator

    def __str__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{html.escape(ASPECTS[row['aspect']]['en'])}</td><td>{html.escape(row['name_en'])}</td>"
            f"<td>{html.escape(GRADES[row['grade']]['en'])}</td><td style='text-align:left'>{html.escape(row['reason_en'])}</td></tr>"
            for _, part in self._by_aspect()
            for _, row in part.iterrows()
        )
        head = html.escape(f"{self._label('en')}: {VERDICTS[self.verdict]['en']}")
        return f"<h4>{head}</h4><table>{rows}</table>"
