"""The environment is built where there is none or half of one, and left alone where it is whole."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tools import environment

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def sources(tmp_path: Path) -> tuple[Path, Path]:
    """Return a lock and a pyproject that no environment was built from yet."""
    lock, pyproject = tmp_path / "requirements.lock", tmp_path / "pyproject.toml"
    lock.write_text("a==1\n", encoding="utf-8")
    pyproject.write_text("[build-system]\nrequires = []\n[project]\nname = 'a'\n[tool.x]\ny = 1\n", encoding="utf-8")
    return lock, pyproject


@pytest.fixture
def whole(tmp_path: Path, sources: tuple[Path, Path]) -> Path:
    """Return the folder of a finished environment."""
    folder = tmp_path / ".venv"
    python = environment.python_of(folder)
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    environment.stamp(folder).write_text(json.dumps(environment.fingerprint(*sources)), encoding="utf-8")
    return folder


def test_a_whole_environment_is_left_alone(whole: Path, sources: tuple[Path, Path]) -> None:
    assert environment.is_current(whole, environment.fingerprint(*sources))


@pytest.mark.parametrize("text", [None, "", '{"lock": '])
def test_a_half_built_environment_is_noticed(whole: Path, sources: tuple[Path, Path], text: str | None) -> None:
    environment.stamp(whole).unlink()
    if text is not None:
        environment.stamp(whole).write_text(text, encoding="utf-8")
    assert not environment.is_current(whole, environment.fingerprint(*sources))


def test_an_environment_whose_python_is_gone_is_noticed(whole: Path, sources: tuple[Path, Path]) -> None:
    python = environment.python_of(whole)
    python.unlink()
    python.symlink_to(whole / "removed-by-an-upgrade")
    assert not environment.is_current(whole, environment.fingerprint(*sources))


def test_a_change_of_what_is_installed_is_noticed(whole: Path, sources: tuple[Path, Path]) -> None:
    lock, pyproject = sources
    lock.write_text("a==2\n", encoding="utf-8")
    assert not environment.is_current(whole, environment.fingerprint(lock, pyproject))


def test_a_change_of_a_tool_setting_is_no_reason_to_rebuild(whole: Path, sources: tuple[Path, Path]) -> None:
    lock, pyproject = sources
    pyproject.write_text(pyproject.read_text(encoding="utf-8").replace("y = 1", "y = 2"), encoding="utf-8")
    assert environment.is_current(whole, environment.fingerprint(lock, pyproject))


def test_a_moved_project_is_noticed(whole: Path, sources: tuple[Path, Path], tmp_path: Path) -> None:
    moved = tmp_path / "moved"
    moved.mkdir()
    copies = [file.rename(moved / file.name) for file in sources]
    assert not environment.is_current(whole, environment.fingerprint(*copies))


def test_another_python_matters_only_where_it_was_asked_for(whole: Path, sources: tuple[Path, Path]) -> None:
    other = environment.fingerprint(*sources) | {"python": "3.99"}
    assert environment.is_current(whole, other)
    assert not environment.is_current(whole, other, this_python=True)


def steps_with(monkeypatch: pytest.MonkeyPatch, folder: Path, modules: set[str]) -> tuple[list[str], list[str]]:
    """Return the command that makes the environment and the one that installs, where only ``modules`` are there."""
    done: list[Sequence[str]] = []
    monkeypatch.setattr(environment, "run", done.append)
    monkeypatch.setattr(environment, "has", modules.__contains__)
    monkeypatch.setenv("UV", "")
    install = environment.create(folder)
    return list(done[0]), install


def test_plain_python_makes_it_with_venv(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    made, install = steps_with(monkeypatch, tmp_path, {"venv", "ensurepip", "pip"})
    assert made == [sys.executable, "-m", "venv", str(tmp_path)]
    assert install[:3] == [str(environment.python_of(tmp_path)), "-m", "pip"]


def test_debian_without_venv_package_fills_it_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    made, install = steps_with(monkeypatch, tmp_path, {"venv", "pip"})
    assert "--without-pip" in made
    assert install[0] == sys.executable
    assert install[install.index("--python") + 1] == str(environment.python_of(tmp_path))


def test_a_python_that_can_install_nothing_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with pytest.raises(RuntimeError, match="apt install python3-venv"):
        steps_with(monkeypatch, tmp_path, {"venv"})


def test_uv_is_preferred(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    done: list[Sequence[str]] = []
    uv = tmp_path / "uv"
    uv.write_text("#!/bin/sh\n", encoding="utf-8")
    uv.chmod(0o755)
    monkeypatch.setattr(environment, "run", done.append)
    monkeypatch.setenv("UV", str(uv))
    assert environment.create(tmp_path / "x")[:3] == [str(uv), "pip", "install"]
    assert list(done[0])[:2] == [str(uv), "venv"]


def test_the_half_built_one_is_removed_before_building(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = tmp_path / ".venv"
    (folder / "lib").mkdir(parents=True)
    done: list[Sequence[str]] = []
    monkeypatch.setattr(environment, "run", done.append)
    environment.build(folder)
    assert not (folder / "lib").exists()
    assert "--require-hashes" in done[1]
    assert {"--no-deps", "--no-build-isolation", "-e"} <= set(done[2])


def test_a_failed_step_leaves_no_stamp(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        environment, "build", lambda folder: environment.run([sys.executable, "-c", "raise SystemExit(3)"])
    )
    assert environment.main([str(tmp_path)]) == 1
    assert not environment.stamp(tmp_path).exists()
    assert "could not be built" in capsys.readouterr().err


def find_python(path: Path, *candidates: str) -> subprocess.CompletedProcess[str]:
    """Run the finder with nothing but ``path`` to look in."""
    script = str(ROOT / "tools/find_python.sh")
    return subprocess.run(
        ["/bin/sh", script, *candidates], env={"PATH": str(path)}, capture_output=True, text=True, check=False
    )


def fake_python(folder: Path, name: str, *, works: bool) -> None:
    (folder / name).write_text("#!/bin/sh\necho $0\n" if works else "#!/bin/sh\nexit 127\n", encoding="utf-8")
    (folder / name).chmod(0o755)


def test_the_newest_python_that_works_is_taken(tmp_path: Path) -> None:
    fake_python(tmp_path, "python3.13", works=False)
    fake_python(tmp_path, "python3.12", works=True)
    fake_python(tmp_path, "python3", works=True)
    assert find_python(tmp_path).stdout.strip() == str(tmp_path / "python3.12")


def test_inside_an_environment_the_python_it_was_made_from_is_taken() -> None:
    found = Path(find_python(Path("/nowhere"), sys.executable).stdout.strip())
    assert found.resolve() == Path(sys.executable).resolve()
    assert not found.is_relative_to(sys.prefix) or sys.prefix == sys.base_prefix


def test_without_a_python_the_user_is_told_what_to_do(tmp_path: Path) -> None:
    fake_python(tmp_path, "python3", works=False)
    done = find_python(tmp_path)
    assert done.returncode == 1
    assert done.stdout == ""
    assert "No Python 3.11 or newer was found" in done.stderr
    assert "apt install" in done.stderr


def test_the_builder_needs_no_installed_package() -> None:
    used = {"environment.py", "conda_environment.py"}
    for name in used:
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", _load(name)], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr


def _load(name: str) -> str:
    return f"import runpy; runpy.run_path({str(ROOT / 'tools' / name)!r}, run_name='loaded')"


def test_these_tests_run_in_an_environment_that_has_the_build_tools() -> None:
    # The project is installed without build isolation, so its build backend must come with the lock.
    assert importlib.util.find_spec("hatchling")
    assert importlib.util.find_spec("editables")
    assert os.environ.get("OMP_NUM_THREADS", "1") == "1"
