"""Which contacts are one human: the ladder of reasons, limits on joining, and who keeps which number. Pure.

The grouping is a function of what the contacts hold and of the links between them, never of the order in which they came.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from itertools import combinations
from typing import TYPE_CHECKING, Final

from sync.people.keys import is_joining_address, last_names_contradict
from sync.store.people_rows import Link, Member, Pair, Reason

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

#: An address carried by more live records of one object of one CRM than this joins nobody.
RECORDS_PER_OBJECT: Final = 3
#: More live contacts than this are no human, but a key that went astray.
CONTACTS_PER_PERSON: Final = 20
#: An e-mail join ends when both sides have held different addresses for so long.
STICKY: Final = timedelta(days=7)


STRENGTH: Final = {reason: rank for rank, reason in enumerate(Reason)}
VENDOR_REASONS: Final = frozenset({Reason.CONVERSION, Reason.MERGE, Reason.NATIVE_SYNC})
#: What is believed when a component is too large: everything, without e-mail, the operator alone.
_RUNGS: Final = (
    frozenset(Reason) - {Reason.UNLINK},
    VENDOR_REASONS | {Reason.OPERATOR},
    frozenset({Reason.OPERATOR}),
)


class Verdict(StrEnum):
    """What an address is good for."""

    JOINS = "joins"
    #: Role, disposable, placeholder or broken: not worth a word to the operator.
    NOT_PERSONAL = "not_personal"
    TOO_MANY = "too_many_records"
    LAST_NAMES = "last_names"


def judge_address(address: str, carriers: Collection[Member]) -> Verdict:
    """Whether the live contacts that hold an address are one human."""
    if not is_joining_address(address):
        return Verdict.NOT_PERSONAL
    counts = Counter((member.connection_no, member.object) for member in carriers)
    if any(count > RECORDS_PER_OBJECT for count in counts.values()):
        return Verdict.TOO_MANY
    contradiction = any(
        one.connection_no == other.connection_no and last_names_contradict(one.last_name, other.last_name)
        for one, other in combinations(carriers, 2)
    )
    return Verdict.LAST_NAMES if contradiction else Verdict.JOINS


class Hold(StrEnum):
    """How an existing e-mail join stands."""

    #: The sides share an address that joins, or nothing speaks against them: keep.
    HOLDS = "holds"
    #: Both sides hold different addresses: ends when that lasts.
    DIVERGED = "diverged"
    #: They share an address that turned out to be no identity.
    BROKEN = "broken"


def hold(one: Member, other: Member, verdict: Verdict | None) -> Hold:
    """How an e-mail join stands; `verdict` is that of the address when both hold the same one."""
    if not (one.live and other.live and one.email and other.email):
        return Hold.HOLDS
    if one.email != other.email:
        return Hold.DIVERGED
    return Hold.HOLDS if verdict is Verdict.JOINS else Hold.BROKEN


@dataclass(frozen=True, kw_only=True, slots=True)
class Grouping:
    """Contacts by person."""

    groups: tuple[frozenset[int], ...]
    #: Components that were too large to be believed, whole or in part.
    ambiguous: tuple[frozenset[int], ...] = ()


def group(members: Mapping[int, Member], links: Iterable[Link], apart: Collection[Pair]) -> Grouping:
    """Join contacts along links, never across an operator's unlink, never into a person of more than twenty live contacts.

    A component that is too large is taken without its e-mail links, then without the vendors', then not at all.
    `members` must hold every contact that the links name.
    """
    by_contact: dict[int, list[Link]] = {}
    everything = list(links)
    for link in everything:
        by_contact.setdefault(link.pair.a, []).append(link)
        by_contact.setdefault(link.pair.b, []).append(link)
    groups = [frozenset({number}) for number in members if number not in by_contact]
    ambiguous: list[frozenset[int]] = []
    for part in _join(by_contact, everything, members, apart):
        _settle(part, 0, by_contact, members, apart, groups, ambiguous)
    return Grouping(groups=tuple(groups), ambiguous=tuple(ambiguous))


def _settle(
    part: frozenset[int],
    rung: int,
    links: Mapping[int, list[Link]],
    members: Mapping[int, Member],
    apart: Collection[Pair],
    groups: list[frozenset[int]],
    ambiguous: list[frozenset[int]],
) -> None:
    if sum(members[number].live for number in part) <= CONTACTS_PER_PERSON:
        groups.append(part)
        return
    if rung == 0:
        ambiguous.append(part)
    rung += 1
    if rung == len(_RUNGS):
        groups.extend(frozenset({number}) for number in part)
        return
    believed = {
        link
        for number in part
        for link in links.get(number, ())
        if link.reason in _RUNGS[rung] and link.pair.a in part and link.pair.b in part
    }
    for smaller in _join(part, believed, members, apart):
        _settle(smaller, rung, links, members, apart, groups, ambiguous)


def _join(
    numbers: Iterable[int], links: Iterable[Link], members: Mapping[int, Member], apart: Collection[Pair]
) -> list[frozenset[int]]:
    """Union-find, strongest links first, so that what an unlink forbids falls on the weakest."""
    part_of: dict[int, set[int]] = {number: {number} for number in numbers}
    kept_apart: dict[int, set[int]] = {}
    for a, b in apart:
        kept_apart.setdefault(a, set()).add(b)
        kept_apart.setdefault(b, set()).add(a)
    ordered = sorted(
        links, key=lambda link: (STRENGTH[link.reason], sorted((members[link.pair.a].key, members[link.pair.b].key)))
    )
    for link in ordered:
        one, other = part_of[link.pair.a], part_of[link.pair.b]
        if one is other or any(not kept_apart.get(number, _NOBODY).isdisjoint(other) for number in one):
            continue
        small, large = sorted((one, other), key=len)
        large |= small
        for number in small:
            part_of[number] = large
    return [frozenset(part) for part in {id(part): part for part in part_of.values()}.values()]


_NOBODY: Final[set[int]] = set()


@dataclass(frozen=True, kw_only=True, slots=True)
class Numbering:
    """Who keeps which number."""

    #: One entry for each group: the person it is, or None when it needs a new number.
    people: tuple[int | None, ...]
    #: Joined person -> the person that it is now.
    aliases: dict[int, int]


def number_groups(groups: Sequence[frozenset[int]], members: Mapping[int, Member]) -> Numbering:
    """Give each group its person: of a split person the oldest contact's side keeps the number, of joined ones the older stays.

    `members` must hold all contacts of every person that appears in it.
    """
    group_of = {number: index for index, part in enumerate(groups) for number in part}
    claims: dict[int, list[int]] = {}
    oldest: dict[int, Member] = {}
    for member in members.values():
        if member.person_no is not None:
            best = oldest.get(member.person_no)
            if best is None or member.age < best.age:
                oldest[member.person_no] = member
    for person_no, member in oldest.items():
        claims.setdefault(group_of[member.contact_no], []).append(person_no)
    people = tuple(min(claims[index]) if index in claims else None for index in range(len(groups)))
    aliases = {
        person_no: survivor
        for index, claimed in claims.items()
        if (survivor := people[index]) is not None
        for person_no in claimed
        if person_no != survivor
    }
    return Numbering(people=people, aliases=aliases)
