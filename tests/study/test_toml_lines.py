"""Line numbers of TOML keys: the line an editor shows."""

from kpi_research.study.toml_lines import key_lines, line_of

TEXT = '''# comment
[study]
id = "a"
title.en = "T"
note = """
[rules]
id = "not a key"
"""

[tables.panel]
columns = { unit = "x" }

[[rules]]
id = "one"
[[rules]]
id = "two"
min = 3
'''


def test_keys_headers_and_array_tables_have_their_lines() -> None:
    lines = key_lines(TEXT)
    assert line_of(lines, ("study", "id")) == 3
    assert line_of(lines, ("study", "title", "en")) == 4
    assert line_of(lines, ("tables", "panel")) == 10
    assert line_of(lines, ("rules", 0, "id")) == 14
    assert line_of(lines, ("rules", 1, "min")) == 17


def test_text_inside_a_multiline_string_is_no_key() -> None:
    assert key_lines(TEXT)[("rules", 0)] == 13


def test_a_key_inside_an_inline_table_gets_the_line_of_its_owner() -> None:
    assert line_of(key_lines(TEXT), ("tables", "panel", "columns", "unit")) == 11


def test_an_unknown_path_without_any_known_owner_has_no_line() -> None:
    assert line_of(key_lines(TEXT), ("nowhere",)) is None
