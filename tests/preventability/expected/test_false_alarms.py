"""How often a funnel flags a unit that is like the others, and how often one that is not."""

from __future__ import annotations

import numpy as np
import pytest

from kpi_research.preventability import funnel

UNITS, RUNS = 100, 300
RANGES = ((5, 60), (20, 200))
TABLE = "Funnel: units that are like the others (100 units, nominal 5 %)"


def rates(
    tau: float, least: float, most: float, se: float, method: str, outliers: int = 0, carried: bool = True
) -> tuple[float, float, float, float]:
    """Return shares of average units outside the limits, of p at most .05, of runs with any flag by q, and the power."""
    rng = np.random.default_rng([int(100 * tau), int(least), int(1000 * se), outliers])
    out, p, any_flag, power = [], [], [], []
    for _ in range(RUNS):
        expected = np.exp(rng.uniform(np.log(least), np.log(most), UNITS))
        log_rate = rng.normal(-(tau**2) / 2, tau, UNITS)
        log_rate[:outliers] += 0.7
        observed, variance = rng.poisson(expected * np.exp(log_rate)).astype(float), None
        if se:
            error = expected / 0.3 * se
            observed = np.maximum(observed + rng.normal(size=UNITS) * error, 0)
            variance = error**2 if carried else None
        table = funnel(observed, expected, observed_variance=variance, overdispersion=method).table
        outside = ((table["ratio"] < table["low_95"]) | (table["ratio"] > table["high_95"])).to_numpy()
        out.append(outside[outliers:].mean())
        p.append((table["p"] <= 0.05).iloc[outliers:].mean())
        any_flag.append((table["verdict"] != "as_expected").iloc[outliers:].any())
        power.append(outside[:outliers].mean() if outliers else np.nan)
    return float(np.mean(out)), float(np.mean(p)), float(np.mean(any_flag)), float(np.mean(power))


@pytest.mark.validation
@pytest.mark.parametrize("tau", [0.1, 0.2, 0.4])
def test_counts_with_variation_between_units(dossier, tau: float) -> None:  # type: ignore[no-untyped-def]
    for least, most in RANGES:
        for method in ("none", "truncated_log", "winsorized_uncorrected", "untrimmed", "winsorized"):
            if method == "truncated_log" and least < 20:
                continue
            outside, p, any_flag, _ = rates(tau, least, most, 0.0, method)
            dossier(
                "preventability", TABLE, counts="exact", between_units=tau, expected=f"{least}-{most}", method=method,
                outside_the_limits=outside, p_at_most_05=p, runs_with_a_flag_by_q=any_flag,
            )  # fmt: skip
        assert 0.04 <= outside <= 0.06
        assert 0.04 <= p <= 0.06


@pytest.mark.validation
@pytest.mark.parametrize("se", [0.02, 0.043, 0.083])
def test_counts_that_are_estimated(dossier, se: float) -> None:  # type: ignore[no-untyped-def]
    """Standard errors of the share of .083 (design), .043 (shrunk) and .02."""
    for least, most in RANGES:
        ignored = rates(0.0, least, most, se, "none", carried=False)
        dossier(
            "preventability", TABLE, counts=f"estimated, se {se:g}", between_units=0.0, expected=f"{least}-{most}",
            method="none, error of the estimate ignored", outside_the_limits=ignored[0], p_at_most_05=ignored[1],
            runs_with_a_flag_by_q=ignored[2],
        )  # fmt: skip
        for tau, method in ((0.0, "none"), (0.0, "winsorized"), (0.2, "winsorized")):
            outside, p, any_flag, _ = rates(tau, least, most, se, method)
            dossier(
                "preventability", TABLE, counts=f"estimated, se {se:g}", between_units=tau, expected=f"{least}-{most}",
                method=method, outside_the_limits=outside, p_at_most_05=p, runs_with_a_flag_by_q=any_flag,
            )  # fmt: skip
            assert any_flag <= 0.15
            if tau or method == "none":
                assert 0.045 <= outside <= 0.07
                assert p <= 0.06
            else:
                assert outside <= 0.06, (
                    "the variance between units is at least 0, so that a little is always allowed for"
                )


@pytest.mark.validation
def test_units_that_do_stand_out_are_found(dossier) -> None:  # type: ignore[no-untyped-def]
    """Five of 100 units have twice the rate of the others (log rate + .7), which differ by tau = .2."""
    for least, most in RANGES:
        found = {}
        for method in ("winsorized_uncorrected", "untrimmed", "winsorized"):
            outside, _, _, power = found[method] = rates(0.2, least, most, 0.0, method, outliers=5)
            dossier(
                "preventability", "Funnel: five of 100 units have twice the rate", expected=f"{least}-{most}",
                method=method, others_outside=outside, found=power,
            )  # fmt: skip
        assert found["winsorized"][0] <= 0.05
        assert found["winsorized"][3] > found["untrimmed"][3], "outliers hide themselves where nothing is pulled in"
