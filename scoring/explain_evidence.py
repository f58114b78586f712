"""What a line rests on, in a sentence: values of attributes, or how many activities and when. Dates, never ages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

import polars as pl

from scoring.attribute_values import Attribute, declared, enriched, from_enrichment, value
from scoring.conditions import attributes_of, happenings_of
from scoring.explain_words import Words, words
from scoring.model_dimensions import DecayKind
from scoring.steps import KEPT, NEWEST, NOW, bucket_column
from scoring.vocabulary import AttributeType

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from scoring.activities_sums import Bucket
    from scoring.model_conditions import Condition
    from scoring.model_dimensions import ActivityRule
    from scoring.plan import Plan


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence about a line: what it speaks of, as cells of the sheet, and how that is said."""

    cells: tuple[pl.Expr, ...]
    say: Callable[..., str | None]

    def sentences(self, columns: Sequence[pl.Series], rows: int) -> pl.Series:
        """The sentence for each row of the cells; whatever is alike is put into words once."""
        if not columns:
            return pl.Series([self.say()], dtype=pl.String).new_from_index(0, rows)
        cells = list(zip(*(column.to_list() for column in columns), strict=True))
        said = {each: self.say(*each) for each in dict.fromkeys(cells)}
        return pl.Series([said[each] for each in cells], dtype=pl.String)


def fixed(sentence: str | None) -> Evidence:
    """The same sentence for everybody."""
    return Evidence((), lambda: sentence)


def said_with_date(sentence: str, day: pl.Expr, say: Words, *, without: str | None = None) -> Evidence:
    """A sentence with a date in it; another one for whoever has no date."""
    return Evidence((day,), lambda each: without if each is None else sentence.format(date=say.date(each)))


def newest_date(plan: Plan, part: Bucket) -> pl.Expr:
    """Date of the newest activity that counts for a rule."""
    return pl.lit(plan.day) - pl.duration(days=pl.col(bucket_column(NOW, part.number, NEWEST)))


def activity_evidence(plan: Plan, part: Bucket) -> Evidence:
    """How many activities count, when the last one was, and how they fade."""
    say = words(plan.compiled.model.language)
    cells = (pl.col(bucket_column(NOW, part.number, KEPT)), newest_date(plan, part))
    return Evidence(cells, partial(_activities, part.first.rule, say))


def attribute_evidence(plan: Plan, condition: Condition) -> Evidence:
    """The values that a condition on a person looked at."""
    say = words(plan.compiled.model.language)
    attributes = sorted(attributes_of(condition))
    cells = [
        cell
        for each in attributes
        for cell in (
            _cell(each, value(each.name)),
            pl.col(from_enrichment(each.name)) if enriched(each.name) in plan.columns else pl.lit(value=False),
        )
    ]
    return Evidence(tuple(cells), partial(_attributes, attributes, bool(happenings_of(condition)), say))


def conflict_evidence(plan: Plan, name: str) -> Evidence:
    """The declared and the enriched value of a field that contradict each other."""
    model = plan.compiled.model
    field = Attribute(name, model.attribute_type(name))
    cells = (_cell(field, declared(name)), _cell(field, enriched(name)))
    return Evidence(cells, partial(_conflict, field, words(model.language)))


def _cell(attribute: Attribute, column: str) -> pl.Expr:
    cell = pl.col(column)
    if attribute.type is not AttributeType.LIST:
        return cell
    return cell.list.eval(pl.element().struct.field("trimmed")).list.join(", ")


def _conflict(field: Attribute, say: Words, own: object, other: object) -> str:
    return say.declared_and_enriched.format(declared=_shown(field, say, own), enriched=_shown(field, say, other))


def _activities(rule: ActivityRule, say: Words, number: int, last: date) -> str:
    form = say.on if number == 1 else say.last_on
    said = form.format(activities=say.activities(rule.activities.kinds, number), date=say.date(last))
    return ", ".join((said, *_fading(rule, say)))


def _fading(rule: ActivityRule, say: Words) -> list[str]:
    forms = {DecayKind.HALF_LIFE: say.half_life, DecayKind.LINEAR: say.linear, DecayKind.EXPIRY: say.expiry}
    return [forms[rule.decay.kind].format(days=rule.decay.days)] if rule.decay.kind in forms else []


def _attributes(attributes: Sequence[Attribute], activities: bool, say: Words, *cells: object) -> str | None:
    parts = []
    for each, content, by_enrichment in zip(attributes, cells[::2], cells[1::2], strict=True):
        said = say.labelled.format(name=say.attribute(each.name)) + _shown(each, say, content)
        parts.append(f"{said} ({say.by_enrichment})" if by_enrichment else said)
    if activities:
        parts.append(say.by_activities)
    return "; ".join(parts) or None


def _shown(attribute: Attribute, say: Words, content: object) -> str:
    if content is None:
        return say.missing
    if isinstance(content, bool):
        return say.yes if content else say.no
    if isinstance(content, date):
        return say.date(content)
    if attribute.type is AttributeType.LIST:
        return str(content)
    if attribute.type is AttributeType.NUMBER:
        text = format(content, "f") if isinstance(content, float) else str(content)
        return (text.rstrip("0").rstrip(".") if "." in text else text).replace(".", say.decimal_mark)
    return say.value(attribute.name, str(content))
