"""Records of a delimited text with the line on which each begins."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from typing import NamedTuple


class Record(NamedTuple):
    """One record of a text file.

    Attributes
    ----------
    row : int
        Line of the file on which it begins, from 1.
    cells : list of str
        Its cells as written, quotation marks removed.
    """

    row: int
    cells: list[str]


class BrokenRecordError(ValueError):
    """A record that cannot be told from the next one.

    Attributes
    ----------
    code : str
        Kind of finding: ``quote-unclosed``, ``quote-followed-by-text`` or ``cell-too-long``.
    row, line : int
        Line on which the record begins, and on which it broke.
    limit : int
        Characters a cell may have.
    """

    def __init__(self, code: str, row: int, line: int) -> None:
        self.code, self.row, self.line, self.limit = code, row, line, csv.field_size_limit()
        super().__init__(f"{code}: record of line {row}, line {line}")


def records(lines: Iterable[str], delimiter: str) -> Iterator[Record]:
    r"""Yield the records of a text that are not blank lines.

    Parameters
    ----------
    lines : iterable of str
        Lines with their line ends.
    delimiter : str
        One character.

    Yields
    ------
    Record

    Raises
    ------
    BrokenRecordError
        For a quotation mark that never closes or is followed by text, or an over-long cell.

    Examples
    --------
    >>> list(records(['a,b\n', '"x\n', 'y",1\n', 'z,2\n'], ","))
    [Record(row=1, cells=['a', 'b']), Record(row=2, cells=['x\ny', '1']), Record(row=4, cells=['z', '2'])]
    """
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    begins = 1
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise BrokenRecordError(_code(str(error)), begins, reader.line_num) from error
        if cells is None:
            return
        if cells:
            yield Record(begins, cells)
        begins = reader.line_num + 1


def _code(message: str) -> str:
    if "field limit" in message:
        return "cell-too-long"
    return "quote-unclosed" if "unexpected end" in message else "quote-followed-by-text"
