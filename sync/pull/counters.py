"""Activities that a CRM only counts: each rise of a contact's counter is one, with as many events as it rose.

The first sight of a counter is a baseline, and so is the first after a merge; a fall begins anew. What was seen is kept with the
activities in one transaction, so nothing counts twice, whatever is read again, and an older copy of a contact tells nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.records import ActivityRecord, LinkReason, Precision, Ref
from sync.store.counter_rows import SeenCounters

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from connectors.records import ContactRecord, CounterValue
    from sync.store.unit import Unit


def rises(unit: Unit, contact_nos: Mapping[Ref, int], records: Sequence[ContactRecord]) -> list[ActivityRecord]:
    """The activities that the counters of a page of contacts tell; what they say is kept.

    Args:
        unit: The page's transaction; the contacts are stored.
        contact_nos: Their numbers.
        records: Contacts as they came (of one that comes twice, the last counts).
    """
    page = {contact_nos[record.ref]: record for record in records if record.counters and record.ref in contact_nos}
    if not page:
        return []
    known = unit.counters.get(page)
    found: list[ActivityRecord] = []
    seen: list[SeenCounters] = []
    for contact_no, record in page.items():
        before = known.get(contact_no)
        if before is not None and record.modified_at < before.seen_at:
            continue
        merged = sum(link.reason is LinkReason.MERGE for link in record.same_as)
        counts = dict(before.counts) if before is not None else {}
        compare = before is not None and before.merged == merged
        for counter in record.counters:
            value, falls = counts.get(counter.name, (counter.value, 0))
            falls += counter.value < value
            counts[counter.name] = counter.value, falls
            if compare and counter.counted and counter.value > value:
                found.append(_activity(record, counter, rise=counter.value - value, falls=falls))
        now = SeenCounters(contact_no=contact_no, counts=counts, merged=merged, seen_at=record.modified_at)
        if before is None or (before.counts, before.merged) != (now.counts, now.merged):
            seen.append(now)
    unit.counters.put(seen)
    return found


def _activity(record: ContactRecord, counter: CounterValue, *, rise: int, falls: int) -> ActivityRecord:
    at = counter.at or record.modified_at
    known = max(record.modified_at, at)
    again = f":{falls}" if falls else ""  # after a fall the same values come a second time
    return ActivityRecord(
        ref=Ref(object=counter.name, id=f"{record.ref.id}:{counter.value}{again}"),
        kind=counter.kind,
        at=at,
        modified_at=known,
        recorded_at=known,
        precision=Precision.DERIVED,
        contacts=(record.ref,),
        count=rise,
    )
