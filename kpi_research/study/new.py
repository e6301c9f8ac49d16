"""A new study folder that runs at once, to be filled with data of one's own."""

from __future__ import annotations

import re
import shutil
import tempfile
from importlib import resources
from pathlib import Path

TEMPLATE = ("study.toml", "indicators.csv", "tables/panel.csv")
"""Files of a new study; the numbers in the table are invented."""


def new_study(folder: str | Path) -> Path:
    """Make a study folder with a commented study file, a catalogue and a small invented table.

    Parameters
    ----------
    folder : str or pathlib.Path
        Where to make it; it must be absent or empty. Its name becomes the id of the study.

    Returns
    -------
    pathlib.Path
        The ``study.toml``.

    Raises
    ------
    FileExistsError
        If the folder holds anything; nothing is overwritten.
    """
    target = Path(folder)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise FileExistsError(f"{target} is not empty; give a new or an empty folder")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".new-study-") as temporary:
        made = Path(temporary) / "study"
        for name in TEMPLATE:
            source = resources.files(__package__) / "template" / name
            text = source.read_text(encoding="utf-8").replace("STUDY_ID", _study_id(target))
            (made / name).parent.mkdir(parents=True, exist_ok=True)
            (made / name).write_text(text, encoding="utf-8", newline="\n")
        if target.exists():
            target.rmdir()
        shutil.move(made, target)
    return target / "study.toml"


def _study_id(folder: Path) -> str:
    words = re.sub(r"[^a-z0-9]+", "-", folder.resolve().name.casefold()).strip("-")
    return words[:64] or "my-study"
