"""Explanations as text for CRM fields: the main reasons in a line, the whole breakdown in a long text.

Made column by column for all people at once, because a first rescore writes them for everybody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from scoring.explain_words import Words, words
from scoring.vocabulary import SCALE, Language

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_MORE: Final = "…"
#: The points of a line in thousandths.
_MILLI: Final = (pl.col("points") * SCALE).cast(pl.Int64).alias("milli")
#: Lines that decide alone, whatever the others say.
_DECIDING: Final = pl.col("part").is_in(["disqualification", "override"])


def main_reasons(
    lines: pl.DataFrame, *, language: Language = Language.ENGLISH, most: int = 5, length: int = 255
) -> pl.DataFrame:
    """Name what weighs most, such as "+12 Director; -5 Personal e-mail address", in whole points.

    It is what a sales rep should read: rules with their caps taken off; no arithmetic of the model.

    Returns:
        `person_id, main_reasons`, one row per person with lines; texts are at most `length` characters long.
    """
    say = words(language)
    people = lines.select(pl.col("person_id").unique(maintain_order=True))
    deciding = lines.filter(_DECIDING).select("person_id", "label")
    counting = lines.filter(_MILLI != 0, ~_is_arithmetic(say)).join(deciding, on=["person_id", "label"], how="anti")
    amounts = (
        counting.group_by("person_id", "part", pl.coalesce("rule_id", "label").alias("rule"), maintain_order=True)
        .agg(pl.col("label").first(), _MILLI.sum())
        .filter(pl.col("milli").abs() >= SCALE // 2)
        # Of equal ones the first in the order of the evaluation.
        .sort(pl.col("milli").abs(), descending=True, maintain_order=True)
    )
    signed = _in_words(amounts["milli"], lambda milli: _signed(str(_whole_points(milli))))
    weighed = amounts.select("person_id", pl.concat_str(signed, pl.lit(" "), "label").alias("label"))
    chosen = pl.concat([deciding, weighed]).group_by("person_id").agg(pl.col("label").head(most).alias("pieces"))
    pieces = people.join(chosen, on="person_id", how="left", maintain_order="left")["pieces"]
    texts = _joined(pieces, "; ", pl.repeat(length, people.height, eager=True))
    return people.with_columns(texts.fill_null(say.nothing).alias("main_reasons"))


def breakdown(lines: pl.DataFrame, *, language: Language = Language.ENGLISH, length: int = 32_000) -> pl.DataFrame:
    """Write every line with its evidence, and the total.

    Returns:
        `person_id, breakdown`, one row per person with lines; texts are at most `length` characters long.
    """
    say = words(language)
    signed = _in_words(lines.select(_MILLI)["milli"], lambda milli: _signed(say.amount(milli)))
    evidence = pl.when(pl.col("evidence") != "").then(pl.format(" ({})", "evidence")).otherwise(pl.lit(""))
    whole = (
        lines.select("person_id", _MILLI, pl.concat_str(signed, pl.lit(" "), "label", evidence).alias("pieces"))
        .group_by("person_id", maintain_order=True)
        .agg(pl.col("milli").sum(), "pieces")
    )
    last = _in_words(whole["milli"], lambda milli: f"= {say.amount(milli)} {say.points}")
    texts = _joined(whole["pieces"], "\n", length - last.str.len_chars().cast(pl.Int64) - 1)
    return whole.select("person_id", pl.concat_str(texts, pl.lit("\n"), last).alias("breakdown"))


def _is_arithmetic(say: Words) -> pl.Expr:
    """Weights, floors, caps and roundings: they explain the sum, not the person. A rule's own cap is taken off the rule."""
    label, heads = pl.col("label"), map(_head, (say.weight_label, say.floor_label, say.cap_label))
    of_the_sum = pl.col("part").is_in(["total", "rounding"])
    of_a_group = (label == say.rounding) | label.str.starts_with(_head(say.group_cap))
    of_a_part = pl.col("rule_id").is_null() & pl.any_horizontal(label.str.starts_with(head) for head in heads)
    return of_the_sum | of_a_group | of_a_part


def _head(template: str) -> str:
    """What stands before the first place of a template."""
    return template.partition("{")[0]


def _in_words(milli: pl.Series, say: Callable[[int], str]) -> pl.Series:
    """Amounts as texts; whatever is alike is put into words once."""
    said = {each: say(each) for each in milli.unique()}
    return pl.Series([said[each] for each in milli], dtype=pl.String)


def _whole_points(milli: int) -> int:
    """Half away from zero, as all rounding."""
    rounded = (abs(milli) + SCALE // 2) // SCALE
    return -rounded if milli < 0 else rounded


def _signed(amount: str) -> str:
    return amount if amount.startswith("-") or amount == "0" else f"+{amount}"


def _joined(pieces: pl.Series, separator: str, lengths: pl.Series) -> pl.Series:
    """Join lists of whole pieces as long as they fit; the last one ends in an ellipsis where something had to go."""
    texts = pieces.list.join(separator)
    long = (texts.str.len_chars() > lengths).arg_true()
    if long.is_empty():
        return texts
    cut = [_cut(pieces[row].to_list(), separator, lengths[row]) for row in long]
    return texts.scatter(long, pl.Series(cut, dtype=pl.String))


def _cut(pieces: Sequence[str], separator: str, length: int) -> str:
    kept: list[str] = []
    room = length - len(_MORE)
    for piece in pieces:
        if sum(map(len, kept)) + len(separator) * len(kept) + len(piece) > room:
            break
        kept.append(piece)
    return separator.join(kept) + _MORE if kept else pieces[0][:room] + _MORE
