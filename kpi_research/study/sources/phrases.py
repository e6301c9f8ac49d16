"""Short bilingual phrases inside findings: a quoted cell, a list of cells with their rows, cut to a few."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from kpi_research.study.findings import Where

LISTED = 5
"""How many cells a finding lists before it only counts."""

Phrase = dict[str, str]
Locate = Callable[[int], Where]


def locator(file: str = "", column: str | None = None, first_row: int = 1) -> Locate:
    """Return a function from the position of a cell in a frame (0, 1, ...) to its place in a file.

    Parameters
    ----------
    file : str
        Name of the file or table.
    column : str, optional
        Name of the column.
    first_row : int
        Row of the file that position 0 stands in.

    Returns
    -------
    callable

    Examples
    --------
    >>> print(locator("a.csv", "score", first_row=2)(5))
    a.csv, row 7, column 'score'
    """
    return lambda position: Where(file=file, row=first_row + position, column=column)


def shown(value: object, width: int = 40) -> str:
    """Return a value as a short printable text; longer ones are cut, control characters escaped.

    Parameters
    ----------
    value : object
        What was found.
    width : int
        Characters to keep.

    Returns
    -------
    str

    Examples
    --------
    >>> shown("a" * 50, width=3)
    'aaa…'
    """
    text = str(value)
    printable = "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in text[:width])
    return printable + ("…" if len(text) > width else "")


def quoted(value: object) -> Phrase:
    """Return a value in the quotation marks of both languages.

    Parameters
    ----------
    value : object
        What to quote.

    Returns
    -------
    dict
        ``{"en": ..., "zh": ...}``.
    """
    text = shown(value)
    return {"en": f"'{text}'", "zh": f"“{text}”"}


def join(items: Sequence[Phrase], total: int | None = None) -> Phrase:
    """Return phrases as one list in both languages, cut after ``LISTED`` with the total count.

    Parameters
    ----------
    items : sequence of dict
        Phrases with the keys ``en`` and ``zh``.
    total : int, optional
        How many there are in all, where ``items`` is only the first of them.

    Returns
    -------
    dict
    """
    count = len(items) if total is None else total
    some = items[:LISTED]
    more = count > len(some)
    return {
        "en": ", ".join(item["en"] for item in some) + (f", … ({count} in all)" if more else ""),
        "zh": "、".join(item["zh"] for item in some) + (f"等共{count}处" if more else ""),
    }


def names(values: Iterable[object]) -> Phrase:
    """Return names as one quoted list in both languages.

    Parameters
    ----------
    values : iterable
        The names.

    Returns
    -------
    dict
        ``{"en": ..., "zh": ...}``, cut after ``LISTED``.
    """
    return join([quoted(value) for value in values])


def plain(values: Iterable[object]) -> Phrase:
    """Return numbers or cell addresses as one list in both languages, without quotation marks.

    Parameters
    ----------
    values : iterable
        The numbers or addresses.

    Returns
    -------
    dict
        ``{"en": ..., "zh": ...}``, cut after ``LISTED``.
    """
    return join([{"en": str(value), "zh": str(value)} for value in values])


def cell(value: object, place: Where, file: str = "") -> Phrase:
    """Return a cell with its row; the file is named only where it is not ``file``.

    Parameters
    ----------
    value : object
        What stands in the cell.
    place : Where
        Its place.
    file : str
        The file that the whole finding speaks of.

    Returns
    -------
    dict
    """
    short = Where(file="" if place.file == file else place.file, row=place.row)
    mark = quoted(value)
    return {"en": f"{mark['en']} ({short.text('en')})", "zh": f"{mark['zh']}（{short.text('zh')}）"}


def cells(values: Sequence[object], positions: Sequence[int], locate: Locate) -> Phrase:
    """Return cells with their rows as one list in both languages, cut after ``LISTED``.

    Parameters
    ----------
    values : sequence
        What stands in the cells; only the first ``LISTED`` are looked at.
    positions : sequence of int
        All their positions in the frame.
    locate : callable
        From position to place.

    Returns
    -------
    dict
    """
    file = locate(int(positions[0])).file
    pairs = zip(values[:LISTED], positions[:LISTED], strict=True)
    return join([cell(value, locate(int(position)), file) for value, position in pairs], len(positions))
