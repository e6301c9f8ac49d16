"""Write ``reports/validation/<subject>.md`` from the rows that validation tests noted: ``python tools/write_dossiers.py``.

Each validation test notes its figures with the fixture ``dossier`` of ``tests/conftest.py``. The page of a subject opens
with ``tests/<subject>/dossier.md`` where that file exists; it says what was simulated and how to read the tables.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


def read_rows(folder: Path) -> list[dict[str, Any]]:
    """Return the rows that all tests noted, in the order of the tests' names."""
    files = sorted(folder.glob("*.json"))
    rows = [row for file in files for row in json.loads(file.read_text(encoding="utf-8"))]
    return sorted(rows, key=lambda row: (row["subject"], row["table"], row["test"]))


def page(subject: str, rows: Sequence[Mapping[str, Any]], opening: str) -> str:
    """Return the page of one subject."""
    parts = [opening.strip() or f"# Evidence on {subject}"]
    parts += ["Made by `make validation` (figures) and `python tools/write_dossiers.py` (this page)."]
    for title in dict.fromkeys(row["table"] for row in rows):
        parts += [f"## {title}", _table([row["columns"] for row in rows if row["table"] == title])]
    return "\n\n".join(parts) + "\n"


def _table(rows: Sequence[Mapping[str, Any]]) -> str:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    lines = [columns, ["---"] * len(columns), *([_cell(row.get(name, "")) for name in columns] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _cell(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value).replace("|", "\\|")


def main() -> None:
    """Write a page for each subject that has rows."""
    rows = read_rows(ROOT / ".dossier")
    for subject in dict.fromkeys(row["subject"] for row in rows):
        opening = ROOT / "tests" / subject / "dossier.md"
        text = opening.read_text(encoding="utf-8") if opening.exists() else ""
        file = ROOT / "reports" / "validation" / f"{subject}.md"
        file.write_text(page(subject, [row for row in rows if row["subject"] == subject], text), encoding="utf-8")
        print(file.relative_to(ROOT))


if __name__ == "__main__":
    main()
