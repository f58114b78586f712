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

    #: Nothing speaks against it: they share an address, or one of them holds none or is gone.
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
    return Hold.BROKEN if verdict in {Verdict.TOO_MANY, Verdict.LAST_NAMES} else Hold.HOLDS


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
    everything = set(links)
    linked = {number for link in everything for number in link.pair}
    groups = [frozenset({number}) for number in members if number not in linked]
    ambiguous: list[frozenset[int]] = []
    parts = _join(linked, everything, members, apart)
    for rung in range(1, len(_RUNGS) + 1):
        too_large = [part for part in parts if sum(members[number].live for number in part) > CONTACTS_PER_PERSON]
        groups += [part for part in parts if part not in too_large]
        if rung == 1:
            ambiguous = too_large
        believed = _RUNGS[rung] if rung < len(_RUNGS) else frozenset()
        parts = [
            smaller
            for part in too_large
            for smaller in _join(
                part,
                [link for link in everything if link.reason in believed and part >= set(link.pair)],
                members,
                apart,
            )
        ]
    return Grouping(groups=(*groups, *parts), ambiguous=tuple(ambiguous))


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
