"""The parts of an xlsx file that reading a table needs: its sheets, its shared texts, its date formats."""

from __future__ import annotations

import datetime
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from xml.etree.ElementTree import Element

from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.numbers import builtin_format_code, is_date_format, is_timedelta_format
from openpyxl.xml.constants import ARC_STYLE, SHEET_MAIN_NS
from openpyxl.xml.functions import fromstring

from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.sources.files import too_large
from kpi_research.study.sources.limits import MAX_EXCEL_UNPACKED_BYTES

EXCEL_FAULTS: tuple[type[BaseException], ...] = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    struct.error,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    AssertionError,
    OSError,
    EOFError,
    RuntimeError,
    MemoryError,
)
"""What zipfile, the XML parser and openpyxl raise on damaged bytes, as seen on mutated files."""

CHINESE_DATE_FORMATS = frozenset((*range(27, 37), *range(50, 59)))
"""Number formats that Excel in Chinese uses for dates and times without writing them out (ISO/IEC 29500-1:2016, 18.8.30)."""

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_TAG = f"{{{SHEET_MAIN_NS}}}"


@dataclass(frozen=True, slots=True)
class SheetEntry:
    """A sheet of a workbook.

    Attributes
    ----------
    name : str
        The text of its tab.
    hidden : bool
        Whether its tab is hidden.
    part : str
        The part of the file that holds it.
    """

    name: str
    hidden: bool
    part: str


@dataclass(frozen=True, slots=True)
class Workbook:
    """An opened xlsx file.

    Attributes
    ----------
    archive : zipfile.ZipFile
        The file.
    sheets : tuple of SheetEntry
        Sheets with cells, in the order of their tabs.
    texts : sequence of str
        Shared texts that cells point to.
    epoch : datetime.datetime
        Day 0 of its dates.
    dates, durations : frozenset of int
        Cell styles that show a number as a date or time, or as a duration.
    """

    archive: zipfile.ZipFile
    sheets: tuple[SheetEntry, ...]
    texts: Sequence[str]
    epoch: datetime.datetime
    dates: frozenset[int]
    durations: frozenset[int]


def check_archive(data: bytes, where: Where) -> tuple[Finding, ...]:
    """Return findings if bytes are no xlsx archive, or unpack to more than ``MAX_EXCEL_UNPACKED_BYTES``.

    Parameters
    ----------
    data : bytes
        The whole file.
    where : Where
        The file.

    Returns
    -------
    tuple of Finding

    Raises
    ------
    zipfile.BadZipFile
        If the bytes begin like a zip file but are none.
    """
    if not data:
        return (finding("source-empty", where),)
    if data.startswith(_OLE):
        return (finding("excel-old-or-locked", where),)
    if not data.startswith(b"PK"):
        return (finding("source-not-excel", where),)
    with zipfile.ZipFile(BytesIO(data)) as archive:
        size = sum(entry.file_size for entry in archive.infolist())
    return (too_large(where.file, size, MAX_EXCEL_UNPACKED_BYTES),) if size > MAX_EXCEL_UNPACKED_BYTES else ()


def open_workbook(data: bytes) -> Workbook:
    """Return the sheets, texts and date formats of an xlsx file.

    Parameters
    ----------
    data : bytes
        The whole file.

    Returns
    -------
    Workbook

    Raises
    ------
    Exception
        One of ``EXCEL_FAULTS`` where the file is damaged.
    """
    reader = ExcelReader(BytesIO(data), read_only=True, data_only=True, keep_links=False)
    reader.read_manifest()
    reader.read_strings()
    reader.read_workbook()
    sheets = tuple(
        SheetEntry(sheet.name, sheet.state != "visible", rel.target)
        for sheet, rel in reader.parser.find_sheets()
        if rel.target in reader.valid_files and "chartsheet" not in rel.Type
    )
    dates, durations = _date_styles(reader.archive)
    return Workbook(reader.archive, sheets, reader.shared_strings, reader.wb.epoch, dates, durations)


def _date_styles(archive: zipfile.ZipFile) -> tuple[frozenset[int], frozenset[int]]:
    if ARC_STYLE not in archive.namelist():
        return frozenset(), frozenset()
    root = fromstring(archive.read(ARC_STYLE))
    codes = {int(item.get("numFmtId", 0)): item.get("formatCode") for item in root.iter(f"{_TAG}numFmt")}
    formats = list(_style_formats(root))
    shown = [codes.get(number) or builtin_format_code(number) or "General" for number in formats]
    dates = {
        style
        for style, (number, code) in enumerate(zip(formats, shown, strict=True))
        if is_date_format(code) or (number in CHINESE_DATE_FORMATS and number not in codes)
    }
    return frozenset(dates), frozenset(style for style, code in enumerate(shown) if is_timedelta_format(code))


def _style_formats(root: Element) -> Iterator[int]:
    table = root.find(f"{_TAG}cellXfs")
    for item in table if table is not None else ():
        yield int(item.get("numFmtId", 0))
