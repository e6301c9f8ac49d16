"""The command line: a thin layer over the functions that notebooks call."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from kpi_research import __version__
from kpi_research.pipeline import run_study
from kpi_research.publish import render_report, scorecard_lines, summary_rows
from kpi_research.result import StudyResult
from kpi_research.study.findings import Finding, Language, StudyError
from kpi_research.study.load import load_study
from kpi_research.study.new import new_study
from kpi_research.study.simulate import write_simulated_study
from kpi_research.study.synthetic import make_options
from kpi_research.weights import InfeasibleRules

EXIT_FAULTS = 1
"""Exit code when the study has faults; 0 is success, 2 wrong usage."""

app = typer.Typer(
    name="kpi-research",
    help="Evidence for police performance evaluation: validity, preventability, workload, weights, scorecards.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
StudyPath = Annotated[Path, typer.Argument(help="The study.toml, or the folder that holds it.", show_default=False)]
Lang = Annotated[str | None, typer.Option(help="Language of texts and report: en or zh.", metavar="en|zh")]
Out = Annotated[Path, typer.Option(help="Folder of all reports.")]


@app.callback(invoke_without_command=True)
def root(version: Annotated[bool, typer.Option("--version", help="Show the version.")] = False) -> None:
    """Evidence for police performance evaluation."""
    if version:
        typer.echo(f"kpi-research {__version__}")
        raise typer.Exit


@app.command()
def new(
    folder: Annotated[Path, typer.Argument(help="Folder to make; it must be empty or absent.", show_default=False)],
) -> None:
    """Make a study folder that runs, to be filled with data of your own."""
    try:
        path = new_study(folder)
    except FileExistsError as error:
        raise typer.BadParameter(str(error)) from error
    typer.echo(f"{path}\nNext: kpi-research check {path}")


@app.command()
def check(study: StudyPath, lang: Lang = None) -> None:
    """Check a study: every fault of the study file, the catalogue and the tables at once."""
    language = _language(lang)
    with _faults_shown(language):
        loaded = load_study(study)
        _show_findings(Console(), loaded.findings, language)
        typer.echo(repr(loaded))


@app.command()
def run(
    study: StudyPath,
    out: Out = Path("reports"),
    lang: Lang = None,
    resume: Annotated[bool, typer.Option(help="Take finished stages of an interrupted run.")] = True,
) -> None:
    """Run the whole study and write its report."""
    with _faults_shown(_language(lang)), _progress() as progress:
        result = run_study(study, out=out, resume=resume, lang=_language(lang) if lang else None, progress=progress)
    _show_summary(result, _language(lang or result.study.spec.report.languages[0]))


@app.command()
def report(study: StudyPath, lang: Lang = None, out: Out = Path("reports")) -> None:
    """Write the report of a study in another language, or again; stages are run as needed."""
    with _faults_shown(_language(lang)), _progress() as progress:
        result = run_study(study, progress=progress)
        language = _language(lang or result.study.spec.report.languages[0])
        path = render_report(result, out / result.study.spec.study.id, lang=language)
    typer.echo(str(path))


@app.command()
def simulate(
    out: Annotated[Path, typer.Option(help="Folder to write to.")],
    stations: Annotated[int, typer.Option(help="Police stations.")] = 40,
    months: Annotated[int, typer.Option(help="Months.")] = 24,
    officers: Annotated[int, typer.Option(help="Officers of a station of the norm.")] = 30,
    seed: Annotated[int, typer.Option(help="Seed; the same seed gives the same bytes.")] = 1,
    option: Annotated[list[str] | None, typer.Option(help="A mechanism, e.g. backfill=0; may be repeated.")] = None,
) -> None:
    """Write a simulated bureau whose truth is known; very large ones as incidents only."""
    size = {"stations": stations, "months": months, "officers_per_station": officers, "seed": seed}
    try:
        options = make_options(**size, **_mechanisms(option or []))
        with _progress() as tell:
            path = write_simulated_study(options, out, lambda done, total, rows: tell(f"{rows:,} rows", done, total))
    except (TypeError, ValueError, OSError) as error:
        raise typer.BadParameter(str(error)) from error
    typer.echo(f"{path}\nNext: kpi-research check {path}")


def _mechanisms(given: list[str]) -> dict[str, Any]:
    """Return the options of ``name=value`` texts; values are written as in TOML."""
    try:
        return tomllib.loads("\n".join(given))
    except tomllib.TOMLDecodeError as error:
        raise typer.BadParameter(f"--option: {error}; write name=value, e.g. --option backfill=0.5") from error


def main() -> None:
    """Run the command line."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    app()


def _language(lang: str | None) -> Language:
    if lang is None or lang == "en":
        return "en"
    if lang == "zh":
        return "zh"
    raise typer.BadParameter(f"--lang is '{lang}'; allowed are en, zh")


@contextmanager
def _faults_shown(lang: Language) -> Iterator[None]:
    try:
        yield
    except (StudyError, InfeasibleRules) as error:
        Console(stderr=True, highlight=False, soft_wrap=True, markup=False).print(error.text(lang))
        raise typer.Exit(EXIT_FAULTS) from None


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description:<16}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total}"),
    )
    with Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("load", total=None)
        yield lambda name, step, total: bar.update(task, description=name, completed=step, total=total)


def _show_findings(console: Console, findings: tuple[Finding, ...], lang: Language) -> None:
    for item in findings:
        console.print(f"[{item.severity}] {item.line(lang)}", markup=False, highlight=False, soft_wrap=True)


def _show_summary(result: StudyResult, lang: Language) -> None:
    console = Console(highlight=False)
    head, *rows = summary_rows(result, lang)
    table = Table(*head, title=result.study.spec.study.title[lang])
    for row in rows:
        table.add_row(*row)
    console.print(table)
    for title, lines in scorecard_lines(result, lang):
        console.print(f"\n{title}", style="bold", markup=False, soft_wrap=True)
        for line in lines:
            console.print(f"  - {line}", markup=False, soft_wrap=True)
    console.print()
    if result.folder is not None:
        for path in sorted(result.folder.glob("report*.html")):
            typer.echo(str(path))
