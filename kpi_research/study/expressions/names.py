"""Names an expression may call, and what to write instead of those it may not."""

from __future__ import annotations

from collections.abc import Container

from kpi_research.study.expressions.model import MAX_FAULTS
from kpi_research.study.expressions.scan import Token, words
from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.suggest import did_you_mean

FUNCTIONS = words("""abs round floor ceil ceiling ln log10 exp sqrt power pow least greatest coalesce nullif lower upper trim length
    substring substr starts_with concat date_diff datediff date_trunc extract cast""")
AGGREGATES = words("count sum avg min max median quantile_cont percentile_cont stddev_samp")

_BEFORE_PARENTHESIS = words("and or not in like between when then else case is filter where group by from distinct")

_REFUSED = words("""select union intersect except join having limit over partition with exists any all some lambda values insert
    update delete create drop alter copy attach detach pragma set install load call export import qualify pivot unnest
    current_date current_timestamp current_time now today ilike similar collate escape glob regexp try_cast
    localtime localtimestamp random""")

_INSTEAD = {
    "log": "ln(x), log10(x)",
    "log2": "ln(x) / ln(2)",
    "mod": "x % y",
    "mean": "avg(x)",
    "average": "avg(x)",
    "std": "stddev_samp(x)",
    "stddev": "stddev_samp(x)",
    "stdev": "stddev_samp(x)",
    "quantile": "quantile_cont(x, 0.5)",
    "percentile": "quantile_cont(x, 0.5)",
    "len": "length(x)",
    "char_length": "length(x)",
    "ifnull": "coalesce(x, 0)",
    "nvl": "coalesce(x, 0)",
    "isnull": "x IS NULL",
    "if": "CASE WHEN … THEN … ELSE … END",
    "iif": "CASE WHEN … THEN … ELSE … END",
    "any_value": "min(x)",
    "year": "extract(year FROM x)",
    "month": "extract(month FROM x)",
    "day": "extract(day FROM x)",
    "hour": "extract(hour FROM x)",
    "date_part": "extract(year FROM x)",
    "date": "CAST(x AS DATE)",
    "timestamp": "CAST(x AS TIMESTAMP)",
    "try_cast": "CAST(x AS DOUBLE)",
    "contains": "x LIKE '%…%'",
    "ends_with": "x LIKE '%…'",
    "ilike": "lower(x) LIKE '…%'",
    "glob": "x LIKE '…%'",
    "regexp": "x LIKE '…%'",
}

_CLOCK = words("current_date current_timestamp current_time now today localtime localtimestamp random")


def name_faults(
    tokens: tuple[Token, ...], columns: Container[str], aggregates: bool, where: Where
) -> tuple[Finding, ...]:
    """Return a finding for each function that is not allowed and each word that belongs to other SQL."""
    faults: list[Finding] = []
    for index, token in enumerate(tokens):
        if token.type not in {"word", "name"} or len(faults) >= MAX_FAULTS:
            continue
        after = tokens[index + 1].text if index + 1 < len(tokens) else ""
        before = tokens[index - 1] if index else None
        if after == "(":
            faults.extend(_call_faults(token, before, aggregates, where))
        elif token.lower in _REFUSED and token.text not in columns:
            faults.append(_refused(token, where))
    return tuple(dict.fromkeys(faults))


def _call_faults(token: Token, before: Token | None, aggregates: bool, where: Where) -> list[Finding]:
    name, position = token.text.lower(), token.start + 1
    if before is not None and before.lower == "as":
        return [finding("expression-cast", where, found=f"{token.text}(…)")]
    if token.lower in FUNCTIONS or token.lower in _BEFORE_PARENTHESIS or (name == "within" and aggregates):
        return []
    if token.lower in AGGREGATES:
        return [] if aggregates else [finding("expression-aggregate", where, found=token.text, position=position)]
    if token.lower in _REFUSED and name not in _INSTEAD:
        return [_refused(token, where)]
    allowed = FUNCTIONS | AGGREGATES if aggregates else FUNCTIONS
    hint = _instead(name) or did_you_mean(token.text.strip('"'), allowed, limit=len(allowed))
    return [finding("expression-function", where, found=token.text[:60], position=position, hint=hint)]


def _refused(token: Token, where: Where) -> Finding:
    if token.lower in _CLOCK:
        return finding("expression-clock", where, found=token.text, position=token.start + 1)
    hint = _instead(token.lower) or {"en": "", "zh": ""}
    return finding("expression-construct", where, found=token.text, at=at(token.start), hint=hint)


def at(start: int | None) -> dict[str, str]:
    """Return the place of a character, counted from 1, as a bilingual fact; empty where it is not known."""
    if start is None:
        return {"en": "", "zh": ""}
    return {"en": f" at character {start + 1}", "zh": f"（第{start + 1}个字符）"}


def _instead(name: str) -> dict[str, str] | None:
    instead = _INSTEAD.get(name)
    return {"en": f" Write {instead} instead.", "zh": f"请改写为 {instead}。"} if instead else None
