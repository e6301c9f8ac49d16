"""Column generation for benefit of the doubt: one small model inside HiGHS that learns the frontier as it goes."""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np
from numpy.typing import NDArray

from kpi_research.weights.benefit.inputs import ShareLimits
from kpi_research.weights.limits import Floats
from kpi_research.weights.solve import TOLERANCE, SolverError

AT_ONCE = 4
"""Units that may join the frontier in one round."""

_ROUNDS = 10_000
_ABOVE = 1e-10
_OPTIONS: dict[str, bool | str | int | float] = {
    "output_flag": False,
    "threads": 1,
    "presolve": "off",
    "primal_feasibility_tolerance": TOLERANCE,
    "dual_feasibility_tolerance": TOLERANCE,
}


@dataclass(frozen=True, eq=False)
class Envelope:
    """Optimal solutions of all units, primal and dual.

    Attributes
    ----------
    weights : ndarray of shape (units, indicators)
        Weights that flatter each unit most.
    limit_price : ndarray of shape (units, limits)
        Multiplier of each limit on shares.
    profile_price : ndarray of shape (units,)
        Multiplier of the definition of the profile's total.
    peer : ndarray of int
        Unit on the frontier, one entry for each pair of unit and peer.
    of : ndarray of int
        Unit that the peer is a peer of.
    intensity : ndarray of float
        Multiplier of the peer, above 0.
    """

    weights: Floats
    limit_price: Floats
    profile_price: Floats
    peer: NDArray[np.int_]
    of: NDArray[np.int_]
    intensity: Floats


class _Master:
    """The envelopment form over the frontier units found so far.

    Rows: one per indicator, then the total of the profile. Columns: the total's multiplier, one per limit on shares,
    then one per frontier unit.
    """

    def __init__(self, values: Floats, limits: ShareLimits) -> None:
        self._values, self._limits = values, limits
        self._highs = highspy.Highs()
        size, count = values.shape[1], len(limits.bound)
        for name, value in _OPTIONS.items():
            self._highs.setOptionValue(name, value)
        infinity = highspy.kHighsInf
        none = np.zeros(0, dtype=np.int32)
        for _ in range(size):
            self._highs.addRow(0.0, infinity, 0, none, np.zeros(0))
        self._highs.addRow(0.0, 0.0, 0, none, np.zeros(0))
        self._highs.addCol(0.0, -infinity, infinity, 1, np.array([size], dtype=np.int32), np.ones(1))
        for bound, sign in zip(limits.bound, limits.sign, strict=True):
            entry = np.array([-sign * bound])
            self._highs.addCol(0.0, 0.0, infinity, 1, np.array([size], dtype=np.int32), entry)
        self._places = [np.flatnonzero(form) for form in limits.forms]
        self._first = 1 + count
        self.frontier: list[int] = []
        self._known: set[int] = set()

    def join(self, units: NDArray[np.int_]) -> None:
        """Let units join the frontier."""
        rows = np.arange(self._values.shape[1], dtype=np.int32)
        for unit in units:
            if int(unit) in self._known:
                continue
            self._highs.addCol(1.0, 0.0, highspy.kHighsInf, len(rows), rows, self._values[unit])
            self.frontier.append(int(unit))
            self._known.add(int(unit))

    def measure_at(self, profile: Floats) -> None:
        """Take shares of contribution at a profile."""
        change = self._highs.changeCoeff
        for row, value in enumerate(profile.tolist()):
            change(row, 0, -value)
        for number, (places, sign) in enumerate(zip(self._places, self._limits.sign, strict=True), 1):
            for place in places:
                change(int(place), number, float(sign * profile[place]))

    def aim(self, unit: Floats) -> None:
        """Ask for the weights that flatter a unit most."""
        for row, value in enumerate(unit.tolist()):
            self._highs.changeRowBounds(row, value, highspy.kHighsInf)

    def solve(self) -> tuple[Floats, Floats]:
        """Return the values of the columns and the duals of the rows."""
        self._highs.run()
        if self._highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            self._highs.clearSolver()
            self._highs.run()
        status = self._highs.getModelStatus()
        if status != highspy.HighsModelStatus.kOptimal:
            raise SolverError(f"benefit of the doubt: HiGHS stopped with {self._highs.modelStatusToString(status)}")
        answer = self._highs.getSolution()
        return np.array(answer.col_value), np.array(answer.row_dual)


def envelop(values: Floats, limits: ShareLimits, profile: Floats | None) -> Envelope:
    """Solve benefit of the doubt for every unit.

    Parameters
    ----------
    values : ndarray of shape (units, indicators)
        Scores, 0 or more; best divided by each column's largest value before.
    limits : ShareLimits
        Limits on shares of contribution.
    profile : ndarray of shape (indicators,) or None
        Where shares are measured; None measures each unit's at its own scores.

    Returns
    -------
    Envelope

    Raises
    ------
    SolverError
        If HiGHS finds no optimum.
    """
    master, count = _Master(values, limits), len(limits.bound)
    master.join(np.unique([*values.argmax(axis=0), values.sum(axis=1).argmax()]))
    if profile is not None and count:
        master.measure_at(profile)
    parts: list[tuple[Floats, Floats]] = []
    peers: list[tuple[NDArray[np.int_], Floats]] = []
    for unit in values:
        if profile is None and count:
            master.measure_at(unit)
        master.aim(unit)
        columns, weights = _priced_out(master, values)
        used = np.flatnonzero(columns[1 + count :] > TOLERANCE)
        peers.append((np.array(master.frontier)[used], columns[1 + count :][used]))
        parts.append((weights, columns[: 1 + count]))
    prices = np.array([part[1] for part in parts])
    sizes = [len(part[0]) for part in peers]
    return Envelope(
        np.array([part[0] for part in parts]),
        prices[:, 1:],
        prices[:, 0],
        np.concatenate([part[0] for part in peers]).astype(int),
        np.repeat(np.arange(len(values)), sizes),
        np.concatenate([part[1] for part in peers]),
    )


def _priced_out(master: _Master, values: Floats) -> tuple[Floats, Floats]:
    """Solve, let the units that these weights put above the frontier join it, and solve again until there are none."""
    for _ in range(_ROUNDS):
        columns, duals = master.solve()
        weights = np.maximum(duals[:-1], 0.0)
        reached = values @ weights
        above = np.flatnonzero(reached > 1 + _ABOVE)
        new = above[~np.isin(above, master.frontier)] if len(above) else above
        if not len(new):
            return columns, weights
        master.join(new[np.argsort(-reached[new], kind="stable")[:AT_ONCE]])
    raise SolverError(f"benefit of the doubt: the frontier still grows after {_ROUNDS} rounds")
