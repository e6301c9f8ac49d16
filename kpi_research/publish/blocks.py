"""What a report is made of: chapters of blocks, free of any format, so that each format renders the same content."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import pandas as pd


@dataclass(frozen=True, slots=True)
class Bar:
    """A weight drawn in a table cell, in points of 100; ``full`` is the length of the whole cell."""

    current: float
    weight: float
    low: float
    high: float
    full: float


@dataclass(frozen=True, slots=True)
class Pair:
    """A number with a second one in small print below it, such as an estimate with its interval."""

    main: str
    small: str


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a grid; numeric columns are set flush right."""

    label: str
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """A table; the first cell of each row is its header. ``gap`` is the row before which rows were left out."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str | Bar | Pair, ...], ...]
    note: str = ""
    gap: int | None = None
    gap_text: str = ""
    kind: ClassVar[str] = "grid"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; ``role`` is "body" or "lesson" (what to conclude, set apart)."""

    text: str
    role: str = "body"
    kind: ClassVar[str] = "paragraph"


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading inside a chapter."""

    text: str
    kind: ClassVar[str] = "heading"


@dataclass(frozen=True, slots=True)
class Points:
    """A list of sentences under a short title."""

    title: str
    items: tuple[str, ...]
    kind: ClassVar[str] = "points"


@dataclass(frozen=True, slots=True)
class Terms:
    """Terms with their explanations."""

    items: tuple[tuple[str, str], ...]
    kind: ClassVar[str] = "terms"


@dataclass(frozen=True, slots=True)
class Code:
    """Commands to type."""

    text: str
    kind: ClassVar[str] = "code"


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure by its name, with a caption and a text for those who do not see it."""

    name: str
    caption: str
    description: str
    kind: ClassVar[str] = "picture"


@dataclass(frozen=True, slots=True)
class Notice:
    """A finding as it is shown: severity and its word, place, message, remedy."""

    severity: str
    word: str
    place: str
    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Notices:
    """Findings of one stage."""

    items: tuple[Notice, ...]
    kind: ClassVar[str] = "notices"


@dataclass(frozen=True, slots=True)
class Folded:
    """Blocks that open on demand."""

    summary: str
    blocks: tuple[Any, ...]
    kind: ClassVar[str] = "folded"


Block = Grid | Paragraph | Heading | Points | Terms | Code | Picture | Notices | Folded


@dataclass(frozen=True, slots=True)
class Chapter:
    """One chapter: its anchor, title and blocks."""

    id: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class KeyNumber:
    """One number of the first page with what it counts."""

    value: str
    label: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Front:
    """The first page: title, question, answer in one paragraph, key numbers, first cautions, facts on the data."""

    title: str
    question: str
    answer: str
    numbers: tuple[KeyNumber, ...]
    cautions: tuple[Notice, ...]
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A whole report in one language."""

    lang: str
    front: Front
    chapters: tuple[Chapter, ...]


Cell = Callable[[Mapping[Any, Any]], "str | Bar | Pair"]
"""Makes the cell of a column from a row of the frame."""


def grid_of(frame: pd.DataFrame, caption: str, columns: Iterable[tuple[Column, Cell]], note: str = "") -> Grid:
    """Make a grid from a frame, one row each.

    Parameters
    ----------
    frame : pandas.DataFrame
        Any tidy frame.
    caption : str
        What the table shows.
    columns : iterable of (Column, callable)
        Each column with the function that makes its cell from a row (a mapping of column name to value).
    note : str
        Shown below the table.

    Returns
    -------
    Grid
    """
    made = list(columns)
    rows = tuple(tuple(cell(row) for _, cell in made) for row in frame.to_dict("records"))
    return Grid(caption, tuple(column for column, _ in made), rows, note)


def ends(grid: Grid, shown: int, gap_text: str) -> Grid:
    """Keep the first and the last ``shown`` rows of a long grid and mark the gap."""
    if len(grid.rows) <= 2 * shown + 2:
        return grid
    return Grid(grid.caption, grid.columns, grid.rows[:shown] + grid.rows[-shown:], grid.note, shown, gap_text)
