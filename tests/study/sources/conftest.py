"""Fixtures of the tests of data sources: reading from a temporary study folder, small workbooks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from kpi_research.study.findings import Where
from kpi_research.study.sources import Loaded, read_source

SPEC = Where("study.toml", column="tables.panel.source")
Reader = Callable[..., Loaded]


@pytest.fixture
def read(tmp_path: Path) -> Reader:
    """Return a function that writes the files given and reads a source of their folder."""

    def run(source: str, files: dict[str, bytes] | None = None, **options: object) -> Loaded:
        for name, content in (files or {}).items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return read_source(source, folder=tmp_path, table="panel", spec_where=SPEC, **options)

    return run


@pytest.fixture
def workbook() -> Callable[..., bytes]:
    """Return a function from rows (and a last touch to the sheet) to the bytes of an xlsx file."""
    return make_workbook


def make_workbook(
    rows: Sequence[Sequence[object]],
    merge: Sequence[str] = (),
    touch: Callable[[Worksheet], None] | None = None,
    title: str = "Sheet",
) -> bytes:
    """Return the bytes of an xlsx file with one sheet."""
    book = Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    for area in merge:
        sheet.merge_cells(area)
    if touch:
        touch(sheet)
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


@pytest.fixture
def codes() -> Callable[[Loaded], list[str]]:
    """Return a function from what was loaded to the codes of its findings."""
    return lambda loaded: [item.code for item in loaded.findings]
