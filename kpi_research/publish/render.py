"""A study's report folder: written as a whole, never half."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from kpi_research.publish import manifest as manifests
from kpi_research.publish.atomic import recover, staged
from kpi_research.publish.figures import figure_files
from kpi_research.publish.json_text import json_bytes
from kpi_research.publish.own_findings import own_findings
from kpi_research.publish.report import document, report_html
from kpi_research.publish.tables import table_files
from kpi_research.publish.weights_file import weights_content
from kpi_research.publish.words import LANGUAGES, words
from kpi_research.study.findings import Language, findings_frame
from kpi_research.study.schemas import PERSON_COLUMNS

if TYPE_CHECKING:
    from kpi_research.result import StudyResult


def render_report(result: StudyResult, folder: str | Path, *, lang: Language | Iterable[Language] = "en") -> Path:
    """Write the report of a study with its tables, figures, weights and manifest.

    Parameters
    ----------
    result : StudyResult
    folder : str or pathlib.Path
        The report's own folder. It is replaced as a whole; a killed run leaves the old content or the new.
        Files in it that an earlier report did not write are kept. A report of the same result in the other language
        is kept too: both are written again.
    lang : {"en", "zh"} or several of them
        Language of the report.

    Returns
    -------
    pathlib.Path
        ``report.html`` (English) or ``report.zh.html`` (Chinese), in the first language asked for.

    Raises
    ------
    ValueError
        If a language is unknown.
    FileExistsError
        If the folder holds files but no report, so that replacing it would destroy someone's work.
    NotADirectoryError
        If the path is a file.
    """
    asked = _asked(lang)
    target = Path(folder)
    recover(target)
    earlier = _earlier_manifest(target)
    outputs = report_files(result, _all_languages(asked, earlier, result))
    with staged(target) as new:
        for path, data in outputs.items():
            (new / path).parent.mkdir(parents=True, exist_ok=True)
            (new / path).write_bytes(data)
        _keep_own_files(target, new, earlier)
    return target / report_name(asked[0])


def report_files(result: StudyResult, languages: tuple[Language, ...]) -> dict[str, bytes]:
    """Return every file of a report folder by its path in it: the same bytes for the same result.

    Parameters
    ----------
    result : StudyResult
    languages : tuple of {"en", "zh"}

    Returns
    -------
    dict of str to bytes
    """
    outputs: dict[str, bytes] = {}
    for lang in languages:
        pictures = figure_files(result, lang)
        outputs[report_name(lang)] = report_html(document(result, words(lang), frozenset(pictures)), pictures)
        outputs |= {f"figures/{name}{_ending(lang)}.svg": svg for name, svg in pictures.items()}
    outputs |= {f"tables/{name}": data for name, data in table_files(_tables(result)).items()}
    outputs["weights.json"] = json_bytes(weights_content(result))
    outputs[manifests.NAME] = json_bytes(manifests.manifest(result, outputs, languages))
    return outputs


def report_name(lang: Language) -> str:
    """Return the file name of the report in a language."""
    return f"report{_ending(lang)}.html"


def _ending(lang: Language) -> str:
    return "" if lang == "en" else f".{lang}"


def _asked(lang: Language | Iterable[Language]) -> tuple[Language, ...]:
    asked = (lang,) if isinstance(lang, str) else tuple(dict.fromkeys(lang))
    for item in asked:
        words(item)
    if not asked:
        raise ValueError(f"lang is empty; give one or more of {', '.join(LANGUAGES)}")
    return asked


def _all_languages(
    asked: tuple[Language, ...], earlier: Mapping[str, Any], result: StudyResult
) -> tuple[Language, ...]:
    same = earlier.get("result_digest") == result.digest
    written = earlier.get("languages", []) if same else []
    return tuple(item for item in LANGUAGES if item in asked or item in written)


def _tables(result: StudyResult) -> Iterator[tuple[str, pd.DataFrame]]:
    for stage, name, frame in result.frames():
        if set(PERSON_COLUMNS) & set(frame.columns):
            continue  # a row on one person is never published
        yield (stage if name == "table" else f"{stage}_{name}"), frame
    yield "indicators", result.study.indicators
    found = (*result.findings, *own_findings(result))
    chinese = findings_frame(found, "zh")[["message", "remedy"]].add_suffix("_zh")
    yield "findings", pd.concat([findings_frame(found, "en"), chinese], axis=1)


def _earlier_manifest(target: Path) -> Mapping[str, Any]:
    """Return the manifest of the report that lies in the folder, or an empty one where the folder is empty or absent."""
    if not target.is_dir() or not any(target.iterdir()):
        return {}
    try:
        found = json.loads((target / manifests.NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        found = None
    if not isinstance(found, dict) or found.get("schema") != manifests.SCHEMA:
        names = ", ".join(sorted(entry.name for entry in target.iterdir())[:3])
        raise FileExistsError(
            f"folder '{target.name}' holds files and no report of this program ({names}); give a new folder"
        )
    return found


def _keep_own_files(target: Path, new: Path, earlier: Mapping[str, Any]) -> None:
    """Copy the files that no report wrote, so that a reader's notes survive."""
    written = {manifests.NAME, *earlier.get("outputs", {})}
    for file in sorted(target.rglob("*")) if earlier else []:
        path = file.relative_to(target)
        if file.is_file() and path.as_posix() not in written and not (new / path).exists():
            (new / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(file, new / path)
