"""Which value wins when several records tell of one person, and how much of a record is filled. Pure, on texts.

Per attribute: the believed connection first, then the newest change, never a blank. A value that has not changed since it
was first seen is as old as its record, so that it is not made newer by changes of its neighbours. Apart from that:
consent flags are true when any record says so; override and recycling come whole from the newest one; `created_at` is the
oldest, `modified_at` and `last_activity_on` the newest.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Final

from sync.people.encoding import FALSE, TRUE, decode_boolean, decode_date, encode_instant

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

#: True when any record says so.
CONSENT_FLAGS: Final = ("email_opt_out", "do_not_call")
#: Attributes that only make sense together: the first one decides, the others come from the same record.
OVERRIDE: Final = ("score_override", "score_override_until")
RECYCLING: Final = ("recycled_at", "recycle_keep")
_NEWEST_VALUE: Final = ("last_activity_on",)
_STAMPS: Final = ("created_at", "modified_at")
_SPECIAL: Final = frozenset({*CONSENT_FLAGS, *OVERRIDE, *RECYCLING, *_NEWEST_VALUE, *_STAMPS})
_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """One live record that tells of the person."""

    #: Name of the connection.
    connection: str
    attributes: Mapping[str, str]
    #: Created in the CRM, else first seen.
    born_at: datetime
    #: When its fingerprint last changed.
    modified_at: datetime
    #: Attribute -> its newest known change.
    changed: Mapping[str, datetime] = field(default_factory=dict)
    #: Decides between equals: the record, whatever the order of arrival.
    key: tuple[int, str, str]


def survive(sources: Sequence[Source], believed: Mapping[str, str]) -> dict[str, str]:
    """The person's attributes; `believed`: attribute -> name of the connection whose value wins while it is filled."""
    if len(sources) <= 1:
        return _alone(sources[0]) if sources else {}
    names = {name for source in sources for name, text in source.attributes.items() if text.strip()} - _SPECIAL
    profile = {name: best.attributes[name] for name in names if (best := _winner(sources, name, believed)) is not None}
    for name in CONSENT_FLAGS:
        says = [
            decode_boolean(source.attributes[name]) for source in sources if source.attributes.get(name, "").strip()
        ]
        if says:
            profile[name] = TRUE if any(says) else FALSE
    if (best := _winner(sources, OVERRIDE[0], believed)) is not None:
        _take(profile, best, OVERRIDE)
    if (best := _newest_value(sources, RECYCLING[0])) is not None:
        _take(profile, best, RECYCLING)
    for name in _NEWEST_VALUE:
        if (best := _newest_value(sources, name)) is not None:
            profile[name] = best.attributes[name]
    profile["created_at"] = encode_instant(min(source.born_at for source in sources))
    profile["modified_at"] = encode_instant(max(source.modified_at for source in sources))
    return profile


def _alone(source: Source) -> dict[str, str]:
    """The same for most people, who have one record: nothing to decide."""
    profile = {name: text for name, text in source.attributes.items() if text.strip()}
    for name in CONSENT_FLAGS:
        if name in profile:
            profile[name] = TRUE if decode_boolean(profile[name]) else FALSE
    for first, *rest in (OVERRIDE, RECYCLING):
        if first not in profile:
            for name in rest:
                profile.pop(name, None)
    profile["created_at"] = encode_instant(source.born_at)
    profile["modified_at"] = encode_instant(source.modified_at)
    return profile


def ranked(sources: Sequence[Source]) -> list[Source]:
    """All records, the one that was born last first: the order in which their accounts are asked."""
    return sorted(sources, key=lambda source: (source.born_at, source.key), reverse=True)


def completeness(fields: Collection[str], attributes: Mapping[str, str]) -> int | None:
    """Percentage of the fields that are filled, whole, half away from zero; None without fields.

    `attributes` are declared ones: what enrichment gave does not count, what cannot be normalised does.
    """
    if not fields:
        return None
    filled = sum(1 for name in fields if attributes.get(name, "").strip())
    return int((Decimal(100 * filled) / len(fields)).quantize(Decimal(1), ROUND_HALF_UP))


def _winner(sources: Sequence[Source], name: str, believed: Mapping[str, str]) -> Source | None:
    filled = [source for source in sources if source.attributes.get(name, "").strip()]
    if len(filled) <= 1:
        return filled[0] if filled else None
    trusted = believed.get(name)
    return max(
        filled, key=lambda source: (source.connection == trusted, source.changed.get(name, source.born_at), source.key)
    )


def _newest_value(sources: Sequence[Source], name: str) -> Source | None:
    filled = [source for source in sources if source.attributes.get(name, "").strip()]
    return max(filled, key=lambda source: (_instant(source.attributes[name]), source.key), default=None)


def _take(profile: dict[str, str], source: Source, names: Sequence[str]) -> None:
    profile.update({name: source.attributes[name] for name in names if source.attributes.get(name, "").strip()})


def _instant(text: str) -> datetime:
    """Order of dates and instants: a date alone is noon, what cannot be read is older than anything."""
    value = decode_date(text.strip())
    if value is None:
        return _LONG_AGO
    if isinstance(value, datetime):
        return value
    return datetime.combine(value, time(12), tzinfo=UTC)
