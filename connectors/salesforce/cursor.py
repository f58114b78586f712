"""Where the reading of a stream stands: a window of SystemModstamp and, inside it, a place per object.

A window opens at the last mark minus the overlap; its end and the next mark come from the CRM's clock in the answer to its
first page. Places are (SystemModstamp, Id), so an interrupted page starts again exactly where it was. An object that comes
by a bulk job has the job's id and a locator instead.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from connectors.errors import NeedsAttention

_VERSION = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """The last row that was read of one object."""

    at: datetime
    id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """A bulk job that brings the rows of one object, in no order: only its end moves the mark."""

    #: None: still to be made.
    id: str | None = None
    #: The next results, None at the beginning.
    locator: str | None = None
    #: Rows that the complete job has, None until it is; rows read so far, and whether these are all.
    total: int | None = None
    rows: int = 0
    read: bool = False
    #: How many jobs before this one were lost.
    lost: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Cursor:
    """Position in a stream. Between windows only `mark` (None: from the beginning of time) and `checked` are set."""

    mark: datetime | None = None
    #: Until when the log of deletions has been asked.
    checked: datetime | None = None
    #: Inside a window: lower end, upper end (excluded; unknown before the first answer) and the mark that follows.
    low: datetime | None = None
    until: datetime | None = None
    next_mark: datetime | None = None
    #: Objects that still have rows, with their place (None: at the beginning). Empty between windows.
    places: Mapping[str, Place | None] = field(default_factory=dict)
    #: Objects that come by a bulk job.
    jobs: Mapping[str, Job] = field(default_factory=dict)
    #: The objects that are wanted of the stream; empty: all.
    only: tuple[str, ...] = ()

    @property
    def open(self) -> bool:
        """Whether a window is being read."""
        return bool(self.places or self.jobs)

    def dump(self) -> str:
        """As JSON text."""
        content: dict[str, Any] = {"v": _VERSION, "mark": _iso(self.mark)}
        if self.checked is not None:
            content["checked"] = _iso(self.checked)
        if self.only:
            content["only"] = self.only
        if self.open:
            content["low"] = _iso(self.low)
            content["until"] = _iso(self.until)
            content["next"] = _iso(self.next_mark)
            content["places"] = {
                name: [_iso(place.at), place.id] if place else None for name, place in self.places.items()
            }
        if self.jobs:
            content["jobs"] = {name: asdict(job) for name, job in self.jobs.items()}
        return json.dumps(content, separators=(",", ":"))


def load_cursor(text: str) -> Cursor:
    """The cursor of a JSON text.

    Raises:
        NeedsAttention: The text is not a cursor of this connector.
    """
    try:
        content = json.loads(text)
        if content["v"] != _VERSION:
            raise ValueError("version")
        return Cursor(
            mark=_instant(content["mark"]),
            checked=_instant(content.get("checked")),
            low=_instant(content.get("low")),
            until=_instant(content.get("until")),
            next_mark=_instant(content.get("next")),
            places={
                name: Place(at=datetime.fromisoformat(place[0]), id=place[1]) if place else None
                for name, place in content.get("places", {}).items()
            },
            jobs={name: Job(**job) for name, job in content.get("jobs", {}).items()},
            only=tuple(content.get("only", ())),
        )
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise NeedsAttention(
            "The stored position of a stream is not one of this connector.",
            code="cursor",
            next_step="run: leadgrade sync --kind full",
        ) from error


def _iso(value: datetime | None) -> str | None:
    return value.astimezone(UTC).isoformat(timespec="milliseconds") if value else None


def _instant(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value) if value else None
