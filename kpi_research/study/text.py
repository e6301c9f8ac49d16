"""A text in English and Chinese, as titles, labels and questions of a study are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict

from kpi_research.study.findings import Language


@dataclass(frozen=True, slots=True)
class Text:
    """One text in two languages; the English one is required, the Chinese one falls back to it.

    Attributes
    ----------
    en, zh : str
        The English and the Chinese text.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    en: str
    zh: str = ""

    def __getitem__(self, lang: Language) -> str:
        return self.zh if lang == "zh" and self.zh else self.en


def _from_plain(value: Any) -> Any:
    return {"en": value} if isinstance(value, str) else value


TextField = Annotated[Text, BeforeValidator(_from_plain)]
"""A text in a study file: a plain string, or ``{ en = "…", zh = "…" }``."""
