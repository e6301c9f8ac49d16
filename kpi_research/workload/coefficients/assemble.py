"""Putting a fitted model and its adjusted coefficients into one result."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpi_research.study.findings import Finding, Where, finding
from kpi_research.workload.coefficients.adjust import Adjusted, adjust
from kpi_research.workload.coefficients.cells import Cells
from kpi_research.workload.coefficients.checks import other_models
from kpi_research.workload.coefficients.levels import Levels, levels_of
from kpi_research.workload.coefficients.model import Model, fit_model
from kpi_research.workload.coefficients.options import ROLES, Options
from kpi_research.workload.coefficients.reconcile import reconcile_times
from kpi_research.workload.coefficients.result import Coefficients, Fit

Array = NDArray[np.float64]
FEW_DEGREES = 4.0
"""Satterthwaite's degrees of freedom below which tests and intervals are rough (Pustejovsky & Tipton 2018)."""
SHAPE_GAP = 0.10
"""Relative difference between models from which on the user is told."""
LISTED = 8


def assemble(cells: Cells, options: Options, columns: Mapping[str, str], expected: Any) -> Coefficients:
    """Fit the model and put the result together.

    Parameters
    ----------
    cells : Cells
    options : Options
    columns : mapping of str to str
        Columns the factors came from.
    expected : mapping, Series or frame, optional
        Standard times of a panel.

    Returns
    -------
    Coefficients

    Raises
    ------
    ValueError
        If levels cannot be told apart and may not be set aside, or an option does not fit the data.
    """
    model = fit_model(cells, options.errors, options.unidentified)
    factors = [levels_of(model, role, options) for role in ROLES if role in model.roles]
    _refuse_lost(factors, options)
    adjusted = [adjust(levels, options) for levels in factors]
    base = _base(model, factors)
    pairs = list(zip(factors, adjusted, strict=True))
    table = pd.concat([_rows(model, *pair, base, options) for pair in pairs], ignore_index=True)
    aside = [_aside_row(cells, role, name, why) for role, name, why in _aside(model, factors)]
    if aside:
        table = pd.concat(
            [table, pd.DataFrame(aside).reindex(columns=table.columns).astype(table.dtypes)], ignore_index=True
        )
    checks = other_models(model, factors)
    fit = Fit(
        int(model.cells.n.sum()), len(model.cells.n), model.clusters, model.errors, base,
        float("nan") if model.omega is None else model.omega, model.fit.iterations,
    )  # fmt: skip
    spreads = pd.DataFrame(
        [{"factor": levels.role, "spread": after.spread, "factor_applied": after.factor} for levels, after in pairs]
    )
    findings = (*cells.findings, *model.findings, *(item for after in adjusted for item in after.findings),
                *_findings(model, factors, checks))  # fmt: skip
    panel, more = reconcile_times(table, expected) if expected is not None else (None, ())
    return Coefficients(
        table, (*findings, *more), checks, _units(model, pairs), fit, spreads, panel, dict(columns), options.level
    )


def _refuse_lost(factors: list[Levels], options: Options) -> None:
    for levels in factors:
        if levels.lost and options.unidentified == "error":
            raise ValueError(
                f"the data cannot place {levels.role} {_listed(levels.lost)} beside {_listed(levels.names)}: within units "
                "(and periods, and the other factors) they never overlap. Merge levels, leave a factor out, or pass "
                "unidentified='set_aside'"
            )


def _listed(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return ", ".join(f"'{name}'" for name in names[:LISTED]) + more


def _aside(model: Model, factors: list[Levels]) -> list[tuple[str, str, str]]:
    unplaced = [(levels.role, name, "not_identified") for levels in factors for name in levels.lost]
    return [*((role, name, why) for (role, name), why in model.aside.items()), *unplaced]


def _aside_row(cells: Cells, role: str, name: str, why: str) -> dict[str, object]:
    here = cells.codes[role] == list(cells.levels[role]).index(name)
    cluster = cells.codes.get("cluster", cells.codes.get("unit"))
    sums = {"n": int(cells.n[here].sum()), "count": cells.count[here].sum(), "minutes": cells.minutes[here].sum()}
    seen = len(np.unique(cluster[here])) if cluster is not None else 0
    return {"factor": role, "level": name, **sums, "clusters": seen, "reason": why}


def _base(model: Model, factors: list[Levels]) -> float:
    """Return the minutes of a piece of work with all coefficients 1 in a unit and period of average speed."""
    design = model.design
    share = design.by_group(model.cells.count) / model.cells.count.sum()
    base = float(share @ np.exp(model.fit.absorbed))
    if "period" in model.roles:
        place = design.columns(model.roles.index("period"))
        weight = design.totals(model.cells.count)[place]
        base *= float(weight @ np.exp(model.fit.coefficients[place]) / weight.sum())
    for levels in factors:
        base *= float(levels.shares @ np.exp(levels.effects))
    return base


def _minutes_errors(model: Model, levels: Levels) -> Array:
    """Return standard errors of the logs of standard minutes; units and periods are those of the bureau, no sample."""
    design = model.design
    weight = design.by_group(model.cells.count) * np.exp(model.fit.absorbed)
    common = -(weight / weight.sum()) @ model.fit.partialled.means
    totals, effects = design.totals(model.cells.count), model.fit.coefficients
    for number, role in enumerate(model.roles):
        place = design.columns(number)
        if role != levels.role:
            part = totals[place] * np.exp(effects[place])
            common[place] += part / part.sum()
    gradient = np.tile(common, (len(levels.names), 1))
    gradient[np.arange(len(levels.names)), levels.columns] += 1
    variance = np.einsum("ij,jk,ik->i", gradient, model.covariance, gradient)
    extra = np.diag(levels.covariance) - np.diag(model.covariance)[levels.columns]
    return np.sqrt(np.clip(variance + extra, 0.0, None))


def _rows(model: Model, levels: Levels, after: Adjusted, base: float, options: Options) -> pd.DataFrame:
    raw, shrunk, last = after.raw, after.shrunk, after.last
    before = options.previous.get(levels.role, {})
    return pd.DataFrame(
        {
            "factor": levels.role, "level": list(levels.names),
            "raw": raw.values, "raw_se": raw.values * raw.log_errors, "raw_low": raw.low, "raw_high": raw.high,
            "shrunk": shrunk.values, "shrunk_low": shrunk.low, "shrunk_high": shrunk.high,
            "coefficient": last.values, "se": last.values * last.log_errors, "low": last.low, "high": last.high,
            "published": np.round(last.values, options.digits), "df": levels.freedom,
            "n": levels.n.astype(np.int64), "count": levels.count, "minutes": levels.minutes,
            "clusters": levels.clusters.astype(np.int64), "standard_minutes": base * shrunk.values,
            "standard_minutes_se": base * shrunk.values * _minutes_errors(model, levels),
            "previous": [before.get(name, np.nan) for name in levels.names], "share": levels.shares,
            "reason": list(after.reasons),
        }
    )  # fmt: skip


def _units(model: Model, pairs: list[tuple[Levels, Adjusted]]) -> pd.DataFrame:
    cells = model.cells
    if "unit" not in cells.codes:
        return pd.DataFrame({"unit": pd.Series(dtype="str"), "n": [], "minutes": [], "speed": [], "off_balance": []})
    unit, count = cells.codes["unit"], cells.count
    total = np.bincount(unit, count)
    speed = np.exp(model.fit.absorbed)
    frame = pd.DataFrame({"unit": [str(name) for name in cells.levels["unit"]]})
    frame["n"], frame["minutes"] = np.bincount(unit, cells.n).astype(np.int64), np.bincount(unit, cells.minutes)
    frame["speed"] = speed / (total @ speed / total.sum())
    product = np.ones(len(count))
    for levels, after in pairs:
        if levels.role != "task":
            values = np.full(len(cells.levels[levels.role]), np.nan)
            place = {name: number for number, name in enumerate(cells.levels[levels.role])}
            values[[place[name] for name in levels.names]] = after.last.values
            here = values[cells.codes[levels.role]]
            frame[f"{levels.role}_mean"] = np.bincount(unit, count * here) / total
            product = product * here
    frame["off_balance"] = total / np.bincount(unit, count * product)
    return frame


def _findings(model: Model, factors: list[Levels], checks: pd.DataFrame) -> list[Finding]:
    found = []
    aside = _aside(model, factors)
    if aside:
        names = ", ".join(f"{role} {name}" for role, name, _ in aside[:LISTED])
        found.append(finding("workload-set-aside", number=len(aside), levels=names))
    for levels in factors:
        where = Where(column=levels.role)
        alone = [name for name, one in zip(levels.names, levels.one_cluster, strict=True) if one]
        few = [
            name
            for name, free, one in zip(levels.names, levels.freedom, levels.one_cluster, strict=True)
            if free < FEW_DEGREES and not one and len(levels.names) > 1
        ]
        if alone:
            found.append(finding("workload-one-cluster", where, levels=", ".join(alone[:LISTED]), number=len(alone)))
        if few:
            found.append(finding("workload-few-clusters", where, levels=", ".join(few[:LISTED]), number=len(few)))
    far = checks.loc[checks["difference"] > SHAPE_GAP]
    if len(far):
        worst = far.sort_values("difference", ascending=False)["level"].head(LISTED)
        found.append(
            finding("workload-models-differ", levels=", ".join(worst), number=len(far), gap=round(100 * SHAPE_GAP))
        )
    return found
