"""What happens to people in Salesforce, each told from the first click to what the CRM holds in the end."""

from __future__ import annotations

import pytest

from connectors.sandbox.clock import iso
from connectors.sandbox.conversion import convert_lead
from connectors.sandbox.server import SandboxServer
from sync.admin.actions.explain import explain
from sync.store.run_rows import RunKind
from sync.store.tables import activity_contact, contact
from tests.worlds import LATER, World

MODEL = """\
model: story
title: A title and pages
language: en
time_zone: UTC
horizon: 365 days

fit:
  rules:
    - {id: director, label: Director or above, when: {seniority: [director, vp, c_level]}, points: 20}

engagement:
  rules:
    - {id: pricing-page, label: Pricing page, on: page_view, where: {url: {contains: /pricing}}, points: 12}
"""


class Office(World):
    """A Salesforce org where people work, and Leadgrade after each of their days."""

    def hire(self, object_name, **values):
        """A new record; its id."""
        owner = self.salesforce.api_user
        company = {"Company": "Acme"} if object_name == "Lead" else {}
        return self.salesforce.create(object_name, {"OwnerId": owner, **company, **values}).id

    def visits(self, person, path="/pricing"):
        """What a marketing tool logs when somebody looks at a page."""
        values = {"WhoId": person, "Type": "Web Visit", "Subject": "Visited", "TaskSubtype": "Task"}
        done = {"Status": "Completed", "CompletedDateTime": iso(self.salesforce.now())}
        return self.salesforce.create("Task", {**values, **done, "Description": f"https://www.acme.example{path}"}).id

    def day_goes_by(self, kind=RunKind.INCREMENTAL):
        """Time for commits to show, a cycle, and another one in which our own writes come back."""
        self.advance(LATER)
        self.cycle(kind)
        self.advance(LATER)
        self.cycle()

    def score(self, object_name, record_id):
        """The score that a record holds in the CRM."""
        value = self.held("salesforce", object_name, record_id)["score"]
        return None if value is None else int(value)

    def person(self, record_id):
        """Number of the person behind a record."""
        (row,) = self.rows(contact, contact.c.record_id == record_id)
        return row["person_no"]

    def counted(self, record_id):
        """How many activities count for the person behind a record, each once."""
        links = self.rows(activity_contact, activity_contact.c.person_no == self.person(record_id))
        return len({link["activity_no"] for link in links if link["counted"]})


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    folder = tmp_path_factory.mktemp("office")
    (folder / "story.yaml").write_text(MODEL)
    with (
        SandboxServer() as server,
        Office.opened(folder, crms=["salesforce"], settings={"model": "story.yaml"}, server=server) as made,
    ):
        # Some people who have nothing to do with it, so that nobody's change is a large part of everybody.
        for number in range(60):
            made.hire("Lead", LastName=f"Bystander{number}", Email=f"by{number}@stander{number}.example")
        yield made.loaded()


def test_a_conversion_puts_the_score_on_the_contact_and_keeps_the_history(office):
    lead = office.hire("Lead", LastName="Byron", Email="ada@byron.example", Title="Sales Director")
    office.visits(lead)
    office.visits(lead)
    office.day_goes_by()
    assert office.score("Lead", lead) == 20 + 2 * 12
    before = office.person(lead)

    became = convert_lead(office.salesforce, lead, opportunity="First order")
    office.day_goes_by()

    # The same person, whose visits count once though Salesforce has moved them to the contact.
    assert office.person(became.contact) == office.person(lead) == before
    assert office.score("Contact", became.contact) == 44
    assert office.counted(became.contact) == 2
    # The lead keeps what it held: Salesforce lets nobody write it any more, and nothing is refused.
    assert office.score("Lead", lead) == 44
    told = explain(office.app, f"salesforce:Contact:{became.contact}")
    assert told.lines["points"].sum() == 44

    # Life goes on as a contact.
    office.visits(became.contact)
    office.day_goes_by()
    assert office.score("Contact", became.contact) == 56
    assert office.score("Lead", lead) == 44
    assert ("Lead", lead) not in {key for key, entry in office.contact_entries("salesforce").items() if entry.due}


def test_a_merge_adds_up_and_nothing_counts_twice(office):
    account = office.hire("Account", Name="Merge Ltd")
    winner = office.hire("Contact", LastName="Hopper", Email="grace@merge.example", AccountId=account)
    loser = office.hire("Contact", LastName="Hopper", Email="g.hopper@merge.example", Title="CEO", AccountId=account)
    office.visits(winner)
    office.visits(loser)
    office.day_goes_by()
    assert (office.score("Contact", winner), office.score("Contact", loser)) == (12, 32)
    assert office.person(winner) != office.person(loser)

    office.salesforce.merge("Contact", winner, [loser])
    office.day_goes_by()

    assert office.salesforce.get("Contact", loser).deleted
    assert office.person(winner) == office.person(loser)
    assert office.score("Contact", winner) == 20 + 2 * 12
    assert office.counted(winner) == 2


def test_a_deletion_leaves_a_tombstone_that_nobody_writes_to(office):
    lead = office.hire("Lead", LastName="Gone", Email="gone@gone.example", Title="Director")
    office.day_goes_by()
    assert office.score("Lead", lead) == 20

    office.salesforce.delete("Lead", lead)
    stamp = office.salesforce.get("Lead", lead).modified_at
    office.day_goes_by()

    (row,) = office.rows(contact, contact.c.record_id == lead)
    assert row["gone_at"] is not None
    assert office.salesforce.get("Lead", lead).modified_at == stamp
    assert ("Lead", lead) not in {key for key, entry in office.contact_entries("salesforce").items() if entry.due}


def test_an_undelete_brings_the_person_back_with_all_they_did(office):
    lead = office.hire("Lead", LastName="Back", Email="back@back.example")
    office.visits(lead)
    office.day_goes_by()
    office.salesforce.delete("Lead", lead)
    office.day_goes_by()
    before = office.person(lead)

    office.salesforce.undelete("Lead", lead)
    office.visits(lead)
    office.day_goes_by()

    (row,) = office.rows(contact, contact.c.record_id == lead)
    assert row["gone_at"] is None
    assert office.person(lead) == before
    assert office.score("Lead", lead) == 2 * 12


def test_a_hard_delete_is_found_by_the_sweep(office):
    stays = office.hire("Lead", LastName="Stays", Email="stays@purge.example", Title="Director")
    lead = office.hire("Lead", LastName="Purged", Email="purged@purge.example", Title="Director")
    office.day_goes_by()
    assert office.score("Lead", lead) == 20

    # No recycle bin, no trace in any query: the daily round cannot see it.
    office.salesforce.purge("Lead", lead)
    office.day_goes_by()
    (row,) = office.rows(contact, contact.c.record_id == lead)
    assert row["gone_at"] is None

    office.day_goes_by(RunKind.SWEEP)

    (row,) = office.rows(contact, contact.c.record_id == lead)
    assert row["gone_at"] is not None
    assert office.score("Lead", stays) == 20
    # And nothing is ever sent to an id that nobody knows any more.
    assert ("Lead", lead) not in {key for key, entry in office.contact_entries("salesforce").items() if entry.due}


def test_a_new_e_mail_address_joins_at_once_and_parts_after_a_week(office):
    lead = office.hire("Lead", LastName="Turing", Email="alan@old.example", Title="Director")
    other = office.hire("Contact", LastName="Turing", Email="alan@new.example")
    office.visits(other)
    office.day_goes_by()
    assert office.person(lead) != office.person(other)
    assert (office.score("Lead", lead), office.score("Contact", other)) == (20, 12)

    office.salesforce.update("Lead", lead, {"Email": "alan@new.example"})
    office.day_goes_by()
    assert office.person(lead) == office.person(other)
    assert (office.score("Lead", lead), office.score("Contact", other)) == (32, 32)

    # Somebody puts the old address back. A correction for a day is no other human ...
    office.salesforce.update("Lead", lead, {"Email": "alan@old.example"})
    office.day_goes_by()
    assert office.person(lead) == office.person(other)

    # ... one that lasts is.
    office.advance(8 * 86_400)
    office.day_goes_by()
    assert office.person(lead) != office.person(other)
    assert (office.score("Lead", lead), office.score("Contact", other)) == (20, 12)


def test_two_people_who_share_info_at_stay_two(office):
    boss = office.hire("Lead", LastName="Boss", Email="info@shared.example", Title="CEO")
    clerk = office.hire("Contact", LastName="Clerk", Email="info@shared.example")
    office.visits(clerk)
    office.day_goes_by()

    assert office.person(boss) != office.person(clerk)
    assert (office.score("Lead", boss), office.score("Contact", clerk)) == (20, 12)

    # What one of them does is not the other's doing.
    office.visits(boss)
    office.day_goes_by()
    assert (office.score("Lead", boss), office.score("Contact", clerk)) == (32, 12)
    assert (office.counted(boss), office.counted(clerk)) == (1, 1)
