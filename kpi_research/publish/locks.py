"""Locks on folders that the system drops when their process ends, however it ends, and that leave no file behind."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import ModuleType


def _system_locks() -> ModuleType | None:
    with suppress(ImportError):
        return importlib.import_module("fcntl")
    return None


_LOCKS = _system_locks()


@contextmanager
def hold(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder, waiting for it; does nothing where system or disk has no locks on folders.

    Parameters
    ----------
    folder : pathlib.Path
        An existing folder.

    Yields
    ------
    None
    """
    if _LOCKS is None:
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):
            _LOCKS.flock(handle, _LOCKS.LOCK_EX)
        yield
    finally:
        os.close(handle)


def is_held(folder: Path) -> bool | None:
    """Tell whether another process holds the lock of a folder.

    Parameters
    ----------
    folder : pathlib.Path

    Returns
    -------
    bool or None
        None where system or disk has no locks on folders.
    """
    if _LOCKS is None:
        return None
    try:
        handle = os.open(folder, os.O_RDONLY)
    except FileNotFoundError:
        return True
    try:
        _LOCKS.flock(handle, _LOCKS.LOCK_EX | _LOCKS.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return None
    else:
        return False
    finally:
        os.close(handle)
