"""The notebook on validity runs, and what it tells stands in its outputs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.notebooks.run import code_cells, run, validate

NOTEBOOK = Path(__file__).resolve().parents[2] / "notebooks" / "01_validity.ipynb"


def test_the_notebook_runs_and_shows_the_planted_break(tmp_path: Path) -> None:
    pytest.importorskip("nbclient")
    cells = run(NOTEBOOK, tmp_path)
    assert "须先整改" in cells["card"].outputs[0]["text"]
    assert "S0017" in cells["lag"].outputs[0]["data"]["text/html"]
    assert "image/png" in cells["matrix"].outputs[0]["data"]
    assert "cannot_tell" in cells["spot"].outputs[0]["text"]


def test_no_output_is_stored_and_the_cells_stay_short() -> None:
    code = code_cells(NOTEBOOK)
    assert all(not cell.outputs and cell.execution_count is None for cell in code)
    assert len(code) <= 15
    assert all(len(cell.source.splitlines()) <= 6 for cell in code)
    assert not any(word in cell.source for cell in code for word in ("def ", "class ", "for ", "lambda "))


def test_the_notebook_reads_with_the_current_format() -> None:
    validate(NOTEBOOK)
