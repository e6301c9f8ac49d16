"""The checks of prediction of one indicator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kpi_research.numerics.panel_tables import complete, remove_effects
from kpi_research.study.model import Study
from kpi_research.validity.assess_signs import outcome_relation
from kpi_research.validity.evidence import Grade, evidence_row
from kpi_research.validity.panel_frame import StudyPanel
from kpi_research.validity.prediction.distributed_lag import distributed_lag
from kpi_research.validity.prediction.forecast_gain import rolling_gain
from kpi_research.validity.prediction.granger_null import calibrated_p
from kpi_research.validity.prediction.granger_walds import unit_walds
from kpi_research.validity.prediction.out_of_sample import clark_west, gain_interval
from kpi_research.validity.prediction.reading import causal_statement
from kpi_research.validity.prediction.study_slope import LEAST_UNITS, LEVEL, StudySlope
from kpi_research.validity.prediction.study_tables import StudyTables, effect_words, sign_of
from kpi_research.validity.prediction.study_words import outcome_name, why
from kpi_research.validity.words import Both

Array = NDArray[np.float64]
Row = dict[str, Any]


def relation_row(study: Study, panel: StudyPanel, name: str, within: StudySlope | None) -> Row:
    """Return the evidence on the rank correlation with the outcome.

    Parameters
    ----------
    study : Study
        A loaded study.
    panel : StudyPanel
        Its columns.
    name : str
        An indicator that may explain the outcome.
    within : StudySlope or None
        Its slope inside units.

    Returns
    -------
    dict
        ``pass`` where the interval lies on the expected side of 0; ``fail`` where it lies on the other and the slope
        inside units does too; ``care`` where only the first does, or where it lies within the threshold of relevance;
        ``unknown`` where it is too wide to tell.
    """
    found = outcome_relation(study, panel, name)
    value, low, high = (
        float(found[key])  # type: ignore[arg-type]
        for key in ("outcome_rank_correlation", "outcome_low", "outcome_high")
    )
    threshold, sign = study.spec.validity.thresholds.prediction.relevant_correlation, sign_of(study, name)
    words = {"size": f"{value:+.2f}", "lower": f"{low:+.2f}", "upper": f"{high:+.2f}"}
    facts = {"outcome": outcome_name(study), **words, "limit": f"{threshold:g}"}
    grade: Grade = "unknown"
    reason = "wide" if np.isfinite(low) else "no-overlap"
    if bool(found["wrong_sign"]):
        inside = within is not None and max(within.numbers[1] * sign, within.numbers[2] * sign) < 0
        grade, reason = ("fail" if inside else "care"), "against"
    elif min(low * sign, high * sign) > 0:
        grade = "pass"
    elif max(abs(low), abs(high)) < threshold:
        grade, reason = "care", "weak"
    numbers = {"value": value, "low": low, "high": high, "threshold": threshold}
    return _row(name, "outcome-relation", grade, numbers, {**facts, "why": why(reason, **facts)})


def lead_row(study: Study, tables: StudyTables, name: str) -> Row:
    """Return the evidence on what moves first.

    Parameters
    ----------
    study : Study
        A loaded study.
    tables : StudyTables
        Its tables.
    name : str
        An indicator.

    Returns
    -------
    dict
        ``pass`` where the indicator leads only, ``care`` where the outcome does only, ``unknown`` otherwise.
    """
    asked = study.spec.validity.thresholds.prediction
    both = np.stack([tables.indicators[name], tables.outcome])
    kept = complete(both)
    if not kept.any():
        return _row(name, "lead-lag", "unknown", {}, {"why": why("no-overlap")})
    standing = np.where(kept, remove_effects(both, kept, unit=False), np.nan)
    forward = unit_walds(standing[1], standing[0], asked.lags)
    backward = unit_walds(standing[0], standing[1], asked.lags)
    if min(forward.used.sum(), backward.used.sum()) < LEAST_UNITS:
        return _row(name, "lead-lag", "unknown", {}, {"why": _too_short(kept, asked.lags)})
    p = calibrated_p(standing[1], standing[0], forward)
    reverse = calibrated_p(standing[0], standing[1], backward)
    total = distributed_lag(both[1], both[0], asked.lags, LEVEL).iloc[-1]
    numbers = (float(total["estimate"]), float(total["low"]), float(total["high"]))
    effect = effect_words(study, name, both[0], numbers, logs=tables.logs)
    leads, follows = p < asked.size, reverse < asked.size
    grade: Grade = "pass" if leads and not follows else "care" if follows and not leads else "unknown"
    conditions = ["no-third-within", "no-reverse", "same-record", "lags-enough"]
    facts = {
        "outcome": outcome_name(study),
        "chance": _p(p),
        "reverse": _p(reverse),
        "effect": effect,
        "reading": causal_statement(conditions, ["reversed"] if grade == "care" else []),
    }
    facts["why"] = why("both" if leads and follows else "neither", **facts)
    shown = {"value": numbers[0], "low": numbers[1], "high": numbers[2], "p": p if grade != "care" else reverse}
    return _row(name, "lead-lag", grade, {**shown, "threshold": asked.size}, facts)


def gain_row(study: Study, tables: StudyTables, name: str) -> Row:
    """Return the evidence on the gain in forecasts of the outcome.

    Parameters
    ----------
    study : Study
        A loaded study.
    tables : StudyTables
        Its tables.
    name : str
        An indicator.

    Returns
    -------
    dict
        ``pass`` where the interval of the gain lies above 0, ``unknown`` otherwise: no gain is no fault.
    """
    standing = [_standing(part) for part in (tables.outcome, tables.indicators[name])]
    train = max(3, tables.outcome.shape[1] // 3)
    found = rolling_gain(standing[0], standing[1], "unit_mean", train, 1)
    if found is None or not found.baseline > 0 or len(found.left_out) < LEAST_UNITS:
        return _row(name, "out-of-sample-gain", "unknown", {}, {"why": why("no-forecast")})
    low, high = gain_interval(found, LEVEL)
    words = {"size": f"{found.gain:.1%}", "lower": f"{low:.1%}", "upper": f"{high:.1%}"}
    facts = {
        "outcome": outcome_name(study),
        "baseline": f"{np.sqrt(found.baseline):.3g}",
        "model": f"{np.sqrt(found.model):.3g}",
        "why": why("no-gain", **words),
    }
    numbers = {"value": found.gain, "low": low, "high": high, "p": clark_west(found), "threshold": 0.0}
    return _row(name, "out-of-sample-gain", "pass" if low > 0 else "unknown", numbers, {**facts, **words})


def sensitivity_row(study: Study, tables: StudyTables, name: str, slopes: Mapping[bool, StudySlope | None]) -> Row:
    """Return the evidence on how strong an omitted variable would have to be.

    Parameters
    ----------
    study : Study
        A loaded study.
    tables : StudyTables
        Its tables.
    name : str
        An indicator.
    slopes : mapping of bool to StudySlope or None
        Its slope inside units (True) and between them (False).

    Returns
    -------
    dict
        Of the effect inside units where there is one, else of that between them: ``pass`` where the robustness value
        exceeds the strongest control (without controls, the threshold), ``care`` where not, ``unknown`` without an
        effect in the direction of the indicator.
    """
    threshold = study.spec.validity.thresholds.prediction.robustness
    seen: list[Both] = []
    sign = sign_of(study, name)
    for within, effect in slopes.items():
        if effect is None:
            continue
        words = effect_words(study, name, tables.indicators[name], effect.numbers, logs=tables.logs)
        if min(effect.numbers[1] * sign, effect.numbers[2] * sign) > 0:
            return _judged(name, effect, words, threshold, within=within)
        seen.append(words)
    reason = why("no-effect", effect=seen[0]) if seen else why("no-within")
    return _row(name, "sensitivity", "unknown", {}, {"why": reason})


def _judged(name: str, effect: StudySlope, words: Both, threshold: float, *, within: bool) -> Row:
    found = effect.robustness()
    strongest = max((min(pair), key) for key, pair in effect.strengths.items()) if effect.strengths else None
    held = strongest[0] if strongest else threshold
    than: Both = {"en": f"{held:.1%} is the threshold", "zh": f"门槛为 {held:.1%}"}
    if strongest:
        than = {
            "en": f"the strongest control, {strongest[1]}, explains {held:.1%}",
            "zh": f"最强的控制变量 {strongest[1]} 可解释 {held:.1%}",
        }
    conditions = ["no-third-within" if within else "no-third-between", "no-reverse", "same-record"]
    facts = {"effect": words, "size": f"{found:.1%}", "than": than, "reading": causal_statement(conditions)}
    numbers = {"value": found, "threshold": held}
    return _row(name, "sensitivity", "pass" if found > held else "care", numbers, facts)


def _standing(table: Array) -> Array:
    kept = complete(table[None])
    return np.where(kept, remove_effects(table[None], kept, unit=False)[0], np.nan)


def _too_short(kept: NDArray[np.bool_], lags: int) -> Both:
    longest, needed = int(kept.sum(axis=1).max()), 6 + 3 * lags
    return why("short", periods=longest, needed=needed) if longest < needed else why("no-within")


def _p(value: float) -> str:
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def _row(name: str, check: str, grade: Grade, numbers: Mapping[str, float], facts: Mapping[str, Any]) -> Row:
    return evidence_row(name, "validity", check, grade, **numbers, **facts)
