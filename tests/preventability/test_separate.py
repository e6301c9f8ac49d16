"""Without cases and labels nothing is said about preventability, and nothing is faked with them."""

from __future__ import annotations

import pandas as pd
import pytest

from kpi_research.preventability import separate_preventable
from tests.scorecard.studies import make_study, random_values

EMPTY = pd.DataFrame({"incident": ["a"]})


@pytest.mark.parametrize(
    ("present", "missing"), [((), ["incidents", "labels"]), (("incidents",), ["labels"]), (("labels",), ["incidents"])]
)
def test_the_missing_tables_are_named(present: tuple[str, ...], missing: list[str]) -> None:
    result = separate_preventable(make_study(random_values(), tables=dict.fromkeys(present, EMPTY)))
    assert result.skipped
    assert result.table.empty
    assert [item.facts["missing"] for item in result.findings] == missing
    assert all(
        name in item.line(lang) for name, item in zip(missing, result.findings, strict=True) for lang in ("en", "zh")
    )


def test_with_all_tables_it_says_what_this_version_cannot_do() -> None:
    result = separate_preventable(make_study(random_values(), tables={"incidents": EMPTY, "labels": EMPTY}))
    assert [item.code for item in result.findings] == ["stage-not-available"]
    assert result.findings[0].severity == "caution"
    assert not result.skipped
    assert result.table.empty
