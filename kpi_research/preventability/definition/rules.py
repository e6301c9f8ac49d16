"""A definition of preventable cases: ordered conditions, each with the class of the cases it fits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from kpi_research.study.expressions import Dialect, Expression, Kind, parse_expression
from kpi_research.study.findings import Where
from kpi_research.study.frame_checks import require_choice, require_columns
from kpi_research.study.spec_preventability import DefinitionSection
from kpi_research.study.text import Text

PREVENTABLE, NOT, UNCLEAR = CLASSES = ("preventable", "not", "unclear")
"""What a case can be by a definition."""


@dataclass(frozen=True)
class Definition:
    """A written definition of preventable cases.

    Attributes
    ----------
    id : str
        Its name.
    rules : tuple of (str, str)
        Condition over the columns of the cases, and class (``preventable``, ``not``, ``unclear``) of the cases it fits.
        The first condition that fits a case decides; a condition that cannot be told for a case does not fit it.
    otherwise : str
        Class of the cases that no condition fits.
    label : Text
        What it is called, in English and Chinese.
    source : str
        Document it comes from.

    Examples
    --------
    >>> strict = Definition("strict", (("type = 'burglary'", "preventable"), ("transient = 'unknown'", "unclear")))
    >>> strict.otherwise
    'not'
    """

    id: str
    rules: tuple[tuple[str, str], ...]
    otherwise: str = NOT
    label: Text = field(default_factory=lambda: Text(""))
    source: str = ""

    def __post_init__(self) -> None:
        for _, kind in self.rules:
            require_choice(f"class of a rule of definition '{self.id}'", kind, CLASSES)
        require_choice(f"otherwise of definition '{self.id}'", self.otherwise, CLASSES)

    def name(self, lang: str = "en") -> str:
        """Return its label in the language asked for, or its id.

        Parameters
        ----------
        lang : {"en", "zh"}
            The language.

        Returns
        -------
        str
        """
        return self.label["zh" if lang == "zh" else "en"] or self.id


@dataclass(frozen=True)
class Compiled:
    """A definition whose conditions have been checked against the columns of a table.

    Attributes
    ----------
    definition : Definition
        The definition.
    conditions : tuple of Expression
        Its conditions in order.
    """

    definition: Definition
    conditions: tuple[Expression, ...]

    @property
    def columns(self) -> frozenset[str]:
        """The columns its conditions read."""
        return frozenset().union(*(condition.columns for condition in self.conditions))

    def sql(self, dialect: Dialect = "duckdb") -> str:
        """Return the class of a case as an expression of a database.

        Parameters
        ----------
        dialect : {"duckdb", "postgres", "spark"}
            The database.

        Returns
        -------
        str
            ``CASE WHEN … THEN 'preventable' … ELSE 'not' END``.
        """
        kinds = [kind for _, kind in self.definition.rules]
        lines = [
            f"WHEN ({condition.sql(dialect)}) THEN '{kind}'"
            for condition, kind in zip(self.conditions, kinds, strict=True)
        ]
        last = f"'{self.definition.otherwise}'"
        return f"CASE {' '.join(lines)} ELSE {last} END" if lines else last


def compile_definition(definition: Definition, columns: Mapping[str, Kind]) -> Compiled:
    """Check the conditions of a definition against the columns of a table.

    Parameters
    ----------
    definition : Definition
        The definition.
    columns : mapping of str to {"number", "text", "boolean", "time", "unknown"}
        Columns of the cases and their kinds.

    Returns
    -------
    Compiled

    Raises
    ------
    ValueError
        If a condition has a fault; the message lists all of them.
    """
    place = Where(column=f"definition {definition.id}")
    read = [parse_expression(text, columns=columns, where=place, expect="boolean") for text, _ in definition.rules]
    faults = [item for _, found in read for item in found]
    if faults:
        raise ValueError("; ".join(item.line() for item in faults))
    return Compiled(definition, tuple(parsed for parsed, _ in read if parsed is not None))


def definitions_of(sections: Iterable[DefinitionSection]) -> tuple[Definition, ...]:
    """Return the definitions of a study file.

    Parameters
    ----------
    sections : iterable of DefinitionSection
        ``[[preventability.definitions]]``.

    Returns
    -------
    tuple of Definition
    """
    return tuple(
        Definition(
            section.id,
            tuple((rule.where, rule.to) for rule in section.rules),
            section.otherwise,
            section.label or Text(section.id),
            section.source or "",
        )
        for section in sections
    )


def definition_from_table(
    rules: pd.DataFrame,
    *,
    id: str = "definition",
    where: str = "where",
    to: str = "to",
    otherwise: str = NOT,
) -> Definition:
    """Return a definition from a rule table, such as a sheet that an office keeps.

    Parameters
    ----------
    rules : pandas.DataFrame
        One row per rule, in the order in which they are tried.
    id : str
        Name of the definition.
    where, to : str
        Columns of the condition and of the class.
    otherwise : {"preventable", "not", "unclear"}
        Class of the cases that no rule fits.

    Returns
    -------
    Definition

    Raises
    ------
    ValueError
        If a column is missing or a class unknown.

    Examples
    --------
    >>> sheet = pd.DataFrame({"where": ["type = 'burglary'"], "to": ["preventable"]})
    >>> definition_from_table(sheet, id="strict").rules
    (("type = 'burglary'", 'preventable'),)
    """
    require_columns(rules, "rules", {"where": where, "to": to})
    pairs: Sequence[tuple[str, str]] = list(zip(rules[where].astype(str), rules[to].astype(str), strict=True))
    return Definition(id, tuple(pairs), otherwise)
