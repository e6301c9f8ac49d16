"""The tidy tables of a result: weights with their ranges, rules with their values and prices."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kpi_research.weights.check import BINDING
from kpi_research.weights.limits import Floats
from kpi_research.weights.rules import Rule

NO_PRICE = 1e-9
"""A price of at most this, in units of the objective, is rounding."""

TEXTS = ("label_en", "label_zh", "module", "direction")
_TETHER = {"en": "Sum of moves from the reference weights", "zh": "与参照权重相比的变动合计"}


@dataclass(frozen=True)
class TetherUse:
    """The tether and the move that the weights make.

    Attributes
    ----------
    moved, most : float
        Sum of moves, and the most it may be; points.
    """

    moved: float
    most: float

    def row(self) -> dict[str, object]:
        """Return the row of the table of rules."""
        return {
            "rule": "tether", "kind": "move", "value": self.moved, "min": np.nan, "max": self.most,
            "binding": abs(self.moved - self.most) <= BINDING, "violation": max(self.moved - self.most, 0.0), "hard": True,
        }  # fmt: skip


def weights_table(
    indicators: pd.DataFrame,
    current: Floats | None,
    weights: Floats,
    low: Floats,
    high: Floats,
    drawn: Floats,
    level: float,
) -> pd.DataFrame:
    """Build the table of weights.

    Parameters
    ----------
    indicators : pandas.DataFrame
        The catalogue in canonical order.
    current : ndarray of shape (indicators,) or None
        Current weights, points.
    weights, low, high : ndarray of shape (indicators,)
        New weights and their ranges, points.
    drawn : ndarray of shape (draws, indicators)
        Bootstrapped weights.
    level : float
        Level of the bootstrap quantiles.

    Returns
    -------
    pandas.DataFrame
        See `kpi_research.weights.Weights`; rows in canonical order.
    """
    texts = {name: _text(indicators, name) for name in TEXTS}
    missing = np.full(len(weights), np.nan)
    known = len(drawn) > 1
    return pd.DataFrame(
        {
            "id": indicators["id"].astype("str"),
            **texts,
            "current": missing if current is None else current,
            "weight": weights,
            "low": low,
            "high": high,
            "boot_sd": drawn.std(axis=0, ddof=1) if known else missing,
            "boot_low": np.quantile(drawn, (1 - level) / 2, axis=0) if known else missing,
            "boot_high": np.quantile(drawn, (1 + level) / 2, axis=0) if known else missing,
            "boot_share": (drawn > BINDING).mean(axis=0) if known else missing,
        }
    )


def _text(indicators: pd.DataFrame, name: str) -> pd.Series:
    if name in indicators:
        filled = indicators[name].fillna("").astype("str")
        return filled.where(filled != "", indicators["id"]) if name == "label_en" else filled
    return indicators["id"].astype("str") if name == "label_en" else pd.Series("", index=indicators.index, dtype="str")


def rules_table(
    table: pd.DataFrame, rules: Sequence[Rule], price: Callable[[pd.DataFrame], pd.DataFrame], tether: TetherUse | None
) -> pd.DataFrame:
    """Build the table of rules with values and prices; the last row is the tether, where there is one.

    Parameters
    ----------
    table : pandas.DataFrame
        From `kpi_research.weights.check.evaluate_rules`.
    rules : sequence of Rule
        The rules.
    price : callable
        From the table of rules to their prices.
    tether : TetherUse or None
        The tether and how far the weights moved; None where there is none.

    Returns
    -------
    pandas.DataFrame
        See `kpi_research.weights.Weights`.
    """
    if tether is not None:
        table = pd.concat([table, pd.DataFrame([tether.row()])], ignore_index=True)
    names = {rule.id: (rule.text["en"], rule.text["zh"], rule.source or "") for rule in rules}
    names["tether"] = (_TETHER["en"], _TETHER["zh"], "")
    texts = pd.DataFrame(
        [names[rule] for rule in table["rule"]], columns=["label_en", "label_zh", "source"], dtype="str"
    )
    prices = price(table)
    steps = [name for name in prices.columns if name != "limit"]
    prices[steps] = prices[steps].mask(prices[steps].abs() <= NO_PRICE, 0.0)
    whole = pd.concat([table, texts, prices], axis=1)
    return whole[[*_FIRST, *(name for name in whole.columns if name not in _FIRST)]].astype(
        {"rule": "str", "kind": "str", "limit": "str"}
    )


_FIRST = ["rule", "kind", "label_en", "label_zh"]
