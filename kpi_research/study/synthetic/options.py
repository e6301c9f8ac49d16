"""Options of the simulated bureau: a size, and a switch or strength for each mechanism."""

from __future__ import annotations

from dataclasses import MISSING, Field, dataclass, field, fields
from typing import Any

import pandas as pd

from kpi_research.study.suggest import did_you_mean
from kpi_research.study.synthetic.check_option import check_option


def _option(
    default: Any,
    low: float | None,
    high: float | None,
    mechanism: str,
    meaning: str,
    truth: str = "",
    method: str = "",
    null: Any = MISSING,
) -> Any:
    """Declare an option; ``null`` is its value in a bureau where all stations are equal and nobody games."""
    told = {"mechanism": mechanism, "meaning": meaning, "truth": truth, "method": method, "null": null}
    return field(default=default, metadata={"low": low, "high": high, **told})


_SIZE = "size"
_SITUATION = "situation"
_MERIT = "merit"
_WEAK = "weak stations"
_PREVENT = "prevention"
_CASE = "preventable cases"
_OFFENDER = "offenders"
_LABEL = "labels"
_WORK = "workload"
_GAME = "gaming"
_FAULT = "faults of records"
_SURVEY = "survey"
_RATING = "ratings"
_DRIFT = "crime mix"
_OUTCOME = "outcomes"


@dataclass(frozen=True)
class BureauOptions:
    """How large the bureau is and which mechanisms work in it, how strongly.

    Every field is one row of ``docs/simulated_bureau.md``, which `describe_options` returns as a frame: its default,
    range, value in the null bureau, truth table and the method that should recover it.

    Attributes
    ----------
    stations, months, officers_per_station, direct_units, internal_departments : int
        Size.
    seed : int
        Seed.
    start : str
        First month, ``"YYYY-MM"``.
    incidents_per_month : float
        Incidents of a station of the norm, before prevention.
    context_spread : float
        How different the situations of the stations are.
    quality_spread, quality_drift, irrelevant_variation : float
        How different the quality of the units is, and what has nothing to do with it.
    weak_share, weakness : float
        How many stations are weak, and how much.
    prevention_effect, programme_share, programme_effort : float
        What prevention effort does, and the prevention programme of some stations.
    programme_month : int
        When it starts.
    feature_strength, concept_shift : float
        What makes a case preventable.
    transient_scale, transient_effect, transient_unsolved : float
        Transient offenders, and what becomes of their cases.
    labels_per_year, double_coded, unequal_sampling : float
        The sample of labeled cases.
    label_raters : int
        How many raters there are.
    label_false_positive, label_false_negative, label_spread, label_unsure : float
        Their errors.
    work_noise : str
        ``"gamma"`` or ``"lognormal"``.
    work_variance, difficulty_spread, unit_speed, ability_spread, post_selection : float
        Minutes of work and the officers who do it.
    backfill_share, bunching_share, lifting_share, heaping_share, inflation_share : float
        How many stations game which rule.
    backfill, bunching, lifting, heaping, inflation : float
        How often they do.
    target_month : int
        When counts become targets.
    time_errors, duplicates, tenfold_slips, frozen_share, feature_missing : float
        Faults without intent.
    survey_calls : int
        Persons approached per station and month.
    response_rate, nonresponse_bias, face_share, mode_effect : float
        Who answers, and by which mode.
    rating_interval : int
        Months between rounds of ratings.
    rater_severity, self_inflation, peer_leniency : float
        The raters.
    fraud_growth, theft_decline : float
        How the mix of crimes drifts.
    outcome_noise : float
        Noise of the sense of safety.

    Raises
    ------
    TypeError
        If a value is of the wrong type.
    ValueError
        If a value is outside its range.
    """

    stations: int = _option(40, 1, 9999, _SIZE, "police stations")
    months: int = _option(24, 1, 240, _SIZE, "months")
    officers_per_station: int = _option(30, 6, 300, _SIZE, "officers of a station of the norm")
    seed: int = _option(1, 0, 2**63 - 1, _SIZE, "seed")
    start: str = _option("2024-01", None, None, _SIZE, "first month")
    direct_units: int = _option(4, 0, 8, _SIZE, "units directly under the bureau")
    internal_departments: int = _option(4, 0, 8, _SIZE, "internal departments")
    incidents_per_month: float = _option(
        200.0, 1, 5000, _SIZE, "incidents a month of a station of the norm before prevention"
    )

    context_spread: float = _option(
        1.0, 0, 2, _SITUATION, "differences of population, housing, nightlife", "units", "funnel", null=0.0
    )
    quality_spread: float = _option(
        1.0, 0, 2, _MERIT, "standard deviation of the parts of quality between units", "quality", "rank_sets", null=0.0
    )
    quality_drift: float = _option(
        0.3, 0, 2, _MERIT, "standard deviation of quality from month to month within a unit", "quality",
        "panel_effect", null=0.0,
    )  # fmt: skip
    irrelevant_variation: float = _option(
        1.0, 0, 3, _MERIT, "differences between units in an indicator that have nothing to do with quality",
        "indicators", "reliability, panel_effect", null=0.0,
    )  # fmt: skip
    weak_share: float = _option(
        0.3, 0, 1, _WEAK, "share of stations with one planted weakness", "weakness", "explain_gap", null=0.0
    )
    weakness: float = _option(1.0, 0, 2, _WEAK, "strength of the planted weakness", "satisfaction", "explain_gap")

    prevention_effect: float = _option(
        0.5, 0, 2, _PREVENT, "fall of the log rate of preventable cases per unit of effort", "prevention",
        "prevention_effect",
    )  # fmt: skip
    programme_share: float = _option(
        0.3, 0, 1, _PREVENT, "share of stations that start a prevention programme", "prevention", "prevention_effect",
        null=0.0,
    )  # fmt: skip
    programme_effort: float = _option(0.6, 0, 3, _PREVENT, "effort that the programme adds", "prevention", "funnel")
    programme_month: int = _option(9, 0, 240, _PREVENT, "month (from 0) in which the programme starts", "prevention")

    feature_strength: float = _option(
        1.0, 0, 3, _CASE, "strength of place features in the probability of being preventable", "cases, effects",
        "PreventabilityModel",
    )  # fmt: skip
    concept_shift: float = _option(
        0.4, 0, 2, _CASE, "standard deviation of the part of that probability that no feature shows", "preventability",
        "preventable_share", null=0.0,
    )  # fmt: skip
    transient_scale: float = _option(
        1.0, 0, 3, _OFFENDER, "factor on the share of transient offenders", "cases, types", "sensitivity to unknown"
    )
    transient_effect: float = _option(
        -0.8, -3, 3, _OFFENDER, "logit effect of a transient offender on being preventable", "effects",
        "PreventabilityModel",
    )  # fmt: skip
    transient_unsolved: float = _option(
        0.7, 0, 3, _OFFENDER, "fall of the logit of solving a case of a transient offender", "effects",
        "sensitivity to unknown",
    )  # fmt: skip

    labels_per_year: float = _option(30.0, 0, 1000, _LABEL, "labeled cases per station and year", "", "plan_labels")
    label_raters: int = _option(6, 3, 50, _LABEL, "raters of the panel", "raters", "agreement")
    label_false_positive: float = _option(
        0.08, 0, 0.45, _LABEL, "mean probability of calling a case preventable that is not", "raters",
        "error rates, Dawid-Skene",
    )  # fmt: skip
    label_false_negative: float = _option(
        0.12, 0, 0.45, _LABEL, "mean probability of calling a preventable case not preventable", "raters",
        "error rates, Dawid-Skene",
    )  # fmt: skip
    label_spread: float = _option(
        0.5, 0, 1, _LABEL, "relative spread of these errors over raters", "raters", "Dawid-Skene"
    )
    label_unsure: float = _option(0.04, 0, 0.5, _LABEL, "probability that a rater is unsure", "", "agreement")
    double_coded: float = _option(0.3, 0, 1, _LABEL, "share of labeled cases that three raters and the panel decide")
    unequal_sampling: float = _option(
        0.8, 0, 2, _LABEL, "log inclusion probability per standard deviation of visible risk", "preventability",
        "preventable_share(inclusion=)",
    )  # fmt: skip

    work_noise: str = _option(
        "gamma", None, None, _WORK, "distribution of minutes: gamma or lognormal", "", "Poisson PML"
    )
    work_variance: float = _option(0.25, 0, 4, _WORK, "variance of minutes of one record, relative to its mean")
    difficulty_spread: float = _option(
        1.0, 0, 3, _WORK, "scale of the log factors of posts and ranks", "posts, ranks", "workload_coefficients"
    )
    unit_speed: float = _option(
        0.1, 0, 1, _WORK, "standard deviation of log minutes between units", "speed", "workload_coefficients", null=0.0
    )
    ability_spread: float = _option(
        1.0, 0, 2, _WORK, "standard deviation of the ability of officers", "people", "survey_estimate", null=0.0
    )
    post_selection: float = _option(
        0.0, 0, 3, _WORK, "selection of able officers into case posts", "people", "selection warning", null=0.0
    )

    backfill_share: float = _option(
        0.2, 0, 1, _GAME, "share of stations that fill the ledger in at the end of the month", "gaming", "entry_lag",
        null=0.0,
    )  # fmt: skip
    backfill: float = _option(
        0.5, 0, 1, _GAME, "share of their entries that are late batches", "gaming, ledger", "entry_lag"
    )
    bunching_share: float = _option(
        0.2, 0, 1, _GAME, "share of stations that date late records back to just below 24 h", "gaming", "bunching",
        null=0.0,
    )  # fmt: skip
    bunching: float = _option(
        0.6, 0, 1, _GAME, "share of their records of the next 12 hours that are moved", "gaming", "bunching"
    )
    lifting_share: float = _option(
        0.2, 0, 1, _GAME, "share of stations that lift spot checks to 85 %", "gaming", "bunching", null=0.0
    )
    lifting: float = _option(
        0.7, 0, 1, _GAME, "share of their checks from 75 to 85 % that are lifted", "gaming", "bunching"
    )
    heaping_share: float = _option(
        0.2, 0, 1, _GAME, "share of stations whose officers round minutes", "gaming", "last-digit test", null=0.0
    )
    heaping: float = _option(
        0.5, 0, 1, _GAME, "share of their minutes that are rounded to tens", "gaming", "Whipple, Myers"
    )
    inflation_share: float = _option(
        0.25,
        0,
        1,
        _GAME,
        "share of stations that raise counts to the target",
        "gaming, faults",
        "Goodhart test",
        null=0.0,
    )
    inflation: float = _option(
        0.7, 0, 1, _GAME, "share of their months below target that are raised", "faults", "bunching"
    )
    target_month: int = _option(
        6, 0, 240, _GAME, "month (from 0) in which the counts become targets", "faults", "Goodhart test"
    )

    time_errors: float = _option(
        0.002, 0, 0.5, _FAULT, "share of calls with arrival before dispatch", "cases", "impossible order", null=0.0
    )
    duplicates: float = _option(
        0.005, 0, 0.5, _FAULT, "share of ledger entries that are entered twice", "ledger", "duplicates", null=0.0
    )
    tenfold_slips: float = _option(
        0.004, 0, 0.5, _FAULT, "share of station-months whose count is ten times too large", "faults", "tenfold slips",
        null=0.0,
    )  # fmt: skip
    frozen_share: float = _option(
        0.05, 0, 1, _FAULT, "share of stations that repeat one count for ever", "faults", "frozen series", null=0.0
    )
    feature_missing: float = _option(
        0.03, 0, 1, _FAULT, "share of place features not recorded", "", "PreventabilityModel"
    )

    survey_calls: int = _option(60, 1, 5000, _SURVEY, "persons approached per station and month")
    response_rate: float = _option(
        0.4, 0.01, 0.99, _SURVEY, "response rate of an average person", "respondents", "nonresponse"
    )
    nonresponse_bias: float = _option(
        0.5, -3, 3, _SURVEY, "logit of responding per standard deviation of satisfaction", "respondents", "nonresponse"
    )
    face_share: float = _option(0.25, 0, 1, _SURVEY, "share of interviews face to face", "", "mode effect")
    mode_effect: float = _option(
        0.4, -3, 3, _SURVEY, "what the telephone adds to the latent answer", "effects", "mode effect"
    )

    rating_interval: int = _option(3, 1, 24, _RATING, "months between rounds of ratings")
    rater_severity: float = _option(
        0.8, 0, 3, _RATING, "standard deviation of the severity of raters", "severity", "rater severity", null=0.0
    )
    self_inflation: float = _option(
        1.2, -3, 5, _RATING, "what officers add when they rate themselves", "effects", "self-rating inflation", null=0.0
    )
    peer_leniency: float = _option(0.4, -3, 5, _RATING, "what peers add", "effects", "rater severity", null=0.0)

    fraud_growth: float = _option(
        0.03, -0.1, 0.2, _DRIFT, "growth of the log rate of telecom fraud per month", "types", "staleness", null=0.0
    )
    theft_decline: float = _option(
        0.01, -0.1, 0.2, _DRIFT, "fall of the log rate of theft, burglary and robbery per month", "types", "staleness",
        null=0.0,
    )  # fmt: skip
    outcome_noise: float = _option(
        1.5, 0, 20, _OUTCOME, "standard deviation of the noise of the sense of safety, in points", "effects",
        "panel_effect",
    )  # fmt: skip

    def __post_init__(self) -> None:
        for item in fields(self):
            value = check_option(item, getattr(self, item.name))
            object.__setattr__(self, item.name, value)

    def changed(self) -> dict[str, Any]:
        """Return the options whose value is not the default."""
        return {item.name: value for item in fields(self) if (value := getattr(self, item.name)) != item.default}


def make_options(**values: Any) -> BureauOptions:
    """Return options, refusing unknown names.

    Parameters
    ----------
    **values
        Fields of `BureauOptions`.

    Returns
    -------
    BureauOptions

    Raises
    ------
    TypeError
        If a name is no option; the message names the nearest one.

    Examples
    --------
    >>> make_options(stations=3).months
    24
    """
    known = [item.name for item in fields(BureauOptions)]
    for name in values:
        if name not in known:
            raise TypeError(f"'{name}' is not an option of the simulated bureau.{did_you_mean(name, known)['en']}")
    return BureauOptions(**values)


def null_options() -> dict[str, Any]:
    """Return the options of the null bureau: all stations equal, nobody games, no faults in the records.

    Returns
    -------
    dict of str to object
        Keyword arguments for `draw_bureau`.

    Examples
    --------
    >>> null_options()["quality_spread"]
    0.0
    """
    return {item.name: item.metadata["null"] for item in fields(BureauOptions) if item.metadata["null"] is not MISSING}


def describe_options() -> pd.DataFrame:
    """Return all options as a frame.

    Returns
    -------
    pandas.DataFrame
        One row per option: ``mechanism``, ``option``, ``meaning``, ``default``, ``allowed``, ``null`` (value in the
        null bureau; empty where it keeps the default), ``truth`` (truth tables), ``method`` (what should recover it).
    """
    return pd.DataFrame([_described(item) for item in fields(BureauOptions)])


def _described(item: Field[Any]) -> dict[str, str]:
    told = item.metadata
    limits = "" if told["low"] is None else f"{told['low']:g} – {told['high']:g}"
    return {
        "mechanism": told["mechanism"],
        "option": item.name,
        "meaning": told["meaning"],
        "default": str(item.default),
        "allowed": limits,
        "null": "" if told["null"] is MISSING else str(told["null"]),
        "truth": told["truth"],
        "method": told["method"],
    }
