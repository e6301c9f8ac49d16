"""Indicators with a rubric: levels become points where the rows live, and every fault is named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import kpi_research as kr
from kpi_research.study.officer_values import officer_values
from kpi_research.study.rubric import RubricError, read_rubric

SPEC = """[study]
id = "judged"
title.en = "J"
seed = 1

[tables.panel]
source = "panel.csv"

[tables.judged]
source = "judged.csv"
role = "ratings"
"""
PANEL = "unit,period,calls\nA,2024,3\nA,2025,4\nB,2024,5\nB,2025,6\n"
HEAD = "id,label_en,direction,table,value,numerator,rubric,target,floor,ceiling\n"
PLAIN = "calls,Calls,higher,panel,calls,,,,,\n"
AWARE = "aware,Awareness,higher,judged,CASE WHEN item = 'aware' THEN level END,,none=0; it's partly=50; fully=100,80,0,100\n"
JUDGED = [
    ("r1", "A", 2024, "aware", "none", "o1"), ("r2", "A", 2024, "aware", "fully", "o1"), ("r3", "A", 2024, "aware", "", "o1"),
    ("r1", "A", 2025, "aware", "it's partly", "o1"), ("r1", "B", 2024, "aware", "fully", "o2"),
    ("r1", "B", 2025, "other", "nonsense", "o2"),
]  # fmt: skip


def folder_of(folder: Path, rows: str, judged: list[tuple[object, ...]] = JUDGED, head: str = HEAD) -> Path:
    frame = pd.DataFrame(judged, columns=["rater", "unit", "period", "item", "level", "officer"])
    frame.assign(target=frame["unit"]).to_csv(folder / "judged.csv", index=False)
    (folder / "panel.csv").write_text(PANEL, encoding="utf-8")
    (folder / "indicators.csv").write_text(head + rows, encoding="utf-8")
    (folder / "study.toml").write_text(SPEC + "\n[people]\nsimulated = true\n", encoding="utf-8")
    return folder / "study.toml"


def test_the_value_is_the_mean_of_the_points_of_the_rows_that_have_a_level(tmp_path: Path) -> None:
    values = kr.load_study(folder_of(tmp_path, PLAIN + AWARE)).values.set_index(["unit", "period"])["aware"]
    np.testing.assert_array_equal(values.to_numpy(), [50, 50, 100, np.nan])


def test_officers_have_points_too(tmp_path: Path) -> None:
    values = officer_values(kr.load_study(folder_of(tmp_path, PLAIN + AWARE)))
    assert values.set_index(["officer", "period"])["aware"].dropna().to_dict() == {
        ("o1", 2024): 50.0, ("o1", 2025): 50.0, ("o2", 2024): 100.0,
    }  # fmt: skip


def test_chinese_headers_levels_and_signs_are_read(tmp_path: Path) -> None:
    head = "编号,名称,方向,数据表,取值,评分标准\n"
    rows = "calls,接警数,正向,panel,calls,\naware,知晓度,正向,judged,level,未开展＝0；部分＝50；全部＝１００\n"
    judged = [("r1", "A", 2024, "x", "部分", "o"), ("r2", "A", 2024, "x", "全部", "o")]
    study = kr.load_study(folder_of(tmp_path, rows, judged, head))
    assert study.values["aware"].dropna().tolist() == [75.0]


@pytest.mark.parametrize(
    ("row", "code", "column", "words"),
    [
        ("aware,A,higher,judged,level,,none=0; partly,,,", "rubric-unreadable", "rubric", "partly"),
        ("aware,A,higher,judged,level,,none=0; partly=half,,,", "rubric-unreadable", "rubric", "partly=half"),
        ("aware,A,higher,judged,level,,none=0; none=5,,,", "rubric-level-twice", "rubric", "none"),
        ("aware,A,higher,judged,level,,none=0; partly=50; fully=20,,,", "rubric-disordered", "rubric", "0, 50, 20"),
        ("aware,A,higher,judged,level,,none=0; partly=0,,,", "rubric-disordered", "rubric", "0, 0"),
        ("aware,A,higher,judged,level,,none=0,,,", "rubric-too-short", "rubric", "fewer than two"),
        ("aware,A,higher,judged,,item = 'x',none=0; fully=9,,,", "rubric-with-numerator", "rubric", "numerator"),
        ("aware,A,higher,judged,level,,none=0; fully=100,120,,", "rubric-limit-outside", "target", "120"),
        ("aware,A,higher,panel,calls,,none=0; fully=100,,,", "rubric-value-not-text", "value", "number"),
        ("aware,A,higher,judged,max(level),,none=0; fully=100,,,", "rubric-value-aggregate", "value", "max(level)"),
        ("aware,A,higher,judged,levle,,none=0; fully=100,,,", "expression-column", "value", "'level'"),
    ],
)  # fmt: skip
def test_faults_are_named_with_file_row_and_column(
    tmp_path: Path, row: str, code: str, column: str, words: str
) -> None:
    with pytest.raises(kr.StudyError) as caught:
        kr.load_study(folder_of(tmp_path, PLAIN + row + "\n"))
    found = {item.code: item for item in caught.value.findings}
    assert code in found
    where = found[code].where
    assert (where.file, where.row, where.column) == ("indicators.csv", 3, column)
    assert words in found[code].message


def test_levels_that_the_rubric_does_not_have_are_named_with_the_nearest(tmp_path: Path) -> None:
    judged = [*JUDGED, ("r1", "B", 2025, "aware", "Fully", "o2"), ("r2", "B", 2025, "aware", "never", "o2")]
    with pytest.raises(kr.StudyError) as caught:
        kr.load_study(folder_of(tmp_path, PLAIN + AWARE, judged))
    found = [item for item in caught.value.findings if item.code == "rubric-level-unknown"]
    assert [item.facts["level"] for item in found] == ["Fully", "never"]
    assert "Did you mean 'fully'" in found[0].message
    assert (found[0].where.file, found[0].where.row, found[0].where.column) == ("indicators.csv", 3, "rubric")


NAMES = st.text(
    st.characters(codec="utf-8", exclude_characters=";；=＝\n\r", exclude_categories=("C", "Z")), min_size=1, max_size=8
)


@given(st.lists(NAMES, min_size=2, max_size=5, unique=True), st.data())
@settings(deadline=None, derandomize=True, max_examples=40)
def test_what_is_written_is_read(levels: list[str], data: st.DataObject) -> None:
    points = sorted(
        data.draw(st.lists(st.integers(-500, 500), min_size=len(levels), max_size=len(levels), unique=True))
    )
    rubric = read_rubric("; ".join(f"{level} = {value}" for level, value in zip(levels, points, strict=True)))
    assert rubric.levels == tuple(levels)
    assert rubric.points == tuple(points)
    assert [rubric.nearest(value) for value in points] == levels


def test_a_level_is_never_read_as_sql(tmp_path: Path) -> None:
    level = "x' THEN 9 END) --"
    judged = [("r1", "A", 2024, "x", level, "o"), ("r2", "A", 2024, "x", "fully", "o")]
    row = f"aware,A,higher,judged,level,,{level}=0; fully=100,,,\n"
    study = kr.load_study(folder_of(tmp_path, PLAIN + row, judged))
    assert study.values["aware"].dropna().tolist() == [50.0]


def test_a_tie_takes_the_level_with_fewer_points() -> None:
    assert read_rubric("fully=100; partly=50; none=0").nearest(75) == "partly"
    with pytest.raises(RubricError):
        read_rubric("")
