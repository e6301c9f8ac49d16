"""The commands of the Makefile and of continuous integration do what they say."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MAKE = shutil.which("make") or "make"
COMMANDS = (
    "study", "test", "validation", "lint", "format", "coverage", "bench", "lock", "environment.yml", "lab", "clean", "help",
)  # fmt: skip


def make(*arguments: str) -> str:
    """Return what make prints."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run([MAKE, *arguments], cwd=ROOT, check=True, capture_output=True, text=True, env=clean).stdout


def test_help_is_the_default_and_lists_every_command() -> None:
    listed = make()
    assert listed == make("help")
    assert set(COMMANDS) <= set(re.findall(r"^  make (\S+)", listed, re.MULTILINE))


def test_study_runs_the_real_study_into_reports() -> None:
    assert "kpi-research run data/nc_counties/study.toml --out reports" in make("--dry-run", "study")
    assert "kpi-research run data/demo_bureau --out reports" in make("--dry-run", "study", "STUDY=data/demo_bureau")


@pytest.mark.parametrize("command", ["study", "test", "lint", "validation", "coverage", "lab"])
def test_each_command_first_sees_to_the_environment(command: str) -> None:
    assert "tools/environment.py" in make("--dry-run", command)


def test_tests_use_one_thread_for_each_process() -> None:
    shown = subprocess.run(
        [MAKE, "--print-data-base", "--question", "help"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout
    assert "OMP_NUM_THREADS := 1" in shown
    assert "OPENBLAS_NUM_THREADS := 1" in shown


def test_clean_keeps_reports() -> None:
    assert "reports" not in make("--dry-run", "clean")


def test_integration_ends_with_the_tests() -> None:
    script = (ROOT / ".ci/run").read_text(encoding="utf-8")
    commands = [line for line in script.splitlines() if line and not line.lstrip().startswith("#")]
    assert commands[-1].endswith("make --no-print-directory test")
    assert "set -euo pipefail" in commands
    assert "export KPI_RESEARCH_REQUIRE=chromium,postgres,spark" in commands
    assert subprocess.run(["bash", "-n", str(ROOT / ".ci/run")], check=False).returncode == 0
    assert os.access(ROOT / ".ci/run", os.X_OK)
