"""The classifier of preventable cases, as scikit-learn knows classifiers."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import (
    _check_sample_weight,
    check_is_fitted,
    column_or_1d,
    validate_data,
)

from kpi_research.preventability.model.learners import (
    CALIBRATIONS,
    LEARNERS,
    Calibrator,
    Learned,
    better,
    calibrate,
    learn,
    log_losses,
)
from kpi_research.preventability.model.refusals import refuse_units
from kpi_research.study.frame_checks import require_choice

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]


class PreventabilityModel(ClassifierMixin, BaseEstimator):
    r"""Calibrated probability that a case was preventable, given what is recorded of it.

    Two learners are compared by their log loss on units that they have not seen: a logistic model with indicators of
    levels and splines of numbers, and boosted trees; the trees are taken only where they are better by more than one
    standard error. The predictions for unseen units then calibrate the one chosen: none below 50 labels, a sigmoid below
    1,000, isotonic regression from there. Missing values and the level ``unknown`` are levels like others. With
    ``error`` the labels are taken to be wrong at random, and the probability of the true class is
    :math:`(P(y^*=1|x) - e_{01}) / (1 - e_{01} - e_{10})`.

    Parameters
    ----------
    learner : {"auto", "logistic", "boosting"}
        The learner.
    calibration : {"auto", "none", "sigmoid", "isotonic"}
        The calibration.
    folds : int
        Folds in which learners are compared and calibrated, at least 2; they part whole units where ``groups`` are given.
    unit : str, optional
        Name of the column of units; it is refused among the features.
    error : (float, float), optional
        Errors of the labels, e01 and e10.
    random_state : int
        Seed.

    Attributes
    ----------
    classes_ : numpy.ndarray, shape (2,)
        The two labels, the second being preventable (1, True, yes, 是).
    learner_ : str
        The learner chosen.
    calibration_ : str
        The calibration made.
    losses_ : dict of str to float
        Mean log loss of each learner compared, out of fold, before calibration.
    out_of_fold_ : numpy.ndarray
        Raw probability of each training case by the chosen learner that has not seen its fold; empty without folds.

    References
    ----------
    Patrini, G. et al. (2017), Making deep neural networks robust to label noise, doi:10.1109/CVPR.2017.240 (the
    correction for label errors); Niculescu-Mizil, A. & Caruana, R. (2005), doi:10.1145/1102351.1102430 (calibration).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> cases = pd.DataFrame({"gate": rng.choice(["yes", "no", "unknown"], 300), "hour": rng.integers(0, 24, 300)})
    >>> label = (rng.random(300) < np.where(cases["gate"] == "no", 0.8, 0.2)).astype(int)
    >>> model = PreventabilityModel(learner="logistic").fit(cases, label)
    >>> model.predict_proba(cases.iloc[:2]).shape
    (2, 2)
    """

    classes_: NDArray[Any]
    learner_: str
    calibration_: str
    losses_: dict[str, float]
    out_of_fold_: Floats

    def __init__(
        self,
        learner: str = "auto",
        calibration: str = "auto",
        folds: int = 5,
        unit: str | None = None,
        error: tuple[float, float] | None = None,
        random_state: int = 0,
    ) -> None:
        self.learner = learner
        self.calibration = calibration
        self.folds = folds
        self.unit = unit
        self.error = error
        self.random_state = random_state

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        tags.input_tags.allow_nan = True
        tags.input_tags.categorical = True
        return tags

    def fit(self, X: Any, y: Any, sample_weight: Any = None, groups: Any = None) -> Self:  # noqa: N803
        """Fit the model.

        Parameters
        ----------
        X : pandas.DataFrame or array of numbers, shape (cases, features)
            Features. A frame may hold texts, booleans, categories, numbers and times; missing values are allowed.
        y : array-like, shape (cases,)
            Labels of two classes, none missing.
        sample_weight : array-like, optional
            Positive weights, 1 / inclusion probability.
        groups : array-like, optional
            Unit of each case; folds then part whole units.

        Returns
        -------
        PreventabilityModel

        Raises
        ------
        ValueError
            If an option is unknown, the labels are not of two classes, or a feature names the unit.
        """
        self._check_options()
        frame, labels = self._training_data(X, y)
        code = self._encode(labels)
        weight = _check_sample_weight(sample_weight, frame, dtype=np.float64)
        weight = weight / weight.mean()
        group = None if groups is None else pd.factorize(np.asarray(groups))[0]
        refuse_units(frame, self.unit, group)
        self._choose(frame, code, weight, group)
        self._learned: Learned = learn(frame, code, weight, self.learner_, self.random_state)
        return self

    def predict_proba(self, X: Any) -> Floats:  # noqa: N803
        """Return the calibrated probability of each class.

        Parameters
        ----------
        X : pandas.DataFrame or array of numbers, shape (cases, features)
            Features as in `fit`; levels that were not seen count as rare ones.

        Returns
        -------
        numpy.ndarray, shape (cases, 2)
            The second column is the probability of being preventable.
        """
        check_is_fitted(self)
        frame = self._features(X, reset=False)
        chance = self._calibrator.apply(self._learned.raw(frame))
        if self.error is not None:
            e01, e10 = self.error
            chance = np.clip((chance - e01) / (1 - e01 - e10), 0.0, 1.0)
        return np.column_stack([1 - chance, chance])

    def predict(self, X: Any) -> NDArray[Any]:  # noqa: N803
        """Return the more probable class; for shares of units use probabilities, never a class of one case.

        Parameters
        ----------
        X : pandas.DataFrame or array of numbers, shape (cases, features)
            Features as in `fit`.

        Returns
        -------
        numpy.ndarray, shape (cases,)
        """
        chance = self.predict_proba(X)[:, 1]
        return np.asarray(self.classes_[(chance > 0.5).astype(int)])

    def _check_options(self) -> None:
        require_choice("learner", self.learner, ("auto", *LEARNERS))
        require_choice("calibration", self.calibration, CALIBRATIONS)
        if self.folds < 2:
            raise ValueError(f"folds is {self.folds}; at least 2 are needed")
        if self.error is not None and (min(self.error) < 0 or sum(self.error) >= 1):
            raise ValueError(f"error is {self.error}; both must be at least 0 and add up to less than 1")

    def _training_data(self, X: Any, y: Any) -> tuple[pd.DataFrame, NDArray[Any]]:  # noqa: N803
        if y is None:
            raise ValueError("PreventabilityModel requires y to be passed, but the target y is None")
        frame = self._features(X, reset=True)
        labels = column_or_1d(y, warn=True)
        if len(labels) != len(frame):
            raise ValueError(f"X has {len(frame)} rows and y {len(labels)} labels; there must be one label per row")
        if pd.isna(labels).any():
            raise ValueError(f"y has {int(pd.isna(labels).sum())} missing values (NaN); leave unlabelled cases out")
        return frame, labels

    def _features(self, X: Any, *, reset: bool) -> pd.DataFrame:  # noqa: N803
        if isinstance(X, pd.DataFrame):
            validate_data(self, X, skip_check_array=True, reset=reset)
            if X.empty:
                raise ValueError(
                    f"Found array with {len(X)} sample(s) and {X.shape[1]} feature(s) while a minimum of 1 is required."
                )
            return X
        numbers = validate_data(self, X, reset=reset, dtype=np.float64, ensure_all_finite="allow-nan")
        return pd.DataFrame(numbers)

    def _encode(self, labels: NDArray[Any]) -> Ints:
        check_classification_targets(labels)
        self.classes_, code = np.unique(labels, return_inverse=True)
        if len(self.classes_) > 2:
            raise ValueError(
                f"Only binary classification is supported. The type of the target is multiclass: {len(self.classes_)} classes"
            )
        if len(self.classes_) < 2:
            raise ValueError(f"y holds one class only, {self.classes_[0]!r}; two classes are needed")
        return np.asarray(code, dtype=np.intp)

    def _choose(self, frame: pd.DataFrame, code: Ints, weight: Floats, group: Ints | None) -> None:
        """Compare learners out of fold, and calibrate the one chosen with what it said there."""
        kinds = LEARNERS if self.learner == "auto" else (self.learner,)
        folds = folds_of(code, group, self.folds, self.random_state)
        self.out_of_fold_, self.losses_ = np.empty(0), {}
        self.learner_, self._calibrator = kinds[0], Calibrator()
        if folds is not None and (len(kinds) > 1 or self.calibration != "none"):
            raw = {kind: self._out_of_fold(frame, code, weight, folds, kind) for kind in kinds}
            losses = {kind: log_losses(code, values) for kind, values in raw.items()}
            independent = np.arange(len(code)) if group is None else group
            if len(kinds) > 1 and better(losses["logistic"], losses["boosting"], weight, independent):
                self.learner_ = "boosting"
            self.losses_ = {kind: float(np.average(values, weights=weight)) for kind, values in losses.items()}
            self.out_of_fold_ = raw[self.learner_]
            self._calibrator = calibrate(self.out_of_fold_, code, weight, self.calibration)
        self.calibration_ = self._calibrator.kind

    def _out_of_fold(self, frame: pd.DataFrame, code: Ints, weight: Floats, folds: Ints, kind: str) -> Floats:
        raw = np.empty(len(code))
        for fold in range(int(folds.max()) + 1):
            held = folds == fold
            fitted = learn(frame[~held], code[~held], weight[~held], kind, self.random_state)
            raw[held] = fitted.raw(frame[held])
        return raw


def folds_of(code: Ints, group: Ints | None, folds: int, seed: int) -> Ints | None:
    """Part labelled cases into folds with both classes on either side, whole units where there are groups.

    Parameters
    ----------
    code : numpy.ndarray of int
        0 and 1.
    group : numpy.ndarray of int or None
        Unit of each case.
    folds : int
        Folds wanted.
    seed : int
        Seed.

    Returns
    -------
    numpy.ndarray of int or None
        Fold of each case; None where too few labels or units allow none.
    """
    least = int(np.bincount(code, minlength=2).min())
    if group is None or len(np.unique(group)) < 2:
        count = min(folds, least)
        if count < 2:
            return None
        parts = StratifiedKFold(count, shuffle=True, random_state=seed).split(code, code)
    else:
        count = min(folds, least, len(np.unique(group)))
        if count < 2:
            return None
        parts = StratifiedGroupKFold(count, shuffle=True, random_state=seed).split(code, code, group)
    fold = np.zeros(len(code), dtype=np.intp)
    for number, (train, held) in enumerate(parts):
        if len(np.unique(code[train])) < 2:
            return None
        fold[held] = number
    return fold
