"""One-way analysis of variance against the certified values of the NIST Statistical Reference Datasets."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_research.numerics.anova import from_groups, one_way

FOLDER = Path(scipy.stats.__file__).parent / "tests" / "data" / "nist_anova"
# Digits that double precision can hold: the data of SmLs07-09 are 1e12 plus tenths.
DIGITS = {
    **{f"SmLs0{n}": 9.0 for n in range(1, 7)},
    **{f"SmLs0{n}": 4.0 for n in range(7, 10)},
    "SiRstv": 9.0,
    "AtmWtAg": 9.0,
}


def read(name: str) -> tuple[np.ndarray, np.ndarray, float]:
    """Return groups, values and the certified F of a set."""
    file = FOLDER / f"{name}.dat"
    if not file.exists():
        pytest.skip("this scipy does not ship the NIST sets")
    lines = file.read_text(encoding="utf-8").splitlines()
    certified = float(next(line for line in lines if line.startswith("Between")).split()[-1])
    data = np.loadtxt(lines[60:])
    return data[:, 0], data[:, 1], certified


@pytest.mark.parametrize(("name", "digits"), sorted(DIGITS.items()))
def test_the_certified_f_is_met(name: str, digits: float) -> None:
    groups, values, certified = read(name)
    found = one_way(values, groups).f
    assert -np.log10(max(abs(found - certified) / certified, 1e-16)) >= digits


def test_groups_of_equal_means_have_f_zero() -> None:
    assert one_way([1.0, 3.0, 0.0, 4.0], [0, 0, 1, 1]).f == 0.0


def test_the_average_size_of_equal_groups_is_their_size() -> None:
    assert one_way(np.arange(12.0), np.repeat([0, 1, 2], 4)).k0 == pytest.approx(4.0, rel=1e-15)


@settings(deadline=None, derandomize=True, max_examples=50)
@given(seed=st.integers(0, 10_000), shift=st.floats(-1e6, 1e6), scale=st.floats(0.01, 100.0))
def test_f_does_not_change_with_the_unit_of_measure(seed: int, shift: float, scale: float) -> None:
    rng = np.random.default_rng(seed)
    groups = rng.integers(0, 5, size=40)
    values = rng.normal(size=40) + groups
    assert one_way(shift + scale * values, groups).f == pytest.approx(one_way(values, groups).f, rel=1e-6)


def test_sums_of_ones_and_zeros_equal_the_single_cases() -> None:
    n, successes = np.array([10.0, 14.0, 6.0]), np.array([3.0, 9.0, 5.0])
    cases = np.concatenate([np.r_[np.ones(int(x)), np.zeros(int(m - x))] for x, m in zip(successes, n, strict=True)])
    rate = successes / n
    summed = from_groups(n, rate, n * rate * (1 - rate))
    assert summed.f == pytest.approx(one_way(cases, np.repeat([0, 1, 2], n.astype(int))).f, rel=1e-12)


@pytest.mark.parametrize(
    ("values", "groups", "words"),
    [
        ([1.0, 2.0, 3.0], [0, 0], "one length"),
        ([1.0, np.nan, 3.0], [0, 0, 1], "missing or infinite"),
        ([1.0, 2.0], [0, 0], "at least two groups"),
        ([1.0, 2.0], [0, 1], "no group has two values"),
    ],
)
def test_input_that_has_no_answer_is_refused(values: list[float], groups: list[int], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        one_way(values, groups)
