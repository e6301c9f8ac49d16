"""The project's files and the package's modules, as the style tests look at them."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "kpi_research"
STAGES = ("validity", "preventability", "workload", "weights", "scorecard")


@cache
def project_files() -> tuple[Path, ...]:
    """Return every file that is or would be in git; without git, every file outside hidden and made folders."""
    try:
        listed = subprocess.run(
            ["git", "-c", "safe.directory=*", "ls-files", "-co", "--exclude-standard", "-z"],
            cwd=ROOT,
            check=True,
            capture_output=True,
            text=True,
            encoding="utf-8",
        ).stdout
        files = [ROOT / name for name in listed.split("\0") if name]
    except (OSError, subprocess.CalledProcessError):
        made = {".venv", ".git", "__pycache__", "htmlcov", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis"}
        files = [file for file in ROOT.rglob("*") if not made & set(file.relative_to(ROOT).parts)]
    return tuple(sorted(file for file in files if file.is_file()))


def text_of(file: Path) -> str | None:
    """Return the text of a file, or None where it is no text."""
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


@dataclass(frozen=True)
class Module:
    """One module of the package: its dotted name, its file and its syntax tree."""

    name: str
    file: Path
    tree: ast.Module

    @property
    def room(self) -> str:
        """The part of the package below the root: ``study``, ``validity``, ``cli`` ...; empty for the root."""
        return [*self.name.split("."), ""][1]

    @property
    def is_public(self) -> bool:
        """Whether no part of the name starts with an underscore."""
        return not any(part.startswith("_") and part != "__main__" for part in self.name.split("."))


@cache
def modules() -> tuple[Module, ...]:
    """Return every module of the package."""
    return tuple(_module(file) for file in sorted(PACKAGE.rglob("*.py")))


def _module(file: Path) -> Module:
    parts = file.relative_to(ROOT).with_suffix("").parts
    name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    return Module(name, file, ast.parse(file.read_text(encoding="utf-8")))


@dataclass(frozen=True)
class Function:
    """One function or method with the place it stands at."""

    module: Module
    qualname: str
    node: ast.FunctionDef | ast.AsyncFunctionDef
    owner: ast.ClassDef | None

    @property
    def place(self) -> str:
        """Where an editor finds it."""
        return f"{self.module.file.relative_to(ROOT)}:{self.node.lineno} {self.qualname}"

    @property
    def is_public(self) -> bool:
        """Whether neither the module, nor the class, nor the function starts with an underscore."""
        return self.module.is_public and not any(part.startswith("_") for part in self.qualname.split("."))


def functions() -> Iterator[Function]:
    """Yield every function and method of the package; functions inside functions belong to the outer one."""
    for module in modules():
        yield from _functions(module, module.tree.body, "", None)


def _functions(module: Module, body: list[ast.stmt], prefix: str, owner: ast.ClassDef | None) -> Iterator[Function]:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield Function(module, prefix + node.name, node, owner)
        elif isinstance(node, ast.ClassDef):
            yield from _functions(module, node.body, f"{prefix}{node.name}.", node)


def classes() -> Iterator[tuple[Module, ast.ClassDef]]:
    """Yield every class at the top of a module."""
    for module in modules():
        for node in module.tree.body:
            if isinstance(node, ast.ClassDef):
                yield module, node


def decorators(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> set[str]:
    """Return the last names of a definition's decorators, e.g. ``{"property", "dataclass"}``."""
    bare = (item.func if isinstance(item, ast.Call) else item for item in node.decorator_list)
    return {ast.unparse(item).rsplit(".", 1)[-1] for item in bare}
