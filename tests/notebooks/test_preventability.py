"""The notebook on preventability runs, and what it tells stands in its outputs."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tests.notebooks.run import code_cells, run, validate

NOTEBOOK = Path(__file__).resolve().parents[2] / "notebooks" / "02_preventability.ipynb"


def table(cell: object) -> pd.DataFrame:
    """Return the table that a cell shows."""
    from io import StringIO

    return pd.read_html(StringIO(cell["outputs"][0]["data"]["text/html"]), index_col=0)[0]  # type: ignore[index]


def test_the_notebook_runs_and_tells_its_story(tmp_path: Path) -> None:
    pytest.importorskip("nbclient")
    cells = run(NOTEBOOK, tmp_path)
    for figure in ("shares", "calibration", "funnel"):
        assert "image/png" in cells[figure].outputs[0]["data"]
    methods = cells["truth"].outputs[0]["data"]["text/html"]
    assert all(name in methods for name in ("design", "shrunk", "shift"))
    alone, carried = (int(line.split()[0]) for line in cells["ignored"].outputs[0]["text"].splitlines())
    assert alone > 10 > carried
    assert "programme" in cells["effect"].outputs[0]["data"]["text/html"]


def test_no_output_is_stored_and_the_cells_stay_short() -> None:
    code = code_cells(NOTEBOOK)
    assert all(not cell.outputs and cell.execution_count is None for cell in code)
    assert len(code) <= 15
    assert all(len(cell.source.splitlines()) <= 6 for cell in code)
    assert not any(word in cell.source for cell in code for word in ("def ", "class ", "for ", "lambda "))


def test_the_notebook_reads_with_the_current_format() -> None:
    validate(NOTEBOOK)
