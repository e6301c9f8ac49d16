"""Files and functions stay small enough to read on a few screens."""

from __future__ import annotations

import ast
import io
import statistics
import tokenize
from functools import cache

import pytest

from tests.style.tree import ROOT, Function, Module, functions, modules

SILENT = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}


@cache
def lines_with_code(module: Module) -> frozenset[int]:
    """Return the line numbers that hold more than a comment."""
    tokens = tokenize.generate_tokens(io.StringIO(module.file.read_text(encoding="utf-8")).readline)
    spans = (range(token.start[0], token.end[0] + 1) for token in tokens if token.type not in SILENT)
    return frozenset(line for span in spans for line in span)


def body_lines(function: Function) -> int:
    """Count the lines of code in a function's body, the docstring left out."""
    body = function.node.body[1:] if ast.get_docstring(function.node) is not None else function.node.body
    if not body:
        return 0
    first, last = body[0].lineno, body[-1].end_lineno or body[-1].lineno
    return sum(first <= line <= last for line in lines_with_code(function.module))


def file_lines(module: Module) -> int:
    return len(module.file.read_text(encoding="utf-8").splitlines())


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.name)
def test_no_file_is_long(module: Module) -> None:
    assert file_lines(module) <= 400


def test_files_are_mostly_short() -> None:
    # The faces of the rooms only list names; files with code are what is read.
    sizes = [file_lines(module) for module in modules() if module.file.name != "__init__.py"]
    assert statistics.median(sizes) <= 150


def test_no_function_is_long() -> None:
    assert not [
        f"{function.place}: {body_lines(function)} lines" for function in functions() if body_lines(function) > 60
    ]


def test_functions_are_mostly_short() -> None:
    sizes = sorted(body_lines(function) for function in functions())
    assert statistics.median(sizes) <= 10
    assert sizes[int(0.9 * len(sizes))] <= 30, f"over 30 lines: {[f.place for f in functions() if body_lines(f) > 30]}"


def test_the_limits_are_measured_on_the_whole_package() -> None:
    assert {module.file.relative_to(ROOT).parts[0] for module in modules()} == {"kpi_research"}
    assert sum(1 for _ in functions()) >= len(modules())
