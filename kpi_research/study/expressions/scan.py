"""The signs of an expression: strings, names, numbers, words, operators, and the signs that are refused."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Iterator
from dataclasses import dataclass

from kpi_research.study.expressions.model import MAX_LENGTH, MAX_NESTING
from kpi_research.study.findings import Finding, Where, finding

_TOKEN = re.compile(
    r"""(?P<space>[ \t\r\n]+)
      |(?P<comment>--[^\n]*|/\*.*?(?:\*/|\Z))
      |(?P<string>'(?:[^']|'')*')
      |(?P<name>"(?:[^"]|"")*")
      |(?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
      |(?P<word>[^\W\d]\w*)
      |(?P<refused>::|\*\*|//|->>|->|<=>|=>|=<|:=|<<|>>|&&|!~)
      |(?P<operator>==|!=|<>|<=|>=|\|\||[-+*/%=<>(),])
      |(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)

_CHINESE = dict(zip("。、“”‘’—\u3000", ".,\"\"''- ", strict=True))

_INSTEAD = {
    "::": "CAST(x AS DOUBLE)",
    "**": "power(x, y)",
    "^": "power(x, y)",
    "//": "floor(x / y)",
    "=>": ">=",
    "=<": "<=",
    ":=": "=",
    "&&": "AND",
    "&": "AND",
    "|": "OR",
    "!": "NOT",
    "`": '"',
    "<=>": "=",
    "~": "LIKE",
    "!~": "NOT LIKE",
    "≥": ">=",
    "≤": "<=",
    "≠": "<>",
    "×": "*",
    "÷": "/",
    "−": "-",
}


def words(text: str) -> frozenset[str]:
    """Return the words of a text."""
    return frozenset(text.split())


_LITERAL_PREFIX = frozenset({"date", "timestamp", "interval"})
_STRUCTURE = words("and or not in is like between null true false case when then else end as from where distinct")


@dataclass(frozen=True, slots=True)
class Token:
    """One sign of an expression; ``start`` counts from 0, ``end`` is one past the last character."""

    type: str
    text: str
    start: int
    end: int

    @property
    def lower(self) -> str:
        """The word in lower case, or an empty text for anything but a word."""
        return self.text.lower() if self.type == "word" else ""


def half_width(character: str) -> str | None:
    """Return the ASCII sign that stands for a full-width or Chinese one, or None.

    Examples
    --------
    >>> half_width("（"), half_width("。"), half_width("x")
    ('(', '.', None)
    """
    if "！" <= character <= "～":
        return chr(ord(character) - 0xFEE0)
    return _CHINESE.get(character)


def tokens_of(text: str) -> tuple[Token, ...]:
    """Split a text into its signs, leaving out blanks; an unclosed quote is the last one."""
    tokens: list[Token] = []
    for match in _TOKEN.finditer(text):
        if match.lastgroup != "space":
            tokens.append(Token(match.lastgroup or "", match[0], match.start(), match.end()))
        if match[0] in {"'", '"'}:
            break
    return tuple(tokens)


def size_faults(text: str, where: Where) -> list[Finding]:
    """Return faults that forbid even reading the text: nothing in it, too long, unprintable characters."""
    if not text.strip():
        return [finding("expression-empty", where)]
    if len(text) > MAX_LENGTH:
        return [finding("expression-too-long", where, length=len(text), limit=MAX_LENGTH)]
    for position, character in enumerate(text, 1):
        if character not in "\t\r\n" and unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"}:
            return [finding("expression-hidden-character", where, found=_code(character), position=position)]
    return []


def sign_faults(tokens: tuple[Token, ...], columns: Container[str], where: Where) -> list[Finding]:
    """Return a finding for each sign that no expression may hold, at its first place."""
    seen: set[str] = set()
    faults = []
    for sign, item in _sign_faults(tokens, columns, where):
        if sign not in seen:
            seen.add(sign)
            faults.append(item)
    return faults + _nesting_faults(tokens, where)


def _sign_faults(tokens: tuple[Token, ...], columns: Container[str], where: Where) -> Iterator[tuple[str, Finding]]:
    for token, before in zip(tokens, (None, *tokens), strict=False):
        place = token.start + 1
        if token.type == "string" and before is not None and before.type == "string":
            yield "string", finding("expression-syntax", where, near=_short(token.text), hint={"en": "", "zh": ""})
        elif token.type == "comment":
            yield "comment", finding("expression-comment", where, found=_short(token.text), position=place)
        elif token.type in {"word", "other"} and token.text not in columns:
            yield from _character_faults(token, where)
        elif token.type == "refused":
            yield token.text, _operator_fault(token.text, place, where)


def _character_faults(token: Token, where: Where) -> Iterator[tuple[str, Finding]]:
    for position, character in enumerate(token.text, token.start + 1):
        half = half_width(character)
        if half is not None:
            shown = {"en": "a blank", "zh": "空格"} if half == " " else half
            yield character, finding("expression-full-width", where, found=character, half=shown, position=position)
    if token.type == "word" and not (token.text[0].isalpha() or token.text[0] == "_"):
        yield token.text, finding("expression-character", where, found=token.text[0], position=token.start + 1)
    if token.type == "other" and half_width(token.text) is None:
        yield token.text, _other_fault(token, where)


def _other_fault(token: Token, where: Where) -> Finding:
    place = token.start + 1
    if token.text in {"'", '"'}:
        return finding("expression-unclosed", where, found=token.text, position=place)
    if token.text == ";":
        return finding("expression-semicolon", where, position=place)
    if token.text == ".":
        return finding("expression-qualified", where, position=place)
    if token.text.isascii() or token.text in _INSTEAD:
        return _operator_fault(token.text, place, where)
    return finding("expression-character", where, found=_code(token.text), position=place)


def _operator_fault(sign: str, position: int, where: Where) -> Finding:
    instead = _INSTEAD.get(sign)
    hint = {"en": f" Write {instead} instead.", "zh": f"请改写为 {instead}。"} if instead else {"en": "", "zh": ""}
    return finding("expression-operator", where, found=sign, position=position, hint=hint)


def _nesting_faults(tokens: tuple[Token, ...], where: Where) -> list[Finding]:
    opened: list[Token] = []
    for token in tokens:
        if token.text == "(":
            opened.append(token)
            if len(opened) > MAX_NESTING:
                return [finding("expression-too-deep", where, limit=MAX_NESTING)]
        elif token.text == ")":
            if not opened:
                return [finding("expression-unclosed", where, found=")", position=token.start + 1)]
            opened.pop()
    return [finding("expression-unclosed", where, found="(", position=opened[-1].start + 1)] if opened else []


def column_spans(tokens: tuple[Token, ...], columns: Container[str]) -> set[tuple[int, int]]:
    """Return the places of unquoted words that name a column, so that a word of SQL may be a column name.

    A word is left to SQL's grammar where it has a meaning there: before ``(``, as a type after ``AS``,
    as a unit after a number or text, inside ``EXTRACT(… FROM``, before the text of ``DATE '…'``, and for the words
    that hold an expression together (``AND``, ``CASE``, …), which must be quoted to be columns.
    """
    return {
        (token.start, token.end)
        for index, token in enumerate(tokens)
        if token.type == "word" and token.text in columns and not _in_grammar(tokens, index)
    }


def _in_grammar(tokens: tuple[Token, ...], index: int) -> bool:
    blank = Token("", "", 0, 0)
    before = tokens[index - 1] if index else blank
    after = tokens[index + 1] if index + 1 < len(tokens) else blank
    token = tokens[index]
    return (
        token.lower in _STRUCTURE
        or after.text == "("
        or before.lower == "as"
        or before.type in {"string", "number"}
        or (after.type in {"string", "number"} and token.lower in _LITERAL_PREFIX)
        or (before.text == "(" and index > 1 and tokens[index - 2].lower == "extract")
        or (token.lower == "order" and after.lower == "by")
        or (token.lower == "by" and before.lower == "order")
    )


def structure_words(tokens: tuple[Token, ...], columns: Container[str]) -> list[str]:
    """Return the words of SQL in the text that are also columns and so may lack their quotes."""
    return sorted({item.text for item in tokens if item.lower in _STRUCTURE and item.text in columns})


def _code(character: str) -> str:
    name = unicodedata.name(character, "")
    return f"U+{ord(character):04X}{' ' + name if name else ''}"


def _short(text: str, limit: int = 40) -> str:
    return text if len(text) <= limit else f"{text[:limit]}…"
