"""Weights of a study when single rules or settings were otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError

from kpi_research.study.suggest import did_you_mean
from kpi_research.weights.result import Weights
from kpi_research.weights.stage import optimize_weights

if TYPE_CHECKING:
    from kpi_research.study.model import Study
    from kpi_research.validity import Validity


def what_if(
    study: Study,
    validity: Validity | None = None,
    *,
    rules: Mapping[str, Mapping[str, object]] | None = None,
    settings: Mapping[str, object] | None = None,
) -> Weights:
    """Find the weights of a study with some of its rules or settings changed; the study itself stays as it is.

    Parameters
    ----------
    study : Study
        A loaded study.
    validity : Validity, optional
        Result of the validity stage.
    rules : mapping of str to mapping, optional
        Id of a rule to the keys that change, such as ``{"team-band": {"max": 25}}`` or ``{"cap": {"enabled": False}}``.
    settings : mapping, optional
        Keys of the section ``[weights]`` that change, such as ``{"tether": 40}`` or ``{"objective": "tail"}``.

    Returns
    -------
    Weights

    Raises
    ------
    InfeasibleRules
        If the rules then cannot all hold.
    ValueError
        If there is no such rule or key, or a value is not allowed.

    Examples
    --------
    >>> from kpi_research.study.load import load_study  # doctest: +SKIP
    >>> what_if(load_study("study.toml"), rules={"team-band": {"max": 25}}).table  # doctest: +SKIP
    """
    changes = rules or {}
    known = [rule.id for rule in study.spec.rules]
    for name in changes:
        if name not in known:
            raise ValueError(f"rules: the study has no rule '{name}'.{did_you_mean(str(name), known)['en']}")
    changed = tuple(_changed(rule, f"rule '{rule.id}'", changes.get(rule.id, {})) for rule in study.spec.rules)
    section = _changed(study.spec.weights, "settings", settings or {})
    spec = study.spec.model_copy(update={"rules": type(study.spec.rules)(changed), "weights": section})
    return optimize_weights(replace(study, spec=spec), validity)


def _changed(section: BaseModel, name: str, values: Mapping[str, object]) -> Any:
    fields = list(type(section).model_fields)
    for key in values:
        if key not in fields:
            raise ValueError(f"{name} has no key '{key}'.{did_you_mean(str(key), fields)['en']}")
    if not values:
        return section
    whole = {key: getattr(section, key) for key in fields}
    try:
        return type(section).model_validate({**whole, **values})
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ValueError(f"{name}: {place} is {first['input']!r}: {first['msg']}") from error
