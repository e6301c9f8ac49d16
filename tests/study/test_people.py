"""Pseudonyms: same person same token, another key or study another token, nothing of the name left."""

from __future__ import annotations

import hashlib
import hmac

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_research.study.people import Pseudonymizer, pseudonyms

KEY = b"0123456789abcdef"


def test_the_token_is_hmac_sha256_of_study_and_name() -> None:
    message = b"kpi_research person\x1fs\x1fA12"
    expected = "p-" + hmac.new(KEY, message, hashlib.sha256).hexdigest()[:16]
    assert pseudonyms(pd.Series(["A12"]), KEY, "s").tolist() == [expected]


@settings(deadline=None, derandomize=True, max_examples=200)
@given(st.lists(st.text(min_size=1, max_size=12), min_size=1, max_size=20))
def test_equal_names_and_only_they_get_equal_tokens(names: list[str]) -> None:
    tokens = pseudonyms(pd.Series(names), KEY, "s").tolist()
    assert [tokens.index(token) for token in tokens] == [names.index(name) for name in names]


def test_another_key_or_study_shares_no_token() -> None:
    names = pd.Series([f"{number:06d}" for number in range(2000)])
    first = set(pseudonyms(names, KEY, "s"))
    assert len(first) == 2000
    assert not first & set(pseudonyms(names, b"another key, 16+", "s"))
    assert not first & set(pseudonyms(names, KEY, "t"))


def test_missing_persons_stay_missing_and_other_columns_untouched() -> None:
    frame = pd.DataFrame({"officer": ["A", None], "minutes": [1.0, 2.0]})
    safe = Pseudonymizer(("officer", "rater"), KEY, "s").apply(frame)
    assert safe["officer"].isna().tolist() == [False, True]
    assert safe["minutes"].tolist() == [1.0, 2.0]
    assert frame["officer"].tolist()[0] == "A"


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="15 bytes; at least 16"):
        pseudonyms(pd.Series(["A"]), KEY[:15], "s")


def test_the_key_is_never_shown() -> None:
    assert "0123456789abcdef" not in repr(Pseudonymizer(("officer",), KEY, "s"))
