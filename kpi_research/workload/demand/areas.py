"""Areas of equal workload: a small planning example in integer programming."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import pulp

from kpi_research.study.findings import Where, finding
from kpi_research.study.results import Result
from kpi_research.study.suggest import did_you_mean
from kpi_research.workload.fairness.frame import column_of, number_column

MOST_BLOCKS = 200


@dataclass(frozen=True)
class EqualAreas(Result):
    """Blocks put together to areas of like workload.

    Attributes
    ----------
    table : pandas.DataFrame
        ``block``, ``area`` (from 1), ``load``.
    loads : pandas.DataFrame
        ``area``, ``blocks``, ``load``, ``ratio`` (to the mean area).
    heaviest : float
        Load of the heaviest area.
    bound : float
        No division of these blocks has a lighter heaviest area than this.
    """

    loads: pd.DataFrame
    heaviest: float
    bound: float


def equal_areas(
    blocks: pd.DataFrame,
    *,
    block: str,
    load: str,
    areas: int,
    neighbors: Sequence[tuple[str, str]] | None = None,
    seconds: float = 20.0,
) -> EqualAreas:
    """Divide blocks into connected areas so that the heaviest area is as light as it can be.

    Parameters
    ----------
    blocks : pandas.DataFrame
        One row per block, at most 200.
    block, load : str
        Names of the columns with the block and its load (minutes, 0 or more).
    areas : int
        Number of areas, 2 to the number of blocks.
    neighbors : sequence of (str, str), optional
        Pairs of blocks that touch; every area is then connected. Without it blocks may be joined freely.
    seconds : float
        Time the search may take; what is proven by then is told by ``bound``.

    Returns
    -------
    EqualAreas

    Raises
    ------
    ValueError
        If a block stands twice or is unknown, a load is missing or negative, or no division exists.

    Notes
    -----
    Mixed-integer program: each block in one area, the heaviest area minimized; connection by a flow from a root block
    of each area (Shirabe 2005, doi:10.1111/j.1538-4632.2005.00605.x), solved by HiGHS.

    Examples
    --------
    >>> blocks = pd.DataFrame({"block": list("abcd"), "minutes": [4.0, 3.0, 2.0, 1.0]})
    >>> equal_areas(blocks, block="block", load="minutes", areas=2).heaviest
    5.0
    """
    names, loads = _read(blocks, block, load, areas)
    touching = _touching(names, neighbors)
    problem, member, heaviest = _model(loads, areas, touching)
    problem.solve(pulp.HiGHS(msg=False, threads=1, timeLimit=seconds))
    if problem.sol_status not in (pulp.LpSolutionOptimal, pulp.LpSolutionIntegerFeasible):
        raise ValueError(f"no division into {areas} connected areas was found in {seconds:g} seconds; try fewer areas")
    area = [next(k for k in range(areas) if member[b][k].value() > 0.5) for b in range(len(names))]
    order = {old: new for new, old in enumerate(dict.fromkeys(area), 1)}
    table = pd.DataFrame({"block": names, "area": [order[k] for k in area], "load": loads})
    found = table.groupby("area").agg(blocks=("load", "size"), load=("load", "sum")).reset_index()
    found["ratio"] = found["load"] / found["load"].mean()
    least = max(sum(loads) / areas, max(loads))
    bound = float(heaviest.value()) if problem.sol_status == pulp.LpSolutionOptimal else least
    most = float(found["load"].max())
    gap = 100 * (most - bound) / most if most > 0 else 0.0
    findings = (finding("areas-not-proven", Where(), seconds=f"{seconds:g}", gap=f"{gap:.1f}"),) if gap > 0.1 else ()
    return EqualAreas(table, findings, found, most, min(bound, most))


def _read(blocks: pd.DataFrame, block: str, load: str, areas: int) -> tuple[list[str], list[float]]:
    names = column_of(blocks, block).astype("str")
    loads = number_column(blocks, load)
    if names.duplicated().any():
        raise ValueError(f"block '{names[names.duplicated()].iloc[0]}' stands twice")
    if loads.isna().any() or (loads < 0).any():
        raise ValueError(f"column '{load}' must be 0 or more in every row")
    if not 2 <= areas <= len(names) <= MOST_BLOCKS:
        raise ValueError(
            f"areas is {areas} for {len(names)} blocks; allowed are 2 to the number of blocks, at most {MOST_BLOCKS}"
        )
    return names.tolist(), loads.tolist()


def _touching(names: list[str], neighbors: Sequence[tuple[str, str]] | None) -> list[tuple[int, int]] | None:
    if neighbors is None:
        return None
    place = {name: number for number, name in enumerate(names)}
    for name in (name for pair in neighbors for name in pair):
        if name not in place:
            raise ValueError(f"neighbors names block '{name}'.{did_you_mean(name, names)['en']}")
    return sorted({(place[first], place[second]) for a, b in neighbors if a != b for first, second in ((a, b), (b, a))})


def _model(
    loads: list[float], areas: int, touching: list[tuple[int, int]] | None
) -> tuple[pulp.LpProblem, list[list[pulp.LpVariable]], pulp.LpVariable]:
    blocks = range(len(loads))
    problem = pulp.LpProblem("areas", pulp.LpMinimize)
    member = [[problem.add_variable(f"x{b:05d}_{k:05d}", cat="Binary") for k in range(areas)] for b in blocks]
    heaviest = problem.add_variable("heaviest", max(loads))
    problem += heaviest
    for b in blocks:
        problem += pulp.lpSum(member[b]) == 1
    for k in range(areas):
        problem += pulp.lpSum(loads[b] * member[b][k] for b in blocks) <= heaviest
        problem += pulp.lpSum(member[b][k] for b in blocks) >= 1
    if touching is not None:
        _connect(problem, member, touching)
    else:
        for k in range(1, areas):
            problem += member[0][k] == 0
    return problem, member, heaviest


def _connect(problem: pulp.LpProblem, member: list[list[pulp.LpVariable]], touching: list[tuple[int, int]]) -> None:
    """Let each area send one unit of flow from its root to each of its blocks along touching blocks."""
    blocks, areas = range(len(member)), range(len(member[0]))
    most = len(member)
    for k in areas:
        root = [problem.add_variable(f"r{b:05d}_{k:05d}", cat="Binary") for b in blocks]
        flow = {(i, j): problem.add_variable(f"f{i:05d}_{j:05d}_{k:05d}", 0) for i, j in touching}
        problem += pulp.lpSum(root) == 1
        for b in blocks:
            problem += root[b] <= member[b][k]
            into = pulp.lpSum(flow[i, j] for i, j in touching if j == b)
            out = pulp.lpSum(flow[i, j] for i, j in touching if i == b)
            problem += into - out >= member[b][k] - most * root[b]
            problem += into <= (most - 1) * member[b][k]
