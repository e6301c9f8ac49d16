"""Filters are answered from memory only where columns, types and values are the same."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kpi_research.weights.filters import selections


def test_the_answer_follows_values_gaps_types_and_rows_of_the_catalogue() -> None:
    frame = pd.DataFrame({"id": ["a", "b", "c"], "module": ["x", None, "y"], "most": [1.0, np.nan, 3.0]})
    texts = ["module = 'x'", "most > 2", None]
    chosen, faults = selections(frame, texts)
    assert faults == {}
    assert {text: flags.tolist() for text, flags in chosen.items()} == {
        "module = 'x'": [True, False, False],
        "most > 2": [False, False, True],
        None: [True, True, True],
    }
    chosen["most > 2"][:] = False
    assert selections(frame, texts)[0]["most > 2"].tolist() == [False, False, True]
    assert selections(frame.assign(most=[3.0, 3.0, 0.0]), texts)[0]["most > 2"].tolist() == [True, True, False]
    assert selections(frame.assign(module=["y", "x", ""]), texts)[0]["module = 'x'"].tolist() == [False, True, False]
    assert selections(frame.iloc[::-1], texts)[0]["module = 'x'"].tolist() == [False, False, True]
    assert selections(frame.iloc[:1], ["module = 'x'", "most > 2"])[1] == {
        "most > 2": "the filter selects no indicator: most > 2"
    }
    assert "text" in selections(frame.assign(most=["1", "2", "3"]), ["most > 2"])[1]["most > 2"]
