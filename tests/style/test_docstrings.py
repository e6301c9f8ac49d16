"""Everything public is typed and documented, and what the documentation names is what the code has."""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Iterator

import pytest

from tests.style.docstrings import names_in, parameters, sections
from tests.style.tree import STAGES, Function, Module, classes, decorators, functions, modules

PUBLIC = [item for item in functions() if item.is_public]
FACES = ["kpi_research", *(f"kpi_research.{stage}" for stage in STAGES)]
ROOMS = [*FACES, *(f"kpi_research.{room}" for room in ("study", "publish", "numerics", "drawing"))]


def _face_names() -> frozenset[str]:
    """Return the names that users import: those a face of the package offers."""
    return frozenset(name for face in FACES for name in importlib.import_module(face).__all__)


FACE_NAMES = _face_names()


def problems(function: Function) -> list[str]:
    """Return what a public function lacks; one that a face offers needs all of its parameters explained."""
    node, documented = function.node, ast.get_docstring(function.node)
    given = parameters(node, method=function.owner is not None)
    found = [f"parameter '{item.arg}' has no type" for item in given if item.annotation is None]
    if node.returns is None:
        found.append("the return has no type")
    if not documented:
        return [*found, "no docstring"]
    if decorators(node) & {"command", "callback"}:  # the help of a command explains its options
        return found
    parts = sections(documented)
    listed, names = names_in(parts.get("Parameters", "")), [item.arg for item in given]
    if listed != names and ("Parameters" in parts or function.node.name in FACE_NAMES):
        found.append(f"Parameters lists {listed}, the signature {names}")
    return found


@pytest.mark.parametrize("module", [m for m in modules() if m.is_public], ids=lambda module: module.name)
def test_public_functions_are_typed_and_documented(module: Module) -> None:
    lacking = {item.place: problems(item) for item in PUBLIC if item.module is module}
    assert {place: found for place, found in lacking.items() if found} == {}


def undocumented_fields(node: ast.ClassDef) -> list[str]:
    """Return the public fields of a dataclass or model that no Attributes section, description or string explains."""
    parts = sections(ast.get_docstring(node) or "")
    listed = names_in(parts.get("Attributes", parts.get("Parameters", "")))
    return [name for name, explained in _fields(node) if not explained and name not in listed]


def _fields(node: ast.ClassDef) -> Iterator[tuple[str, bool]]:
    for item, after in zip(node.body, [*node.body[1:], None], strict=True):
        if not isinstance(item, ast.AnnAssign) or not isinstance(item.target, ast.Name):
            continue
        name = item.target.id
        if not name.startswith("_") and name != "model_config" and "ClassVar" not in ast.unparse(item.annotation):
            yield name, _is_text(after) or "description=" in ast.unparse(item)


def _is_text(node: ast.stmt | None) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


@pytest.mark.parametrize("module", [m for m in modules() if m.is_public], ids=lambda module: module.name)
def test_public_classes_document_their_fields(module: Module) -> None:
    lacking = {}
    for home, node in classes():
        if home is module and not node.name.startswith("_"):
            shown = node.name in FACE_NAMES or module.name == "kpi_research.study.spec"
            found = [] if ast.get_docstring(node) else ["no docstring"]
            found += undocumented_fields(node) if shown else []
            lacking.update({f"{module.name}.{node.name}": found} if found else {})
    assert lacking == {}


@pytest.mark.parametrize("room", ROOMS)
def test_the_face_of_a_room_is_documented(room: str) -> None:
    face = importlib.import_module(room)
    assert face.__doc__
    names = list(face.__all__) if room in FACES else list(getattr(face, "__all__", []))
    assert len(names) == len(set(names)), "a name stands twice"
    for name in names:
        value = getattr(face, name)
        if inspect.isfunction(value) or inspect.isclass(value):
            assert inspect.getdoc(value), f"{room}.{name} has no docstring"


@pytest.mark.parametrize("room", FACES)
def test_public_functions_say_what_they_return(room: str) -> None:
    face = importlib.import_module(room)
    public = {name: getattr(face, name) for name in face.__all__}
    giving = {
        name: value
        for name, value in public.items()
        if inspect.isfunction(value) and inspect.signature(value).return_annotation != "None"
    }
    assert [name for name, value in giving.items() if "Returns" not in sections(value.__doc__ or "")] == []


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.name)
def test_every_module_says_what_it_is(module: Module) -> None:
    assert ast.get_docstring(module.tree)


def test_no_public_name_looks_like_a_test() -> None:
    assert not [item.place for item in PUBLIC if item.node.name.startswith("test")]
