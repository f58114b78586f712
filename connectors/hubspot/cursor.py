"""Cursors: where the reading of each part of a stream stands. JSON text, opaque to everyone outside this package.

A stream has parts (one per CRM object or event source). A part is first loaded, then read by changes for ever:

    LOAD      list pages by `after`; `opened` = HubSpot's clock at the first page
    CHANGES   everything changed at or after `since` minus the lookback, by ascending id beyond `after`; when the scan is
              through, `since` becomes `opened`, HubSpot's clock at the scan's first page
    ARCHIVED  now and then, the list of archived records
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from connectors.errors import NeedsAttention

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Mode(StrEnum):
    """How a part is being read."""

    LOAD = "load"
    CHANGES = "changes"
    ARCHIVED = "archived"


@dataclass(frozen=True, kw_only=True, slots=True)
class Position:
    """Where one part stands."""

    mode: Mode = Mode.LOAD
    #: Changes at or after this are still to be read.
    since: datetime | None = None
    #: HubSpot's clock when the pages now being read began.
    opened: datetime | None = None
    #: Page token or last id of the pages now being read.
    after: str | None = None
    #: The sub-item now being read (a form), or how a scan by page tokens was taken up again.
    item: str | None = None
    #: When the archived records were last listed, or the source last polled.
    polled: datetime | None = None

    def opened_at(self, date: datetime) -> Position:
        """The same, begun at HubSpot's clock unless it had begun before."""
        return self if self.opened else replace(self, opened=date)

    def finished(self, **changes: datetime | None) -> Position:
        """The scan is through: the next one reads what changed since this one began."""
        return replace(self, mode=Mode.CHANGES, since=self.opened, opened=None, after=None, item=None, **changes)


@dataclass(frozen=True, kw_only=True, slots=True)
class StreamCursor:
    """Positions of all parts of a stream, and the part to go on with."""

    parts: dict[str, Position] = field(default_factory=dict)
    at: str | None = None
    #: For parts that have no position of their own: None loads them from the beginning.
    since: datetime | None = None

    def position(self, part: str) -> Position:
        """Where a part stands; one that is new to the cursor starts like the stream did."""
        if part in self.parts:
            return self.parts[part]
        return Position() if self.since is None else Position(mode=Mode.CHANGES, since=self.since)

    def moved(self, part: str, position: Position, *, at: str | None) -> StreamCursor:
        """The cursor after a page of one part."""
        return replace(self, parts={**self.parts, part: position}, at=at)

    def dump(self) -> str:
        """As JSON text."""
        content = {
            "v": 1,
            "at": self.at,
            "since": stamp(self.since),
            "parts": {name: _dumped(position) for name, position in self.parts.items()},
        }
        return json.dumps({key: value for key, value in content.items() if value is not None}, sort_keys=True)

    @classmethod
    def load(cls, text: str) -> StreamCursor:
        """From JSON text.

        Raises:
            NeedsAttention: The text is no cursor of ours.
        """
        try:
            content = json.loads(text)
            parts = {name: _loaded(held) for name, held in content["parts"].items()}
            return cls(parts=parts, at=content.get("at"), since=instant(content.get("since")))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise NeedsAttention(
                "The stored cursor of a HubSpot stream cannot be read.",
                code="configuration",
                next_step="read the connection anew: leadgrade sync CONNECTION --kind full",
            ) from error


def stamp(moment: datetime | None) -> int | None:
    """Milliseconds since 1970."""
    return None if moment is None else (moment - _EPOCH) // timedelta(milliseconds=1)


def instant(milliseconds: int | None) -> datetime | None:
    """The instant of a stamp."""
    return None if milliseconds is None else _EPOCH + timedelta(milliseconds=milliseconds)


def _dumped(position: Position) -> dict[str, object]:
    content = {
        "mode": position.mode.value,
        "since": stamp(position.since),
        "opened": stamp(position.opened),
        "after": position.after,
        "item": position.item,
        "polled": stamp(position.polled),
    }
    return {key: value for key, value in content.items() if value is not None}


def _loaded(content: dict[str, object]) -> Position:
    def moment(key: str) -> datetime | None:
        value = content.get(key)
        return instant(int(value)) if isinstance(value, int) else None

    def text(key: str) -> str | None:
        value = content.get(key)
        return None if value is None else str(value)

    return Position(
        mode=Mode(str(content["mode"])),
        since=moment("since"),
        opened=moment("opened"),
        after=text("after"),
        item=text("item"),
        polled=moment("polled"),
    )
