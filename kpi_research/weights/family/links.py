"""What ties the scorecards of posts together, as inequalities over the weights of all of them."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from kpi_research.weights.limits import Floats
from kpi_research.weights.program import Program


@dataclass(frozen=True, eq=False)
class Link:
    """One tie: ``lower <= forms @ w <= upper`` over the weights of all posts.

    Attributes
    ----------
    kind : {"equal_core", "spread", "core_total", "expected_score"}
        What it says.
    name : str
        Core indicator it speaks of; empty for the others.
    forms : ndarray of shape (rows, weights of all posts)
        Coefficients.
    lower, upper : float
        Limits of every row.
    """

    kind: str
    name: str
    forms: Floats
    lower: float
    upper: float


def places_of(programs: Mapping[str, Program]) -> dict[tuple[str, str], int]:
    """Return the place of every weight among those of all posts.

    Parameters
    ----------
    programs : mapping of str to Program
        Rules of each post.

    Returns
    -------
    dict of (post, indicator) to int
    """
    pairs = [(post, name) for post, program in programs.items() for name in program.ids]
    return {pair: place for place, pair in enumerate(pairs)}


def family_links(
    programs: Mapping[str, Program],
    core: Sequence[str],
    equal_core: bool,
    spread: float | None,
    core_total: bool,
    profiles: Mapping[str, Floats] | None,
    tolerance: float,
) -> list[Link]:
    """Write the ties as inequalities.

    Parameters
    ----------
    programs : mapping of str to Program
        Rules of each post.
    core : sequence of str
        Indicators that posts have in common.
    equal_core : bool
        Whether each core weight is the same in all posts.
    spread : float or None
        Largest difference of a core weight between two posts, points.
    core_total : bool
        Whether the sum of the core weights is the same in all posts.
    profiles : mapping of str to ndarray, or None
        Reference score of each indicator in each post.
    tolerance : float
        Largest difference of the expected score between two posts, in units of the profiles.

    Returns
    -------
    list of Link
    """
    place, found = places_of(programs), []
    for name in core:
        own = [place[post, name] for post in programs if (post, name) in place]
        if equal_core or spread is not None:
            reach = 0.0 if equal_core else float(spread or 0.0)
            forms = _differences(np.eye(len(place))[own])
            found.append(Link("equal_core" if equal_core else "spread", name, forms, -reach, reach))
    if core_total:
        found.append(Link("core_total", "", _differences(_sums(programs, place, core)), 0.0, 0.0))
    if profiles is not None:
        scores = np.zeros((len(programs), len(place)))
        for row, (post, program) in enumerate(programs.items()):
            scores[row, [place[post, name] for name in program.ids]] = profiles[post] / 100.0
        found.append(Link("expected_score", "", _differences(scores), -tolerance, tolerance))
    return [link for link in found if len(link.forms)]


def _sums(programs: Mapping[str, Program], place: Mapping[tuple[str, str], int], core: Sequence[str]) -> Floats:
    sums = np.zeros((len(programs), len(place)))
    for row, post in enumerate(programs):
        sums[row, [place[post, name] for name in core if (post, name) in place]] = 1.0
    return sums


def _differences(forms: Floats) -> Floats:
    rows = [forms[a] - forms[b] for a, b in itertools.combinations(range(len(forms)), 2)]
    return np.array(rows).reshape(-1, forms.shape[1])


def joined(programs: Mapping[str, Program], links: Sequence[Link]) -> Program:
    """Return one program over the weights of all posts.

    Parameters
    ----------
    programs : mapping of str to Program
        Rules of each post.
    links : sequence of Link
        The ties.

    Returns
    -------
    Program
        Rows one-sided or equations.
    """
    parts = list(programs.values())
    matrix: list[Floats] = []
    lower: list[Floats] = []
    upper: list[Floats] = []
    names: list[str] = []
    start, width = 0, sum(len(part.ids) for part in parts)
    for post, part in programs.items():
        rows = np.zeros((len(part.lower), width))
        rows[:, start : start + len(part.ids)] = part.matrix
        matrix, lower, upper = [*matrix, rows], [*lower, part.lower], [*upper, part.upper]
        names += [f"{post}/{rule}" for rule in part.rules]
        start += len(part.ids)
    for link in links:
        count = len(link.forms)
        sides = (
            [(link.lower, link.upper)] if link.lower == link.upper else [(link.lower, np.inf), (-np.inf, link.upper)]
        )
        for low, high in sides:
            matrix, lower, upper = [*matrix, link.forms], [*lower, np.full(count, low)], [*upper, np.full(count, high)]
            names += [link.kind] * count
    zeros = np.zeros(len(names), dtype=int)
    ids = tuple(f"{post}/{name}" for post, part in programs.items() for name in part.ids)
    return Program(
        ids, np.vstack(matrix), np.concatenate(lower), np.concatenate(upper), tuple(names), zeros - 1, zeros,
        np.concatenate([part.low for part in parts]), np.concatenate([part.high for part in parts]), (),
    )  # fmt: skip
