"""The links that contacts of a page make or lose: by address and by what vendors say. Works on rows, many at a time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING

from sync.people.digests import Digests
from sync.people.identity import RECORDS_PER_OBJECT, VENDOR_REASONS, Hold, Verdict, hold, judge_address
from sync.people.keys import is_joining_address
from sync.store.people_rows import Link, Member, Reason, Statement, StoredLink, Target, pair

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from connectors.records import VendorLink
    from sync.store.contact_rows import StoredContact
    from sync.store.unit import Unit

#: Kind of ambiguity of an address that several humans seem to share.
ADDRESS = "email"


def member_of(contact: StoredContact) -> Member:
    """What identity looks at in a stored contact."""
    return Member(
        contact_no=contact.contact_no,
        connection_no=contact.connection_no,
        object=contact.ref.object,
        record_id=contact.ref.id,
        email=contact.email,
        last_name=contact.attributes.get("last_name"),
        live=contact.gone_at is None,
        born_at=contact.created_at or contact.first_seen_at,
        person_no=contact.person_no,
    )


def record_links(unit: Unit, crm: str, same_as: Mapping[int, Sequence[VendorLink]]) -> set[int]:
    """Store what the records of a page (of a CRM of this kind) say about others: contact -> all its vendor links.

    Gives the contacts for which that is news; `resolve_contacts` takes them as `relinked`.
    """
    before: dict[int, set[Statement]] = {number: set() for number in same_as}
    for statement in unit.identity.statements_of(same_as, moves=False):
        before[statement.contact_no].add(statement)
    after = {
        number: {
            Statement(number, Target(item.crm or crm, item.ref.object, item.ref.id), Reason(item.reason.value))
            for item in links
        }
        for number, links in same_as.items()
    }
    changed = {number for number, statements in after.items() if statements != before[number]}
    unit.vendor_links.replace(crm, {number: same_as[number] for number in changed})
    return changed


@dataclass(frozen=True, kw_only=True, slots=True)
class Relinked:
    """What the new links mean for the rest."""

    #: Contacts that gained or lost a link.
    contacts: frozenset[int]
    #: Address that identifies somebody -> a live contact that holds it.
    keys: dict[str, int]


class Linker:
    """Brings the links of some contacts in line with what the contacts now hold."""

    def __init__(self, unit: Unit, workspace_no: int, now: datetime) -> None:
        self._unit = unit
        self._workspace_no = workspace_no
        self._now = now
        self._crms = {row.connection_no: row.kind for row in unit.connections.all(workspace_no)}
        self._members: dict[int, Member] = {}

    def relink(self, contacts: Mapping[int, StoredContact]) -> Relinked:
        """Write the links that these contacts make now, end those that they do not make any more."""
        changed = frozenset(contacts)
        self._members = {number: member_of(contact) for number, contact in contacts.items()}
        verdicts, carriers = self._judge(self._unit.identity.addresses_of(changed))
        stated, doubtful = self._vendor_links(contacts)
        near = {number for numbers in carriers.values() for number in numbers}
        near |= {number for link in doubtful for number in link.pair}
        known = self._unit.identity.links_of(changed | near, ended=True)
        self._load(number for link in known if not changed.isdisjoint(link.pair) for number in link.pair)
        writes = [
            *self._email_writes(changed, verdicts, carriers, known),
            *self._vendor_writes(changed, stated, doubtful, known),
        ]
        self._unit.identity.write_links(self._workspace_no, writes)
        touched = {
            number
            for item in writes
            if (item.ended_at is None) != (item.link in known and known[item.link].ended_at is None)
            for number in item.link.pair
        }
        return Relinked(
            contacts=frozenset(touched),
            keys={
                address: min(numbers)
                for address, numbers in carriers.items()
                if numbers and verdicts[address] is Verdict.JOINS
            },
        )

    # ------------------------------------------------------------ addresses

    def _judge(self, addresses: Collection[str]) -> tuple[dict[str, Verdict], dict[str, list[int]]]:
        """What each address is good for, and the live contacts that hold it.

        The holders of an address that too many carry are loaded only at the moment at which it stops joining.
        """
        identity = self._unit.identity
        wanted = sorted(address for address in addresses if is_joining_address(address))
        verdicts: dict[str, Verdict] = {}
        for address, counts in identity.carriers(self._workspace_no, wanted).items():
            if max(counts.values()) > RECORDS_PER_OBJECT:
                verdicts[address] = Verdict.TOO_MANY
        keyed = identity.keys(self._workspace_no, wanted)
        loaded = [address for address in wanted if address not in verdicts or address in keyed]
        carriers: dict[str, list[int]] = {address: [] for address in loaded}
        carriers |= identity.holders(self._workspace_no, loaded)
        self._load(number for numbers in carriers.values() for number in numbers)
        for address in loaded:
            verdicts[address] = judge_address(address, [self._members[number] for number in carriers[address]])
        self._note(verdicts, [address for address in keyed if not carriers[address]], keyed)
        return verdicts, carriers

    def _note(self, verdicts: Mapping[str, Verdict], unheld: Iterable[str], keyed: Collection[str]) -> None:
        """Keys of addresses that nobody holds, or that join nobody, fall away; the operator sees why."""
        identity, digests = self._unit.identity, Digests(self._unit)
        bad = {address: verdict for address, verdict in verdicts.items() if verdict is not Verdict.JOINS}
        identity.drop_keys(self._workspace_no, {*unheld, *(address for address in bad if address in keyed)})
        if identity.has_ambiguous(self._workspace_no, ADDRESS):
            good = [digests.of(address) for address, verdict in verdicts.items() if verdict is Verdict.JOINS]
            identity.settle_ambiguous(self._workspace_no, ADDRESS, good)
        if bad:
            by_digest = {digests.of(address): address for address in bad}
            noted = identity.fully_noted(self._workspace_no, ADDRESS, by_digest)
            unnoted = {address: digest for digest, address in by_digest.items() if digest not in noted}
            holders = identity.holders(self._workspace_no, unnoted)
            notes = {unnoted[address]: (bad[address].value, numbers) for address, numbers in holders.items()}
            identity.note_ambiguous(self._workspace_no, ADDRESS, notes, self._now)

    def _email_writes(
        self,
        changed: frozenset[int],
        verdicts: Mapping[str, Verdict],
        carriers: Mapping[str, list[int]],
        known: Mapping[Link, StoredLink],
    ) -> Iterable[StoredLink]:
        for address, numbers in carriers.items():
            if verdicts[address] is Verdict.JOINS:
                for one, other in combinations(sorted(numbers), 2):
                    link = Link(pair(one, other), Reason.EMAIL)
                    if link not in known or known[link].ended_at is not None:
                        yield StoredLink(link=link, since=self._now, diverged_at=None, ended_at=None)
        for link, stored in known.items():
            if link.reason is not Reason.EMAIL or stored.ended_at is not None:
                continue
            a, b = self._members.get(link.pair.a), self._members.get(link.pair.b)
            if a is None or b is None or (changed.isdisjoint(link.pair) and a.email not in carriers):
                continue
            after = self._after(stored, hold(a, b, verdicts.get(a.email or "")))
            if after != stored:
                yield after

    def _after(self, stored: StoredLink, state: Hold) -> StoredLink:
        match state:
            case Hold.BROKEN:
                return replace(stored, ended_at=self._now)
            case Hold.DIVERGED:
                return replace(stored, diverged_at=stored.diverged_at or self._now)
            case _:
                return replace(stored, diverged_at=None)

    # ------------------------------------------------------------ vendors

    def _vendor_links(self, contacts: Mapping[int, StoredContact]) -> tuple[set[Link], set[Link]]:
        """What vendors state for these contacts, whichever side states it: links, and links that may be meant or not."""
        identity = self._unit.identity
        moved = {number: contact for number, contact in contacts.items() if contact.gone_at and contact.moved_to}
        identity.retract_moves(number for number in contacts if number not in moved)
        identity.state(
            Statement(number, Target(self._crm(number), contact.moved_to.object, contact.moved_to.id), Reason.MERGE)
            for number, contact in moved.items()
            if contact.moved_to
        )
        own = {self._target(number) for number in contacts}
        statements = {*identity.statements_of(contacts), *identity.statements_about(own)}
        self._load(statement.contact_no for statement in statements)
        found = identity.contacts_at(self._workspace_no, {statement.target for statement in statements})
        links: set[Link] = set()
        doubtful: set[Link] = set()
        for statement in statements:
            source = self._members.get(statement.contact_no)
            if source is None:
                continue
            same_crm = statement.target.crm == self._crms[source.connection_no]
            others = {
                Link(pair(source.contact_no, number), statement.reason)
                for number, connection_no in found.get(statement.target, ())
                if number != source.contact_no and (not same_crm or connection_no == source.connection_no)
            }
            # NOTE: a record id alone does not tell two orgs of one kind apart; what fits both says nothing.
            (links if len(others) == 1 else doubtful).update(others)
        return links, doubtful

    def _vendor_writes(
        self, changed: frozenset[int], stated: set[Link], doubtful: set[Link], known: Mapping[Link, StoredLink]
    ) -> Iterable[StoredLink]:
        for link in stated:
            if link not in known or known[link].ended_at is not None:
                yield StoredLink(link=link, since=self._now, diverged_at=None, ended_at=None)
        for link, stored in known.items():
            if (
                link.reason in VENDOR_REASONS
                and stored.ended_at is None
                and link not in stated
                and (link in doubtful or not changed.isdisjoint(link.pair))
            ):
                yield replace(stored, ended_at=self._now)

    # ------------------------------------------------------------ rows

    def _load(self, contact_nos: Iterable[int]) -> None:
        missing = {number for number in contact_nos if number not in self._members}
        for number, contact in self._unit.contacts.get(missing).items():
            if contact.workspace_no == self._workspace_no:
                self._members[number] = member_of(contact)

    def _crm(self, contact_no: int) -> str:
        return self._crms[self._members[contact_no].connection_no]

    def _target(self, contact_no: int) -> Target:
        member = self._members[contact_no]
        return Target(self._crms[member.connection_no], member.object, member.record_id)
