"""The report as one HTML file that needs nothing else: no network, no script, no font of the reader's."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from functools import cache
from html import unescape
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from kpi_research.drawing.fonts import WEIGHTS
from kpi_research.publish.blocks import Chapter, Document
from kpi_research.publish.chapters.cards import cards_chapter
from kpi_research.publish.chapters.closing import glossary_chapter, methods_chapter, reproducibility_chapter
from kpi_research.publish.chapters.faults import faults_chapter
from kpi_research.publish.chapters.findings import findings_chapter
from kpi_research.publish.chapters.front import front_page
from kpi_research.publish.chapters.preventability import preventability_chapter
from kpi_research.publish.chapters.scorecard import scorecard_chapter
from kpi_research.publish.chapters.validity import validity_chapter
from kpi_research.publish.chapters.weights import weights_chapter
from kpi_research.publish.chapters.workload import workload_chapter
from kpi_research.publish.clean import clean_text
from kpi_research.publish.manifest import program_version
from kpi_research.publish.webfont import webfont
from kpi_research.publish.words import Words, words

if TYPE_CHECKING:
    from kpi_research.result import StudyResult


def document(result: StudyResult, words: Words, pictures: frozenset[str]) -> Document:
    """Return the content of a report, free of any format.

    Parameters
    ----------
    result : StudyResult
    words : Words
        The texts of the language.
    pictures : frozenset of str
        Names of the figures that exist.

    Returns
    -------
    Document
    """
    chapters: list[Chapter] = [
        findings_chapter(result, words),
        cards_chapter(result, words, pictures),
        faults_chapter(result, words),
        validity_chapter(result, words, pictures),
    ]
    chapters += [preventability_chapter(result, words, pictures)]
    chapters += [workload_chapter(result, words, pictures)]
    chapters += [weights_chapter(result, words, pictures), scorecard_chapter(result, words, pictures)]
    chapters += [methods_chapter(words), glossary_chapter(words), reproducibility_chapter(result, words)]
    return Document(words.lang, front_page(result, words), tuple(chapters))


def report_html(content: Document, pictures: Mapping[str, bytes]) -> bytes:
    """Render a document as one self-contained HTML file.

    Parameters
    ----------
    content : Document
    pictures : mapping of str to bytes
        SVG figures by name.

    Returns
    -------
    bytes
        UTF-8. A content security policy forbids scripts and everything remote.
    """
    texts = words("zh" if content.lang == "zh" else "en")
    facts: dict[str, Any] = {
        "doc": content,
        "t": texts,
        "pictures": {name: _data_uri("image/svg+xml", svg) for name, svg in pictures.items()},
        "version": program_version(),
    }
    body = environment().get_template("body.html.j2").render(facts)
    style = _style(body)
    policy = f"default-src 'none'; style-src '{_checksum(style)}'; img-src data:; font-src data:; base-uri 'none'; form-action 'none'"
    page = environment().get_template("report.html.j2").render(facts, body=body, style=style, policy=policy)
    return page.encode("utf-8")


@cache
def environment() -> Environment:
    """Return the template environment: everything is escaped, and an unknown name is an error."""
    return Environment(
        loader=PackageLoader("kpi_research.publish", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_cleaned,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _cleaned(value: Any) -> Any:
    """Clean every inserted text once more at the last gate before it is escaped."""
    return clean_text(value) if type(value) is str else value


def _style(body: str) -> str:
    text = unescape(body)
    fonts = {weight: _data_uri("font/woff2", webfont(weight, text)) for weight in WEIGHTS}
    return environment().get_template("style.css.j2").render(fonts=fonts)


def _data_uri(kind: str, data: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(data).decode('ascii')}"


def _checksum(style: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(style.encode('utf-8')).digest()).decode('ascii')}"
