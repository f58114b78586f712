"""From changed contacts to people: links, groups, numbers, profiles, dirty marks. Called inside the page's transaction.

Only what the page touches is looked at: the components of its contacts. Nothing holds all people in memory.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from sync.people.digests import Digests
from sync.people.identity import STICKY, group, number_groups
from sync.people.links import Linker, member_of
from sync.people.profiles import DEFAULT_RULES, Rules, refresh
from sync.store.contact_rows import Arrival, ContactArrival, GoneContact
from sync.store.people_rows import Cause, Link, Pair, Reason, StoredLink, pair

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sync.people.identity import Grouping
    from sync.store.contact_rows import StoredContact
    from sync.store.unit import Unit

#: Kind of ambiguity of a component that is too large.
COMPONENT = "component"


@dataclass(frozen=True, kw_only=True, slots=True)
class Touched:
    """What a page did to people."""

    #: Contact -> person, for every contact that came to be of another person (or of its first one).
    assigned: dict[int, int] = field(default_factory=dict)
    #: New people.
    created: frozenset[int] = frozenset()
    #: Joined person -> the person that it is now.
    joined: dict[int, int] = field(default_factory=dict)
    #: People whose inputs changed, new ones included, with the reason.
    dirty: dict[int, Cause] = field(default_factory=dict)

    def __or__(self, other: Touched) -> Touched:
        return Touched(
            assigned=self.assigned | other.assigned,
            created=self.created | other.created,
            joined=self.joined | other.joined,
            dirty=self.dirty | other.dirty,
        )


def resolve_contacts(
    unit: Unit,
    changed: Sequence[ContactArrival | GoneContact],
    *,
    now: datetime,
    relinked: Collection[int] = (),
    rules: Rules = DEFAULT_RULES,
) -> Touched:
    """Bring people in line with a page of contacts: new, changed, gone, restored.

    `relinked`: contacts whose vendor links changed although the record did not. Exactly those people are marked dirty
    whose profile, contacts or activities changed.
    """
    arrived = {item.contact_no: item for item in changed}
    numbers = {number for number, item in arrived.items() if _matters(item)} | set(relinked)
    contacts = unit.contacts.get(numbers)
    revised = {
        number
        for number, item in arrived.items()
        if isinstance(item, GoneContact) or item.arrival in {Arrival.RESTORED, Arrival.REVISED}
    }
    touched = Touched()
    for workspace_no in sorted({contact.workspace_no for contact in contacts.values()}):
        here = {number: contact for number, contact in contacts.items() if contact.workspace_no == workspace_no}
        links = Linker(unit, workspace_no, now).relink(here)
        part = regroup(
            unit, workspace_no, set(here) | links.contacts, known=here, revised=revised, now=now, rules=rules
        )
        people = {number: contact.person_no for number, contact in here.items() if contact.person_no is not None}
        _take_keys(unit, workspace_no, links.keys, people | part.assigned, now)
        touched |= part
    return touched


def settle_links(unit: Unit, *, now: datetime, rules: Rules = DEFAULT_RULES) -> Touched:
    """End the e-mail joins whose sides have held different addresses for seven days."""
    touched = Touched()
    for workspace_no, due in unit.identity.diverged_before(now - STICKY).items():
        ended = [
            StoredLink(link=item.link, since=item.since, diverged_at=item.diverged_at, ended_at=now) for item in due
        ]
        unit.identity.write_links(workspace_no, ended)
        starts = {number for item in ended for number in item.link.pair}
        touched |= regroup(unit, workspace_no, starts, now=now, rules=rules)
    return touched


def link(unit: Unit, one: int, other: int, *, now: datetime, rules: Rules = DEFAULT_RULES) -> Touched:
    """The operator says that two contacts are one person. Raises KeyError for unknown contacts, ValueError for one and the same."""
    return _operator(unit, pair(one, other), Reason.OPERATOR, now=now, rules=rules)


def unlink(unit: Unit, one: int, other: int, *, now: datetime, rules: Rules = DEFAULT_RULES) -> Touched:
    """The operator says that two contacts are not one person, whatever else links them. Raises like `link`."""
    return _operator(unit, pair(one, other), Reason.UNLINK, now=now, rules=rules)


def _operator(unit: Unit, ends: Pair, says: Reason, *, now: datetime, rules: Rules) -> Touched:
    contacts = unit.contacts.get(ends)
    if ends.a == ends.b:
        raise ValueError("a contact is always one person with itself")
    if missing := set(ends) - contacts.keys():
        raise KeyError(min(missing))
    workspace_no = contacts[ends.a].workspace_no
    if contacts[ends.b].workspace_no != workspace_no:
        raise ValueError("contacts of two workspaces are never one person")
    known = unit.identity.links_of(ends, ended=True)
    writes = [StoredLink(link=Link(ends, says), since=now, diverged_at=None, ended_at=None)]
    against = known.get(Link(ends, Reason.UNLINK if says is Reason.OPERATOR else Reason.OPERATOR))
    if against is not None and against.ended_at is None:
        writes.append(StoredLink(link=against.link, since=against.since, diverged_at=None, ended_at=now))
    unit.identity.write_links(workspace_no, writes)
    return regroup(unit, workspace_no, set(ends), now=now, rules=rules)


def regroup(
    unit: Unit,
    workspace_no: int,
    starts: Collection[int],
    *,
    known: Mapping[int, StoredContact] | None = None,
    revised: Collection[int] = (),
    now: datetime,
    rules: Rules = DEFAULT_RULES,
) -> Touched:
    """Group the components of some contacts anew and bring their people in line.

    `known`: contacts that are read already because their record changed; `revised`: those whose person is dirty even if
    its profile stays the same.
    """
    changed = known or {}
    contacts, links = _components(unit, starts, changed)
    members = {number: member_of(contact) for number, contact in contacts.items()}
    joins = [item for item in links if item.reason is not Reason.UNLINK and members.keys() >= set(item.pair)]
    apart = [item.pair for item in links if item.reason is Reason.UNLINK]
    grouping = group(members, joins, apart)
    _note_ambiguous(unit, workspace_no, grouping, contacts, now)
    numbering = number_groups(grouping.groups, members)
    created = unit.people.take(numbering.people.count(None))
    fresh = iter(created)
    people: dict[int, list[StoredContact]] = {}
    assigned: dict[int, int] = {}
    moved: set[int] = set()
    for part, claimed in zip(grouping.groups, numbering.people, strict=True):
        person_no = next(fresh) if claimed is None else claimed
        before = {members[number].person_no for number in part}
        people[person_no] = [contacts[number] for number in sorted(part)]
        if before != {person_no}:
            assigned |= {number: person_no for number in part if members[number].person_no != person_no}
            moved |= {person_no, *(number for number in before if number is not None)}
    unit.people.assign(assigned, new=(number for number in assigned if members[number].person_no is None))
    unit.people.alias(numbering.aliases)
    _move_keys(unit, workspace_no, assigned, contacts, now)
    look_at = moved | {no for no, rows in people.items() if any(row.contact_no in changed for row in rows)}
    upset = {no for no, rows in people.items() if any(row.contact_no in revised for row in rows)}
    dirty = refresh(
        unit,
        workspace_no,
        {person_no: people[person_no] for person_no in sorted(look_at) if person_no in people},
        new=set(created),
        now=now,
        rules=rules,
    )
    causes = dict.fromkeys(upset, Cause.PROFILE) | dirty | dict.fromkeys(moved | set(numbering.aliases), Cause.IDENTITY)
    causes |= dict.fromkeys(created, Cause.PROFILE)
    unit.people.mark_dirty({person_no: cause for person_no, cause in causes.items() if person_no not in set(created)})
    return Touched(assigned=assigned, created=frozenset(created), joined=numbering.aliases, dirty=causes)


def _matters(item: ContactArrival | GoneContact) -> bool:
    return isinstance(item, GoneContact) or item.arrival is not Arrival.UNCHANGED or item.person_no is None


def _components(
    unit: Unit, starts: Collection[int], known: Mapping[int, StoredContact]
) -> tuple[dict[int, StoredContact], set[Link]]:
    """All contacts that are linked with the given ones, or of one person with them, and all links among them."""
    contacts: dict[int, StoredContact] = {}
    links: set[Link] = set()
    people: set[int] = set()
    frontier = set(starts)
    while frontier:
        found = {number: known[number] for number in frontier if number in known}
        found |= unit.contacts.get(frontier - found.keys())
        contacts |= found
        near = unit.identity.links_of(frontier)
        links |= near.keys()
        new_people = {contact.person_no for contact in found.values() if contact.person_no is not None} - people
        people |= new_people
        siblings = unit.people.contacts_of(new_people)
        linked = {number for item in near if item.reason is not Reason.UNLINK for number in item.pair}
        frontier = (siblings | linked) - contacts.keys() - frontier
    return contacts, links


def _note_ambiguous(
    unit: Unit, workspace_no: int, grouping: Grouping, contacts: Mapping[int, StoredContact], now: datetime
) -> None:
    """Show components that are too large; those that are no more fall away."""
    if unit.identity.has_ambiguous(workspace_no, COMPONENT):
        stale = [
            digest
            for _, digest, _, numbers in unit.identity.ambiguities(workspace_no, COMPONENT)
            if not contacts.keys().isdisjoint(numbers)
        ]
        unit.identity.settle_ambiguous(workspace_no, COMPONENT, stale)
    if grouping.ambiguous:
        digests = Digests(unit)
        notes: dict[str, tuple[str, Collection[int]]] = {
            digests.of(f"{COMPONENT}:{min(part)}"): ("too_many_contacts", part) for part in grouping.ambiguous
        }
        unit.identity.note_ambiguous(workspace_no, COMPONENT, notes, now)


def _take_keys(unit: Unit, workspace_no: int, keys: Mapping[str, int], known: Mapping[int, int], now: datetime) -> None:
    """Let addresses that identify somebody point to whoever holds them; `known`: contact -> person."""
    holders = dict(known)
    holders |= unit.people.people_of_contacts(number for number in keys.values() if number not in holders)
    people = {address: holders[number] for address, number in keys.items() if number in holders}
    unit.identity.take_keys(workspace_no, people, now)


def _move_keys(
    unit: Unit, workspace_no: int, assigned: Mapping[int, int], contacts: Mapping[int, StoredContact], now: datetime
) -> None:
    """Addresses of live contacts that are of another person now, as far as they identify somebody."""
    moved = {
        email: person_no
        for number, person_no in assigned.items()
        if (row := contacts[number]).gone_at is None and row.person_no is not None and (email := row.email) is not None
    }
    known = unit.identity.keys(workspace_no, moved)
    unit.identity.take_keys(workspace_no, {email: moved[email] for email in known}, now)
