"""The fixed texts of the report in English and Chinese, kept in ``locale/en.toml`` and ``locale/zh.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from kpi_research.study.findings import Language
from kpi_research.study.suggest import did_you_mean

LANGUAGES: tuple[Language, ...] = ("en", "zh")


@dataclass(frozen=True)
class Words:
    """The texts of one language.

    Attributes
    ----------
    lang : {"en", "zh"}
        The language.
    texts : mapping of str to str
        Templates by dotted key, e.g. ``"validity.title"``; placeholders stand in braces.
    """

    lang: Language
    texts: Mapping[str, str] = field(repr=False)

    def __call__(self, key: str, /, **facts: Any) -> str:
        """Return a text with its placeholders filled.

        Parameters
        ----------
        key : str
            A dotted key of the locale files.
        **facts
            A value for every placeholder.

        Returns
        -------
        str

        Raises
        ------
        KeyError
            If the key is unknown or a placeholder has no value.
        """
        if key not in self.texts:
            raise KeyError(f"no text '{key}' in {self.lang}.toml.{did_you_mean(key, self.texts)['en']}")
        return self.texts[key].format(**facts)

    def group(self, prefix: str) -> tuple[tuple[str, str], ...]:
        """Return the texts below a key in file order, as pairs of the last part of the key and the text."""
        start = f"{prefix}."
        return tuple((key.removeprefix(start), text) for key, text in self.texts.items() if key.startswith(start))

    def listed(self, names: list[str]) -> str:
        """Join names as a sentence does, e.g. ``"a, b and c"`` or ``"“a”、“b”和“c”"``."""
        quoted = [self("list.name", name=name) for name in names]
        if len(quoted) < 2:
            return "".join(quoted)
        return self("list.comma").join(quoted[:-1]) + self("list.and") + quoted[-1]


@cache
def words(lang: Language) -> Words:
    """Return the texts of a language.

    Parameters
    ----------
    lang : {"en", "zh"}

    Returns
    -------
    Words

    Raises
    ------
    ValueError
        If the language is unknown.

    Examples
    --------
    >>> words("zh")("validity.title")
    '效度与信度'
    """
    if lang not in LANGUAGES:
        raise ValueError(f"lang is {lang!r}; allowed: {', '.join(LANGUAGES)}")
    file = resources.files(__package__) / "locale" / f"{lang}.toml"
    return Words(lang, dict(_flat(tomllib.loads(file.read_text(encoding="utf-8")), "")))


def _flat(table: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", str(value)
