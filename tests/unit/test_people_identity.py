from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from sync.people.identity import Hold, Verdict, group, hold, judge_address, number_groups
from sync.people.keys import is_joining_address, last_names_contradict
from sync.store.people_rows import Link, Member, Reason, pair

START = datetime(2026, 1, 1, tzinfo=UTC)


def a_member(number, *, connection=1, object_="Contact", email=None, last_name=None, live=True, born=None, person=None):
    return Member(
        contact_no=number,
        connection_no=connection,
        object=object_,
        record_id=f"{number:06}",
        email=email,
        last_name=last_name,
        live=live,
        born_at=START + timedelta(days=number if born is None else born),
        person_no=person,
    )


def members(*items):
    return {item.contact_no: item for item in items}


def a_link(one, other, reason=Reason.EMAIL):
    return Link(pair(one, other), reason)


def parts(grouping):
    return {tuple(sorted(part)) for part in grouping.groups}


@pytest.mark.parametrize(
    ("address", "joins"),
    [
        ("ada@acme-machines.com", True),
        ("ada.byron@gmail.com", True),
        ("info@acme-machines.com", False),
        ("sales@gmail.com", False),
        ("someone@mailinator.com", False),
        ("noemail@noemail.com", False),
        ("not an address", False),
    ],
)
def test_only_the_address_of_one_human_joins(address, joins):
    assert is_joining_address(address) is joins


@pytest.mark.parametrize(
    ("one", "other", "contradict"),
    [
        ("Smith", "Jones", True),
        ("Smith", "SMITH ", False),
        ("Müller", "Muller", False),
        ("Smith", "Smith-Jones", False),
        ("Smith", "S.", False),
        ("Smith", "[not provided]", False),
        ("Smith", "Unknown", False),
        ("Smith", None, False),
        ("Smith", "-", False),
        ("Ólafsdóttir", "Jónsdóttir", True),
    ],
)
def test_last_names_contradict_only_when_both_are_names_and_differ(one, other, contradict):
    assert last_names_contradict(one, other) is contradict
    assert last_names_contradict(other, one) is contradict


def test_three_records_of_an_object_share_an_address_a_fourth_is_too_many():
    three = [a_member(number, email="x@acme.example") for number in range(3)]
    other_object = [a_member(9, object_="Lead"), a_member(10, connection=2)]

    assert judge_address("ada@acme.example", [*three, *other_object]) is Verdict.JOINS
    assert judge_address("ada@acme.example", [*three, a_member(8)]) is Verdict.TOO_MANY


def test_last_names_only_contradict_inside_one_crm():
    smith, jones = a_member(1, last_name="Smith"), a_member(2, last_name="Jones")
    jones_elsewhere = a_member(3, connection=2, last_name="Jones")

    assert judge_address("ada@acme.example", [smith, jones]) is Verdict.LAST_NAMES
    assert judge_address("ada@acme.example", [smith, jones_elsewhere]) is Verdict.JOINS


def test_a_join_is_only_questioned_by_two_live_different_addresses_or_a_shared_one_that_is_no_identity():
    one, same, other = (
        a_member(1, email="a@x.example"),
        a_member(2, email="a@x.example"),
        a_member(3, email="b@x.example"),
    )

    assert hold(one, same, Verdict.JOINS) is Hold.HOLDS
    assert hold(one, same, Verdict.TOO_MANY) is Hold.BROKEN
    assert hold(one, other, Verdict.JOINS) is Hold.DIVERGED
    assert hold(one, a_member(4), None) is Hold.HOLDS
    assert hold(one, a_member(5, email="b@x.example", live=False), None) is Hold.HOLDS


def test_linked_contacts_are_one_group():
    everybody = members(*(a_member(number) for number in range(5)))

    assert parts(group(everybody, [a_link(0, 1), a_link(1, 2)], [])) == {(0, 1, 2), (3,), (4,)}


def test_an_unlink_outweighs_every_chain_and_costs_the_weakest_link():
    everybody = members(*(a_member(number) for number in range(3)))
    links = [a_link(0, 1, Reason.EMAIL), a_link(1, 2, Reason.CONVERSION)]

    assert parts(group(everybody, links, [pair(0, 2)])) == {(0,), (1, 2)}
    assert parts(group(everybody, links[::-1], [pair(0, 2)])) == {(0,), (1, 2)}


def test_a_component_of_more_than_twenty_live_contacts_is_not_joined_by_mail():
    everybody = members(*(a_member(number) for number in range(21)))
    chain = [a_link(number, number + 1) for number in range(20)]

    grouping = group(everybody, [*chain, a_link(3, 4, Reason.CONVERSION)], [])

    assert parts(grouping) == {(3, 4), *((number,) for number in range(21) if number not in {3, 4})}
    assert grouping.ambiguous == (frozenset(range(21)),)


def test_contacts_that_are_gone_do_not_make_a_component_too_large():
    everybody = members(a_member(0), *(a_member(number, live=False) for number in range(1, 30)))
    merged = [a_link(0, number, Reason.MERGE) for number in range(1, 30)]

    grouping = group(everybody, merged, [])

    assert parts(grouping) == {tuple(range(30))}
    assert grouping.ambiguous == ()


def test_an_unlink_can_make_a_component_small_enough_again():
    everybody = members(*(a_member(number) for number in range(22)))
    chain = [a_link(number, number + 1) for number in range(21)]

    grouping = group(everybody, chain, [pair(10, 11)])

    assert parts(grouping) == {tuple(range(11)), tuple(range(11, 22))}


def test_on_a_join_the_older_person_survives():
    everybody = members(a_member(1, person=7), a_member(2, person=3), a_member(3))

    numbering = number_groups([frozenset({1, 2, 3})], everybody)

    assert numbering.people == (3,)
    assert numbering.aliases == {7: 3}


def test_on_a_split_the_oldest_contact_keeps_the_number():
    everybody = members(a_member(1, born=9, person=5), a_member(2, born=1, person=5))

    numbering = number_groups([frozenset({1}), frozenset({2})], everybody)

    assert numbering.people == (None, 5)
    assert numbering.aliases == {}


def test_a_split_and_a_join_at_once_lose_no_number():
    everybody = members(a_member(1, person=5), a_member(2, person=5), a_member(3, person=2))

    numbering = number_groups([frozenset({1}), frozenset({2, 3})], everybody)

    assert numbering.people == (5, 2)
    assert numbering.aliases == {}
