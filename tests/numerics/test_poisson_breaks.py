"""Change points of counts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_research.numerics.poisson_breaks import poisson_breaks

# Coal-mining disasters in Britain by year, 1851 to 1962 (Jarrett 1979, doi:10.1093/biomet/66.1.191).
DISASTERS = np.array(
    [4, 5, 4, 1, 0, 4, 3, 4, 0, 6, 3, 3, 4, 0, 2, 6, 3, 3, 5, 4, 5, 3, 1, 4, 4, 1, 5, 5, 3, 4, 2, 5, 2, 2, 3, 4, 2, 1, 3, 2,
     2, 1, 1, 1, 1, 3, 0, 0, 1, 0, 1, 1, 0, 0, 3, 1, 0, 3, 2, 2, 0, 1, 1, 1, 0, 1, 0, 1, 0, 0, 0, 2, 1, 0, 0, 0, 1, 1, 0, 2,
     3, 3, 1, 1, 2, 1, 1, 1, 1, 2, 4, 2, 0, 0, 1, 4, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 1, 0], dtype=float
)  # fmt: skip


def test_the_break_of_the_coal_mining_disasters_is_found() -> None:
    # Raftery & Akman 1986, doi:10.1093/biomet/73.1.85: change about 1890, rates 3.1 and 0.9 a year.
    assert DISASTERS.sum() == 191
    found = poisson_breaks(DISASTERS, np.ones(112), seed=1)
    first = next(item for item in found if item.place < 60)
    assert 1851 + first.place in range(1887, 1894)
    assert first.before == pytest.approx(3.1, abs=0.15)
    assert first.p <= 0.01


@given(low=st.integers(1, 20), seed=st.integers(0, 1000))
@settings(deadline=None, derandomize=True, max_examples=15)
def test_the_rates_of_the_stretches_keep_the_total(low: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    count = np.concatenate([rng.poisson(low, 10), rng.poisson(6 * low, 10)]).astype(float)
    days = rng.uniform(28, 31, 20)
    found = poisson_breaks(count, days, draws=199)
    places = [0, *(item.place for item in found), 20]
    rates = [found[0].before, *(item.after for item in found)] if found else [count.sum() / days.sum()]
    total = sum(rate * days[a:b].sum() for rate, a, b in zip(rates, places, places[1:], strict=False))
    assert total == pytest.approx(count.sum())


def test_short_and_empty_series_have_no_break() -> None:
    assert poisson_breaks(np.zeros(12), np.ones(12)) == []
    assert poisson_breaks(np.array([1.0, 9.0, 1.0]), np.ones(3)) == []


@pytest.mark.validation
@pytest.mark.parametrize("spread", [1, 3])
def test_false_breaks_are_as_rare_as_asked(spread: int, dossier: object) -> None:
    rng, runs, false = np.random.default_rng(spread), 1000, 0
    for run in range(runs):
        count = rng.poisson(12, 24) if spread == 1 else rng.negative_binomial(12 / (spread - 1), 1 / spread, 24)
        false += bool(poisson_breaks(count.astype(float), np.ones(24), draws=199, seed=run))
    rate = false / runs
    dossier("scorecard", "False breaks in 24 periods (5 % asked)", dispersion=spread, runs=runs, share=rate)  # type: ignore[operator]
    assert rate <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / runs)
