"""Reads numpy-style docstrings: which sections they have and which names a section lists."""

from __future__ import annotations

import ast
import inspect
import re

SECTION = re.compile(r"^(?P<title>[A-Z][A-Za-z ]+)\n-{3,}$", re.MULTILINE)


def sections(docstring: str) -> dict[str, str]:
    """Return title and text of each section."""
    clean = inspect.cleandoc(docstring)
    heads = list(SECTION.finditer(clean))
    ends = [*(head.start() for head in heads), len(clean)][1:]
    return {head["title"]: clean[head.end() : end].strip("\n") for head, end in zip(heads, ends, strict=True)}


def names_in(section: str) -> list[str]:
    """Return the names a Parameters or Attributes section explains, in order: ``a : int``, ``a, b : str``, ``c``."""
    heads = [line for line in section.splitlines() if line and not line[0].isspace()]
    return [name.strip().lstrip("*") for line in heads for name in re.split(r"\s*:\s|\s*:$", line)[0].split(",")]


def parameters(node: ast.FunctionDef | ast.AsyncFunctionDef, *, method: bool) -> list[ast.arg]:
    """Return the parameters of a function as its caller sees them; those with an underscore are not for the caller."""
    spec = node.args
    positional = [*spec.posonlyargs, *spec.args]
    if method and not any(isinstance(item, ast.Name) and item.id == "staticmethod" for item in node.decorator_list):
        positional = positional[1:]
    every = [*positional, *filter(None, [spec.vararg]), *spec.kwonlyargs, *filter(None, [spec.kwarg])]
    return [item for item in every if not item.arg.startswith("_")]
