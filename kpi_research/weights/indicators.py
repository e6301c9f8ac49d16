"""The indicator catalogue in canonical order, and weights given for its indicators."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from kpi_research.study.suggest import did_you_mean
from kpi_research.weights.limits import Floats

LIMIT_COLUMNS = ("min_weight", "max_weight")


def canonical_indicators(indicators: pd.DataFrame) -> pd.DataFrame:
    """Check a catalogue and sort it by indicator id, so that no result depends on the order of its rows.

    Parameters
    ----------
    indicators : pandas.DataFrame
        Column ``id`` (unique texts) and any other catalogue columns; ``min_weight`` and ``max_weight`` in points.

    Returns
    -------
    pandas.DataFrame
        The same columns, sorted by ``id``, index 0, 1, 2, ...; missing ``banned`` cells are False.

    Raises
    ------
    TypeError
        If it is not a frame.
    ValueError
        If there is no row or no ``id``, an id is missing or stands twice, or a limit is not within 0 to 100.
    """
    if not isinstance(indicators, pd.DataFrame):
        raise TypeError(f"indicators must be a pandas DataFrame, found {type(indicators).__name__}")
    if "id" not in indicators:
        hint = did_you_mean("id", map(str, indicators.columns))["en"]
        raise ValueError(f"indicators has no column 'id'.{hint}")
    if indicators.empty:
        raise ValueError("indicators has no rows; at least one indicator is needed")
    _check_ids(indicators["id"])
    frame = indicators.sort_values("id", ignore_index=True)
    if "banned" in frame:
        frame["banned"] = frame["banned"].map(lambda cell: bool(cell) if pd.notna(cell) else False).astype(bool)
    for name in LIMIT_COLUMNS:
        if name in frame:
            frame[name] = _points(frame[name], frame["id"], name)
    return frame


def _check_ids(ids: pd.Series) -> None:
    if not ids.map(lambda item: isinstance(item, str) and item != "").all():
        raise ValueError("indicators: every id must be a text that is not empty")
    if ids.duplicated().any():
        raise ValueError(f"indicators: the id '{ids[ids.duplicated()].iloc[0]}' stands twice")


def _points(column: pd.Series, ids: pd.Series, name: str) -> pd.Series:
    numbers = pd.to_numeric(column, errors="coerce").astype(float)
    wrong = (column.notna() & numbers.isna()) | (numbers < 0) | (numbers > 100)
    if wrong.any():
        first = int(wrong.to_numpy().argmax())
        raise ValueError(
            f"indicators: {name} of '{ids.iloc[first]}' is {column.iloc[first]!r}; allowed is 0 to 100 points"
        )
    return numbers


def column_faults(indicators: pd.DataFrame, name: str) -> list[str]:
    """Return what is wrong with a catalogue column that a rule multiplies weights with.

    Parameters
    ----------
    indicators : pandas.DataFrame
        The catalogue.
    name : str
        Column that should hold numbers from 0 to 1.

    Returns
    -------
    list of str
        Empty where it can be used.
    """
    if name not in indicators:
        return [f"the catalogue has no column '{name}'.{did_you_mean(name, map(str, indicators.columns))['en']}"]
    numbers = pd.to_numeric(indicators[name], errors="coerce").astype(float)
    wrong = ~((numbers >= 0) & (numbers <= 1))
    if not wrong.any():
        return []
    place = int(wrong.to_numpy().argmax())
    return [f"'{name}' of '{indicators['id'].iloc[place]}' is {indicators[name].iloc[place]!r}; allowed is 0 to 1"]


def weights_of(
    given: Mapping[str, float] | pd.Series | None, ids: tuple[str, ...], argument: str = "current"
) -> Floats | None:
    """Return current or expert weights in canonical order, in points.

    Parameters
    ----------
    given : mapping or pandas.Series of id to points, or None
        The weights; an indicator without one, or with a missing one, counts as new and has 0 points.
    ids : tuple of str
        Indicator ids in canonical order.
    argument : str, default "current"
        What the weights are called in errors.

    Returns
    -------
    ndarray of shape (indicators,) or None
        None where nothing is given, or only missing values are.

    Raises
    ------
    ValueError
        If an id is unknown, a weight is negative or infinite, or the weights add up to about 1 instead of 100.
    """
    if given is None:
        return None
    series = pd.Series(given, dtype=float)
    unknown = [str(name) for name in series.index if name not in ids]
    if unknown:
        raise ValueError(f"{argument}: there is no indicator '{unknown[0]}'.{did_you_mean(unknown[0], ids)['en']}")
    if series.index.has_duplicates:
        raise ValueError(f"{argument}: the indicator '{series.index[series.index.duplicated()][0]}' stands twice")
    points = series.reindex(list(ids)).to_numpy(dtype=float)
    if np.isnan(points).all():
        return None
    points = np.nan_to_num(points, nan=0.0, posinf=np.inf, neginf=-np.inf)
    _check_points(points, ids, argument)
    return points


def _check_points(points: Floats, ids: tuple[str, ...], argument: str) -> None:
    for name, value in zip(ids, points, strict=True):
        if not (np.isfinite(value) and value >= 0):
            raise ValueError(f"{argument}: the weight of '{name}' is {value}; allowed is 0 or more points")
    if points.sum() <= 1.5:
        raise ValueError(f"{argument}: the weights add up to {points.sum():g}; they are points of 100, not shares of 1")
