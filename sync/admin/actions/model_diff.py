"""What differs between two models, in words: rules added and removed, points, conditions, limits and thresholds changed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from scoring.model_dimensions import AttributeDimension
from sync.admin.actions.model_parts import Facet, Part, grouped, model_parts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from scoring.model import Model

#: Values of a list that are named.
_NAMED: Final = 5


class ChangeKind(StrEnum):
    """What happened to a part."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One thing that is not the same in both models."""

    #: Part of the model: `fit`, `quality`, `grade`, `lists`…
    section: str
    #: Id, code or name; empty when the part itself changed.
    item: str
    kind: ChangeKind
    #: What of it: `points`, `when`, `limit`…; empty when all of it came or went.
    what: str
    before: str
    after: str


def diff_models(before: Model, after: Model) -> list[Change]:
    """Tell the differences that make another version, in the order of the models; none when the versions are equal."""
    if before.version == after.version:
        return []
    old = {(item.section, item.name): item for item in model_parts(before)}
    new = {(item.section, item.name): item for item in model_parts(after)}
    changes: list[Change] = []
    for place, item in {**old, **new}.items():
        if place not in new:
            changes.append(_whole(item, ChangeKind.REMOVED))
        elif place not in old:
            changes.append(_whole(item, ChangeKind.ADDED))
        else:
            changes += _facets(old[place], new[place])
    changes += _lists(before, after)
    changes += _orders(before, after)
    return changes


def _whole(item: Part, kind: ChangeKind) -> Change:
    text = ", ".join(f"{name}: {facet.shown}" for name, facet in item.facets.items() if facet.shown)
    return Change(
        section=item.section,
        item=item.name,
        kind=kind,
        what="",
        before=text if kind is ChangeKind.REMOVED else "",
        after=text if kind is ChangeKind.ADDED else "",
    )


def _facets(old: Part, new: Part) -> Iterator[Change]:
    nothing = Facet("", "")
    for name in {**old.facets, **new.facets}:
        before, after = old.facets.get(name, nothing), new.facets.get(name, nothing)
        if before.key != after.key:
            yield Change(
                section=new.section,
                item=new.name,
                kind=ChangeKind.CHANGED,
                what=name,
                before=before.shown,
                after=after.shown,
            )


def _lists(before: Model, after: Model) -> Iterator[Change]:
    old = {each.name: each.values for each in before.lists}
    new = {each.name: each.values for each in after.lists}
    for name in {**old, **new}:
        came = sorted(set(new.get(name, ())) - set(old.get(name, ())))
        went = sorted(set(old.get(name, ())) - set(new.get(name, ())))
        if name in old and name in new and not came and not went:
            continue
        kind = ChangeKind.CHANGED if name in old and name in new else ChangeKind.ADDED
        kind = ChangeKind.REMOVED if name not in new else kind
        yield Change(
            section="lists",
            item=name,
            kind=kind,
            what="values" if kind is ChangeKind.CHANGED else "",
            before=_counted(old[name], "gone", went) if name in old else "",
            after=_counted(new[name], "new", came) if name in new else "",
        )


def _counted(values: Sequence[str], word: str, named: Sequence[str]) -> str:
    text = f"{len(values):,} value{'' if len(values) == 1 else 's'}"
    return f"{text}, {word} {_some(named)}" if named else text


def _some(values: Sequence[str]) -> str:
    more = len(values) - _NAMED
    return ", ".join(values[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _orders(before: Model, after: Model) -> Iterator[Change]:
    """Where the order decides or is shown, and the parts that both models have stand in another one."""
    old, new = dict(_sequences(before)), dict(_sequences(after))
    for section in (name for name in old if name in new):
        was = [each for each in old[section] if each in new[section]]
        now = [each for each in new[section] if each in old[section]]
        if was != now:
            yield Change(
                section=section,
                item="",
                kind=ChangeKind.CHANGED,
                what="order",
                before=_names(was),
                after=_names(now),
            )


def _sequences(model: Model) -> Iterator[tuple[str, list[tuple[str | None, str]]]]:
    yield "model", [(None, each.name) for each in model.dimensions]
    for dimension in model.dimensions:
        if isinstance(dimension, AttributeDimension):
            yield dimension.name, [(group, rule.id) for group, rule in grouped(dimension)]
        else:
            yield dimension.name, [(None, rule.id) for rule in dimension.rules]
    if model.quality is not None:
        yield "quality", [(None, rule.id) for rule in model.quality.rules]
    yield "gates", [(None, each.id) for each in model.gates]
    yield "disqualify", [(None, each.code) for each in model.disqualify]
    yield "attention", [(None, each.code) for each in model.attention]
    yield "products", [(None, each.name) for each in model.products]


def _names(parts: Iterable[tuple[str | None, str]]) -> str:
    return ", ".join(name for _, name in parts)
