"""Whose records may be worth a write, told for many people at once from what was sent: never too few, sometimes too many."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from connectors.outputs import output_of
from sync.rescore.desired import FROM_SCORE

if TYPE_CHECKING:
    from scoring.model import Model
    from sync.rescore.scoring_run import Rules


def worth_a_look(scores: pl.DataFrame, entries: pl.DataFrame, rules: Rules, model: Model) -> set[int]:
    """People of whom some record may be due; the others differ from what was sent by no more than the deadband.

    Args:
        scores: What the engine gave for people who are not dirty and whose model is the same.
        entries: `connection_no, object, person_no, sent, due` of their records.
        rules: Deadband and outputs.
        model: Theirs; it has the sentences.
    """
    texts = _as_texts(scores, rules, model)
    both = entries.join(texts, on="person_no", how="inner")
    found = set(both.filter(pl.col("due") | pl.col("sent").is_null())["person_no"].to_list())
    for (connection_no, name), part in both.filter(~pl.col("due") & pl.col("sent").is_not_null()).group_by(
        "connection_no", "object"
    ):
        outputs = rules.outputs.get(int(str(connection_no)), {}).get(str(name), frozenset[str]())
        compared = [output for output in sorted(outputs) if output in texts.columns]
        if compared:
            # One pass over each text; the values are scalars, and become the texts that JSON has for them.
            was = pl.col("sent").str.json_decode(pl.Struct(dict.fromkeys(compared, pl.String))).alias("was")
            differs = [_differs(output, rules.deadband) for output in compared]
            found |= set(part.with_columns(was).filter(pl.any_horizontal(differs))["person_no"].to_list())
    # Whoever has no entry at all may have got a record that can be written now.
    return found | (set(texts["person_no"].to_list()) - set(both["person_no"].to_list()))


def _as_texts(scores: pl.DataFrame, rules: Rules, model: Model) -> pl.DataFrame:
    """`person_no` and a text per output that can make a write due, empty for people out of scope."""
    sentences = {
        "disqualify_reason": ("disqualify_code", {each.code: each.reason for each in model.disqualify}),
        "attention": ("attention_code", {each.code: each.reason for each in model.attention}),
    }
    columns = {}
    for output in {each for objects in rules.outputs.values() for outputs in objects.values() for each in outputs}:
        field = output_of(output)
        if field is None or not (field.trigger or field.banded or rules.deadband == 0):
            continue
        source = FROM_SCORE.get(output, output)
        if output in sentences:
            code, words = sentences[output]
            columns[output] = pl.col(code).replace_strict(words, default=None, return_dtype=pl.String)
        elif source in scores.columns and output != "completeness":
            columns[output] = pl.col(source).cast(pl.String)
    inside = pl.col("in_scope")
    return scores.select(
        pl.col("person_id").alias("person_no"),
        *(pl.when(inside).then(each).alias(name) for name, each in columns.items()),
    )


def _differs(output: str, deadband: int) -> pl.Expr:
    """Whether a value is another than what was sent; numbers by more than the deadband."""
    field = output_of(output)
    sent, wanted = pl.col("was").struct.field(output), pl.col(output)
    if field is not None and field.banded:
        apart = (sent.cast(pl.Float64, strict=False) - wanted.cast(pl.Float64)).abs() > deadband
        return pl.when(sent.is_null() & wanted.is_null()).then(statement=False).otherwise(apart.fill_null(value=True))
    return sent.ne_missing(wanted)
