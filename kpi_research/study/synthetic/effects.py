"""Fixed effects of the simulated world: how quality, load and place turn into what is recorded.

They are constants, not options: options switch mechanisms and scale them. All are returned in the truth table
``effects``.
"""

from __future__ import annotations

from collections.abc import Mapping

GENERAL_LOADING = 0.7
"""Correlation of each part of quality with the general quality of a unit."""

DRIFT_MEMORY = 0.8
"""Autocorrelation of quality from month to month."""

WEAK_SPREAD = 0.3
"""Factor on all other differences of a weak station, so that its planted cause is the largest."""

EFFORT_SCALE = 0.5
"""Prevention effort is max(0, 1 + EFFORT_SCALE x effort), plus the programme."""

FEATURES: Mapping[str, float] = {"lighting": 0.7, "gate": 0.6, "cctv": 0.5, "night": 0.3}
"""Logit effects of poor lighting, no gate, no CCTV and night on being preventable."""

CCTV_SOLVED = 0.4
"""Logit effect of CCTV on solving a case."""

SOLVING_SOLVED = 0.35
"""Logit effect of the unit's skill in solving cases."""

DELAY_PER_OVERLOAD = 1.0
"""Log response time per log overload."""

SATISFACTION: Mapping[str, float] = {"delay": -1.2, "manner": 0.4, "procedure": 0.35, "case_mix": -0.4}
"""Effects on the latent satisfaction (person standard deviation 1)."""

VISIBILITY: Mapping[str, float] = {"effort": 0.3, "overload": -0.5}
"""Effects on the latent rating of visibility."""

HANDLING: Mapping[str, float] = {"manner": 0.3, "delay": -0.9}
"""Effects on the latent rating of call handling."""

SAFETY: Mapping[str, float] = {"base": 85.0, "quality": 2.5, "delay": -3.0, "case_mix": -1.2, "revisits": 1.0}
"""Effects on the sense of safety, in points of 100."""

STALE_POWER = 4.0
"""The effect of revisits fades with this power of the share of theft, burglary and robbery among crimes."""

VICTIMIZATION_BASE = 0.03
"""Share of persons who were victims in the last twelve months, at a station of the norm."""

OUTCOME_INTERVIEWS = 200
"""Interviews per station and month behind the outcomes."""


def effects_rows(options: Mapping[str, float]) -> list[tuple[str, float]]:
    """Return name and value of every effect, those set by options included.

    Parameters
    ----------
    options : mapping
        The options of the bureau.

    Returns
    -------
    list of tuple of (str, float)
    """
    groups = {"satisfaction": SATISFACTION, "visibility": VISIBILITY, "handling": HANDLING, "safety": SAFETY}
    rows = [(f"{group}.{name}", value) for group, values in groups.items() for name, value in values.items()]
    rows += [(f"preventable.{name}", value * options["feature_strength"]) for name, value in FEATURES.items()]
    rows.append(("preventable.transient", options["transient_effect"]))
    rows.append(("preventable.effort", -options["prevention_effect"]))
    rows += [("solved.cctv", CCTV_SOLVED), ("solved.solving", SOLVING_SOLVED)]
    rows.append(("solved.transient", -options["transient_unsolved"]))
    rows += [("survey.phone", options["mode_effect"]), ("survey.response", options["nonresponse_bias"])]
    rows += [("ratings.self", options["self_inflation"]), ("ratings.peer", options["peer_leniency"])]
    return [*rows, ("safety.noise", options["outcome_noise"])]
