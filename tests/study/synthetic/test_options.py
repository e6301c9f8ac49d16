"""Options are checked by name, type and range, and the documentation lists exactly those that exist."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from kpi_research.study.synthetic import BureauOptions, describe_options, draw_bureau, make_options, null_options

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "simulated_bureau.md"


def test_an_unknown_option_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(TypeError, match=r"'bunchin' is not an option.*Did you mean 'bunching'"):
        draw_bureau(bunchin=0.5)


@pytest.mark.parametrize(
    ("values", "error", "message"),
    [
        ({"stations": 0}, ValueError, "stations = 0 is outside 1 to 9999"),
        ({"stations": 2.5}, TypeError, "stations must be a whole number"),
        ({"months": True}, TypeError, "months must be a whole number"),
        ({"seed": -1}, ValueError, "seed = -1 is outside"),
        ({"backfill": 1.5}, ValueError, "backfill = 1.5 is outside 0 to 1"),
        ({"backfill": float("nan")}, ValueError, "backfill = nan"),
        ({"backfill": "much"}, TypeError, "backfill must be a number"),
        ({"work_noise": "gama"}, ValueError, "Did you mean 'gamma'"),
        ({"start": "2024-13"}, ValueError, "not a month"),
        ({"start": 2024}, TypeError, "start must be a text"),
    ],
)
def test_wrong_values_are_refused(values: dict, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        make_options(**values)


def test_a_whole_number_is_taken_for_a_strength() -> None:
    assert make_options(backfill=1).backfill == 1.0


def test_the_null_bureau_switches_off_differences_gaming_and_faults() -> None:
    null = null_options()
    shares = [name for name in null if name.endswith("_share")]
    assert len(shares) == 8
    assert set(null.values()) == {0.0}
    assert make_options(**null).changed().keys() == null.keys() - {"post_selection"}


def test_every_option_but_the_size_is_explained_with_a_mechanism() -> None:
    table = describe_options()
    assert table["option"].tolist() == [item.name for item in fields(BureauOptions)]
    assert (table["meaning"] != "").all()
    assert (table["mechanism"] != "").all()


def test_the_documentation_lists_every_option_as_it_is() -> None:
    document = DOCUMENT.read_text(encoding="utf-8")
    for row in describe_options().itertuples(index=False):
        line = f"| {row.mechanism} | `{row.option}` | {row.meaning} | {row.default} | {row.allowed} | {row.null} | {row.truth} | {row.method} |"
        assert line in document, f"docs/simulated_bureau.md lacks the line:\n{line}"
