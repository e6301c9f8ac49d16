"""Build the project's environment from ``requirements.lock``: ``python tools/environment.py .venv``.

Runs before anything is installed, so it uses the standard library only. The environment is made by ``uv`` where that
is on the path, else by ``venv``; on a Debian or Ubuntu without ``python3-venv`` the system's own pip fills an
environment that has none. A stamp written last tells a finished environment from a half-built one.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements.lock"
NO_INSTALLER = """\
This Python has neither pip nor venv with pip, so nothing can be installed. 当前 Python 缺少 pip 与 venv,无法安装依赖。
  Debian, Ubuntu:  sudo apt install python3-venv
  or install uv and run make again"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Build the environment unless it is there, whole and up to date; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path, nargs="?", default=ROOT / ".venv")
    parser.add_argument("--this-python", action="store_true", help="rebuild an environment of another Python version")
    options = parser.parse_args(arguments)
    folder = options.folder.absolute()
    wanted = fingerprint(LOCK, ROOT / "pyproject.toml")
    if is_current(folder, wanted, this_python=options.this_python):
        return 0
    print(f"Building the environment in {folder.name} (a few minutes the first time) ...", flush=True)
    try:
        build(folder)
    except subprocess.CalledProcessError as error:
        print(f"The environment could not be built: {' '.join(map(str, error.cmd[:5]))} ... failed.", file=sys.stderr)
        return 1
    except RuntimeError as error:
        print(error, file=sys.stderr)
        return 1
    stamp(folder).write_text(json.dumps(wanted, indent=1), encoding="utf-8")
    return 0


def stamp(folder: Path) -> Path:
    """Return the file that says the environment is whole."""
    return folder / "complete.json"


def python_of(folder: Path) -> Path:
    """Return the interpreter inside an environment."""
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def fingerprint(lock: Path, pyproject: Path) -> dict[str, str]:
    """Return what the environment is built from: the lock, the project table, the place, the Python version."""
    tables = tomllib.loads(pyproject.read_text(encoding="utf-8"))
    installed = {name: tables[name] for name in ("build-system", "project")}
    return {
        "lock": hashlib.sha256(lock.read_bytes()).hexdigest(),
        "project": hashlib.sha256(json.dumps(installed, sort_keys=True).encode()).hexdigest(),
        "place": str(pyproject.parent),
        "python": "{}.{}".format(*sys.version_info),
    }


def is_current(folder: Path, wanted: dict[str, str], *, this_python: bool = False) -> bool:
    """Return whether the environment was finished, still has its interpreter, and matches the fingerprint.

    Another Python version than the one running counts as a difference only where ``this_python`` is set.
    """
    try:
        found = json.loads(stamp(folder).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    compared = [name for name in wanted if this_python or name != "python"]
    return all(found.get(name) == wanted[name] for name in compared) and python_of(folder).exists()


def build(folder: Path) -> None:
    """Make the environment anew and install the locked packages and the project into it.

    Raises
    ------
    RuntimeError
        If there is no tool to make an environment with.
    subprocess.CalledProcessError
        If a step fails.
    """
    if folder.exists():
        shutil.rmtree(folder)
    install = create(folder)
    run([*install, "--require-hashes", "-r", str(LOCK)])
    run([*install, "--no-deps", "--no-build-isolation", "-e", str(ROOT)])


def create(folder: Path) -> list[str]:
    """Make an empty environment; return the command that installs into it."""
    python = str(python_of(folder))
    quiet = [] if sys.stdout.isatty() else ["--quiet", "--quiet"]
    uv = shutil.which(os.environ.get("UV", "uv"))
    if uv:
        run([uv, "venv", "--quiet", "--python", sys.executable, str(folder)])
        return [uv, "pip", "install", *quiet[1:], "--python", python]
    pip = ["-m", "pip", "--disable-pip-version-check", "--no-input"]
    if has("venv") and has("ensurepip"):
        run([sys.executable, "-m", "venv", str(folder)])
        return [python, *pip, "install", *quiet]
    if has("venv") and has("pip"):
        run([sys.executable, "-m", "venv", "--without-pip", str(folder)])
        return [sys.executable, *pip, "--python", python, "install", *quiet]
    raise RuntimeError(NO_INSTALLER)


def has(module: str) -> bool:
    """Return whether this Python has a module."""
    return importlib.util.find_spec(module) is not None


def run(command: Sequence[str]) -> None:
    """Run one step; its output is the user's progress."""
    subprocess.run(command, check=True)


if __name__ == "__main__":
    sys.exit(main())
