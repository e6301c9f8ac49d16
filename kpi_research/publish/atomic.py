"""A folder that changes as a whole: readers find the old content or the new, never half of it."""

from __future__ import annotations

import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from kpi_research.publish.locks import hold, is_held

_ABANDONED_AFTER = 86_400.0
"""Age in seconds after which a temporary folder counts as abandoned where the system has no locks."""


@contextmanager
def staged(folder: str | Path) -> Iterator[Path]:
    """Write a folder aside and put it in place as a whole when the block ends without an error.

    Parameters
    ----------
    folder : str or pathlib.Path
        The folder to make or to replace **with everything in it**; a link is followed. Parents are made.

    Yields
    ------
    pathlib.Path
        An empty hidden folder beside it to write into.

    Raises
    ------
    NotADirectoryError
        If ``folder`` exists and is no folder.

    Notes
    -----
    The new content is flushed to disk, the old folder is renamed to a hidden name and the new one takes its place.
    A process killed before the first rename leaves the old folder, one killed after the second leaves the new one;
    one killed between the two leaves the old folder under the hidden name, and `recover` (called by the next
    `staged`) renames it back. Runs at the same time write into folders of their own; the last to end wins.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as parent:
    ...     with staged(Path(parent) / "report") as new:
    ...         _ = (new / "a.txt").write_text("whole")
    ...     (Path(parent) / "report" / "a.txt").read_text()
    'whole'
    """
    target = Path(folder).resolve()
    if target.exists() and not target.is_dir():
        raise NotADirectoryError(f"folder is {target.name!r}, which is a file; give a folder")
    target.parent.mkdir(parents=True, exist_ok=True)
    recover(target)
    with ExitStack() as stack:
        with hold(target.parent):
            new = _name_beside(target, "new")
            new.mkdir()
            stack.enter_context(hold(new))
        stack.callback(shutil.rmtree, new, ignore_errors=True)
        yield new
        _flush_tree(new)
        _swap(new, target)


def recover(folder: str | Path) -> None:
    """Undo what a killed run left beside a folder: put an interrupted swap back, remove temporary folders.

    Parameters
    ----------
    folder : str or pathlib.Path
        The folder that `staged` was to write; it need not exist.
    """
    target = Path(folder).resolve()
    if not target.parent.is_dir():
        return
    with hold(target.parent):
        for old in _beside(target, "old"):
            if target.exists():
                _discard(old, target)
            else:
                old.rename(target)
        for new in _beside(target, "new"):
            if _is_abandoned(new):
                _discard(new, target)
    for trash in _beside(target, "trash"):
        shutil.rmtree(trash, ignore_errors=True)


def _swap(new: Path, target: Path) -> None:
    with hold(target.parent):
        old = _name_beside(target, "old")
        had_old = target.exists()
        if had_old:
            target.rename(old)
        try:
            new.rename(target)
        except OSError:
            if had_old:
                old.rename(target)
            raise
        trash = _discard(old, target) if had_old else None
        _flush(target.parent)
    if trash is not None:
        shutil.rmtree(trash, ignore_errors=True)


def _discard(folder: Path, target: Path) -> Path:
    """Rename first, remove later: a folder called ``old`` is complete at every moment."""
    trash = _name_beside(target, "trash")
    folder.rename(trash)
    return trash


def _name_beside(target: Path, kind: str) -> Path:
    return target.with_name(f".{target.name}.{kind}-{secrets.token_hex(8)}")


def _beside(target: Path, kind: str) -> list[Path]:
    prefix = f".{target.name}.{kind}-"
    return sorted(entry for entry in target.parent.iterdir() if entry.name.startswith(prefix) and entry.is_dir())


def _is_abandoned(folder: Path) -> bool:
    held = is_held(folder)
    if held is None:
        with suppress(FileNotFoundError):
            return time.time() - folder.stat().st_mtime > _ABANDONED_AFTER
    return held is False


def _flush_tree(folder: Path) -> None:
    for root, _, files in os.walk(folder):
        for name in files:
            _flush(Path(root) / name)
        _flush(Path(root))


def _flush(path: Path) -> None:
    """Ask the system to put a file or folder on disk; folders cannot be opened for that on Windows."""
    if path.is_dir() and os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY if os.name != "nt" else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
