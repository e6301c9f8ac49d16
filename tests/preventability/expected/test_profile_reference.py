"""Fixed and random levels of 100 providers against R."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from kpi_research.preventability import Profile, profile

COVARIATES = ("z1", "z2", "z3", "z4", "z5")


@pytest.fixture(scope="module")
def found(reference: Callable[[str], Path]) -> Profile:
    cases = pd.read_csv(reference("profiling/ExampleDataBinary.csv"))
    return profile(cases, unit="ProvID", event="Y", covariates=COVARIATES)


@pytest.fixture(scope="module")
def theirs(reference: Callable[[str], Path]) -> pd.DataFrame:
    made = pd.read_csv(reference("profiling/pprof_binary_provider_results.csv"))
    return made.assign(unit=made["ProvID"].astype(int)).sort_values("unit", ignore_index=True)


def test_fixed_levels_equal_pprof(found: Profile, theirs: pd.DataFrame) -> None:
    # R pprof 1.0.3, logis_fe() and test(test = "exact.poisbinom"): the "exact" p-value is a mid-p value.
    beta = [1.0926219690, 1.0178411692, 0.9950258893, 1.0386843840, 1.0563464277]
    assert found.terms["fixed"].to_numpy() == pytest.approx(beta, abs=2e-6), "its search stops at changes of 1e-5"
    assert found.table["ratio"].to_numpy() == pytest.approx(theirs["fe_indirect_ratio"].to_numpy(), abs=1e-6)
    assert found.table["p"].to_numpy() == pytest.approx(theirs["p_exact"].to_numpy(), abs=1e-6)
    assert found.table["verdict"].value_counts().to_dict() == {"as_expected": 81, "lower": 13, "higher": 6}


def test_random_levels_equal_lme4(found: Profile, theirs: pd.DataFrame, reference: Callable[[str], Path]) -> None:
    # R lme4 1.1.31, glmer(Y ~ z1 + ... + (1 | ProvID), nAGQ = 1): predicted over expected events.
    made = pd.read_csv(reference("profiling/cms_style_predicted_over_expected.csv"))
    made = made.assign(unit=made["ProvID"].astype(int)).sort_values("unit", ignore_index=True)
    assert found.sigma == pytest.approx(0.4699307375, abs=1e-4)
    assert found.table["predicted_ratio"].to_numpy() == pytest.approx(made["SRR_PE"].to_numpy(), abs=5e-5)
    assert found.table["p_random"].to_numpy() == pytest.approx(theirs["p_re"].to_numpy(), abs=1e-4)
    assert found.table["verdict_random"].value_counts().to_dict() == {"as_expected": 88, "lower": 7, "higher": 5}


def test_a_provider_without_events_is_found(found: Profile) -> None:
    # 0 events of 81 cases: mid-p 5.1e-6, while the Wald test of pprof has p = .29.
    row = found.table.set_index("unit").loc[40]
    assert row["observed"] == 0
    assert row["p"] == pytest.approx(5.1e-6, abs=1e-7)
    assert row["verdict"] == "lower"
