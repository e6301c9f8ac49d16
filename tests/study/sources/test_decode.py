"""The encoding of a text is decided strictly and named where it is not UTF-8."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_research.study.findings import Where
from kpi_research.study.sources.decode import ENCODINGS, decide_encoding

TEXT = "单位,破案数\n城关派出所,12\n东关派出所,7\n"
FILE = Where("panel.csv")


@pytest.mark.parametrize(
    ("data", "encoding", "noted"),
    [
        (TEXT.encode("utf-8"), "utf-8", ""),
        (TEXT.encode("utf-8-sig"), "utf-8-sig", ""),
        (TEXT.encode("utf-16"), "utf-16", "UTF-16"),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "utf-16", "UTF-16"),
        (TEXT.encode("gb18030"), "gb18030", "GB18030"),
        (b"unit,cleared\nA,1\n", "utf-8", ""),
    ],
)
def test_the_encodings_that_chinese_offices_use_are_told_apart(data: bytes, encoding: str, noted: str) -> None:
    decision = decide_encoding(data, None, FILE)
    assert decision.encoding == encoding
    assert data.decode(decision.encoding).lstrip("\ufeff") in (TEXT, "unit,cleared\nA,1\n")
    assert [item.facts["encoding"] for item in decision.findings] == ([noted] if noted else [])
    assert all(item.severity == "note" for item in decision.findings)


@given(st.text(st.characters(codec="gb18030", exclude_characters="\0"), min_size=1))
@settings(deadline=None, derandomize=True, max_examples=300)
def test_text_comes_back_from_gb18030_unless_its_bytes_are_valid_utf8(text: str) -> None:
    data = text.encode("gb18030")
    decision = decide_encoding(data, None, FILE)
    if decision.encoding == "gb18030":
        assert data.decode("gb18030") == text
    elif decision.encoding == "utf-8":
        data.decode("utf-8")


def test_bytes_of_neither_encoding_name_offset_and_row_for_both() -> None:
    data = b"unit,score\nA,1\n" + b"B\xff,2\n"
    (found,) = decide_encoding(data, None, FILE).findings
    assert found.code == "text-undecodable"
    assert found.where.row == 3
    assert (found.facts["utf8_byte"], found.facts["gb_byte"]) == (16, 16)


def test_a_truncated_character_at_the_end_is_found() -> None:
    data = TEXT.encode("utf-8")[:-2]
    assert decide_encoding(data + b"\xe4\xb8", "utf-8", FILE).findings[0].code == "text-not-in-encoding"


def test_an_encoding_that_is_given_is_taken_strictly() -> None:
    data = TEXT.encode("gb18030")
    (found,) = decide_encoding(data, "utf-8", FILE).findings
    assert (found.code, found.where.row) == ("text-not-in-encoding", 1)
    assert decide_encoding(data, "GBK", FILE).encoding == "gbk"
    assert decide_encoding("單位,件數\n".encode("big5"), "big5", FILE).encoding == "big5"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le"])
def test_a_byte_order_mark_is_no_part_of_the_text(encoding: str) -> None:
    data = TEXT.encode("utf-8-sig" if encoding == "utf-8" else "utf-16")
    decision = decide_encoding(data, encoding, FILE)
    assert data.decode(decision.encoding) == TEXT


def test_utf16_without_mark_is_refused_and_readable_when_named() -> None:
    data = "unit,score\nA,1\n".encode("utf-16-le")
    (found,) = decide_encoding(data, None, FILE).findings
    assert found.code == "text-null-character"
    assert "utf-16-le" in found.remedy
    for name in ("utf-16-le", "utf-16"):
        assert data.decode(decide_encoding(data, name, FILE).encoding) == "unit,score\nA,1\n"


def test_every_name_that_may_be_given_is_a_codec() -> None:
    assert all(codecs.lookup(codec) for codec in ENCODINGS.values())
