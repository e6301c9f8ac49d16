"""Robustness values against the published Darfur example, the identity behind them, E-values and effects in words."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from kpi_research.validity.prediction.e_value import e_value
from kpi_research.validity.prediction.omitted_variable import omitted_variable
from kpi_research.validity.prediction.partial_r2 import partial_r2, partial_r2s
from kpi_research.validity.prediction.reading import CONDITIONS, FAILURES, causal_statement, plain_effect, plain_step

FEW = settings(deadline=None, derandomize=True, max_examples=20)
DARFUR = (0.09731582, 0.02325654, 783)  # Cinelli & Hazlett (2020), table 1
FEMALE = (0.009164286675 / 1.009164286675, 0.1090339154)
"""Partial R² of 'female' with the treatment and with the outcome in that model (sensemakr's tests and table 1)."""


def test_the_darfur_example() -> None:
    found = omitted_variable(*DARFUR)
    assert found.robustness == pytest.approx(0.1387764, abs=1e-6)
    assert found.robustness_significant == pytest.approx(0.07625797, abs=1e-6)
    assert found.partial_r2 == pytest.approx(0.02187309, abs=1e-6)


def test_the_bounds_of_the_darfur_example() -> None:
    table = omitted_variable(*DARFUR, benchmarks={"female": FEMALE}).table
    np.testing.assert_allclose(table["r2_treatment"], [0.00916429, 0.01832857, 0.02749286], atol=1e-7)
    np.testing.assert_allclose(table["r2_outcome"], [0.12464092, 0.24932406, 0.37405047], atol=1e-6)
    np.testing.assert_allclose(table["estimate"], [0.0752203, 0.0529152, 0.0303960], atol=1e-6)
    np.testing.assert_allclose(table["se"], [0.0218733, 0.0203501, 0.0186701], atol=1e-6)
    np.testing.assert_allclose(table["low"], [0.0322830, 0.0129680, -0.0062533], atol=1e-6)


@FEW
@given(seed=st.integers(0, 10_000))
def test_a_variable_of_that_strength_changes_the_estimate_by_that_much(seed: int) -> None:
    # The identity that the robustness value rests on: leave z out, then ask what z would have done.
    rng = np.random.default_rng(seed)
    z = rng.normal(size=60)
    x = z + rng.normal(size=60)
    y = x + 2 * z + rng.normal(size=60)
    y, x, z = (part - part.mean() for part in (y, x, z))
    short = stats.linregress(x, y)
    full = np.linalg.lstsq(np.column_stack([x, z]), y, rcond=None)[0][0]
    of_x, of_y = partial_r2(x, z, []), partial_r2(y, z, [x])
    shift = short.stderr * np.sqrt(of_y * of_x / (1 - of_x) * 58)
    assert abs(short.slope - full) == pytest.approx(shift, rel=1e-9)


@FEW
@given(t=st.floats(0.1, 30.0), dof=st.integers(5, 2000))
def test_the_robustness_value_brings_the_effect_to_zero(t: float, dof: int) -> None:
    value = omitted_variable(t, 1.0, dof).robustness
    assert np.sqrt(value * value / (1 - value) * dof) == pytest.approx(t, rel=1e-9)


def test_benchmarks_are_partial_shares() -> None:
    rng = np.random.default_rng(3)
    z, w = rng.normal(size=(2, 50))
    x = z + rng.normal(size=50)
    y = x + w + rng.normal(size=50)
    y, x, z, w = (part - part.mean() for part in (y, x, z, w))
    found = partial_r2s(y, x, {"z": z, "w": w})
    rest = [part - w * (w @ part) / (w @ w) for part in (x, z)]
    assert found["z"][0] == pytest.approx(np.corrcoef(*rest)[0, 1] ** 2, abs=1e-6)
    assert found["w"][1] > found["z"][1]


def test_a_strong_control_is_a_caution() -> None:
    assert [item.code for item in omitted_variable(*DARFUR, benchmarks={"w": (0.3, 0.4)}).findings] == [
        "robustness-fragile"
    ]


def test_the_e_value_of_the_paper() -> None:
    # VanderWeele & Ding (2017): RR 3.9 (1.8, 8.7) has E-values 7.2 and 3.0; RR 0.8 mirrors 1.25.
    assert e_value(3.9, 1.8, 8.7) == pytest.approx((7.263, 3.0), abs=1e-3)
    assert e_value(0.8)[0] == pytest.approx(e_value(1.25)[0])
    assert e_value(1.2, 0.9, 1.6)[1] == 1.0
    with pytest.raises(ValueError, match="does not hold the ratio"):
        e_value(3.0, 1.0, 2.0)


@pytest.mark.parametrize(
    ("numbers", "name"), [((1.0, 0.0, 10), "se"), ((1.0, 1.0, 1), "dof"), ((np.inf, 1.0, 9), "estimate")]
)
def test_impossible_numbers_are_refused(numbers: tuple[float, float, float], name: str) -> None:
    with pytest.raises(ValueError, match=name):
        omitted_variable(*numbers)


def test_effects_are_told_in_plain_units_of_both_languages() -> None:
    names = {"en": "procedure", "zh": "依法办案率"}, {"en": "safety", "zh": "安全感"}
    told = plain_effect(*names, (-8.0, -14.0, -2.0), plain_step(0.07, share=True), share=True)
    assert told["en"] == "10 percentage points more procedure go with 0.8 less safety (interval -1.4 to -0.2)"
    assert told["zh"] == "依法办案率每上升 10 个百分点，安全感相应下降 0.8（区间 -1.4 至 -0.2）"


def test_every_condition_and_failure_can_be_said() -> None:
    said = causal_statement(list(CONDITIONS), list(FAILURES))
    assert f"({len(CONDITIONS)})" in said["en"]
    assert "若要作因果解读" in said["zh"]
    with pytest.raises(ValueError, match="no-reverse"):
        causal_statement(["no-revers"])
