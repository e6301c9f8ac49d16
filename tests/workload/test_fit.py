"""Without a work log no task has a coefficient, and none is made up."""

from __future__ import annotations

import pandas as pd

from kpi_research.workload import fit_workload
from tests.scorecard.studies import make_study, random_values


def test_the_missing_table_is_named() -> None:
    result = fit_workload(make_study(random_values()))
    assert result.skipped
    assert result.table.empty
    assert "[tables.worklog]" in result.findings[0].line("zh")


def test_with_a_work_log_it_says_what_this_version_cannot_do() -> None:
    log = pd.DataFrame({"officer": ["a"], "task": ["patrol"], "minutes": [30.0]})
    result = fit_workload(make_study(random_values(), tables={"worklog": log}))
    assert [item.code for item in result.findings] == ["stage-not-available"]
    assert result.table.empty
