"""The classifier keeps scikit-learn's contract."""

from __future__ import annotations

from typing import Any

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from kpi_research.preventability import PreventabilityModel

EXPECTED = {
    "check_sample_weight_equivalence_on_dense_data": "folds and rare levels count cases, not weights",
}


@parametrize_with_checks(
    [PreventabilityModel(learner="logistic", folds=2)], expected_failed_checks=lambda model: EXPECTED
)
@pytest.mark.filterwarnings("ignore:invalid value encountered in cast:RuntimeWarning")
def test_scikit_learn_contract_of_the_logistic_model(estimator: Any, check: Any) -> None:
    check(estimator)


@pytest.mark.validation
@parametrize_with_checks(
    [PreventabilityModel(), PreventabilityModel(learner="boosting", calibration="isotonic")],
    expected_failed_checks=lambda model: EXPECTED if model.calibration == "auto" else {},
)
@pytest.mark.filterwarnings("ignore:invalid value encountered in cast:RuntimeWarning")
def test_scikit_learn_contract_of_all_learners(estimator: Any, check: Any) -> None:
    check(estimator)
