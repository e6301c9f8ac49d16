"""Prediction-powered means against two other implementations."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kpi_research.preventability.share.ppi import PoweredMean, powered_mean, stratified_powered_mean


def wdbc(reference: Callable[[str], Path]) -> tuple[pd.Series, pd.Series, pd.Series]:
    data = pd.read_csv(reference("ppi/wdbc_ppi_input.csv"))
    labelled, rest = data[data["role"] == "labelled"], data[data["role"] == "unlabelled"]
    return labelled["y_malignant"], labelled["pred"], rest["pred"]


def numbers(found: PoweredMean) -> tuple[float, float, float]:
    return found.estimate, found.low, found.high


@pytest.mark.parametrize(
    ("power", "expected"),
    [
        (None, (0.409739039411, 0.300724582589, 0.518753496234)),
        (1.0, (0.405040959655, 0.295416998763, 0.514664920547)),
        (0.0, (0.466666666667, 0.340432993294, 0.592900340040)),
    ],
)
def test_wdbc_equals_ppi_py(
    reference: Callable[[str], Path], power: float | None, expected: tuple[float, float, float]
) -> None:
    # ppi_py 0.2.3, ppi_mean_ci and ppi_mean_pointestimate(lam=power); variances divided by n.
    found = powered_mean(*wdbc(reference), power=power, ddof=0)
    assert numbers(found) == pytest.approx(expected, abs=1e-11)
    if power is None:
        assert found.power == pytest.approx(0.923764286297, abs=1e-11)


def test_wdbc_equals_glide(reference: Callable[[str], Path]) -> None:
    # glide 0.11, PPI++ mean; variances divided by n - 1.
    found = powered_mean(*wdbc(reference))
    assert numbers(found) == pytest.approx((0.4087741644, 0.2987793133, 0.5187690155), abs=1e-10)


def test_strata_equal_glide(reference: Callable[[str], Path]) -> None:
    # glide 0.11, stratified PPI++ mean with two strata by x1 above its median.
    data = pd.read_csv(reference("ppi/wdbc_ppi_stratified_input.csv"))
    data = data[data["role"] != "train"]
    label = data["y_malignant"].where(data["role"] == "labelled")
    found = stratified_powered_mean(label, data["pred"], data["stratum"])
    assert numbers(found) == pytest.approx((0.3911371890, 0.2951228859, 0.4871514921), abs=1e-9)


@pytest.mark.parametrize(
    ("n", "expected"),
    [
        (30, (0.133333333333, 0.011691521968, 0.254975144699)),
        (100, (0.160000000000, 0.088146533452, 0.231853466548)),
        (300, (0.170000000000, 0.127493928293, 0.212506071707)),
    ],
)
def test_useless_predictions_are_not_used(
    reference: Callable[[str], Path], n: int, expected: tuple[float, float, float]
) -> None:
    # ppi_py 0.2.3 on its own data of deforestation; predictions that are uncorrelated with the truth get the weight 0.
    data = pd.read_csv(reference("ppi/forest_badmodel.csv"))
    drawn = data["perm_rank"] < n
    found = powered_mean(data.loc[drawn, "Y"], data.loc[drawn, "Yhat"], data.loc[~drawn, "Yhat"], ddof=0)
    assert found.power == 0
    assert numbers(found) == pytest.approx(expected, abs=1e-11)


def test_refusals() -> None:
    with pytest.raises(ValueError, match="found 1 labels, 1 and 2 predictions; at least 2"):
        powered_mean([1], [0.5], [0.5, 0.6])
    with pytest.raises(ValueError, match="must be finite numbers"):
        powered_mean([1, np.nan], [0.5, 0.6], [0.5])
