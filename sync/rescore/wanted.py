"""What each CRM record of a person should hold: desired values into the outbox, due when they differ enough from what was sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from connectors.errors import RefusalScope
from connectors.outputs import MODEL_OUTPUTS
from sync.people.survivorship import completeness
from sync.rescore.desired import numbers, texts
from sync.values import SILENT, is_due, is_urgent, normal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from sync.rescore.scoring_run import Rules
    from sync.store.contact_rows import StoredContact
    from sync.store.sql.outbox import Entry
    from sync.store.unit import Unit
    from sync.values import Values

_Key = tuple[int, str, str]


@dataclass(kw_only=True)
class Wanted:
    """The wanted values of one batch of people."""

    rules: Rules
    #: person_no -> row of the score table, for those whose scores were computed in this batch.
    rows: Mapping[int, Mapping[str, Any]]
    run_no: int | None
    now: datetime
    _reasons: dict[str, str] = field(init=False)
    _attention: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self._reasons = {each.code: each.reason for each in self.rules.model.model.disqualify}
        self._attention = {each.code: each.reason for each in self.rules.model.model.attention}

    def due_people(self, unit: Unit, looked_at: Iterable[int]) -> set[int]:
        """Who will be written, hence needs the texts of an explanation."""
        return {
            contact.person_no
            for contact, entry, desired in self._pairs(unit, looked_at)
            if contact.person_no is not None and desired is not None and self._worth(desired, entry)
        }

    def store(self, unit: Unit, looked_at: Iterable[int], explained: Mapping[int, tuple[str, str]]) -> int:
        """Put wanted values into the outbox; returns how many records are due now that were not before."""
        rows, dropped, newly = [], [], 0
        for contact, entry, desired in self._pairs(unit, looked_at):
            if desired is None:
                if entry is not None:
                    dropped.append(entry.key)
                continue
            number = contact.person_no or 0
            if number not in explained and not self._worth(desired, entry):
                continue
            full = desired | self._texts(number, explained.get(number), entry)
            full = {name: value for name, value in full.items() if name in self._outputs(contact)}
            row = self._row(contact, entry, full)
            if row is not None:
                newly += row["due"] and not (entry is not None and entry.due)
                rows.append(row)
        unit.outbox.want(rows)
        unit.outbox.drop(dropped)
        return newly

    def _pairs(
        self, unit: Unit, looked_at: Iterable[int]
    ) -> Iterator[tuple[StoredContact, Entry | None, Values | None]]:
        """(contact, its entry, wanted numbers); None as wanted where nothing may be written."""
        people = sorted(looked_at)
        contacts = unit.contacts.of_people(people, gone=True)
        entries = {entry.key: entry for entry in unit.outbox.of_people(people)}
        for contact in contacts:
            entry = entries.get(_key(contact))
            writable = contact.writable and contact.gone_at is None and self._outputs(contact)
            row = self.rows.get(contact.person_no) if contact.person_no is not None else None
            yield contact, entry, self._numbers(contact, row) if writable and row is not None else None

    def _numbers(self, contact: StoredContact, row: Mapping[str, Any]) -> Values:
        quality = self.rules.model.model.quality
        fields = quality.completeness.fields if quality is not None and quality.completeness is not None else ()
        filled = completeness(fields, contact.attributes) if fields else None
        reason = self._reasons.get(row["disqualify_code"]) if row["disqualify_code"] else None
        attention = self._attention.get(row["attention_code"]) if row["attention_code"] else None
        outputs = self._outputs(contact)
        of_model = [name for name in outputs if name.startswith(tuple(MODEL_OUTPUTS))]
        wanted = numbers(row, completeness=filled, reason=reason, attention=attention, of_model=of_model)
        return {name: value for name, value in wanted.items() if name in outputs}

    def _texts(self, number: int, explained: tuple[str, str] | None, entry: Entry | None) -> Values:
        if explained is None:
            known = (entry.desired if entry is not None else None) or {}
            explained = (str(known.get("reasons") or ""), str(known.get("breakdown") or ""))
        return texts(self.rows[number], reasons=explained[0], breakdown=explained[1], scored_at=self.now)

    def _outputs(self, contact: StoredContact) -> frozenset[str]:
        return self.rules.outputs.get(contact.connection_no, {}).get(contact.ref.object, frozenset())

    def _worth(self, desired: Values, entry: Entry | None) -> bool:
        """Whether the numbers alone make a write due, or move one that is due already."""
        if self.rules.deadband == 0 or self.rules.force or entry is None:
            return True
        return entry.due or is_due(desired, _known(entry), deadband=self.rules.deadband)

    def _row(self, contact: StoredContact, entry: Entry | None, desired: Values) -> dict[str, Any] | None:
        sent = _known(entry) if entry is not None else None
        due = is_due(desired, sent, deadband=0 if self.rules.force else self.rules.deadband)
        same = entry is not None and _without_stamp(desired) == _without_stamp(entry.desired or {})
        dead = entry is not None and entry.refusal is not None
        if entry is not None and same and (dead or due == entry.due):
            return None
        # A refused value is dead, a new one gets a new chance; a refused record or object waits for a change of its own.
        still_dead = dead and entry is not None and entry.refusal_scope != RefusalScope.VALUE.value
        due = due and not still_dead
        return {
            "connection_no": contact.connection_no,
            "object": contact.ref.object,
            "record_id": contact.ref.id,
            "shard": self.rows[contact.person_no]["shard"] if contact.person_no is not None else 0,
            "person_no": contact.person_no,
            "contact_no": contact.contact_no,
            "desired": desired,
            "sent": sent,
            "due": due,
            "urgent": due and is_urgent(desired, sent),
            "due_at": self.now if due else None,
            "attempts": 0,
            "refusal": entry.refusal if still_dead and entry is not None else None,
            "refusal_text": entry.refusal_text if still_dead and entry is not None else None,
            "refusal_scope": entry.refusal_scope if still_dead and entry is not None else None,
            "model_version": self.rules.version,
            "run_no": self.run_no,
        }


def _known(entry: Entry) -> Values | None:
    """What the record holds as far as we know: what we sent, else what a first load saw there."""
    if entry.sent is not None:
        return entry.sent
    filled = {name: normal(name, value) for name, value in (entry.observed or {}).items()}
    return filled if any(value not in (None, False) for value in filled.values()) else None


def _without_stamp(values: Values) -> Values:
    return {name: value for name, value in values.items() if name not in SILENT}


def _key(contact: StoredContact) -> _Key:
    return contact.connection_no, contact.ref.object, contact.ref.id
