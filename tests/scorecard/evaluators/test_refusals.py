"""Answers and ratings that cannot be read are refused in words."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from kpi_research.scorecard.evaluators import SurveyDesign, rater_severity, survey_estimate

ANSWERS = pd.DataFrame({"单位": ["甲", "甲", "乙"], "item": "x", "answer": [10.0, 8.0, 2.0], "weight": [1.0, 2.0, 1.0]})
RATINGS = pd.DataFrame({"rater": ["a", "a", "b", "b"], "target": ["x", "y", "x", "y"], "rating": [5.0, 6.0, 4.0, 7.0]})


def test_chinese_names_are_read() -> None:
    found = survey_estimate(ANSWERS, target="单位", item="item").table
    assert sorted(found["target"]) == ["乙", "甲"]


def test_numbers_as_text_are_read() -> None:
    text = ANSWERS.assign(answer=["10", "8", "2"])
    pd.testing.assert_frame_equal(
        survey_estimate(text, target="单位", item="item").table,
        survey_estimate(ANSWERS, target="单位", item="item").table,
    )


@pytest.mark.parametrize(
    ("answers", "options", "words"),
    [
        (ANSWERS.iloc[:0], {}, "answers has no rows"),
        (ANSWERS.assign(answer=9.0), {}, "9 is not on the scale"),
        (ANSWERS.assign(answer=np.inf), {}, "inf; allowed: a finite number"),
        (ANSWERS.assign(answer="good"), {}, "holds a value that is no number"),
        (ANSWERS.assign(answer=np.nan), {}, "holds no answer"),
        (ANSWERS.assign(item=[None, "x", "x"]), {}, "'item': 1 rows have no value"),
        (ANSWERS.assign(weight=0.0), {"weight": "weight"}, "0; allowed: above 0"),
        (ANSWERS, {"weight": "weigth"}, "Did you mean 'weight'"),
        (ANSWERS, {"status": "status"}, "no column 'status'"),
        (ANSWERS, {"level": 95}, "level is 95; allowed: above 0 and below 1"),
        (ANSWERS, {"statistic": "means"}, "Did you mean 'mean'"),
        (ANSWERS, {"satisfied": 11}, "satisfied is 11"),
        (ANSWERS, {"scale": [5.0]}, "satisfied is 8.0; allowed: above the lowest"),
        (ANSWERS, {"tilt": np.inf}, "tilt is inf"),
        (ANSWERS, {"design": SurveyDesign(cluster="street")}, "no column 'street'"),
        (ANSWERS, {"classes": ["age"]}, "no column 'age'"),
        (ANSWERS, {"margins": {"weight": pd.Series({1.0: 5.0})}}, "level '2.0' of column 'weight' has no margin"),
        (ANSWERS, {"margins": {"weight": pd.Series({1.0: -1.0, 2.0: 1.0})}}, "allowed: a number of 0 or above"),
    ],
)
def test_surveys_that_cannot_be_read_are_refused(answers: pd.DataFrame, options: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        survey_estimate(answers, target="单位", item="item", **options)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("ratings", "options", "words"),
    [
        (RATINGS.iloc[:0], {}, "ratings has no rows"),
        (RATINGS.assign(target="x"), {}, "names one target; two are needed"),
        (RATINGS.assign(rating="high"), {}, "holds a value that is no number"),
        (RATINGS.assign(rating=np.nan), {}, "no row in which rater, target and rating are all given"),
        (RATINGS, {"kind": "kind"}, "no column 'kind'"),
        (RATINGS, {"reference": "superior"}, "reference is 'superior'"),
        (RATINGS, {"level": 1.0}, "level is 1.0"),
    ],
)
def test_ratings_that_cannot_be_read_are_refused(ratings: pd.DataFrame, options: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        rater_severity(ratings, rater="rater", target="target", rating="rating", **options)
    assert words in str(caught.value)


def test_no_frame_is_no_survey() -> None:
    with pytest.raises(TypeError, match="answers must be a pandas DataFrame, found list"):
        survey_estimate([1, 2], target="unit", item="item")  # type: ignore[arg-type]


def test_ratings_that_never_differ_give_no_scores_but_say_so() -> None:
    found = rater_severity(RATINGS.assign(rating=5.0), rater="rater", target="target", rating="rating")
    assert found.table.empty
    assert [item.code for item in found.findings] == ["ratings-without-scores"]
