"""Frames as strangers bring them get the right answer or a clear refusal."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from kpi_research.preventability import Shares, preventable_share

NAMES = {"unit": "派出所", "probability": "概率", "label": "是否可防"}
ERROR = (0.05, 0.10)


def plain(units: int = 12, cases: int = 120, labels: int = 20, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    unit = np.repeat([f"所{number:02d}" for number in range(units)], cases)
    p = rng.beta(2, 4, len(unit))
    label = (rng.random(len(unit)) < p).astype(float)
    known = np.tile(np.arange(cases) < labels, units)
    return pd.DataFrame({"派出所": unit, "概率": p, "是否可防": np.where(known, label, np.nan)})


def share(cases: pd.DataFrame, **options: object) -> Shares:
    return preventable_share(cases, **NAMES, **{"error": ERROR, **options})  # type: ignore[arg-type]


def assert_honest(shares: Shares) -> None:
    """Every interval has a width, lies within 0 and 1 and holds its estimate."""
    for name in ("shrunk", "design", "labels", "model", "shift"):
        table = shares.of(name)
        assert (table["high"] > table["low"]).all(), name
        assert table[["low", "high"]].to_numpy().min() >= 0
        assert table[["low", "high"]].to_numpy().max() <= 1
        known = table["estimate"].notna()
        inside = (table["estimate"] >= table["low"] - 1e-12) & (table["estimate"] <= table["high"] + 1e-12)
        assert inside[known].all(), name


@pytest.mark.parametrize(
    ("yes", "no"), [("是", "否"), ("yes", "no"), (True, False), ("可防", "不可防"), ("Y", "N"), ("1", "0")]
)
def test_decisions_in_any_words_are_the_same(yes: object, no: object) -> None:
    cases = plain()
    said = cases["是否可防"].map({1.0: yes, 0.0: no}).astype(object).where(cases["是否可防"].notna(), None)
    pd.testing.assert_frame_equal(share(cases.assign(是否可防=said)).table, share(cases).table)


def test_columns_order_and_index_of_the_frame_do_not_matter() -> None:
    cases = plain()
    turned = cases.sample(frac=1, random_state=1)[["是否可防", "概率", "派出所"]]
    pd.testing.assert_frame_equal(share(turned).table, share(cases).table)
    pd.testing.assert_frame_equal(share(cases.set_index(np.zeros(len(cases)))).table, share(cases).table)


def test_missing_probabilities_are_filled_and_said() -> None:
    cases = plain()
    gone = cases.assign(概率=cases["概率"].where(np.arange(len(cases)) % 7 > 0))
    found = share(gone)
    assert_honest(found)
    said = next(item for item in found.findings if item.code == "probability-missing")
    assert said.facts["count"] == int(gone["概率"].isna().sum())
    assert "概率" not in said.line("en")
    with pytest.raises(ValueError, match="column '概率' has no values"):
        share(cases.assign(概率=np.nan))


def test_a_unit_without_labels_gets_the_value_of_its_like() -> None:
    cases = plain()
    cases.loc[cases["派出所"] == "所03", "是否可防"] = np.nan
    found = share(cases)
    assert_honest(found)
    rows = found.table.set_index("unit")
    assert rows.loc["所03", "n_labels"] == 0
    assert rows.loc["所03", "flag"] == "no_labels"
    assert np.isfinite(rows.loc["所03", "estimate"])
    widths = rows["high"] - rows["low"]
    assert widths["所03"] == widths.max()
    alone = found.of("design").set_index("unit").loc["所03"]
    assert np.isnan(alone["estimate"])
    assert (alone["low"], alone["high"]) == (0.0, 1.0)


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_labels_that_are_all_equal_leave_doubt(value: float) -> None:
    cases = plain()
    cases["是否可防"] = cases["是否可防"].where(cases["是否可防"].isna(), value)
    found = share(cases, error=(0.0, 0.0))
    assert_honest(found)
    assert found.table["flag"].eq("constant_labels").all()
    near = found.of("labels")
    assert ((near["high"] - near["low"]) > 0.05).all()


def test_one_unit_whose_labels_are_equal_does_not_claim_certainty() -> None:
    cases = plain()
    own = (cases["派出所"] == "所05") & cases["是否可防"].notna()
    cases.loc[own, "是否可防"] = 0.0
    found = share(cases, error=(0.0, 0.0))
    assert_honest(found)
    row = found.of("design").set_index("unit").loc["所05"]
    # 0 of 20: Wilson's interval ends at .161; drawn from 120 cases it may be shorter, but not by much.
    assert row["high"] - row["low"] > 0.1
    assert found.table.set_index("unit").loc["所05", "flag"] == "constant_labels"


def test_few_labels_are_flagged_and_one_label_is_enough_for_an_answer() -> None:
    cases = plain(labels=20)
    first = cases[cases["派出所"] == "所00"].index
    cases.loc[first[1:], "是否可防"] = np.nan
    found = share(cases)
    assert_honest(found)
    assert found.table["flag"].iloc[0] == "few_labels"
    row = found.of("design").iloc[0]
    assert row["high"] - row["low"] > 0.5


def test_every_case_labelled_without_error_is_known_exactly_but_for_the_rule_of_width() -> None:
    cases = plain(labels=120)
    found = share(cases, error=(0.0, 0.0))
    truth = cases.groupby("派出所")["是否可防"].mean()
    assert found.of("design")["estimate"].to_numpy() == pytest.approx(truth.to_numpy(), abs=1e-9)


def test_one_unit_alone_is_answered_without_shrinking() -> None:
    found = share(plain(units=1))
    assert_honest(found)
    assert "share-not-shrunk" in {item.code for item in found.findings}
    assert found.of("shrunk")["estimate"].iloc[0] == found.of("design")["estimate"].iloc[0]


def test_constant_probabilities_leave_the_labels() -> None:
    cases = plain().assign(概率=0.4)
    found = share(cases)
    assert found.power == 0
    assert found.of("design")["estimate"].to_numpy() == pytest.approx(found.of("labels")["estimate"].to_numpy())


def test_unknown_errors_are_bounded_and_said() -> None:
    found = share(plain(), error=None)
    assert (found.bounds["largest"] > found.bounds["least"]).all()
    plain_estimate = found.of("design")["estimate"].to_numpy()
    assert (found.bounds["least"].to_numpy() <= plain_estimate + 1e-12).all()
    assert (found.bounds["largest"].to_numpy() >= plain_estimate - 1e-12).all()
    for e01, e10 in ((0.1, 0.02), (0.02, 0.1), (0.15, 0.15)):
        inside = share(plain(), error=(e01, e10)).of("design")["estimate"].to_numpy()
        assert (inside >= found.bounds["least"].to_numpy() - 0.02).all()
        assert (inside <= found.bounds["largest"].to_numpy() + 0.02).all()
    assert "share-errors-unknown" in {item.code for item in found.findings}
    assert share(plain()).bounds.empty


def outside(cases: pd.DataFrame, value: float) -> pd.DataFrame:
    return cases.assign(概率=cases["概率"].where(cases.index != 5, value))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: outside(c, 1.2), "1 values lie outside 0 to 1, the first is 1.2"),
        (lambda c: outside(c, -0.1), "outside 0 to 1, the first is -0.1"),
        (lambda c: outside(c, np.inf), "outside 0 to 1, the first is inf"),
        (lambda c: c.assign(概率="高"), "must hold numbers from 0 to 1"),
        (lambda c: c.assign(是否可防=np.nan), "no case has a decision in column '是否可防'"),
        (lambda c: c.assign(是否可防="也许"), "1440 values of column '是否可防' are no decision, the first is '也许'"),
        (lambda c: c.assign(是否可防=2), "are no decision, the first is 2"),
        (lambda c: c.rename(columns={"概率": "概率值"}), "no column '概率'.*'概率值'"),
        (lambda c: c.assign(派出所=c["派出所"].where(c.index != 3)), "1 rows have no '派出所'"),
        (lambda c: c.iloc[:0], "cases has no rows"),
    ],
)
def test_refusals(change: Callable[[pd.DataFrame], pd.DataFrame], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        share(change(plain()))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "ppi"}, "method is 'ppi'; allowed: shrunk, design, labels, model, shift"),
        ({"level": 95}, "level is 95; it must be a number above 0 and below 1"),
        ({"error": (0.6, 0.5)}, "add up to less than 1"),
        ({"error": (-0.1, 0.5)}, "two numbers .* of at least 0"),
        ({"inclusion": "抽中概率"}, "no column '抽中概率'"),
    ],
)
def test_options_are_checked(options: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        share(plain(), **options)


def test_inclusion_probabilities_are_checked() -> None:
    cases = plain().assign(抽中概率=0.2)
    assert_honest(share(cases, inclusion="抽中概率"))
    cases.loc[0, "抽中概率"] = 0
    with pytest.raises(ValueError, match="1 labelled cases have no probability above 0 and at most 1 in '抽中概率'"):
        share(cases, inclusion="抽中概率")


def test_findings_speak_both_languages() -> None:
    cases = plain(labels=4)
    for item in share(cases, error=None).findings:
        assert item.line("en") != item.line("zh")
