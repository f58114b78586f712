"""Events of one table in the order of time, kept sorted between pages so that a long list is not sorted anew for each."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from weakref import WeakKeyDictionary

from connectors.sandbox.clock import Stamp
from connectors.sandbox.hubspot.errors import invalid
from connectors.sandbox.ids import id_order
from connectors.sandbox.org import Org
from connectors.sandbox.records import Record

Instant = Callable[[Record], Stamp]


class Timeline:
    """Records by (instant, id)."""

    def __init__(self, records: Iterable[Record], instant: Instant) -> None:
        self._entries = sorted(((instant(record), id_order(record.id), record) for record in records), key=_order)
        self._places = {entry[2].id: place for place, entry in enumerate(self._entries)}

    def page(
        self,
        limit: int,
        *,
        low: Stamp | None = None,
        high: Stamp | None = None,
        after: str | None = None,
        ascending: bool = False,
        wanted: Callable[[Record], bool] = lambda _: True,
    ) -> tuple[list[Record], str | None]:
        """At most `limit` records with `low <= instant <= high` beyond `after`, and the id to go on from.

        Raises:
            Refusal: 400, `after` is no id of the list.
        """
        page: list[Record] = []
        for record in self._walk(low=low, high=high, after=after, ascending=ascending):
            if not wanted(record):
                continue
            if len(page) == limit:
                return page, page[-1].id
            page.append(record)
        return page, None

    def _walk(self, *, low: Stamp | None, high: Stamp | None, after: str | None, ascending: bool) -> Iterator[Record]:
        start = 0 if low is None else bisect_left(self._entries, low, key=_stamp)
        end = len(self._entries) if high is None else bisect_right(self._entries, high, key=_stamp)
        if after is not None:
            if after not in self._places:
                raise invalid("The paging token is not valid.")
            place = self._places[after]
            start, end = (max(start, place + 1), end) if ascending else (start, min(end, place))
        places = range(start, end) if ascending else range(end - 1, start - 1, -1)
        return (self._entries[place][2] for place in places)


Entry = tuple[Stamp, tuple[int, str], Record]
_KEPT: WeakKeyDictionary[Org, dict[str, tuple[tuple[int, int], Timeline]]] = WeakKeyDictionary()


def timeline(org: Org, name: str, instant: Instant) -> Timeline:
    """The timeline of a whole table whose records do not change once they are there."""
    table = org.table(name)
    version = (len(table.records), len(table.purged))
    kept = _KEPT.setdefault(org, {})
    if name not in kept or kept[name][0] != version:
        kept[name] = (version, Timeline(org.scan(name), instant))
    return kept[name][1]


def _order(entry: Entry) -> tuple[Stamp, tuple[int, str]]:
    return entry[:2]


def _stamp(entry: Entry) -> Stamp:
    return entry[0]
