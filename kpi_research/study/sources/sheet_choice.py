"""Which sheet of a workbook holds the table: the one that was named, else the first visible one that is not empty."""

from __future__ import annotations

from collections.abc import Sequence

from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.sources.phrases import names
from kpi_research.study.sources.sheet import has_cells
from kpi_research.study.sources.workbook import SheetEntry, Workbook
from kpi_research.study.suggest import did_you_mean


def choose_sheet(
    book: Workbook, wanted: str | int | None, where: Where, spec_where: Where
) -> tuple[SheetEntry | None, tuple[Finding, ...]]:
    """Return the sheet to read.

    Parameters
    ----------
    book : Workbook
        The opened file.
    wanted : str, int or None
        Name of the sheet, or its number (1 = first); None = the first visible sheet that is not empty.
    where, spec_where : Where
        The file, and the table in the study file.

    Returns
    -------
    sheet : SheetEntry or None
        None where there is no such sheet.
    findings : tuple of Finding
        An error where it is None; a caution where other visible sheets hold data too and none was named; a note on hidden sheets.
    """
    if not book.sheets:
        return None, (finding("workbook-without-sheet", where),)
    if wanted is not None:
        return _named(book.sheets, wanted, spec_where)
    visible = [entry for entry in book.sheets if not entry.hidden]
    hidden = [entry.name for entry in book.sheets if entry.hidden]
    notes = [finding("sheets-hidden", where, sheets=names(hidden))] if hidden else []
    filled = [entry for entry in visible if has_cells(book, entry)]
    if not filled:
        return None, (*notes, finding("workbook-empty", where))
    if len(filled) > 1:
        others = names(entry.name for entry in filled[1:])
        notes.append(finding("sheet-chosen", where, sheet=filled[0].name, others=others))
    return filled[0], tuple(notes)


def _named(
    sheets: Sequence[SheetEntry], wanted: str | int, spec_where: Where
) -> tuple[SheetEntry | None, tuple[Finding, ...]]:
    found = [
        entry
        for number, entry in enumerate(sheets, 1)
        if wanted in ((entry.name,) if isinstance(wanted, str) else (number,))
    ]
    if not found:
        hint = did_you_mean(str(wanted)[:100], [entry.name for entry in sheets])
        return None, (finding("sheet-unknown", spec_where, found=wanted, count=len(sheets), hint=hint),)
    notes = (finding("sheet-hidden-read", spec_where, sheet=found[0].name),) if found[0].hidden else ()
    return found[0], notes
