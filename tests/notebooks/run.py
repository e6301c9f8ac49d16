"""Running a notebook as a reader would, from its own folder.

The notebook packages are imported where they are used: to collect the tests does not need them, and they are slow to load.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any


def code_cells(notebook: Path) -> list[Any]:
    """Return the code cells as they are stored."""
    import nbformat

    return [cell for cell in nbformat.read(notebook, as_version=4).cells if cell.cell_type == "code"]


def run(notebook: Path, scratch: Path) -> dict[str, Any]:
    """Run a notebook and return its cells by id; an error in a cell is an error here."""
    import nbclient
    import nbformat

    loaded = nbformat.read(notebook, as_version=4)
    os.environ.update({"OMP_NUM_THREADS": "1", "IPYTHONDIR": str(scratch)})
    nbclient.NotebookClient(loaded, timeout=300, resources={"metadata": {"path": str(notebook.parent)}}).execute()
    return {cell["id"]: cell for cell in loaded.cells}


def validate(notebook: Path) -> None:
    """Raise unless a notebook has the current format."""
    import nbformat

    nbformat.validate(nbformat.read(notebook, as_version=4))
