"""Numbers are written the same way everywhere and say no more and no less than they should."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_research.publish import numbers

FINITE = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e15, max_value=1e15)


def read(text: str) -> float:
    return float(text.replace(",", "").replace("−", "-"))


@settings(deadline=None, derandomize=True, max_examples=150)
@given(FINITE)
def test_three_digits_read_back_within_half_a_unit_of_the_third(value):
    text = numbers.number(value)
    assert abs(read(text) - value) <= 0.00500001 * abs(value)
    assert "-" not in text


@settings(deadline=None, derandomize=True, max_examples=100)
@given(FINITE, st.integers(0, 6))
def test_fixed_decimals_round_to_the_nearest_and_zero_has_no_sign(value, decimals):
    text = numbers.fixed(value, decimals)
    assert abs(read(text) - value) <= 0.5 * 10.0**-decimals * 1.0001 + 1e-9 * abs(value)
    assert not (read(text) == 0 and text.startswith("−"))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.9996, "1.00"),
        (999.6, "1,000"),
        (2177.068, "2,177"),
        (0.000123, "0.000123"),
        (1.5e13, "1.50e13"),
        (float("inf"), "+∞"),
    ],
)
def test_digits_at_the_edges(value, text):
    assert numbers.number(value) == text


@pytest.mark.parametrize("write", [numbers.number, numbers.given, numbers.count, numbers.percent, numbers.probability])
def test_a_missing_value_is_a_dash(write):
    assert write(float("nan")) == "–"


def test_a_range_with_a_minus_sign_never_uses_a_dash():
    assert numbers.between("−0.5", "−0.1", "to") == "−0.5 to −0.1"
    assert numbers.between("−0.5", "−0.1", "至") == "−0.5 至 −0.1"
    assert numbers.between("0.1", "0.5", "to") == "0.1–0.5"
