"""Text from users' files stays text: it makes no tag, no attribute, no address, no style, in any language."""

from __future__ import annotations

import random
import warnings
from html.parser import HTMLParser

import pytest

from kpi_research.publish.clean import clean_text
from kpi_research.publish.figures import figure_files
from kpi_research.publish.render import report_files

CLASSICS = (
    "<script>alert(1)</script>", "</style><script>x</script>", '"><img src=x onerror=alert(1)>', "' onmouseover='x", "javascript:alert(1)",
    "<a href='https://evil.example'>x</a>", "&lt;b&gt;", "&#60;i&#62;", "]]><svg/onload=x>", "<!-- x", "--><b>", "{{ 7*7 }}", "{% for x in y %}",
    "{0.__class__}", "{t}", "%(x)s", "${x}", "\x00\x01\x1b[31m", "\ufffe", "\u202egnp.exe", "\r\nSet-Cookie: x", "<base href=//evil>",
    "<meta http-equiv=refresh content=0>", "</title></head>", "<?xml?>", "=cmd|' /C calc'!A0", "\u2028\u2029", "𬭎🔥", "a" * 300, "$x$", r"$\frac{", "",
)  # fmt: skip
PIECES = (
    "<",
    ">",
    '"',
    "'",
    "&",
    "/",
    "=",
    "`",
    "script",
    "img",
    "src",
    "http://",
    "{{",
    "}}",
    "\x00",
    "所",
    "\u202e",
    " ",
    "--",
    "#",
    "on",
)


def hostile(number: int) -> str:
    if number < len(CLASSICS):
        return CLASSICS[number]
    chance = random.Random(number)
    return "".join(chance.choice(PIECES) for _ in range(chance.randint(1, 12)))


class Seen(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, tuple[tuple[str, str | None], ...]]] = []
        self.words: list[str] = []
        self.other: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, tuple(attrs)))

    def handle_endtag(self, tag):
        self.tags.append((f"/{tag}", ()))

    def handle_data(self, data):
        self.words.append(data)

    def handle_comment(self, data):
        self.other.append(data)

    def handle_decl(self, decl):
        self.other.append(decl)

    unknown_decl = handle_pi = handle_comment

    def shape(self) -> list[tuple[str, tuple[tuple[str, str | None], ...]]]:
        """Return tags and attributes; what depends on the letters or the figures is cut down to its kind."""
        free = {"content", "alt", "aria-label", "src"}
        return [
            (tag, tuple((name, "…" if name in free else value) for name, value in attrs)) for tag, attrs in self.tags
        ]


@pytest.fixture(scope="module", params=["en", "zh"])
def pair(make_result, request, quick_module):
    """Return a harmless report and one in which 330 units and every free text are hostile."""
    units = [f"{number}{hostile(number)}" for number in range(330)]
    count = iter(range(10**6))
    nasty = make_result(text=lambda _: hostile(next(count) % 400), units=units)
    plain = make_result(units=[f"unit {number}" for number in range(330)])
    name = "report.html" if request.param == "en" else "report.zh.html"
    return tuple(report_files(item, (request.param,)) for item in (plain, nasty)), name


def test_hostile_texts_change_no_tag_and_no_attribute(pair):
    (plain, nasty), name = pair
    seen, expected = Seen(nasty[name].decode()), Seen(plain[name].decode())
    assert seen.other == expected.other == ["DOCTYPE html"]
    assert set(seen.shape()) - set(expected.shape()) <= {("span", (("class", "place"),))}


def test_addresses_are_anchors_and_data_only(pair):
    (_, nasty), name = pair
    for tag, attrs in Seen(nasty[name].decode()).tags:
        for key, value in attrs:
            assert not key.startswith("on")
            assert key not in {"style", "action", "formaction", "srcset", "background", "ping"}
            if key in {"href", "src"}:
                assert (tag, value.split(":")[0]) in {("img", "data")} or (tag == "a" and value.startswith("#"))


def test_hostile_texts_are_shown_as_they_stand(pair):
    (_, nasty), name = pair
    shown = "\n".join(Seen(nasty[name].decode()).words)
    for text in ("15<a href='https://evil.example'>x</a>", "{{ 7*7 }}", "{0.__class__}", "</style><script>x</script>"):
        assert text.removeprefix("15") in shown
    assert "49" not in shown.split("7*7")[0][-5:]


def test_every_file_is_clean_utf8_without_control_characters(pair):
    (_, nasty), _ = pair
    for path, data in nasty.items():
        text = data.decode("utf-8-sig")
        assert not any(ord(char) < 32 and char not in "\t\n" for char in text), path
        assert "\u202e" not in text, path


def test_the_reader_is_told_that_texts_were_cleaned_and_which_letters_are_missing(pair):
    (plain, nasty), _ = pair
    codes = [
        line.split(",")[1] for line in nasty["tables/findings.csv"].decode("utf-8-sig").splitlines() if "," in line
    ]
    assert "text-cleaned" in codes
    assert "glyphs-missing" in codes
    assert b"text-cleaned" not in plain["tables/findings.csv"]


def test_figures_with_hostile_labels_are_drawn(make_result):
    nasty = make_result(
        text=lambda _: "$x$ </svg><script>", units=[f"{number}{hostile(number)}" for number in range(12)]
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pictures = figure_files(nasty, "en")
    assert set(pictures) == {"validity", "verdicts", "effects", "weights", "scorecard", "matrix"}
    assert not any(b"script" in svg for svg in pictures.values())


def test_halves_of_characters_and_control_characters_are_replaced():
    assert clean_text("a\ud800b\x00c\u202ed\ufffee\r\nf\tg") == "a\ufffdb\ufffdc\ufffdd\ufffde\nf\tg"
