"""Random expressions have the values that SQL's rules, written out in Python, give them."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import duckdb
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_research.study.expressions import (
    column_kinds,
    connect,
    evaluate,
    filter_frame,
    parse_expression,
    register_frame,
)

FRAME = pd.DataFrame(
    {
        "x": [1.5, -2.0, 0.0, None, 8.0, 0.5],
        "n": pd.array([3, 0, None, -4, 1, 2], dtype="Int64"),
        "a": pd.array([True, False, None, True, None, False], dtype="boolean"),
        "数量": [2.0, 2.0, -1.0, 0.0, None, 4.0],
        "type": ["theft", None, "robbery", "theft", "", "入室盗窃"],
    }
)
KINDS = column_kinds(FRAME)
COLUMNS = {
    name: [None if pd.isna(value) else getattr(value, "item", lambda value=value: value)() for value in FRAME[name]]
    for name in FRAME
}
ROWS = [dict(zip(COLUMNS, values, strict=True)) for values in zip(*COLUMNS.values(), strict=True)]

Row = dict[str, Any]
Term = tuple[str, Callable[[Row], Any]]


def strict(function: Callable[..., Any], *parts: Callable[[Row], Any]) -> Callable[[Row], Any]:
    """A function that is NULL where any of its arguments is."""

    def value(row: Row) -> Any:
        values = [part(row) for part in parts]
        return None if any(item is None for item in values) else function(*values)

    return value


def both(left: Any, right: Any) -> Any:
    if left is False or right is False:
        return False
    return None if left is None or right is None else True


def either(left: Any, right: Any) -> Any:
    if left is True or right is True:
        return True
    return None if left is None or right is None else False


def member(value: Any, items: tuple) -> Any:
    return None if value is None else value in items


def remainder(left: float, right: float) -> Any:
    return None if right == 0 else left - right * int(left / right)


NUMBER_COLUMNS = st.sampled_from(["x", "n", "数量"])
LITERALS = st.sampled_from([("0", 0), ("2", 2), ("3", 3), ("0.5", 0.5), (".25", 0.25), ("1e1", 10.0)])


def leaf_numbers() -> st.SearchStrategy[Term]:
    columns = NUMBER_COLUMNS.map(lambda name: (name, lambda row: row[name]))
    return columns | LITERALS.map(lambda pair: (pair[0], lambda row: pair[1]))


ARITHMETIC = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": lambda left, right: None if right == 0 else left / right,
}
COMPARISONS = {
    "=": operator.eq,
    "<>": operator.ne,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def numbers(inner: st.SearchStrategy[Term], conditions: st.SearchStrategy[Term]) -> st.SearchStrategy[Term]:
    sums = st.tuples(inner, st.sampled_from(sorted(ARITHMETIC)), inner).map(
        lambda item: (f"({item[0][0]} {item[1]} {item[2][0]})", strict(ARITHMETIC[item[1]], item[0][1], item[2][1]))
    )
    absolute = inner.map(lambda item: (f"abs({item[0]})", strict(abs, item[1])))
    negative = inner.map(lambda item: (f"(- {item[0]})", strict(operator.neg, item[1])))
    choice = st.tuples(inner, inner).map(
        lambda pair: (
            f"COALESCE({pair[0][0]}, {pair[1][0]})",
            lambda row: pair[1][1](row) if pair[0][1](row) is None else pair[0][1](row),
        )
    )
    least = st.tuples(inner, inner).map(
        lambda pair: (
            f"least({pair[0][0]},{pair[1][0]})",
            lambda row: min((part(row) for _, part in pair if part(row) is not None), default=None),
        )
    )
    empty = st.tuples(inner, inner).map(
        lambda pair: (
            f"nullif({pair[0][0]}, {pair[1][0]})",
            lambda row: None if pair[0][1](row) == pair[1][1](row) else pair[0][1](row),
        )
    )
    branch = st.tuples(conditions, inner, inner).map(
        lambda item: (
            f"CASE WHEN {item[0][0]} THEN {item[1][0]} ELSE {item[2][0]} END",
            lambda row: item[1][1](row) if item[0][1](row) is True else item[2][1](row),
        )
    )
    return sums | absolute | negative | choice | least | empty | branch


def leaf_conditions() -> st.SearchStrategy[Term]:
    texts = st.sampled_from(["theft", "robbery", "", "入室盗窃", "it's"])
    return st.one_of(
        st.just(("a", lambda row: row["a"])),
        texts.map(
            lambda text: (
                "type = '{}'".format(text.replace("'", "''")),
                strict(lambda value: value == text, lambda row: row["type"]),
            )
        ),
        texts.map(
            lambda text: (
                "type IN ('x', '{}')".format(text.replace("'", "''")),
                lambda row: member(row["type"], ("x", text)),
            )
        ),
        st.sampled_from(["x", "n", "a", "type"]).map(lambda name: (f"{name} IS NULL", lambda row: row[name] is None)),
        st.just(("a IS NOT TRUE", lambda row: row["a"] is not True)),
        st.just(("type LIKE '%o%'", strict(lambda value: "o" in value, lambda row: row["type"]))),
    )


def conditions(inner: st.SearchStrategy[Term], values: st.SearchStrategy[Term]) -> st.SearchStrategy[Term]:
    compared = st.tuples(values, st.sampled_from(sorted(COMPARISONS)), values).map(
        lambda item: (f"{item[0][0]} {item[1]} {item[2][0]}", strict(COMPARISONS[item[1]], item[0][1], item[2][1]))
    )
    between = st.tuples(values, values, values).map(
        lambda item: (
            f"{item[0][0]} BETWEEN {item[1][0]} AND {item[2][0]}",
            lambda row: both(
                strict(operator.ge, item[0][1], item[1][1])(row), strict(operator.le, item[0][1], item[2][1])(row)
            ),
        )
    )
    denied = inner.map(lambda item: (f"NOT ({item[0]})", strict(operator.not_, item[1])))
    joined = st.tuples(inner, st.sampled_from([("AND", both), ("or", either)]), inner).map(
        lambda item: (
            f"({item[0][0]}) {item[1][0]} ({item[2][0]})",
            lambda row: item[1][1](item[0][1](row), item[2][1](row)),
        )
    )
    return compared | between | denied | joined


SIMPLE_NUMBERS = numbers(leaf_numbers(), leaf_conditions()) | leaf_numbers()
CONDITIONS = st.recursive(leaf_conditions(), lambda inner: conditions(inner, SIMPLE_NUMBERS), max_leaves=6)
NUMBERS = st.recursive(leaf_numbers(), lambda inner: numbers(inner, CONDITIONS), max_leaves=6)


def check(terms: list[Term], kind: str) -> None:
    parsed = {}
    for number, (text, _) in enumerate(terms):
        parsed[f"v{number}"], faults = parse_expression(text, columns=KINDS)
        assert faults == (), text
    table = evaluate(FRAME, parsed)
    for (text, oracle), name in zip(terms, table, strict=True):
        assert parsed[name].kind == kind
        assert [None if pd.isna(value) else value for value in table[name]] == [oracle(row) for row in ROWS], text


@given(terms=st.lists(CONDITIONS, min_size=1, max_size=8))
@settings(deadline=None, derandomize=True, max_examples=60)
def test_conditions_follow_three_valued_logic(terms: list[Term]) -> None:
    check(terms, "boolean")


@given(term=CONDITIONS)
@settings(deadline=None, derandomize=True, max_examples=25)
def test_filters_select_the_rows_where_the_condition_is_true(term: Term) -> None:
    text, oracle = term
    expression, _ = parse_expression(text, columns=KINDS, expect="boolean")
    assert expression is not None
    assert filter_frame(FRAME, expression).tolist() == [oracle(row) is True for row in ROWS], text


@given(terms=st.lists(NUMBERS, min_size=1, max_size=8))
@settings(deadline=None, derandomize=True, max_examples=60)
def test_numbers_are_those_of_floating_point_arithmetic(terms: list[Term]) -> None:
    check(terms, "number")


@given(pairs=st.lists(st.tuples(st.integers(-50, 50), st.integers(-7, 7)), min_size=1))
@settings(deadline=None, derandomize=True, max_examples=20)
def test_remainder_has_the_sign_of_the_dividend(pairs: list[tuple[int, int]]) -> None:
    frame = pd.DataFrame(pairs, columns=["left", "right"])
    expression, _ = parse_expression("left % right", columns=column_kinds(frame))
    assert expression is not None
    values = evaluate(frame, {"value": expression})["value"]
    assert [None if pd.isna(value) else value for value in values] == [remainder(*pair) for pair in pairs]


CONDITION_WORDS = ["a", "TRUE", "NOT a", "NULL", "(NOT a)", "x > 1", "type = 'theft'", "n IS NULL"]
NUMBER_WORDS = ["x", "n", "1", "0.5", "-3", "- n", "NULL", "(x + 1)"]
CONDITION_TAILS = ["IS NULL", "IS NOT NULL", "IS TRUE", "IS NOT FALSE"]
NUMBER_TAILS = ["IS NULL", "IN (1, 3)", "NOT IN (2)", "NOT BETWEEN 0 AND 2", "= 1 OR a", "< 2 = a"]


@st.composite
def unparenthesized(draw: st.DrawFn) -> str:
    """Operators in a row without parentheses, mostly conditions or mostly numbers so that many are sound."""
    words, joints, tails = draw(
        st.sampled_from(
            [
                (CONDITION_WORDS, ["AND", "OR", "=", "<>"], CONDITION_TAILS),
                (NUMBER_WORDS, [*"+-*<=", "<>"], NUMBER_TAILS),
            ]
        )
    )
    text = draw(st.sampled_from(words))
    for _ in range(draw(st.integers(1, 4))):
        if draw(st.integers(0, 3)):
            text += f" {draw(st.sampled_from(joints))} {draw(st.sampled_from(words))}"
        else:
            text += f" {draw(st.sampled_from(tails))}"
    return text


@given(texts=st.lists(unparenthesized(), min_size=20, max_size=40))
@settings(deadline=None, derandomize=True, max_examples=60)
def test_operators_bind_as_they_do_in_the_database(texts: list[str]) -> None:
    with connect() as connection:
        register_frame(connection, "frame", FRAME)
        for text in texts:
            expression, _ = parse_expression(text, columns=KINDS)
            if expression is None:
                continue
            ours = connection.execute(f"SELECT {expression.sql()} FROM frame").fetchall()
            try:
                theirs = connection.execute(f"SELECT {text} FROM frame").fetchall()
            except duckdb.ParserException:
                continue
            assert ours == theirs, text
