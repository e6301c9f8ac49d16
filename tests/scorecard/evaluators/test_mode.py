"""Mode effects: against statsmodels, and a planted shift that is taken off again."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.miscmodels.ordinal_model import OrderedModel

from kpi_research.scorecard.evaluators import mode_effect, survey_estimate

NAMES = {"target": "unit", "item": "item"}
SCALE = np.array([0.0, 2.0, 5.0, 8.0, 10.0])
CUTS = np.array([-1.6, -1.1, -0.4, 0.4])


def asked(seed: int, *, shift: float = 0.4, targets: int = 8, size: int = 150) -> tuple[pd.DataFrame, np.ndarray]:
    """Return answers of which part came by telephone, and each unit's true share of satisfied face to face."""
    rng = np.random.default_rng(seed)
    level = rng.normal(0.5, 0.5, targets)
    unit = np.repeat(np.arange(targets), size)
    phone = rng.random(len(unit)) < rng.uniform(0.1, 0.9, targets)[unit]
    latent = level[unit] + shift * phone + rng.standard_normal(len(unit))
    answer = SCALE[np.searchsorted(CUTS, latent)]
    frame = pd.DataFrame({"unit": unit, "item": "x", "answer": answer, "mode": np.where(phone, "phone", "face")})
    return frame, stats.norm.sf(CUTS[2] - level)


def test_the_latent_shift_is_that_of_statsmodels() -> None:
    frame, _ = asked(1)
    row = mode_effect(frame, **NAMES, mode="mode", reference="face").table.iloc[0]
    design = pd.get_dummies(frame["unit"], prefix="u", drop_first=True, dtype=float).assign(
        phone=1.0 * (frame["mode"] == "phone")
    )
    fit = OrderedModel(frame["answer"], design, distr="probit").fit(method="bfgs", disp=False, maxiter=500)
    assert row["latent"] == pytest.approx(fit.params["phone"], abs=1e-3)
    assert row["se"] == pytest.approx(fit.bse["phone"], rel=1e-2)


def test_the_planted_shift_is_found_and_named() -> None:
    found = mode_effect(asked(2)[0], **NAMES, mode="mode", reference="face")
    row = found.table.iloc[0]
    assert row["low"] < 0.4 < row["high"]
    assert [item.code for item in found.findings] == ["survey-mode-effect"]
    assert mode_effect(asked(2, shift=0.0)[0], **NAMES, mode="mode", reference="face").findings == ()


@pytest.mark.parametrize("statistic", ["share", "mean"])
def test_estimates_brought_to_one_mode_lose_the_bias(statistic: str) -> None:
    frame, truth = asked(3, targets=20, size=300)
    options = {**NAMES, "statistic": statistic}
    plain = survey_estimate(frame, **options).table  # type: ignore[arg-type]
    taken = survey_estimate(frame, **options, mode="mode", reference_mode="face").table  # type: ignore[arg-type]
    assert (taken["estimate"] < plain["estimate"]).all()
    assert (taken["se"] > plain["se"]).all()
    assert np.allclose(plain["estimate"] - taken["estimate"], taken["mode_adjusted"])
    if statistic == "share":
        assert abs((taken["estimate"] - truth).mean()) < 0.02 < (plain["estimate"] - truth).mean()


def test_of_one_mode_nothing_is_taken_off() -> None:
    frame = asked(4)[0].assign(mode="face")
    found = survey_estimate(frame, **NAMES, mode="mode", reference_mode="face").table
    pd.testing.assert_frame_equal(found, survey_estimate(frame, **NAMES).table)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"mode": "mode"}, "belong together"),
        ({"mode": "mode", "reference_mode": "fase"}, "Did you mean 'face'"),
        ({"mode": "modus", "reference_mode": "face"}, "Did you mean 'mode'"),
    ],
)
def test_modes_that_are_not_there_are_refused(options: dict[str, str], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        survey_estimate(asked(5)[0], **NAMES, **options)  # type: ignore[arg-type]


def test_one_mode_has_no_effect() -> None:
    with pytest.raises(ValueError, match="two modes are needed"):
        mode_effect(asked(6)[0].assign(mode="face"), **NAMES, mode="mode", reference="face")
