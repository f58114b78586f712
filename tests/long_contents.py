"""What a store holds against what an account holds, derived from the account's own values and without the connectors."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from datetime import datetime
from decimal import Decimal

from config.settings import FIELDS
from connectors.mapping import load_field_map
from scoring.vocabulary import ACTIVITY_KINDS

#: Object -> fields that say who took part, when it was, and whether it counts as an activity at all.
SALESFORCE_ACTIVITIES = {
    "Task": ("WhoId", "CompletedDateTime", "ActivityDate", "Status"),
    "Event": ("WhoId", "StartDateTime"),
    "CampaignMember": ("ContactId", "LeadId", "HasResponded", "FirstRespondedDate", "Status"),
    "EmailMessage": ("MessageDate",),
    "EmailMessageRelation": ("EmailMessageId", "RelationId"),
}
HUBSPOT_ACTIVITIES = {
    "calls": ("hs_timestamp",),
    "emails": ("hs_timestamp",),
    "meetings": ("hs_timestamp",),
    "notes": ("hs_timestamp",),
    "tasks": ("hs_task_completion_date",),
}
_CONTACTS = {"salesforce": ("Lead", "Contact"), "hubspot": ("contacts",)}
_PEOPLE = {"003": "Contact", "00Q": "Lead"}
_NOON = 12 * 3600 * 1_000_000


def differences(folder, crm, dump):
    """Kind of difference -> how many records show it; empty when the store holds exactly what the account holds.

    `dump` is `Account.dump` of tests/long_account.py, there or in another process.
    """
    attributes = {name: shipped(crm).contacts[name].attributes for name in _CONTACTS[crm]}
    fields = {name: [path for paths in held.values() for path in paths] for name, held in attributes.items()}
    activities = SALESFORCE_ACTIVITIES if crm == "salesforce" else HUBSPOT_ACTIVITIES
    path = folder / "account.jsonl"
    dump(path=str(path), fields={**fields, **activities})
    database = sqlite3.connect(f"file:{folder}/leadgrade.db?mode=ro", uri=True)
    found = Counter()
    try:
        contacts = dict(_stored_contacts(database))
        stored = dict(_stored_activities(database))
        links = _email_links(path) if crm == "salesforce" else {}
        for name, record_id, created, values, who in _lines(path):
            if name in attributes:
                wanted = _attributes(attributes[name], dict(zip(fields[name], values, strict=True)))
                _compare(found, contacts.pop((name, record_id), None), wanted, f"contact {name}")
            elif name in activities and name != "EmailMessageRelation":
                happened = (
                    _salesforce_activity(name, record_id, created, values, links)
                    if crm == "salesforce"
                    else (_micros(values[0]), sorted(who))
                )
                if happened is not None:
                    _compare(found, stored.pop((name, record_id), None), happened, f"activity {name}")
    finally:
        database.close()
        path.unlink()
    found.update(f"{name}: not in the account" for name, _ in (*contacts, *stored))
    return dict(found)


def content(installation):
    """Everything that a finished load leaves behind, without the numbers that the order of arrival gives."""
    database = sqlite3.connect(f"file:{installation.store}?mode=ro", uri=True)
    try:
        names = "object, record_id, account_object, account_id, email, attributes, derived, fingerprint, modified_at, gone_at"
        found = {
            "contacts": sorted(map(repr, database.execute(f"SELECT {names}, writable, completeness FROM contact"))),
            "activities": sorted(
                database.execute(
                    "SELECT a.object, a.record_id, a.kind, a.at, a.recorded_at, a.at_precision, a.superseded,"
                    " a.fingerprint, coalesce(s.asset, '') || coalesce(s.url, '') || coalesce(s.campaign, '')"
                    " FROM activity a LEFT JOIN asset s USING (asset_no)"
                )
            ),
            "links": sorted(
                database.execute(
                    "SELECT a.object, a.record_id, c.object, c.record_id, l.counted, l.person_no = c.person_no"
                    " FROM activity_contact l JOIN activity a USING (activity_no) JOIN contact c USING (contact_no)"
                )
            ),
            "orphans": database.execute("SELECT count(*) FROM activity_orphan").fetchall(),
            "wanted": sorted(
                (name, record_id, {key: value for key, value in json.loads(desired).items() if key != "scored_at"})
                for name, record_id, desired in database.execute("SELECT object, record_id, desired FROM outbox")
            ),
        }
        people = {}
        for person, name, record_id in database.execute("SELECT person_no, object, record_id FROM contact"):
            people.setdefault(person, []).append((name, record_id))
        return {**found, "people": sorted(sorted(part) for part in people.values())}
    finally:
        database.close()


def shipped(crm):
    """The shipped field map of a CRM."""
    path = FIELDS / f"{crm}.yaml"
    return load_field_map(path.read_text(encoding="utf-8"), name=str(path), kinds=frozenset(ACTIVITY_KINDS))


def _compare(found, held, wanted, what):
    if held is None:
        found[f"{what}: not stored"] += 1
    elif held != wanted:
        found[f"{what}: other values"] += 1


def _lines(path):
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def _stored_contacts(database):
    query = "SELECT object, record_id, attributes FROM contact WHERE gone_at IS NULL"
    for name, record_id, attributes in database.execute(query):
        yield (name, record_id), {key: _plain(text) for key, text in json.loads(attributes).items()}


def _stored_activities(database):
    query = (
        "SELECT a.object, a.record_id, a.at, (SELECT group_concat(c.record_id) FROM activity_contact l"
        " JOIN contact c USING (contact_no) WHERE l.activity_no = a.activity_no) FROM activity a WHERE a.gone_at IS NULL"
    )
    for name, record_id, at, who in database.execute(query):
        yield (name, record_id), (at, sorted(who.split(",")) if who else [])


def _attributes(mapped, values):
    found = {}
    for name, paths in mapped.items():
        text = next((text for path in paths if (text := _text(values[path]))), "")
        if text:
            found[name] = _plain(text)
    return found


def _text(value):
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return format(Decimal(repr(value)).normalize(), "f")
    return str(value).strip()


def _plain(text):
    """Texts of lists that are shown by their labels (`Marketing qualified lead`) and by their names alike."""
    return "".join(text.casefold().split())


def _email_links(path):
    links = {}
    for name, _, _, values, _ in _lines(path):
        if name == "EmailMessageRelation" and (values[1] or "")[:3] in _PEOPLE:
            links.setdefault(values[0], set()).add(values[1])
    return links


def _salesforce_activity(name, record_id, created, values, links):
    """(microseconds, ids of people) of what counts, None of what does not."""
    if name == "Task":
        who, completed, day, status = values
        if status != "Completed":
            return None
        return _micros(completed) if completed else _day(day), [who] if who else []
    if name == "Event":
        return _micros(values[1]), [values[0]] if values[0] else []
    if name == "EmailMessage":
        return _micros(values[0]), sorted(links.get(record_id, ()))
    contact, person, responded, day, _ = values
    return _day(day) if responded and day else created * 1000, [contact or person]


def _micros(text):
    return round(datetime.fromisoformat(text).timestamp() * 1000) * 1000


def _day(text):
    return _micros(f"{text}T00:00:00+00:00") + _NOON
