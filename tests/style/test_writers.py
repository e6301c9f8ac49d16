"""A stage is a pure function: reading happens in study/, writing in publish/, nowhere else."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from tests.style.tree import STAGES, Module, modules

# The publisher, the command line that starts it, the makers of new study folders, and the store of interrupted runs.
WRITERS = ("publish", "cli", "pipeline", "study.new", "study.synthetic", "study.store", "study.simulate")
ALWAYS_WRITE = {
    "write_text", "write_bytes", "mkdir", "makedirs", "unlink", "rmdir", "rmtree", "touch", "symlink_to", "dump",
    "NamedTemporaryFile", "TemporaryDirectory", "mkdtemp", "copyfile", "copytree", "savez", "savetxt",
}  # fmt: skip
WRITE_TO_A_PLACE = {
    "to_csv", "to_parquet", "to_excel", "to_json", "to_html", "to_latex", "to_markdown", "to_pickle", "to_feather", "savefig",
}  # fmt: skip
PLACES = {"path", "path_or_buf", "fname", "excel_writer", "buf"}
READS = {
    "open", "read_text", "read_bytes", "read_csv", "read_parquet", "read_excel", "now", "today", "time", "uuid4", "getenv",
}  # fmt: skip
GLOBAL_RANDOM = re.compile(r"(np|numpy)\.random\.(?!default_rng|SeedSequence|Generator|PCG64)\w+|random\.\w+")
PURE = ("numerics", "drawing", *STAGES)


def calls(module: Module) -> Iterator[tuple[ast.Call, str]]:
    """Yield every call with the last name of what is called."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name):
            yield node, node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id


def writes(call: ast.Call, name: str, buffers: frozenset[str] = frozenset()) -> bool:
    """Whether a call puts something on the disk; ``buffers`` are the names of buffers in memory."""
    if name == "open":
        return _mode(call).strip("rbt") != ""
    if name in WRITE_TO_A_PLACE:
        places = [*call.args[:1], *(word.value for word in call.keywords if word.arg in PLACES)]
        return any(not (isinstance(place, ast.Name) and place.id in buffers) for place in places)
    moves = name in {"rename", "replace"} and ast.unparse(call.func).startswith(("os.", "shutil."))
    return name in ALWAYS_WRITE or moves


def buffers_of(module: Module) -> frozenset[str]:
    """Return the names a module gives to buffers in memory."""
    made = [
        node
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Assign) and "BytesIO()" in ast.unparse(node.value)
    ]
    return frozenset(target.id for node in made for target in node.targets if isinstance(target, ast.Name))


def _mode(call: ast.Call) -> str:
    method = isinstance(call.func, ast.Attribute) and ast.unparse(call.func.value) not in {"io", "os", "gzip", "codecs"}
    given = [*call.args[0 if method else 1 :][:1], *(word.value for word in call.keywords if word.arg == "mode")]
    return next((item.value for item in given if isinstance(item, ast.Constant) and isinstance(item.value, str)), "r")


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.name)
def test_only_the_publisher_writes(module: Module) -> None:
    if module.name.removeprefix("kpi_research.").startswith(WRITERS):
        return
    buffers = buffers_of(module)
    assert not [
        f"line {call.lineno}: {ast.unparse(call)[:80]}" for call, name in calls(module) if writes(call, name, buffers)
    ]


@pytest.mark.parametrize("module", [m for m in modules() if m.room in PURE], ids=lambda module: module.name)
def test_stages_read_no_file_clock_or_global_randomness(module: Module) -> None:
    found = [f"line {call.lineno}: {ast.unparse(call)[:80]}" for call, name in calls(module) if name in READS]
    randomness = [
        f"line {call.lineno}: {ast.unparse(call)[:80]}"
        for call, _ in calls(module)
        if GLOBAL_RANDOM.fullmatch(ast.unparse(call.func))
    ]
    assert found + randomness == []


SNIPPETS = {
    "open('a', 'w')": True, "open('a')": False, "open('a', mode='ab')": True, "path.open('w')": True, "path.open()": False,
    "path.open(encoding='utf-8')": False, "frame.to_csv('a.csv')": True, "frame.to_csv(index=False)": False,
    "fig.savefig(buffer)": True, "path.write_text('x')": True, "path.read_text()": False,
}  # fmt: skip


@pytest.mark.parametrize(("code", "expected"), SNIPPETS.items())
def test_the_detector_knows_a_write(code: str, expected: bool) -> None:
    call = ast.parse(code, mode="eval").body
    assert isinstance(call, ast.Call)
    name = call.func.attr if isinstance(call.func, ast.Attribute) else call.func.id  # type: ignore[attr-defined]
    assert writes(call, name) is expected
