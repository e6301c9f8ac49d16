"""Saving and loading the result of a stage, so that a long run can be resumed; no pickles."""

from __future__ import annotations

import importlib
import io
import json
import os
import zipfile
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pandas as pd

PACKAGE = __name__.partition(".")[0]
_EPOCH = (1980, 1, 1, 0, 0, 0)


class DamagedStoreError(Exception):
    """A stored result cannot be read back; it must be computed again."""


def save(value: Any, path: Path) -> None:
    """Write a frozen dataclass with frames, series, numbers, texts, tuples and mappings to one file, whole or not at all.

    Parameters
    ----------
    value : dataclass of this package
        What to store; frames go in as parquet, the rest as JSON.
    path : pathlib.Path
        The file; its folder is made.

    Raises
    ------
    TypeError
        If a part is of a kind that cannot be stored.
    """
    frames: list[pd.DataFrame] = []
    tree = json.dumps(_encode(value, frames), ensure_ascii=False, sort_keys=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with temporary.open("wb") as file:
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr(zipfile.ZipInfo("tree.json", _EPOCH), tree)
            for number, frame in enumerate(frames):
                archive.writestr(zipfile.ZipInfo(f"{number}.parquet", _EPOCH), frame.to_parquet())
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def load(path: Path) -> Any:
    """Read back what `save` wrote.

    Parameters
    ----------
    path : pathlib.Path
        The file.

    Returns
    -------
    object
        An equal object.

    Raises
    ------
    DamagedStoreError
        If the file is missing, damaged or names a class that is not a dataclass of this package.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            tree = json.loads(archive.read("tree.json"))
            return _decode(tree, archive)
    except (OSError, zipfile.BadZipFile, KeyError, ValueError, TypeError, AttributeError, ImportError) as error:
        raise DamagedStoreError(f"{path}: {error}") from error


def forget(folder: Path) -> None:
    """Delete the stored results of a folder, then the folder if nothing else is in it.

    Parameters
    ----------
    folder : pathlib.Path
        A folder that `save` wrote to; it may be absent.
    """
    for file in folder.glob("*.zip"):
        file.unlink(missing_ok=True)
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()


def _encode(value: Any, frames: list[pd.DataFrame]) -> Any:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, pd.DataFrame):
        frames.append(value)
        return {"!": "frame", "number": len(frames) - 1}
    if isinstance(value, pd.Series):
        frames.append(value.to_frame("value"))
        return {"!": "series", "number": len(frames) - 1, "name": value.name}
    if isinstance(value, tuple | list):
        return {"!": "tuple", "items": [_encode(item, frames) for item in value]}
    if isinstance(value, Mapping):
        return {"!": "dict", "items": [[_encode(key, frames), _encode(item, frames)] for key, item in value.items()]}
    if is_dataclass(value) and type(value).__module__.startswith(PACKAGE):
        parts = {item.name: _encode(getattr(value, item.name), frames) for item in fields(value)}
        return {"!": "class", "module": type(value).__module__, "name": type(value).__qualname__, "parts": parts}
    if hasattr(value, "item"):
        return _encode(value.item(), frames)
    raise TypeError(f"cannot store a {type(value).__name__}")


def _decode(tree: Any, archive: zipfile.ZipFile) -> Any:
    if not isinstance(tree, dict):
        return tree
    if tree["!"] in ("frame", "series"):
        frame = pd.read_parquet(io.BytesIO(archive.read(f"{tree['number']}.parquet")))
        return frame if tree["!"] == "frame" else frame["value"].rename(tree["name"])
    if tree["!"] == "tuple":
        return tuple(_decode(item, archive) for item in tree["items"])
    if tree["!"] == "dict":
        return {_decode(key, archive): _decode(item, archive) for key, item in tree["items"]}
    return _class(tree["module"], tree["name"])(**{key: _decode(part, archive) for key, part in tree["parts"].items()})


def _class(module: str, name: str) -> Any:
    if module.partition(".")[0] != PACKAGE:
        raise ValueError(f"class of module '{module}' refused")
    found = getattr(importlib.import_module(module), name)
    if not is_dataclass(found):
        raise ValueError(f"'{name}' is not a dataclass")
    return found
