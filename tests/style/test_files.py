"""Data files parse, notebooks carry no outputs, and what the documents point at is there."""

from __future__ import annotations

import importlib
import importlib.util
import json
import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.style.tree import ROOT, project_files

FILES = [file.relative_to(ROOT) for file in project_files()]
NAMES = {str(file) for file in FILES} | {str(folder) for file in FILES for folder in file.parents}
DOCUMENTS = [file for file in FILES if file.suffix == ".md"]
MADE = ("reports/", "htmlcov/", ".venv/")  # folders that git does not keep
PATH_IN_CODE = re.compile(r"`([\w.-]+(?:/[\w.-]+)+/?)`")
PLACEHOLDER = re.compile(r"@[A-Z_]+@")  # a template of a study file has these where a value goes
LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")
MODULE_IN_CODE = re.compile(r"`(kpi_research(?:\.\w+)+)`")
COMMAND = re.compile(r"\bmake ([a-z]+(?:\.yml)?)\b(?=[`\s;,&]|$)")


def of_kind(suffix: str) -> list[Path]:
    return [file for file in FILES if file.suffix == suffix]


def notebooks() -> Iterator[tuple[Path, list[dict[str, Any]]]]:
    """Yield every notebook with its cells."""
    for file in of_kind(".ipynb"):
        yield file, json.loads((ROOT / file).read_text(encoding="utf-8"))["cells"]


def test_toml_and_json_are_well_formed() -> None:
    # A broken study file is a test's own input; it is written by that test, never kept.
    readers: dict[str, Callable[[str], object]] = {".toml": tomllib.loads, ".json": json.loads}
    faults = {}
    for file in FILES:
        if file.suffix in readers:
            try:
                readers[file.suffix](PLACEHOLDER.sub("1", (ROOT / file).read_text(encoding="utf-8")))
            except ValueError as error:
                faults[str(file)] = str(error)
    assert faults == {}


def test_notebooks_keep_no_outputs() -> None:
    kept = [
        f"{file}: {cell['id']}"
        for file, cells in notebooks()
        for cell in cells
        if cell["cell_type"] == "code" and (cell["outputs"] or cell["execution_count"] is not None)
    ]
    assert kept == []


def test_notebooks_tell_a_story_and_call_the_library() -> None:
    for file, cells in notebooks():
        code = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
        assert cells[0]["cell_type"] == "markdown", f"{file} starts without a word"
        assert not re.search(r"^\s*(def|class|for|while)\b", code, re.MULTILINE), f"{file} computes by itself"


@pytest.mark.parametrize("file", DOCUMENTS, ids=str)
def test_documents_name_files_that_exist(file: Path) -> None:
    assert sorted(set(missing(file, (ROOT / file).read_text(encoding="utf-8")))) == []


def missing(document: Path, text: str) -> Iterator[str]:
    """Yield the paths a document names that are not in the project."""
    for path in LINK.findall(text):
        if "://" not in path and not path.startswith(("mailto:", *MADE)) and not _is_here(document, path):
            yield path
    for path in PATH_IN_CODE.findall(text):
        ours = path.split("/")[0] in NAMES and not path.startswith(MADE)
        if ours and not _is_here(document, path):
            yield path


def _is_here(document: Path, path: str) -> bool:
    beside = (ROOT / document.parent / path).resolve()
    candidates = {path.rstrip("/"), str(beside.relative_to(ROOT)) if beside.is_relative_to(ROOT) else ""}
    return bool(candidates & NAMES)


@pytest.mark.parametrize("file", DOCUMENTS, ids=str)
def test_documents_name_modules_that_exist(file: Path) -> None:
    text = (ROOT / file).read_text(encoding="utf-8")
    assert [name for name in MODULE_IN_CODE.findall(text) if not _exists(name)] == []


def _exists(name: str) -> bool:
    """Whether a dotted name is a module or a name inside one."""
    base, _, last = name.rpartition(".")
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return hasattr(importlib.import_module(base), last)


@pytest.mark.parametrize("file", DOCUMENTS, ids=str)
def test_documents_name_commands_that_exist(file: Path) -> None:
    targets = set(re.findall(r"^([a-z][a-z.]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    in_code = re.findall(
        r"`([^`\n]*\bmake [^`\n]*)`|^(?: {4}|\$ )?(make .*)$", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE
    )
    named = {name for pair in in_code for name in COMMAND.findall(" ".join(pair))}
    assert named <= targets


def test_a_missing_file_is_noticed() -> None:
    text = "See `kpi_research/no_such_file.py`, `my_study/study.toml` and [this](docs/nothing.md)."
    assert list(missing(Path("README.md"), text)) == ["docs/nothing.md", "kpi_research/no_such_file.py"]


def test_the_licenses_are_here() -> None:
    assert "BSD 3-Clause License" in (ROOT / "LICENSE").read_text(encoding="utf-8")
    fonts = {file.parent for file in FILES if file.suffix in {".ttf", ".otf", ".woff2"}}
    assert fonts
    assert all(
        "SIL OPEN FONT LICENSE" in (ROOT / folder / "OFL.txt").read_text(encoding="utf-8").upper() for folder in fonts
    )
