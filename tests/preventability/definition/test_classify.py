"""Ordered conditions decide the class of a case, the same in memory and where the rows live."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_research.preventability import Definition, classify, definition_from_table
from kpi_research.preventability.definition.classify import class_counts
from kpi_research.study.backends.duckdb_tables import FrameTable, ParquetTable
from kpi_research.study.expressions import column_kinds, parse_expression
from kpi_research.study.relation import Relation

STRICT = Definition(
    "strict",
    (
        ("transient = 'yes'", "not"),
        ("type IN ('burglary', 'vehicle_theft') AND transient = 'unknown'", "unclear"),
        ("type IN ('burglary', 'vehicle_theft')", "preventable"),
    ),
)
LOOSE = Definition("loose", (("type <> 'assault'", "preventable"),))


def make_cases(n: int = 400, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "unit": rng.choice(["派出所一", "派出所二", "c"], n),
            "type": rng.choice(["burglary", "vehicle_theft", "assault"], n),
            "transient": rng.choice(["yes", "no", "unknown"], n),
        }
    )


def relation_of(frame: pd.DataFrame) -> Relation:
    kinds = column_kinds(frame)
    return Relation(FrameTable(frame), kinds, {name: name for name in kinds})


def test_the_first_condition_that_fits_decides() -> None:
    cases = pd.DataFrame(
        {
            "type": ["burglary", "burglary", "burglary", "assault", None],
            "transient": ["yes", "unknown", "no", "no", "no"],
        }
    )
    assert classify(cases, STRICT).tolist() == ["not", "unclear", "preventable", "not", "not"]
    turned = Definition("turned", STRICT.rules[::-1])
    assert classify(cases, turned).tolist() == ["preventable", "preventable", "preventable", "not", "not"]


def test_what_cannot_be_told_does_not_fit() -> None:
    cases = pd.DataFrame({"loss": [500.0, None, 2000.0]})
    large = Definition("large", (("loss > 1000", "preventable"),), otherwise="unclear")
    assert classify(cases, large).tolist() == ["unclear", "unclear", "preventable"]


def test_chinese_columns_and_index_are_kept() -> None:
    cases = pd.DataFrame({"案件类别": ["入室盗窃", "故意伤害"]}, index=["甲", "乙"])
    found = classify(cases, Definition("从严", (("\"案件类别\" = '入室盗窃'", "preventable"),)))
    assert found.to_dict() == {"甲": "preventable", "乙": "not"}


def test_counts_where_the_rows_live_equal_those_in_memory(tmp_path: Path) -> None:
    cases = make_cases()
    path = tmp_path / "cases.parquet"
    cases.to_parquet(path)
    stored = Relation(ParquetTable((str(path),)), column_kinds(cases), {name: name for name in cases})
    for relation in (relation_of(cases), stored):
        counts = class_counts(relation, [STRICT, LOOSE])
        for definition in (STRICT, LOOSE):
            expected = pd.crosstab(cases["unit"], classify(cases, definition).astype(str))
            own = counts[counts["definition"] == definition.id].set_index("unit")
            for kind in ("preventable", "not", "unclear"):
                assert own[kind].to_dict() == expected.get(kind, own["n"] * 0).to_dict()


def test_counts_may_be_limited_to_some_rows() -> None:
    cases = make_cases()
    where, _ = parse_expression("type <> 'assault'", columns=column_kinds(cases), expect="boolean")
    counts = class_counts(relation_of(cases), [LOOSE], where=where)
    assert (counts["preventable"] == counts["n"]).all()
    assert counts["n"].sum() == (cases["type"] != "assault").sum()


@settings(deadline=None, derandomize=True, max_examples=20)
@given(st.permutations(range(60)), st.integers(1, 3))
def test_order_and_copies_of_cases_change_no_class(order: list[int], copies: int) -> None:
    cases = make_cases(60)
    found = classify(cases, STRICT)
    again = classify(pd.concat([cases.iloc[order]] * copies, ignore_index=True), STRICT)
    assert again.tolist() == found.iloc[order].tolist() * copies


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ((("typ = 'burglary'", "preventable"),), ["typ", "type"]),
        ((("type =", "preventable"),), ["near '='"]),
        ((("count(*) > 1", "preventable"),), ["count"]),
    ],
)
def test_a_faulty_condition_is_named(rules: tuple[tuple[str, str], ...], words: list[str]) -> None:
    with pytest.raises(ValueError, match=words[0]) as caught:
        classify(make_cases(5), Definition("faulty", rules))
    assert all(word in str(caught.value) for word in words)


def test_unknown_classes_and_columns_are_refused() -> None:
    with pytest.raises(ValueError, match=r"preventble.*Did you mean 'preventable'"):
        Definition("d", (("type = 'a'", "preventble"),))
    with pytest.raises(ValueError, match="no column 'condition'"):
        definition_from_table(pd.DataFrame({"where": ["a"], "to": ["not"]}), where="condition")
    with pytest.raises(ValueError, match="no rows"):
        classify(make_cases(0), STRICT)


def test_a_cast_that_fails_names_the_definition() -> None:
    cases = pd.DataFrame({"loss": ["12", "many"]})
    with pytest.raises(ValueError, match="'losses' cannot be computed"):
        classify(cases, Definition("losses", (("CAST(loss AS INTEGER) > 3", "preventable"),)))
