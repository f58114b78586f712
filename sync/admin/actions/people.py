"""People: the operator's word on who is one, and everything that is known of one person."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sync.admin.actions.explain import find_person, record_of
from sync.errors import NotFound
from sync.people import resolve
from sync.people.forget import forget as erase
from sync.rules import people_rules
from sync.store.sql.scoring_inputs import Who

if TYPE_CHECKING:
    from sync.app import App
    from sync.people.forget import Forgotten
    from sync.people.resolve import Touched
    from sync.store.contact_rows import StoredContact
    from sync.store.unit import Unit


def link(app: App, one: str, other: str, *, by: str = "operator") -> int:
    """Say that two records (CONNECTION:OBJECT:ID) are one person; its number. The next sync scores it.

    Raises:
        NotFound: a record is not known, or both are the same.
    """
    return _tell(app, one, other, by=by, together=True)


def unlink(app: App, one: str, other: str, *, by: str = "operator") -> int:
    """Say that two records are not one person, whatever else links them; the number of the first one's person."""
    return _tell(app, one, other, by=by, together=False)


def export(app: App, who: str, *, by: str = "operator") -> dict[str, Any]:
    """Everything that is kept of one person, for a request of access: plain values, ready for JSON.

    Args:
        app: The app.
        who: An e-mail address, CONNECTION:OBJECT:ID, or a person's number.
        by: Who asks, for the audit log.

    Raises:
        NotFound: nobody is known by that name.
    """
    with app.store.read() as unit:
        person_no = find_person(app, unit, who)
        names = {row.connection_no: row.name for row in unit.connections.all(app.workspace_no)}
        person = unit.people.people([person_no])[person_no]
        contacts = unit.contacts.of_people([person_no], gone=True)
        activities = unit.scoring_inputs.activities(Who(person_no=person_no))
        assets = unit.scoring_inputs.assets()
        links = unit.identity.links_of([each.contact_no for each in contacts], ended=True)
        told = {
            "person_no": person_no,
            "earlier_numbers": sorted(unit.people.aliases_of(person_no)),
            "profile": person.profile,
            "records": [_record(unit, each, names) for each in contacts],
            "links": [
                {
                    "contacts": list(each.link.pair),
                    "reason": each.link.reason.value,
                    "since": each.since,
                    "ended": each.ended_at,
                }
                for each in links.values()
            ],
            "activities": activities.join(assets, on="asset_no", how="left").drop("asset_no", "person_no").to_dicts(),
            "score": _without_number(unit.scores.of(person_no) or {}),
            "history": [_without_number(each) for each in unit.scores.history(person_no)],
            "written": [
                {
                    "record": f"{names[each.connection_no]}:{each.object}:{each.record_id}",
                    "sent": each.sent,
                    "at": each.sent_at,
                    "observed": each.observed,
                }
                for each in unit.outbox.of_people([person_no])
            ],
        }
    with app.store.write() as unit:
        unit.audit.note(by, "person exported", {"person": person_no})
    return told


def _record(unit: Unit, contact: StoredContact, names: dict[int, str]) -> dict[str, Any]:
    return {
        "record": f"{names[contact.connection_no]}:{contact.ref.object}:{contact.ref.id}",
        "contact_no": contact.contact_no,
        "attributes": contact.attributes,
        "derived": contact.derived,
        "account": f"{contact.account.object}:{contact.account.id}" if contact.account else None,
        "created_at": contact.created_at,
        "modified_at": contact.modified_at,
        "first_seen_at": contact.first_seen_at,
        "gone_at": contact.gone_at,
        "changes": [asdict(each) for each in unit.contacts.changes(contact.contact_no)],
    }


def _without_number(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in {"shard", "person_no", "history_no", "run_no"}}


def _tell(app: App, one: str, other: str, *, by: str, together: bool) -> int:
    say = resolve.link if together else resolve.unlink
    with app.store.write() as unit:
        first, second = _contact(app, unit, one), _contact(app, unit, other)
        try:
            touched: Touched = say(unit, first, second, now=app.clock.now(), rules=people_rules(app))
        except ValueError as error:
            raise NotFound(f"{one} and {other}: {error}", next_step="name two different records") from None
        unit.audit.note(
            by,
            "people linked" if together else "people unlinked",
            {"records": [one, other], "dirty": len(touched.dirty)},
        )
        return unit.people.people_of_contacts([first])[first]


def _contact(app: App, unit: Unit, text: str) -> int:
    """The number of the contact at CONNECTION:OBJECT:ID."""
    if text.count(":") != 2:
        raise NotFound(f"{text}: name the record as CONNECTION:OBJECT:ID", next_step="leadgrade explain shows them")
    number, refs = record_of(app, unit, text)
    found = unit.contacts.at(number, refs)
    if not found:
        raise NotFound(
            f"no record is known as {text}", next_step="leadgrade sync CONNECTION --record OBJECT:ID pulls it"
        )
    return next(iter(found.values())).contact_no


def forget(app: App, who: str, *, by: str = "operator") -> Forgotten:
    """Erase a person with everything that is known of them, and keep them out; what stands in the CRM stays there.

    Raises:
        NotFound: nobody is known by that name.
    """
    with app.store.write() as unit:
        forgotten = erase(unit, find_person(app, unit, who), now=app.clock.now())
        unit.audit.note(by, "person forgotten", {"person": forgotten.person_no, "contacts": forgotten.contacts})
    return forgotten
