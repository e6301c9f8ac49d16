"""Other choices than those of the study file, by the address of a key."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from kpi_research.study.model import Study
from kpi_research.study.spec import StudySpec
from kpi_research.study.suggest import did_you_mean

FIXED = ("tables", "indicators", "people", "vary")
"""Sections that a scenario cannot change, because they decide which rows are read."""


def varied_spec(spec: StudySpec, changes: Mapping[str, Any]) -> StudySpec:
    """Return a specification with other values at some addresses.

    Parameters
    ----------
    spec : StudySpec
        The study file.
    changes : mapping of str to value
        Address of a key, e.g. ``"scorecard.normalization"``, ``"rules.business.max"`` (a rule by its id) or
        ``"validity.thresholds.reliability.use"``, to its new value.

    Returns
    -------
    StudySpec

    Raises
    ------
    ValueError
        If an address names no key, lies in a section that decides which rows are read, or a value is not allowed there.
    """
    data = spec.model_dump(by_alias=True)
    for address, value in changes.items():
        _set(data, address.split("."), value, address)
    try:
        return StudySpec.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ValueError(f"{place} cannot be {first.get('input')!r}: {first['msg']}") from error


def varied_study(study: Study, changes: Mapping[str, Any]) -> Study:
    """Return a study with other choices; its data stay.

    Parameters
    ----------
    study : Study
    changes : mapping of str to value
        See `varied_spec`.

    Returns
    -------
    Study
    """
    spec = varied_spec(study.spec, changes)
    told = "\n".join(f"{address}={changes[address]!r}" for address in sorted(changes))
    digest = hashlib.sha256(f"{study.digest}\n{told}".encode()).hexdigest()
    return replace(study, spec=spec, digest=digest)


def _set(data: Any, path: list[str], value: Any, address: str) -> None:
    if path[0] in FIXED:
        raise ValueError(f"'{address}' lies in [{path[0]}], which decides what is read; a scenario cannot change it")
    here = data
    for depth, key in enumerate(path):
        last = depth == len(path) - 1
        if isinstance(here, list | tuple):
            here = _by_id(here, key, address)
            continue
        if key not in here:
            hint = did_you_mean(key, [str(name) for name in here])["en"]
            raise ValueError(f"'{address}': there is no '{key}'.{hint}")
        if last:
            here[key] = value
        else:
            here = here[key] if here[key] is not None else {}


def _by_id(items: Any, key: str, address: str) -> Any:
    known = [str(item.get("id", "")) for item in items]
    if key not in known:
        raise ValueError(f"'{address}': there is no '{key}'.{did_you_mean(key, known)['en']}")
    return items[known.index(key)]
