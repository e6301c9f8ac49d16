"""Which encoding a text file has: decided strictly and always the same way, never by likelihood."""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.suggest import did_you_mean

ENCODINGS: dict[str, str] = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "utf-8-sig": "utf-8-sig",
    "utf-16": "utf-16",
    "utf-16-le": "utf-16-le",
    "utf-16-be": "utf-16-be",
    "gb18030": "gb18030",
    "gbk": "gbk",
    "cp936": "gbk",
    "gb2312": "gb2312",
    "big5": "big5",
    "big5hkscs": "big5hkscs",
    "cp950": "cp950",
    "ascii": "ascii",
    "latin-1": "latin-1",
    "iso-8859-1": "latin-1",
    "cp1252": "cp1252",
    "windows-1252": "cp1252",
}
"""Names that a study file may give, with the Python codec each stands for."""

BYTE_ORDER_MARKS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_OWN_MARK = {"utf-8": "utf-8-sig", "utf-16-le": "utf-16", "utf-16-be": "utf-16"}


@dataclass(frozen=True, slots=True)
class Decision:
    """The encoding of a file.

    Attributes
    ----------
    encoding : str or None
        A Python codec in which every byte of the file is valid; None where there is none.
    findings : tuple of Finding
        Why it is None, or a note that the file is not UTF-8.
    """

    encoding: str | None
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """Where a strict decoder stopped.

    Attributes
    ----------
    offset : int
        Byte of the file, from 0.
    row : int
        Line of the file, from 1.
    """

    offset: int
    row: int


def check_encoding(encoding: str | None, where: Where) -> tuple[Finding, ...]:
    """Return a finding if the study file names an encoding that is not known.

    Parameters
    ----------
    encoding : str or None
        Name as written.
    where : Where
        Its place.

    Returns
    -------
    tuple of Finding
    """
    if encoding is None or _folded(encoding) in ENCODINGS:
        return ()
    return (
        finding("encoding-unknown", where, found=encoding[:40], hint=did_you_mean(encoding[:40], ENCODINGS, limit=20)),
    )


def decide_encoding(data: bytes, encoding: str | None, where: Where) -> Decision:
    """Return the encoding of a file: the one asked for, else byte order mark, strict UTF-8, strict GB18030, in this order.

    Parameters
    ----------
    data : bytes
        The whole file.
    encoding : str or None
        A key of ``ENCODINGS``, taken strictly; None = decide.
    where : Where
        The file.

    Returns
    -------
    Decision
        With a note where the encoding was decided and is not UTF-8.

    Examples
    --------
    >>> decide_encoding("派出所".encode("gb18030"), None, Where("a.csv")).encoding
    'gb18030'
    """
    if encoding is not None:
        return _as_asked(data, ENCODINGS[_folded(encoding)], where)
    for mark, codec in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return _as_marked(data, codec, where)
    utf8 = failure(data, "utf-8")
    if utf8 is None:
        return _without_nulls(data, Decision("utf-8"), where)
    gb18030 = failure(data, "gb18030")
    if gb18030 is None:
        return _without_nulls(data, Decision("gb18030", (finding("text-encoding", where, encoding="GB18030"),)), where)
    place = Where(file=where.file, row=utf8.row)
    facts = {"utf8_byte": utf8.offset, "utf8_row": utf8.row, "gb_byte": gb18030.offset, "gb_row": gb18030.row}
    return Decision(None, (finding("text-undecodable", place, **facts),))


def failure(data: bytes, codec: str) -> Failure | None:
    """Return where strict decoding stops, or None where every byte is valid.

    Parameters
    ----------
    data : bytes
        The whole file.
    codec : str
        A Python codec.

    Returns
    -------
    Failure or None
    """
    try:
        data.decode(codec)
    except UnicodeDecodeError as error:
        before = data[: error.start].decode(codec, "ignore")
        return Failure(error.start, before.count("\n") + 1)
    return None


def _folded(encoding: str) -> str:
    return encoding.strip().lower().replace("_", "-")


def _as_asked(data: bytes, codec: str, where: Where) -> Decision:
    marked = next((known for mark, known in BYTE_ORDER_MARKS if data.startswith(mark)), "")
    if _OWN_MARK.get(codec, "none") == marked:
        codec = marked
    elif codec == "utf-16" and marked != "utf-16":
        codec = "utf-16-le"
    return _strict(data, codec, (), where)


def _as_marked(data: bytes, codec: str, where: Where) -> Decision:
    notes = () if codec == "utf-8-sig" else (finding("text-encoding", where, encoding="UTF-16"),)
    return _strict(data, codec, notes, where)


def _strict(data: bytes, codec: str, notes: tuple[Finding, ...], where: Where) -> Decision:
    stop = failure(data, codec)
    if stop is None:
        return _without_nulls(data, Decision(codec, notes), where)
    place = Where(file=where.file, row=stop.row)
    return Decision(None, (finding("text-not-in-encoding", place, encoding=codec, byte=stop.offset, row=stop.row),))


def _without_nulls(data: bytes, decision: Decision, where: Where) -> Decision:
    if decision.encoding is None or b"\0" not in data:
        return decision
    text = data.decode(decision.encoding)
    at = text.find("\0")
    if at < 0:
        return decision
    place = Where(file=where.file, row=text.count("\n", 0, at) + 1)
    return Decision(None, (finding("text-null-character", place, character=at),))
