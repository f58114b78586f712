"""What a line rests on, in a sentence: values of attributes, or how many activities and when. Dates, never ages."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import TYPE_CHECKING

import polars as pl

from scoring.activities_sums import KEPT, NEWEST
from scoring.attribute_values import Attribute, declared, enriched, from_enrichment, value
from scoring.conditions import attributes_of, happenings_of
from scoring.dimensions import NOW, bucket_column
from scoring.explain_words import Words, words
from scoring.model_dimensions import DecayKind
from scoring.vocabulary import AttributeType

if TYPE_CHECKING:
    from collections.abc import Callable

    from scoring.activities_sums import Bucket
    from scoring.model_conditions import Condition
    from scoring.model_dimensions import ActivityRule
    from scoring.sheet import Sheet

    #: From the rows of the sheet that have the line to their sentences.
    Evidence = Callable[[pl.DataFrame], pl.Series]


def fixed(sentence: str | None) -> Evidence:
    """The same sentence for everybody."""
    return partial(_fixed, sentence)


def said_with_date(sentence: str, day: pl.Expr, say: Words, *, without: str | None = None) -> Evidence:
    """A sentence with a date in it; another one for whoever has no date."""
    return partial(_with_date, sentence, day, say, without)


def newest_date(sheet: Sheet, part: Bucket) -> pl.Expr:
    """Date of the newest activity that counts for a rule."""
    return pl.lit(sheet.day) - pl.duration(days=pl.col(bucket_column(NOW, part.number, NEWEST)))


def activity_evidence(sheet: Sheet, part: Bucket) -> Evidence:
    """How many activities count, when the last one was, and how they fade."""
    say = words(sheet.compiled.model.language)
    return partial(_activities, part.first.rule, bucket_column(NOW, part.number, KEPT), newest_date(sheet, part), say)


def attribute_evidence(sheet: Sheet, condition: Condition) -> Evidence:
    """The values that a condition on a person looked at."""
    say = words(sheet.compiled.model.language)
    return partial(_attributes, sorted(attributes_of(condition)), bool(happenings_of(condition)), say)


def conflict_evidence(sheet: Sheet, name: str) -> Evidence:
    """The declared and the enriched value of a field that contradict each other."""
    model = sheet.compiled.model
    return partial(_conflict, Attribute(name, model.attribute_type(name)), words(model.language))


def _conflict(field: Attribute, say: Words, rows: pl.DataFrame) -> pl.Series:
    form = say.declared_and_enriched.replace("{declared}", "{}").replace("{enriched}", "{}")
    both = [
        _by_value(rows[column(field.name)], partial(_shown, field, say), say.missing) for column in (declared, enriched)
    ]
    return pl.select(pl.format(form, *both).alias("evidence"))["evidence"]


def _fixed(sentence: str | None, rows: pl.DataFrame) -> pl.Series:
    return pl.repeat(sentence, rows.height, dtype=pl.String, eager=True)


def _with_date(sentence: str, day: pl.Expr, say: Words, without: str | None, rows: pl.DataFrame) -> pl.Series:
    days = rows.select(day.alias("day"))["day"]
    return _by_value(days, lambda each: sentence.format(date=say.date(each)), without)


def _activities(rule: ActivityRule, kept: str, newest: pl.Expr, say: Words, rows: pl.DataFrame) -> pl.Series:
    facts = rows.select(pl.struct(kept=pl.col(kept), newest=newest).alias("facts"))["facts"]
    fading = _fading(rule, say)

    def sentence(fact: dict[str, object]) -> str:
        number, last = fact["kept"], fact["newest"]
        if not isinstance(number, int) or not isinstance(last, date):
            return ""
        form = say.on if number == 1 else say.last_on
        said = form.format(activities=say.activities(rule.activities.kinds, number), date=say.date(last))
        return ", ".join((said, *fading))

    distinct = facts.unique()
    sentences = pl.DataFrame({"facts": distinct, "evidence": [sentence(fact) for fact in distinct.to_list()]})
    joined = facts.to_frame().join(sentences, on="facts", how="left", maintain_order="left")
    return joined["evidence"].cast(pl.String)


def _fading(rule: ActivityRule, say: Words) -> list[str]:
    forms = {DecayKind.HALF_LIFE: say.half_life, DecayKind.LINEAR: say.linear, DecayKind.EXPIRY: say.expiry}
    return [forms[rule.decay.kind].format(days=rule.decay.days)] if rule.decay.kind in forms else []


def _attributes(attributes: list[Attribute], activities: bool, say: Words, rows: pl.DataFrame) -> pl.Series:
    parts = []
    for each in attributes:
        shown = _by_value(rows[value(each.name)], partial(_shown, each, say), say.missing)
        said = pl.format(_escaped(say.labelled.format(name=say.attribute(each.name))) + "{}", shown)
        if from_enrichment(each.name) in rows.columns:
            mark = pl.lit(f" ({say.by_enrichment})")
            said = pl.when(pl.col(from_enrichment(each.name))).then(said + mark).otherwise(said)
        parts.append(said)
    if activities:
        parts.append(pl.lit(say.by_activities))
    joined = pl.concat_str(parts, separator="; ") if parts else pl.lit(None, dtype=pl.String)
    return rows.select(pl.repeat(None, pl.len(), dtype=pl.String).fill_null(joined).alias("evidence"))["evidence"]


def _escaped(name: str) -> str:
    return name.replace("{", "{{").replace("}", "}}")


def _shown(attribute: Attribute, say: Words, content: object) -> str:
    if isinstance(content, bool):
        return say.yes if content else say.no
    if isinstance(content, date):
        return say.date(content)
    if attribute.type is AttributeType.LIST and isinstance(content, list):
        return ", ".join(str(each["trimmed"]) for each in content)
    if attribute.type is AttributeType.NUMBER:
        text = format(content, "f") if isinstance(content, float) else str(content)
        return (text.rstrip("0").rstrip(".") if "." in text else text).replace(".", say.decimal_mark)
    return say.value(attribute.name, str(content))


def _by_value(values: pl.Series, form: Callable[..., str], empty: str | None) -> pl.Series:
    """Put each distinct value into words once."""
    distinct = values.drop_nulls().unique(maintain_order=True)
    known = pl.DataFrame(
        {"value": distinct, "said": pl.Series([form(each) for each in distinct.to_list()], dtype=pl.String)}
    )
    joined = pl.DataFrame({"value": values}).join(known, on="value", how="left", maintain_order="left")
    said = joined["said"]
    return said if empty is None else said.fill_null(empty)
