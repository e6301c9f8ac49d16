"""Audits find less right where stations game; experts know what matters; one of them contradicts their own answers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from kpi_research.study.synthetic import Bureau
from kpi_research.study.synthetic.audits import SAMPLE
from kpi_research.study.synthetic.verdicts import VERDICTS

Draw = Callable[..., Bureau]
GAMED = [
    ("home_visits", "inflates"), ("information_items", "inflates"), ("visit_entries", "backfills"),
    ("spot_check", "lifts_85"), ("entry_24h", "bunches_24h"),
]  # fmt: skip


def of(drawn: Bureau, indicator: str) -> pd.DataFrame:
    audits = drawn.tables["audits"]
    return audits[audits["indicator"] == indicator].merge(drawn.truth["gaming"], on="unit")


@pytest.mark.parametrize(("indicator", "flag"), GAMED[:3])
def test_stations_that_game_have_fewer_records_right(bureau: Draw, indicator: str, flag: str) -> None:
    audited = of(bureau(1), indicator)
    audited = audited[audited["period"] >= "2024-07"]
    table = pd.crosstab(audited[flag], audited["right"])
    assert stats.fisher_exact(table).pvalue < 0.001
    assert audited.groupby(flag)["right"].mean().is_monotonic_decreasing


def test_the_two_audited_shares_are_below_the_reported_ones_only_where_they_are_lifted(bureau: Draw) -> None:
    panel = bureau(1).tables["panel"]
    audited = of(bureau(1), "spot_check").merge(panel[["unit", "period", "records_right", "records_checked"]])
    gap = audited["records_right"] / audited["records_checked"] - audited["right"]
    error = gap.groupby(audited["lifts_85"]).sem()
    assert abs(gap[~audited["lifts_85"]].mean()) < 4 * error[False]


def test_records_of_the_audit_exist_once_and_belong_to_their_station_and_month(bureau: Draw) -> None:
    drawn = bureau(1)
    audits = drawn.tables["audits"]
    assert audits["audit"].is_unique
    assert audits.groupby(["unit", "period", "indicator"]).size().max() <= SAMPLE
    for indicator, table, key in (("visit_entries", "ledger", "entry"), ("entry_24h", "incidents", "incident")):
        mine = audits[audits["indicator"] == indicator]
        assert mine["record"].is_unique
        found = mine.merge(drawn.tables[table], left_on="record", right_on=key)
        assert len(found) == len(mine)
        assert (found["unit_x"] == found["unit_y"]).all()
        assert (found["period_x"] == found["period_y"]).all()


def test_a_null_bureau_has_equal_compliance_everywhere(bureau: Draw) -> None:
    still = {"inflation_share": 0.0, "backfill_share": 0.0, "duplicates": 0.0}
    audits = bureau(3, **still).tables["audits"].query("indicator in ('home_visits', 'visit_entries')")
    assert stats.binomtest(int(audits["right"].sum()), len(audits), 0.96).pvalue > 1e-4


def test_experts_rank_indicators_by_their_true_relevance(bureau: Draw) -> None:
    drawn = bureau(1)
    given = drawn.tables["experts"].groupby("indicator")["relevance"].mean()
    true = drawn.truth["relevance"].set_index("indicator")["relevance"]
    assert stats.spearmanr(given, true[given.index]).statistic > 0.9
    assert given[["fines", "detentions", "strike_index"]].max() < 2 < 3 < given[["satisfaction", "visibility"]].min()


def test_only_the_inconsistent_expert_contradicts_their_own_answers(bureau: Draw) -> None:
    drawn = bureau(1)
    answers = drawn.tables["comparisons"].query("group == 'team'")
    names = list(dict.fromkeys([*answers["first"], *answers["second"]]))
    residual = {}
    for expert, own in answers.groupby("expert"):
        design = np.array(
            [[(n == a) - (n == b) for n in names] for a, b in zip(own["first"], own["second"], strict=True)]
        )
        logs = np.log(own["ratio"].to_numpy())
        residual[expert] = np.std(logs - design @ np.linalg.lstsq(design.astype(float), logs, rcond=None)[0])
    consistent = drawn.truth["experts"].set_index("expert")["consistent"]
    assert min(residual[name] for name in residual if not consistent[name]) > 2 * max(
        residual[name] for name in residual if consistent[name]
    )


def test_every_planted_kind_of_indicator_is_in_the_demonstration_catalogue(bureau: Draw) -> None:
    verdicts = bureau(1).truth["verdicts"]
    assert set(verdicts["planted"]) == set(VERDICTS)
    twins = verdicts[verdicts["planted"] == "redundant"].set_index("indicator")["twin"].to_dict()
    assert twins == {"visit_entries": "home_visits", "response_median": "response_10"}
