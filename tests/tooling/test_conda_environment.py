"""`environment.yml` says to conda what `pyproject.toml` says to pip."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from tools.conda_environment import CONDA_NAMES, ONLY_PIP, conda_spec, render, requirements

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
TEXT = (ROOT / "environment.yml").read_text(encoding="utf-8")
FILE = yaml.safe_load(TEXT)
SPECS = [item for item in FILE["dependencies"] if isinstance(item, str)]
BY_PIP = next(item["pip"] for item in FILE["dependencies"] if isinstance(item, dict))
PIP_NAMES = {conda: pip for pip, conda in CONDA_NAMES.items()}


def test_the_file_is_what_the_project_gives() -> None:
    assert render(PROJECT) == TEXT, "run: make environment.yml"


@pytest.mark.parametrize("spec", SPECS)
def test_every_spec_is_one_conda_can_read(spec: str) -> None:
    # conda: a lower-case name, one space, then bounds joined by commas without spaces
    assert re.fullmatch(
        r"[a-z0-9][a-z0-9._-]*( (>=|<=|==|!=|<|>|=)[0-9][0-9a-z.*]*(,(>=|<=|==|!=|<|>)[0-9][0-9a-z.*]*)*)?", spec
    )


def test_every_requirement_stands_in_it_with_the_same_bounds() -> None:
    pairs = [spec.partition(" ")[::2] for spec in SPECS]
    found = {PIP_NAMES.get(name, name): SpecifierSet(bounds) for name, bounds in pairs}
    found |= {item.name: item.specifier for item in map(Requirement, BY_PIP[:-1])}
    wanted = {item.name.lower(): item.specifier for item in map(Requirement, requirements(PROJECT))}
    assert found == wanted | {"python": SpecifierSet(PROJECT["requires-python"])}


def test_only_what_conda_forge_lacks_comes_by_pip() -> None:
    assert {Requirement(item).name for item in BY_PIP[:-1]} == ONLY_PIP
    assert BY_PIP[-1] == "-e ."
    assert "pip" in {spec.split()[0] for spec in SPECS}, "conda warns where pip is used and not listed"
    assert FILE["channels"][0] == "conda-forge"


@pytest.mark.parametrize("requirement", ["a[b]>=1", "a>=1; python_version < '3.12'", "a @ file:x"])
def test_what_conda_cannot_say_is_refused(requirement: str) -> None:
    with pytest.raises(ValueError, match="conda has no words"):
        conda_spec(requirement)
