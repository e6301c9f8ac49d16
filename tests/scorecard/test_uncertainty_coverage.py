"""Do intervals of differences between unit means cover, whatever mixture of memory and noise made the scores?"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from kpi_research.scorecard.uncertainty import score_errors
from tests.scorecard.first_order import first_order_errors
from tests.scorecard.panels import noisy_autoregression, panel

pytestmark = pytest.mark.validation
TITLE = "Standard errors of mean scores: coverage of intervals of differences between two units (nominal 95 %)"
TRUTHS = {
    "white noise": (0.0, 0.0),
    "AR .3": (0.3, 1.0),
    "AR .8": (0.8, 1.0),
    "AR .8 + equal noise": (0.8, 1 / 2),
    "AR .8 + triple noise": (0.8, 1 / 4),
}
RUNS = {24: 400, 90: 200}
LEAST = {7: 0.87, 12: 0.90, 18: 0.92, 36: 0.93}
"""Coverage that slow drift under noise has at least: too few periods cannot show it, see `score_errors`."""

WIDEST = {7: 1.18, 12: 1.10, 18: 1.06, 36: 1.05}
"""Standard error over its true value, at most, where there is no serial correlation: drift cannot be excluded."""


def covered(means: np.ndarray, se: np.ndarray, dof: np.ndarray) -> float:
    """Return the share of pairs of units, all of the same level, of which the interval of the difference holds 0."""
    one, other = se**2, np.roll(se, 1) ** 2
    together = (one + other) ** 2 / (one**2 / dof + other**2 / np.roll(dof, 1))
    half = stats.t.ppf(0.975, together) * np.sqrt(one + other)
    return float((np.abs(means - np.roll(means, 1)) <= half).mean())


@pytest.mark.parametrize("units", RUNS)
@pytest.mark.parametrize("periods", LEAST)
@pytest.mark.parametrize("truth", TRUTHS)
def test_intervals_of_differences_cover(truth: str, periods: int, units: int, dossier: Callable[..., None]) -> None:
    runs, (persistence, share) = RUNS[units], TRUTHS[truth]
    rng = np.random.default_rng([11, periods, units])
    results = np.zeros((runs, 5))
    for run in range(runs):
        scores = noisy_autoregression(rng, units, periods, persistence, share) + rng.standard_normal(periods)
        means, before = scores.mean(axis=1), first_order_errors(scores)
        now = score_errors(panel(scores)).table.to_numpy().T
        squares = means.var(ddof=1), (before.se**2).mean(), (now[0] ** 2).mean()
        results[run] = covered(means, before.se, before.dof), covered(means, *now), *squares
    old, new, spread, old_square, new_square = results.mean(axis=0)
    error = results[:, 1].std(ddof=1) / np.sqrt(runs)
    dossier(
        "scorecard", TITLE, truth=truth, periods=periods, units=units, runs=runs, coverage=new, standard_error=error,
        se_over_truth=np.sqrt(new_square / spread), coverage_one_autoregression=old,
        se_over_truth_one_autoregression=np.sqrt(old_square / spread),
    )  # fmt: skip
    if "noise" in truth and share:
        assert new >= LEAST[periods] - 3 * error
        assert new >= old + 0.02
    elif periods > 7 or persistence < 0.8:
        assert new >= 0.95 - 3 * error
    else:
        assert new >= 0.93 - 3 * error
    if not persistence:
        assert np.sqrt(new_square / spread) <= WIDEST[periods]
