"""The two learners of the probability, calibration of what they say, and the choice between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, logit
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from kpi_research.preventability.model.design import Design, make_design

Floats = NDArray[np.float64]
LEARNERS = ("logistic", "boosting")
CALIBRATIONS = ("auto", "none", "sigmoid", "isotonic")
ISOTONIC_FROM = 1000
"""Labels from which isotonic calibration is better than a sigmoid (Niculescu-Mizil & Caruana 2005, sec. 5)."""
SIGMOID_FROM = 50
"""Labels below which a calibration would be mostly noise and none is made."""
EDGE = 1e-6
ROWS = 200_000
"""Cases that are predicted at a time."""


@dataclass(frozen=True, eq=False)
class Learned:
    """A fitted learner with the design it reads features by."""

    design: Design
    learner: Any
    kind: str

    def raw(self, frame: pd.DataFrame) -> Floats:
        """Return the probability of the second class before calibration, in pieces that memory holds."""
        pieces = [self._piece(frame.iloc[start : start + ROWS]) for start in range(0, len(frame), ROWS)]
        return np.concatenate(pieces) if pieces else np.empty(0)

    def _piece(self, frame: pd.DataFrame) -> Floats:
        matrix = self.design.linear(frame) if self.kind == "logistic" else self.design.trees(frame)
        return np.asarray(self.learner.predict_proba(matrix)[:, 1])


def learn(frame: pd.DataFrame, y: NDArray[np.intp], weight: Floats, kind: str, seed: int) -> Learned:
    """Fit one learner.

    Parameters
    ----------
    frame : pandas.DataFrame
        Features.
    y : numpy.ndarray of int
        0 and 1, both present.
    weight : numpy.ndarray
        Weights of mean about 1.
    kind : {"logistic", "boosting"}
        ``logistic``: indicators of levels and splines of numbers, ridge penalty. ``boosting``: histogram gradient
        boosting with small trees.
    seed : int
        Seed.

    Returns
    -------
    Learned
    """
    design = make_design(frame)
    if kind == "logistic":
        model: Any = LogisticRegression(C=1.0, max_iter=1000)
        return Learned(design, model.fit(design.linear(frame), y, sample_weight=weight), kind)
    model = HistGradientBoostingClassifier(
        max_iter=100,
        learning_rate=0.07,
        max_leaf_nodes=8,
        min_samples_leaf=20,
        l2_regularization=1.0,
        early_stopping=False,
        categorical_features=design.categorical,
        random_state=seed,
    )
    return Learned(design, model.fit(design.trees(frame), y, sample_weight=weight), kind)


@dataclass(frozen=True, eq=False)
class Calibrator:
    """A monotone map of raw probabilities; ``kind`` is none, sigmoid or isotonic."""

    kind: str = "none"
    slope: float = 1.0
    intercept: float = 0.0
    steps: Any = None

    def apply(self, raw: Floats) -> Floats:
        """Return calibrated probabilities."""
        if self.kind == "sigmoid":
            return np.asarray(expit(self.intercept + self.slope * logit(np.clip(raw, EDGE, 1 - EDGE))))
        return np.asarray(self.steps.predict(raw)) if self.kind == "isotonic" else raw


def calibrate(raw: Floats, y: NDArray[np.intp], weight: Floats, method: str) -> Calibrator:
    """Fit the calibration to predictions for cases that the learner has not seen.

    Parameters
    ----------
    raw : numpy.ndarray
        Raw out-of-fold probabilities.
    y : numpy.ndarray of int
        0 and 1.
    weight : numpy.ndarray
        Weights.
    method : {"auto", "none", "sigmoid", "isotonic"}
        ``auto``: none below 50 labels, a sigmoid below 1,000, isotonic from there; unequal weights count as Kish's
        effective number of labels.

    Returns
    -------
    Calibrator

    References
    ----------
    Platt, J. (1999), Probabilistic outputs for support vector machines; Zadrozny, B. & Elkan, C. (2002),
    doi:10.1145/775047.775151; Niculescu-Mizil, A. & Caruana, R. (2005), doi:10.1145/1102351.1102430.
    """
    kind = method
    if method == "auto":
        n = float(weight.sum() ** 2 / (weight @ weight))
        kind = "none" if n < SIGMOID_FROM else "sigmoid" if n < ISOTONIC_FROM else "isotonic"
    if kind == "none" or len(np.unique(raw)) < 2:
        return Calibrator()
    if kind == "isotonic":
        edge = 0.5 / len(y)
        steps = IsotonicRegression(y_min=edge, y_max=1 - edge, out_of_bounds="clip")
        return Calibrator("isotonic", steps=steps.fit(raw, y, sample_weight=weight))
    line = LogisticRegression(C=np.inf, max_iter=1000)
    line.fit(logit(np.clip(raw, EDGE, 1 - EDGE))[:, None], y, sample_weight=weight)
    slope = float(line.coef_[0, 0])
    return Calibrator("sigmoid", slope, float(line.intercept_[0])) if slope > 0 else Calibrator()


def log_losses(y: NDArray[np.intp], probability: Floats) -> Floats:
    """Return the log loss of each case.

    Parameters
    ----------
    y : numpy.ndarray of int
        0 and 1.
    probability : numpy.ndarray
        Probability of 1.

    Returns
    -------
    numpy.ndarray
    """
    p = np.clip(probability, EDGE, 1 - EDGE)
    return np.asarray(-np.where(y == 1, np.log(p), np.log1p(-p)))


def better(first: Floats, second: Floats, weight: Floats, group: NDArray[np.intp]) -> bool:
    """Return whether the second learner's losses are lower than the first's by more than one standard error.

    Parameters
    ----------
    first, second : numpy.ndarray
        Loss of each case.
    weight : numpy.ndarray
        Weights.
    group : numpy.ndarray of int
        Independent groups of cases.

    Returns
    -------
    bool
    """
    gain = weight * (first - second) / weight.sum()
    of_group = np.bincount(group, gain)
    center = of_group.sum()
    spread = of_group - center * np.bincount(group, weight) / weight.sum()
    return bool(center > np.sqrt(float(spread @ spread)))
