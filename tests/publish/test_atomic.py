"""A report folder is whole at every moment, however a run ends and however many run at once."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

from kpi_research.publish import atomic
from kpi_research.publish.atomic import recover, staged

FILES = 12
WRITER = """
import importlib.util, sys, types
from pathlib import Path
root, target = Path(sys.argv[1]), Path(sys.argv[2])
for name in ("locks", "atomic"):  # without the package's imports, so that many short lives are cheap
    sys.modules.setdefault("kpi_research", types.ModuleType("kpi_research"))
    sys.modules.setdefault("kpi_research.publish", types.ModuleType("kpi_research.publish"))
    spec = importlib.util.spec_from_file_location(f"kpi_research.publish.{name}", root / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
print("ready", flush=True)
for version in range(int(sys.argv[3]), 10**9):
    with module.staged(target) as new:
        (new / "sub").mkdir()
        for number in range(12):
            (new / "sub" / f"{number}.txt").write_text(f"{version}\\n" * 500)
"""


def versions(folder: Path) -> set[str]:
    """Return the lines found in all files; a whole folder has one version, 500 lines, 12 files."""
    files = sorted((folder / "sub").iterdir())
    assert len(files) == FILES
    texts = [file.read_text().splitlines() for file in files]
    assert {len(lines) for lines in texts} == {500}
    return {line for lines in texts for line in lines}


def start(target: Path, version: int) -> subprocess.Popen[str]:
    source = Path(atomic.__file__).parent
    process = subprocess.Popen(
        [sys.executable, "-S", "-E", "-c", WRITER, str(source), str(target), str(version)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "ready\n"
    return process


def time_of_one_write(target: Path) -> float:
    process = start(target, -1_000_000)
    begin = time.perf_counter()
    while not target.exists():
        time.sleep(0.001)
    span = time.perf_counter() - begin
    process.kill()
    process.wait()
    process.stdout.close()
    return min(span, 0.2)


@pytest.mark.skipif(os.name == "nt", reason="needs SIGKILL")
def test_sixty_kills_at_random_moments_leave_the_old_folder_or_the_new_one(tmp_path):
    chance = random.Random(1)
    target = tmp_path / "report"
    span = time_of_one_write(target)
    last = -1_000_000
    for kill in range(60):
        process = start(target, kill * 1_000_000)
        time.sleep(chance.uniform(0.0, 3 * span))
        process.kill()
        process.wait()
        process.stdout.close()
        assert process.returncode == -signal.SIGKILL
        if target.exists():
            versions(target)
        recover(target)
        (version,) = versions(target)
        assert int(version) >= last
        last = int(version)
        assert [entry for entry in tmp_path.iterdir() if entry != target] == []
    assert last > 1_000_000


@pytest.mark.skipif(os.name == "nt", reason="needs locks on folders")
def test_runs_at_the_same_time_do_not_mix_and_one_that_is_killed_does_not_stop_the_others(tmp_path):
    target = tmp_path / "report"
    writers = [start(target, number * 1_000_000) for number in range(3)]
    seen = set()
    until = time.monotonic() + 20
    while len(seen) < 4 and time.monotonic() < until:
        with suppress(FileNotFoundError, AssertionError):  # a reader can meet the moment of the swap; what stays counts
            seen |= versions(target)
        time.sleep(0.002)
    writers[0].kill()
    time.sleep(0.1)
    for writer in writers:
        writer.kill()
        writer.wait()
        writer.stdout.close()
    recover(target)
    assert len(versions(target)) == 1
    assert len(seen) >= 4
    assert [entry.name for entry in tmp_path.iterdir()] == ["report"]


@pytest.mark.skipif(os.name == "nt", reason="needs locks on folders")
def test_a_start_leaves_the_temporary_folder_of_a_living_run_alone(tmp_path):
    target = tmp_path / "report"
    inside, go_on = threading.Event(), threading.Event()

    def slow():
        with staged(target) as new:
            (new / "who").write_text("slow")
            inside.set()
            go_on.wait(10)

    thread = threading.Thread(target=slow)
    thread.start()
    inside.wait(10)
    with staged(target) as new:
        (new / "who").write_text("fast")
    assert (target / "who").read_text() == "fast"
    go_on.set()
    thread.join()
    assert (target / "who").read_text() == "slow"
    assert [entry.name for entry in tmp_path.iterdir()] == ["report"]


def test_an_error_inside_the_block_leaves_the_old_folder_and_nothing_else(tmp_path):
    target = tmp_path / "report"
    with staged(target) as new:
        (new / "a").write_text("old")
    with pytest.raises(FileNotFoundError), staged(target) as new:
        (new / "absent" / "b").write_text("half")
    assert (target / "a").read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["report"]


def test_a_swap_that_the_system_refuses_puts_the_old_folder_back(tmp_path, monkeypatch):
    target = tmp_path / "report"
    with staged(target) as new:
        (new / "a").write_text("old")
    rename = Path.rename

    def refuse(self, to):
        if ".new-" in self.name:
            raise PermissionError("in use")
        return rename(self, to)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(PermissionError), staged(target) as new:
        (new / "a").write_text("new")
    assert (target / "a").read_text() == "old"


def test_an_interrupted_swap_is_put_back(tmp_path):
    old = tmp_path / ".report.old-0123"
    old.mkdir()
    (old / "a").write_text("old")
    half = tmp_path / ".report.new-4567"
    half.mkdir()
    recover(tmp_path / "report")
    assert [entry.name for entry in tmp_path.iterdir()] == ["report"]
    assert (tmp_path / "report" / "a").read_text() == "old"


def test_leftovers_of_other_folders_are_not_touched(tmp_path):
    for name in (".report-2.new-1", ".reports.old-1", "report.new-1"):
        (tmp_path / name).mkdir()
    recover(tmp_path / "report")
    assert len(list(tmp_path.iterdir())) == 3


def test_a_file_in_the_way_is_refused_by_name(tmp_path):
    (tmp_path / "report").write_text("mine")
    with pytest.raises(NotADirectoryError, match="'report', which is a file"), staged(tmp_path / "report"):
        pass
    assert (tmp_path / "report").read_text() == "mine"


def test_a_linked_folder_is_replaced_where_it_lies(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with staged(tmp_path / "link") as new:
        (new / "a").write_text("x")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real" / "a").read_text() == "x"
