"""What each CRM record of a person should hold: desired values into the outbox, due when they differ enough from what was sent."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from connectors.outputs import MODEL_OUTPUTS
from sync.people.survivorship import completeness
from sync.rescore.desired import numbers, texts
from sync.rescore.entries import entry_row, known, worth_writing
from sync.values import is_due

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from scoring.model import Reason
    from sync.rescore.scoring_run import Rules
    from sync.store.contact_rows import PersonRecord
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
    #: By the version of a model: code -> sentence.
    _reasons: dict[str, dict[str, str]] = field(init=False)
    _attention: dict[str, dict[str, str]] = field(init=False)
    #: contact_no -> (what they were made of, wanted numbers): each record is looked at twice.
    _known: dict[int, tuple[PersonRecord, Values]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        models = {version: each.model for version, each in self.rules.segments.by_version.items()}
        self._reasons = {version: _sentences(model.disqualify) for version, model in models.items()}
        self._attention = {version: _sentences(model.attention) for version, model in models.items()}

    def due_people(self, unit: Unit, looked_at: Iterable[int]) -> set[int]:
        """Who will be written, hence needs the texts of an explanation."""
        return {
            contact.person_no
            for contact, entry, desired in self._pairs(unit, looked_at)
            if desired is not None and worth_writing(desired, entry, self.rules)
        }

    def differences(self, unit: Unit, looked_at: Iterable[int]) -> Iterator[tuple[int, Values, Values | None]]:
        """(connection, wanted numbers, what the record holds) of the records that would become due."""
        for contact, entry, desired in self._pairs(unit, looked_at):
            if desired is None:
                continue
            sent = known(entry) if entry is not None else None
            if is_due(desired, sent, deadband=self.rules.deadband):
                yield contact.connection_no, desired, sent

    def store(self, unit: Unit, looked_at: Iterable[int], explained: Mapping[int, tuple[str, str]]) -> int:
        """Put wanted values into the outbox; returns how many records are due now that were not before."""
        rows, dropped, newly = [], [], 0
        for contact, entry, desired in self._pairs(unit, looked_at):
            if desired is None:
                if entry is not None:
                    dropped.append(entry.key)
                continue
            number = contact.person_no
            if number not in explained and not worth_writing(desired, entry, self.rules):
                continue
            full, outputs = desired | self._texts(number, explained.get(number), entry), self._outputs(contact)
            full = {name: value for name, value in full.items() if name in outputs}
            row = entry_row(
                self._owner(contact),
                entry,
                full,
                rules=self.rules,
                version=self.rows[number]["version"],
                run_no=self.run_no,
                now=self.now,
            )
            if row is not None:
                newly += row["due"] and not (entry is not None and entry.due)
                rows.append(row)
        unit.outbox.want(rows)
        unit.outbox.drop(dropped)
        return newly

    def _pairs(
        self, unit: Unit, looked_at: Iterable[int]
    ) -> Iterator[tuple[PersonRecord, Entry | None, Values | None]]:
        """(contact, its entry, wanted numbers); None as wanted where nothing may be written."""
        people = sorted(looked_at)
        contacts = unit.contacts.records_of_people(people)
        entries = {entry.key: entry for entry in unit.outbox.of_people(people)}
        for contact in contacts:
            entry = entries.get(_key(contact))
            writable = contact.writable and self._outputs(contact)
            row = self.rows.get(contact.person_no)
            yield contact, entry, self._numbers(contact, row) if writable and row is not None else None

    def _numbers(self, contact: PersonRecord, row: Mapping[str, Any]) -> Values:
        known = self._known.get(contact.contact_no)
        if known is None or known[0] != contact:
            known = self._known[contact.contact_no] = (contact, self._made(contact, row))
        return known[1]

    def _made(self, contact: PersonRecord, row: Mapping[str, Any]) -> Values:
        version = row["version"]
        quality = self.rules.segments.by_version[version].model.quality
        fields = quality.completeness.fields if quality is not None and quality.completeness is not None else ()
        filled = completeness(fields, json.loads(contact.attributes)) if fields else None
        reason = self._reasons[version].get(row["disqualify_code"]) if row["disqualify_code"] else None
        attention = self._attention[version].get(row["attention_code"]) if row["attention_code"] else None
        outputs = self._outputs(contact)
        of_model = [name for name in outputs if name.startswith(tuple(MODEL_OUTPUTS))]
        wanted = numbers(row, completeness=filled, reason=reason, attention=attention, of_model=of_model)
        return {name: value for name, value in wanted.items() if name in outputs}

    def _texts(self, number: int, explained: tuple[str, str] | None, entry: Entry | None) -> Values:
        if explained is None:
            known = (entry.desired if entry is not None else None) or {}
            explained = (str(known.get("reasons") or ""), str(known.get("breakdown") or ""))
        return texts(self.rows[number], reasons=explained[0], breakdown=explained[1], scored_at=self.now)

    def _outputs(self, contact: PersonRecord) -> frozenset[str]:
        return self.rules.outputs.get(contact.connection_no, {}).get(contact.ref.object, frozenset())

    def _owner(self, contact: PersonRecord) -> dict[str, Any]:
        return {
            "connection_no": contact.connection_no,
            "object": contact.ref.object,
            "record_id": contact.ref.id,
            "shard": self.rows[contact.person_no]["shard"],
            "person_no": contact.person_no,
            "contact_no": contact.contact_no,
        }


def _sentences(reasons: Iterable[Reason]) -> dict[str, str]:
    return {each.code: each.reason for each in reasons}


def _key(contact: PersonRecord) -> _Key:
    return contact.connection_no, contact.ref.object, contact.ref.id
