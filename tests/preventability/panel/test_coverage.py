"""The bootstrap interval of Krippendorff's alpha covers the alpha of the population."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from kpi_research.numerics.alpha_interval import alpha_interval
from kpi_research.numerics.krippendorff import krippendorff, pairable

SETTINGS = (
    # cases, raters, share, e01, e10, values
    (30, 3, 0.30, 0.10, 0.10),
    (50, 2, 0.30, 0.08, 0.12),
    (100, 3, 0.30, 0.08, 0.12),
    (100, 2, 0.10, 0.05, 0.10),
    (300, 3, 0.35, 0.08, 0.12),
    (60, 3, 0.50, 0.25, 0.25),
)
RUNS = 800


def true_alpha(share: float, e01: float, e10: float) -> float:
    """Return alpha of endless cases: one minus the chance that two raters differ over that of two strangers."""
    positive = share * (1 - e10) + (1 - share) * e01
    apart = share * 2 * e10 * (1 - e10) + (1 - share) * 2 * e01 * (1 - e01)
    return 1 - apart / (2 * positive * (1 - positive))


def draw_counts(rng: np.random.Generator, cases: int, raters: int, share: float, e01: float, e10: float) -> np.ndarray:
    chance = np.where(rng.random(cases) < share, 1 - e10, e01)
    yes = (rng.random((cases, raters)) < chance[:, None]).sum(axis=1).astype(float)
    return np.column_stack([raters - yes, yes])


@pytest.mark.validation
def test_intervals_of_alpha_cover(dossier) -> None:  # type: ignore[no-untyped-def]
    hits = []
    for number, (cases, raters, *truth) in enumerate(SETTINGS):
        rng = np.random.default_rng([11, number])
        alpha = true_alpha(*truth)
        seen, widths = [], []
        for run in range(RUNS):
            data = pairable(draw_counts(rng, cases, raters, *truth), np.arange(2.0))
            low, high = alpha_interval(
                data, "nominal", confidence=0.95, draws=1000, seed=np.random.SeedSequence([number, run])
            )
            if np.isfinite(low):
                seen.append(low <= alpha <= high)
                widths.append(high - low)
        dossier(
            "preventability", "Krippendorff's alpha, accelerated bootstrap over cases (nominal 95 %)",
            cases=cases, raters=raters, share=truth[0], e01=truth[1], e10=truth[2], alpha=alpha, runs=len(seen),
            coverage=np.mean(seen), width=np.mean(widths),
        )  # fmt: skip
        hits += seen
        assert stats.binomtest(int(np.sum(seen)), len(seen), 0.95).proportion_ci(0.999).high >= 0.95
    assert 0.94 <= np.mean(hits) <= 0.98


@pytest.mark.validation
def test_ordinal_intervals_cover(dossier) -> None:  # type: ignore[no-untyped-def]
    """Ratings of 1 to 5: a score of the case plus an error of the rater, cut at fixed points."""

    def counts(rng: np.random.Generator, cases: int, raters: int = 3) -> np.ndarray:
        score = rng.normal(size=cases)[:, None] + 0.6 * rng.normal(size=(cases, raters))
        value = np.digitize(score, [-1.0, -0.3, 0.3, 1.0])
        return np.stack([(value == level).sum(axis=1) for level in range(5)], axis=1).astype(float)

    rng = np.random.default_rng(12)
    alpha = float(krippendorff(pairable(counts(rng, 400_000), np.arange(5.0)), "ordinal")[0])
    seen = []
    for run in range(500):
        data = pairable(counts(rng, 80), np.arange(5.0))
        low, high = alpha_interval(data, "ordinal", confidence=0.95, draws=500, seed=np.random.SeedSequence([13, run]))
        seen.append(low <= alpha <= high)
    covered = float(np.mean(seen))
    dossier(
        "preventability", "Krippendorff's alpha, accelerated bootstrap over cases (nominal 95 %)",
        cases=80, raters=3, share="ordinal, 5 levels", alpha=alpha, runs=500, coverage=covered,
    )  # fmt: skip
    assert 0.92 <= covered <= 0.98
