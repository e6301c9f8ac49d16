"""Imports go one way, so that a reader may take any room of the package by itself."""

from __future__ import annotations

import ast
import graphlib
import importlib
import inspect
from collections.abc import Iterator

import pytest

from tests.style.tree import STAGES, Module, modules

# From the bottom up; "" is the face of the package, kpi_research/__init__.py.
LAYERS = (
    ("numerics", "drawing"),
    ("study",),
    STAGES,
    ("result",),
    ("publish",),
    ("pipeline",),
    ("compare",),
    ("scenarios", "bootstrap"),
    ("",),
    ("cli",),
    ("__main__",),
)
LEVEL = {room: level for level, rooms in enumerate(LAYERS) for room in rooms}
NAMES = {module.name for module in modules()}


def imports(module: Module, *, only_at_import: bool = False) -> Iterator[tuple[int, str, str]]:
    """Yield (line, module, name) of each import from the package itself; ``name`` is empty for ``import x``."""
    nodes = _run_at_import(module.tree) if only_at_import else ast.walk(module.tree)
    for node in nodes:
        if isinstance(node, ast.Import):
            found = [(alias.name, "") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or "" if not node.level else _absolute(module, node)
            found = [(base, alias.name) for alias in node.names]
        else:
            continue
        for base, name in found:
            if base.split(".")[0] == "kpi_research":
                yield (node.lineno, f"{base}.{name}", "") if f"{base}.{name}" in NAMES else (node.lineno, base, name)


def _run_at_import(tree: ast.Module) -> Iterator[ast.AST]:
    waiting: list[ast.AST] = list(tree.body)
    while waiting:
        node = waiting.pop()
        yield node
        typing_only = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        if not typing_only and not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            waiting.extend(ast.iter_child_nodes(node))


def _absolute(module: Module, node: ast.ImportFrom) -> str:
    parts = module.name.split(".")
    package = parts if module.file.name == "__init__.py" else parts[:-1]
    kept = package[: len(package) - node.level + 1]
    return ".".join([*kept, *filter(None, [node.module])])


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.endswith("__")


def room_of(name: str) -> str:
    return [*name.split("."), ""][1]


def test_every_room_has_a_layer() -> None:
    assert {module.room for module in modules()} <= set(LEVEL)


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.name)
def test_imports_go_down_the_layers(module: Module) -> None:
    wrong = [
        f"line {line}: {module.room} imports {target}.{name}"
        for line, target, name in imports(module)
        if room_of(target) != module.room
        and not LEVEL[room_of(target)] < LEVEL[module.room]
        and not _is_earlier_result(module, target, name)
    ]
    assert not wrong


def _is_earlier_result(module: Module, target: str, name: str) -> bool:
    """Whether a stage imports the result type, and nothing else, from the face of a stage before it."""
    room = room_of(target)
    if room not in STAGES or module.room not in STAGES or STAGES.index(room) >= STAGES.index(module.room):
        return False
    return (
        target == f"kpi_research.{room}"
        and bool(name)
        and inspect.isclass(getattr(importlib.import_module(target), name, None))
    )


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.name)
def test_no_room_uses_the_private_names_of_another(module: Module) -> None:
    private = [
        f"line {line}: {target}.{name}"
        for line, target, name in imports(module)
        if room_of(target) != module.room and any(map(is_private, f"{target}.{name}".split(".")))
    ]
    assert not private


def test_no_cycles() -> None:
    graph = {
        module.name: {target for _, target, _ in imports(module, only_at_import=True)} - {module.name}
        for module in modules()
    }
    graphlib.TopologicalSorter(graph).prepare()


def test_numerics_knows_no_frames() -> None:
    wrong = [
        f"{module.name}:{node.lineno}"
        for module in modules()
        if module.room == "numerics"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Import | ast.ImportFrom) and "pandas" in ast.unparse(node)
    ]
    assert not wrong
