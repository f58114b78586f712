from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.records import Deletion, DeletionKind, LinkReason, Ref, VendorLink
from sync.people.resolve import link, settle_links, unlink
from sync.store.people_rows import Cause
from tests.people_world import BACKENDS, Crms

DAY = timedelta(days=1)


@pytest.fixture(params=BACKENDS)
def crms(request, tmp_path):
    with Crms.opened(request.param, tmp_path) as crms:
        yield crms


def test_contacts_of_two_crms_with_one_address_are_one_person(crms):
    crms.sales("Contact", "1", email="ada@acme.example", title="CTO")
    crms.marketing("2", email="ada@acme.example", phone="+33 1 44 55 66 77")

    (person,) = crms.people()

    assert person.contacts == 2
    assert person.profile["title"] == "CTO"
    assert person.profile["phone"] == "+33 1 44 55 66 77"
    assert person.profile["email_class"] == "business"
    assert person.profile["is_duplicate"] == "false"
    assert crms.identified("ada@acme.example") == person.person_no


def test_a_person_is_made_dirty_by_what_changes_its_profile_and_by_nothing_else(crms):
    crms.sales("Contact", "1", email="ada@acme.example", title="CTO")
    crms.scored()

    same = crms.sales("Contact", "1", email="ada@acme.example", title="CTO")
    assert same.dirty == {}
    assert crms.dirty() == {}

    other = crms.sales("Contact", "1", email="ada@acme.example", title="CEO")
    assert set(other.dirty.values()) == {Cause.PROFILE}
    assert list(crms.dirty().values()) == [Cause.PROFILE]


def test_an_override_says_so(crms):
    crms.sales("Contact", "1", email="ada@acme.example")
    crms.scored()

    touched = crms.sales("Contact", "1", email="ada@acme.example", score_override="90")

    assert set(touched.dirty.values()) == {Cause.OVERRIDE}


def test_on_a_join_the_older_person_survives_with_all_activities(crms):
    crms.sales("Contact", "1", email="ada@acme.example")
    crms.marketing("2", email="byron@acme.example")
    crms.activity("hs-1", "2")
    first, second = sorted(person.person_no for person in crms.people())
    crms.scored()

    touched = crms.marketing("2", email="ada@acme.example")

    assert touched.joined == {second: first}
    assert [person.person_no for person in crms.people()] == [first]
    assert crms.activities_of(first) == ["hs-1"]
    assert crms.dirty().keys() == {first, second}
    assert crms.who(second) == first


def test_an_email_join_survives_a_changed_address_for_seven_days(crms):
    crms.sales("Contact", "1", email="ada@acme.example", created=1)
    crms.marketing("2", email="ada@acme.example", created=2)
    crms.activity("hs-1", "2")
    (person,) = crms.people()

    crms.marketing("2", email="ada@new.example")
    crms.pass_time(6 * DAY)
    assert crms.settle(settle_links).dirty == {}
    assert len(crms.people()) == 1

    crms.pass_time(1 * DAY)
    crms.scored()
    crms.settle(settle_links)

    kept, new = crms.people()
    assert kept.person_no == person.person_no
    assert crms.contacts_of(kept.person_no) == [("sales", "1")]
    assert crms.contacts_of(new.person_no) == [("marketing", "2")]
    assert crms.activities_of(new.person_no) == ["hs-1"]
    assert crms.dirty().keys() == {kept.person_no, new.person_no}
    assert crms.identified("ada@new.example") == new.person_no


def test_addresses_that_meet_again_start_the_seven_days_anew(crms):
    crms.sales("Contact", "1", email="ada@acme.example")
    crms.marketing("2", email="ada@acme.example")
    crms.marketing("2", email="ada@new.example")
    crms.pass_time(6 * DAY)
    crms.sales("Contact", "1", email="ada@new.example")
    crms.pass_time(6 * DAY)
    crms.settle(settle_links)

    assert len(crms.people()) == 1


@pytest.mark.parametrize("statement_first", [True, False])
def test_a_vendor_link_joins_in_either_order_of_arrival(crms, statement_first):
    says = VendorLink(ref=Ref(object="Lead", id="9"), reason=LinkReason.NATIVE_SYNC, crm="salesforce")
    arrivals = [
        lambda: crms.marketing("2", email="a@one.example", same_as=(says,)),
        lambda: crms.sales("Lead", "9", email="b@two.example"),
    ]
    for arrive in arrivals if statement_first else arrivals[::-1]:
        arrive()

    assert len(crms.people()) == 1

    crms.marketing("2", email="a@one.example", same_as=())

    assert len(crms.people()) == 2


def test_a_vendor_link_inside_a_crm_stays_inside_the_connection(crms):
    says = VendorLink(ref=Ref(object="Contact", id="9"), reason=LinkReason.CONVERSION)
    crms.sales("Lead", "1", same_as=(says,))
    crms.marketing("9")

    assert len(crms.people()) == 2

    crms.sales("Contact", "9")

    assert [person.contacts for person in crms.people()] == [2, 1]


@pytest.mark.parametrize("winner_first", [True, False])
def test_a_record_that_was_merged_away_stays_with_its_winner(crms, winner_first):
    crms.sales("Contact", "1", email="a@one.example")
    crms.activity("call-1", "1", connection="sales", object_="Contact")
    deletion = Deletion(
        ref=Ref(object="Contact", id="1"), kind=DeletionKind.MERGED, moved_to=Ref(object="Contact", id="2")
    )
    steps = [lambda: crms.sales("Contact", "2", email="b@two.example"), lambda: crms.gone("sales", deletion)]
    for step in steps if winner_first else steps[::-1]:
        step()

    alive = [person for person in crms.people() if person.contacts]
    assert len(alive) == len(crms.people()) == 1
    assert alive[0].contacts == 1
    assert alive[0].profile["email"] == "b@two.example"
    assert crms.activities_of(alive[0].person_no) == ["call-1"]


def test_a_deleted_contact_leaves_a_person_without_contacts_and_comes_back_as_it_was(crms):
    crms.sales("Contact", "1", email="ada@acme.example", title="CTO")
    (before,) = crms.people()
    crms.scored()

    gone = crms.gone("sales", Deletion(ref=Ref(object="Contact", id="1")))
    (without,) = crms.people()
    assert gone.dirty == {before.person_no: Cause.IDENTITY}
    assert without.contacts == 0
    assert crms.identified("ada@acme.example") is None

    back = crms.sales("Contact", "1", email="ada@acme.example", title="CTO")
    (after,) = crms.people()
    assert back.dirty == {before.person_no: Cause.IDENTITY}
    assert (after.contacts, after.profile["title"]) == (1, "CTO")


def test_a_fourth_record_of_an_object_ends_the_join_and_is_shown(crms):
    for number in range(3):
        crms.sales("Lead", str(number), email="desk@acme.example")
    assert len(crms.people()) == 1

    crms.sales("Lead", "3", email="desk@acme.example")

    assert len(crms.people()) == 4
    (shown,) = crms.ambiguities()
    assert shown[:1] + shown[2:3] == ("email", "too_many_records")
    assert "desk@acme.example" not in str(shown)

    crms.sales("Lead", "3", email="other@acme.example")

    assert len(crms.people()) == 2
    assert crms.ambiguities() == []


def test_contradicting_last_names_inside_one_crm_keep_people_apart(crms):
    crms.sales("Lead", "1", email="home@smith.example", last_name="Smith")
    crms.sales("Contact", "2", email="home@smith.example", last_name="Jones")
    assert len(crms.people()) == 2

    crms.sales("Contact", "2", email="home@smith.example", last_name="Smith-Jones")
    assert len(crms.people()) == 1


def test_the_operator_outweighs_everything(crms):
    crms.sales("Contact", "1", email="ada@acme.example")
    crms.marketing("2", email="ada@acme.example")
    one, other = crms.number("sales", "Contact", "1"), crms.number("marketing", "contacts", "2")

    crms.operator(unlink, one, other)
    assert len(crms.people()) == 2
    crms.sales("Contact", "1", email="ada@acme.example", title="new")
    assert len(crms.people()) == 2

    crms.operator(link, one, other)
    crms.marketing("2", email="else@where.example")
    crms.pass_time(30 * DAY)
    crms.settle(settle_links)
    assert len(crms.people()) == 1


def test_duplicates_are_marked_and_unmarked(crms):
    crms.sales("Lead", "1", email="ada@acme.example")
    crms.sales("Lead", "2", email="ada@acme.example")
    (person,) = crms.people()
    assert person.profile["is_duplicate"] == "true"

    crms.gone("sales", Deletion(ref=Ref(object="Lead", id="2")))
    (person,) = crms.people()
    assert person.profile["is_duplicate"] == "false"
    assert person.contacts == 1


def test_workspaces_never_meet(crms):
    crms.sales("Contact", "1", email="ada@acme.example")
    crms.elsewhere("Contact", "1", email="ada@acme.example")

    assert len(crms.people()) == 1
    assert len(crms.people(workspace="other")) == 1


def test_an_address_that_masses_of_records_carry_joins_nobody_and_is_shown_in_brief(crms):
    for start in (0, 40, 80):
        crms.page("sales", [crms.row("Lead", f"{n:05}", email="front@acme.example") for n in range(start, start + 40)])

    assert len(crms.people()) == 120
    ((kind, _, reason, shown),) = crms.ambiguities()
    assert (kind, reason, len(shown)) == ("email", "too_many_records", 50)
