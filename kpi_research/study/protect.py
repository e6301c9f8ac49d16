"""Persons in the tables of a study: declared, and replaced by pseudonyms before anything else sees them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace

from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.open_table import Opened
from kpi_research.study.people import MIN_KEY_BYTES, Pseudonymizer
from kpi_research.study.read_spec import SpecSource
from kpi_research.study.relation import Relation
from kpi_research.study.schemas import PERSON_COLUMNS
from kpi_research.study.spec import PeopleSection, StudySpec
from kpi_research.study.suggest import did_you_mean
from kpi_research.study.tables import Tables


def people_faults(people: PeopleSection, source: SpecSource, relations: Mapping[str, Relation]) -> list[Finding]:
    """Return a finding for each column of persons that is not protected, and for a key that is missing.

    Parameters
    ----------
    people : PeopleSection
        The ``[people]`` section.
    source : SpecSource
        Where its keys stand.
    relations : mapping of str to Relation
        The tables that could be opened.

    Returns
    -------
    list of Finding
    """
    if people.simulated:
        return []
    faults = [
        finding("people-unprotected", Where(name, None, column), column=column)
        for name, relation in relations.items()
        for column in PERSON_COLUMNS
        if column in relation.columns and column not in people.pseudonymize
    ]
    known = {column for relation in relations.values() for column in relation.columns}
    where = source.where("people", "pseudonymize")
    faults += [
        finding("pseudonymize-unknown-column", where, found=name, hint=did_you_mean(name, known))
        for name in people.pseudonymize
        if name not in known
    ]
    key = os.environ.get(people.key_env, "")
    if people.pseudonymize and len(key.encode()) < MIN_KEY_BYTES:
        state = {"en": "too short", "zh": "过短"} if key else {"en": "not set", "zh": "未设置"}
        facts = {"variable": people.key_env, "state": state, "minimum": MIN_KEY_BYTES}
        faults.append(finding("pseudonym-key-missing", source.where("people", "key_env"), **facts))
    return faults


def protected_tables(spec: StudySpec, opened: Mapping[str, Opened]) -> Tables:
    """Return the tables with persons pseudonymized, those in memory at once and the others when they are fetched.

    Parameters
    ----------
    spec : StudySpec
        The study file, whose key has been checked.
    opened : mapping of str to Opened
        The tables.

    Returns
    -------
    Tables
    """
    people = spec.people
    frames = {name: part.frame for name, part in opened.items() if part.frame is not None}
    relations = {name: part.relation for name, part in opened.items() if part.relation is not None}
    if not people.pseudonymize or people.simulated:
        return Tables(frames, relations)
    safe = Pseudonymizer(people.pseudonymize, os.environ[people.key_env].encode(), spec.study.id)
    hidden = {name: safe.apply(frame) for name, frame in frames.items()}
    return Tables(hidden, {name: replace(relation, people=safe) for name, relation in relations.items()})
