"""JSON that is the same bytes for the same content."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from numbers import Integral, Real
from typing import Any

import pandas as pd

from kpi_research.publish.clean import clean_text


def json_bytes(content: Any) -> bytes:
    r"""Write content as JSON: keys sorted, two blanks of indent, UTF-8, no NaN.

    Parameters
    ----------
    content : object
        Mappings, sequences, texts, numbers (of Python or numpy), bools and None; NaN and infinity become ``null``.

    Returns
    -------
    bytes

    Raises
    ------
    TypeError
        If something else is found.

    Examples
    --------
    >>> json_bytes({"b": float("nan"), "a": [1, True]}).decode()
    '{\n  "a": [\n    1,\n    true\n  ],\n  "b": null\n}\n'
    """
    text = json.dumps(_plain(content), ensure_ascii=False, allow_nan=False, sort_keys=True, indent=2)
    return f"{text}\n".encode()


def decimal_text(value: float) -> str:
    """Write a number as the shortest decimal that reads back exactly, without exponent.

    Parameters
    ----------
    value : float
        A finite number.

    Returns
    -------
    str

    Raises
    ------
    ValueError
        If the number is not finite.

    Examples
    --------
    >>> decimal_text(24.3), decimal_text(1e-7), decimal_text(0)
    ('24.3', '0.0000001', '0')
    """
    if not math.isfinite(value):
        raise ValueError(f"value is {value}; it must be finite")
    text = format(Decimal(repr(float(value))), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _plain(value: Any) -> Any:
    if value is None or value is pd.NA:
        return None
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, Mapping):
        return {clean_text(str(key)): _plain(item) for key, item in value.items()}
    if isinstance(value, Sequence):
        return [_plain(item) for item in value]
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Real):
        return float(value) if math.isfinite(value) else None
    if hasattr(value, "item"):
        return _plain(value.item())
    raise TypeError(
        f"{type(value).__name__} cannot be written as JSON; allowed are mappings, sequences, texts, numbers, bools, None"
    )
