"""The notebook on workload runs, and what it tells stands in its outputs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.notebooks.run import code_cells, run, validate

NOTEBOOK = Path(__file__).resolve().parents[2] / "notebooks" / "03_workload.ipynb"


def test_the_notebook_runs_and_shows_the_rule_beside_the_measurement(tmp_path: Path) -> None:
    pytest.importorskip("nbclient")
    cells = run(NOTEBOOK, tmp_path)
    assert "image/png" in cells["ladder"].outputs[0]["data"]
    assert "image/png" in cells["fairness"].outputs[0]["data"]
    assert "S0002" in cells["rounded"].outputs[0]["data"]["text/html"]
    assert "it judges the coefficients, not the person" in cells["appeal"].outputs[0]["data"]["text/html"].lower()


def test_no_output_is_stored_and_the_cells_stay_short() -> None:
    code = code_cells(NOTEBOOK)
    assert all(not cell.outputs and cell.execution_count is None for cell in code)
    assert len(code) <= 15
    assert all(len(cell.source.splitlines()) <= 6 for cell in code)
    assert not any(word in cell.source for cell in code for word in ("def ", "class ", "for ", "lambda "))


def test_the_notebook_reads_with_the_current_format() -> None:
    validate(NOTEBOOK)
