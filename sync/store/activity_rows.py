"""Activities as they go into the store, and what storing them meant."""

from __future__ import annotations

from dataclasses import dataclass

from connectors.records import ActivityRecord


@dataclass(frozen=True, kw_only=True, slots=True)
class ActivityRow:
    """One activity of a page. The fingerprint covers all of the record but its `modified_at`; e-mails are lower case."""

    record: ActivityRecord
    fingerprint: str


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredPage:
    """What a page of activities or opportunities meant."""

    new: int
    changed: int
    unchanged: int
    #: People whose activities differ now, from before and after.
    people: frozenset[int] = frozenset()
