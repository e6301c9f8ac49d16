"""Scenarios by address, and two runs side by side, on the real counties."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import kpi_research as kr
from kpi_research import StudyResult
from kpi_research.study.spec import VarySection
from kpi_research.study.vary import varied_spec, varied_study

STUDY = Path(__file__).resolve().parents[2] / "data" / "nc_counties"


@pytest.fixture(scope="module")
def result() -> StudyResult:
    return kr.run_study(STUDY)


def with_scenarios(result: StudyResult, **scenarios: dict) -> StudyResult:
    sections = tuple(VarySection(id=name, changes=changes) for name, changes in scenarios.items())
    return replace(result, study=replace(result.study, spec=result.study.spec.model_copy(update={"vary": sections})))


def test_a_run_against_itself_moves_nothing(result: StudyResult) -> None:
    found = kr.compare_runs(result, result)
    assert (found.table["move"].dropna() == 0).all()
    assert not found.table["beyond"].any()
    assert found.weights["change"].abs().max() == 0
    assert found.verdicts.empty
    assert found.rank_correlation == pytest.approx(1.0)


def test_comparing_the_other_way_round_turns_every_sign(result: StudyResult) -> None:
    study = varied_study(result.study, {"scorecard.normalization": "rank"})
    other = replace(result, scorecard=kr.build_scorecard(study, result.weights))
    there, back = kr.compare_runs(result, other), kr.compare_runs(other, result)
    moves = there.table.set_index("unit")["move"]
    assert (moves + back.table.set_index("unit")["move"]).eq(0).all()
    assert moves.abs().max() > 0
    assert there.plot("zh").axes


def test_a_scenario_runs_only_what_it_touches(result: StudyResult) -> None:
    seen: list[str] = []
    asked = with_scenarios(
        result,
        ranked={"scorecard.normalization": "rank"},
        freer={"weights.tether": 40.0},
        broken={"weights.tether": -1},
    )
    found = kr.run_scenarios(asked, lambda name, _number, _total: seen.append(name))
    rows = found.table.set_index("scenario")
    assert seen == ["ranked", "freer", "broken"]
    assert rows.loc["ranked", "weights_moved"] == 0
    assert rows.loc["freer", "weights_moved"] > 0
    assert "weights.tether" in rows.loc["broken", "failed"]
    assert {"scenario-failed"} <= {item.code for item in found.findings}
    expected = kr.build_scorecard(varied_study(result.study, {"scorecard.normalization": "rank"}), result.weights)
    ranks = expected.table.set_index("unit")["rank"]
    ranked = found.ranks.set_index("unit")["ranked"]
    assert (ranked == ranks.reindex(ranked.index)).all()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"scorecard.normalisation": "rank"}, "normalization"),
        ({"rules.nobody.max": 5}, "there is no 'nobody'"),
        ({"tables.panel.source": "x.csv"}, "decides what is read"),
        ({"scorecard.draws": "many"}, "scorecard.draws"),
    ],
)
def test_an_address_or_value_that_fits_nothing_is_refused(result: StudyResult, changes: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        varied_spec(result.study.spec, changes)


def test_a_wrong_scenario_is_a_fault_of_the_study_file(tmp_path: Path) -> None:
    for file in STUDY.glob("*.csv"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    text = (STUDY / "study.toml").read_text(encoding="utf-8")
    text += '\n[[vary]]\nid = "a"\nchanges = { "scorecard.drawz" = 3 }\n\n[[vary]]\nid = "a"\nchanges = { "scorecard.draws" = 300 }\n'
    (tmp_path / "study.toml").write_text(text, encoding="utf-8")
    codes = [item.code for item in kr.check_study(tmp_path).findings]
    assert sorted(code for code in codes if "scenario" in code) == ["duplicate-scenario", "scenario-impossible"]


def test_the_digest_of_a_varied_study_is_another(result: StudyResult) -> None:
    changed = varied_study(result.study, {"scorecard.draws": 200})
    assert changed.digest != result.study.digest
    assert changed.spec.scorecard.draws == 200
