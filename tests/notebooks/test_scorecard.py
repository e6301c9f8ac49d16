"""The notebook on scorecards runs, and what it tells stands in its outputs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.notebooks.run import code_cells, run, validate

NOTEBOOK = Path(__file__).resolve().parents[2] / "notebooks" / "05_scorecard.ipynb"


def test_the_notebook_runs_and_tells_of_wrong_hits_and_causes(tmp_path: Path) -> None:
    pytest.importorskip("nbclient")
    cells = run(NOTEBOOK, tmp_path)
    assert "image/png" in cells["ranks"].outputs[0]["data"]
    assert "needed_periods" in cells["rules"].outputs[0]["data"]["text/html"]
    assert "against_group" in cells["explain"].outputs[0]["data"]["text/html"]
    assert "threshold" in cells["alternatives"].outputs[0]["data"]["text/html"]
    assert "procedure" in cells["gaps"].outputs[0]["data"]["text/html"]
    assert "all_kinds" in cells["change"].outputs[0]["data"]["text/html"]
    assert "satisfaction" in cells["survey"].outputs[0]["data"]["text/html"]


def test_no_output_is_stored_and_the_cells_stay_short() -> None:
    code = code_cells(NOTEBOOK)
    assert all(not cell.outputs and cell.execution_count is None for cell in code)
    assert len(code) <= 15
    assert all(len(cell.source.splitlines()) <= 6 for cell in code)
    assert not any(word in cell.source for cell in code for word in ("def ", "class ", "for ", "lambda "))


def test_the_notebook_reads_with_the_current_format() -> None:
    validate(NOTEBOOK)
