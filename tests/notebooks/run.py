"""Running a notebook as a reader would, from its own folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import nbformat


def code_cells(notebook: Path) -> list[Any]:
    """Return the code cells as they are stored."""
    return [cell for cell in nbformat.read(notebook, as_version=4).cells if cell.cell_type == "code"]


def run(notebook: Path, scratch: Path) -> dict[str, Any]:
    """Run a notebook and return its cells by id; an error in a cell is an error here."""
    import nbclient

    loaded = nbformat.read(notebook, as_version=4)
    os.environ.update({"OMP_NUM_THREADS": "1", "IPYTHONDIR": str(scratch)})
    nbclient.NotebookClient(loaded, timeout=300, resources={"metadata": {"path": str(notebook.parent)}}).execute()
    return {cell["id"]: cell for cell in loaded.cells}
