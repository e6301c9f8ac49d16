"""The report is one self-contained, accessible file that says what the result says."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from io import BytesIO
from itertools import pairwise

import pytest
from fontTools.ttLib import TTFont

from kpi_research.publish.words import words


class Page(HTMLParser):
    """Tags with attributes in order, and the text inside each kind of tag."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html, self.tags, self.open = html, [], []
        self.inside: dict[str, list[str]] = {}
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in {"meta", "img", "rect"}:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in {"rect"}:
            assert self.open.pop() == tag

    def handle_data(self, data):
        for tag in set(self.open):
            self.inside.setdefault(tag, []).append(data)

    def text(self, tag: str = "body") -> str:
        return re.sub(r"\s+", " ", "".join(self.inside[tag]))

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attrs for name, attrs in self.tags if name == tag]


@pytest.fixture(scope="module", params=["en", "zh"])
def page(files, request):
    found = Page(files["report.html" if request.param == "en" else "report.zh.html"].decode())
    found.lang = request.param
    return found


def test_every_tag_is_closed_and_the_language_is_named(page):
    assert page.open == []
    assert page.all("html") == [{"lang": "zh-Hans" if page.lang == "zh" else "en"}]


def test_the_policy_forbids_scripts_and_everything_remote_and_matches_the_style(page):
    policy = next(
        attrs["content"] for attrs in page.all("meta") if attrs.get("http-equiv") == "Content-Security-Policy"
    )
    style = re.search(r"<style>(.*?)</style>", page.html, re.DOTALL).group(1)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert (
        policy
        == f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; font-src data:; base-uri 'none'; form-action 'none'"
    )
    assert not {"script", "iframe", "object", "embed", "form", "link", "base"} & {tag for tag, _ in page.tags}


def test_nothing_points_outside(page):
    assert "http:" not in page.html
    assert "https:" not in page.html
    assert not re.search(r"url\((?!data:)", page.html)
    assert "doi:10.1002/jae.861" in page.text()


def test_every_anchor_has_its_target_and_every_id_is_unique(page):
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert {attrs["href"].removeprefix("#") for attrs in page.all("a")} <= set(ids)
    assert {attrs["aria-labelledby"] for _, attrs in page.tags if "aria-labelledby" in attrs} <= set(ids)


def test_figures_and_tables_can_be_used_without_seeing(page):
    assert len(page.all("img")) == 6
    assert all(len(attrs["alt"]) > 15 for attrs in page.all("img"))
    assert {attrs.get("scope") for attrs in page.all("th")} == {"col", "row"}
    assert len(page.all("caption")) == len(page.all("table"))
    assert all(attrs.get("aria-hidden") == "true" for attrs in page.all("svg"))
    assert page.all("a")[0] == {"class": "skip", "href": "#main"}


def test_headings_go_down_one_level_at_a_time(page):
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_the_fonts_inside_hold_every_character_of_the_page(page):
    fonts = re.findall(r"data:font/woff2;base64,([A-Za-z0-9+/=]+)", page.html)
    assert len(fonts) == 2
    for font in fonts:
        with TTFont(BytesIO(base64.b64decode(font))) as opened:
            assert {ord(char) for char in page.text() if char.isprintable()} <= set(opened.getBestCmap())
            assert len(opened.getGlyphOrder()) < 1500


def test_pictures_inside_are_the_files_beside_the_report(page, files):
    ending = "" if page.lang == "en" else ".zh"
    inside = [base64.b64decode(attrs["src"].partition("base64,")[2]) for attrs in page.all("img")]
    beside = [
        data for path, data in files.items() if path.startswith("figures/") and path.count(".") == 1 + len(ending) // 3
    ]
    assert sorted(inside) == sorted(beside)


def test_the_first_page_gives_the_answer_the_numbers_and_the_cautions(page):
    text = page.text("header")
    assert "14" in text
    assert ("1 of 3" if page.lang == "en" else "1 / 3") in text
    assert ("29.7 of 100" if page.lang == "en" else "29.7 / 100") in text
    assert ("18 of 30" if page.lang == "en" else "18 / 30") in text
    assert "isits has the wrong sign." in text
    assert ("Visits runs against" if page.lang == "en" else "“走访次数”与预期方向相反") in text


def test_a_skipped_stage_says_why_and_what_to_supply(page):
    text, said = page.text("main"), words(page.lang)
    assert "[tables.worklog]" in text
    assert said("workload.supply") in text
    assert said("skipped.text") in text


def test_numbers_stand_in_the_tables_as_they_should(page):
    text = page.text("main")
    for shown in (
        "0.563",
        "0.450–0.660",
        "+0.460",
        "−0.355",
        "2,177",
        "35.5",
        "+29.7",
        "≤ 40",
        "30–70",
        "25%",
        "3.80e−15",
        "−0.0123",
    ):
        assert shown in text, shown
    assert not re.search(r"(?<![\w-])-\d", re.sub(r"[\w/-]*\d{4}-[\w-]*|doi:\S+", "", text))
    assert "nan" not in re.findall(r"\b\w+\b", text)


def test_long_tables_show_both_ends_and_fold_the_whole(page):
    assert "第1所" in page.text("main")
    assert page.text("details").count("第15所") >= 1
    assert len(page.all("details")) == len(page.all("summary")) >= 3


def test_passwords_and_folders_of_the_machine_are_nowhere(files):
    for path, data in files.items():
        assert b"secret" not in data, path
        assert b"/home/" not in data, path
