"""From people's scores to a company's, and into its accounts: created, written, read back, healed, blanked."""

from __future__ import annotations

import pytest

from sync.admin.actions.connections import plan_fields
from sync.store.sql.connections import WriteMode
from sync.store.tables import company, company_score, outbox
from sync.values import normal_values
from tests.worlds import LATER, World

MODEL = """\
model: firms
scope: {not: {relation: competitor}}
fit:
  groups:
    title:
      - {id: chief, label: Chief, when: {seniority: c_level}, points: 40}
      - {id: director, label: Director, when: {seniority: director}, points: 20}
qualified: {total: 30}
companies: {roll_up: sum, cap: 100, weights: {by: seniority, c_level: 1, director: 1}}
"""
#: HubSpot's archived records are looked at now and then.
ARCHIVED_LISTED = 7 * 3600
OBJECT = {"hubspot": "companies", "salesforce": "Account"}


@pytest.fixture(params=["hubspot", "salesforce"])
def crm(request):
    return request.param


@pytest.fixture
def world(tmp_path, crm):
    (tmp_path / "firms.yaml").write_text(MODEL)
    with World.opened(tmp_path, crms=[crm], settings={"model": "firms.yaml"}) as opened:
        opened.turn_writes_on()
        yield opened


class Firm:
    """A company in the CRM and its people."""

    def __init__(self, world, crm, domain="acme.example"):
        self.world, self.crm, self.domain, self.org = world, crm, domain, world.orgs()[crm]
        values = (
            {"name": "Acme", "domain": domain} if crm == "hubspot" else {"Name": "Acme", "Website": f"www.{domain}"}
        )
        self.account = self.org.create(OBJECT[crm], values)

    def joined_by(self, name, title):
        """Somebody comes, known by the address alone."""
        email = f"{name}@{self.domain}"
        if self.crm == "hubspot":
            return self.org.create("contacts", {"email": email, "lastname": name, "jobtitle": title})
        return self.org.create("Lead", {"Email": email, "LastName": name, "Company": "Acme", "Title": title})

    def retitled(self, human, title):
        if self.crm == "hubspot":
            self.org.update("contacts", human.id, {"jobtitle": title})
        else:
            self.org.update("Lead", human.id, {"Title": title})

    def moved_to(self, human, domain):
        field = ("contacts", "email") if self.crm == "hubspot" else ("Lead", "Email")
        self.org.update(field[0], human.id, {field[1]: f"moved@{domain}"})

    def held(self):
        """What its account holds: score, people, qualified, roles."""
        found = normal_values(self.world.held(self.crm, OBJECT[self.crm], self.account.id))
        return tuple(found[f"company_{name}"] for name in ("score", "people", "qualified", "roles"))


def run(world):
    world.advance(LATER)
    return world.cycle()


def test_a_company_follows_its_people_and_only_what_changed_is_looked_at(world, crm):
    assert plan_fields(world.app, crm) == []
    acme, other = Firm(world, crm), Firm(world, crm, "globex.example")
    ada = acme.joined_by("ada", "Sales Director")
    acme.joined_by("grace", "Chief Executive Officer")
    report = run(world)

    assert report.issues == []
    assert acme.held() == (60, 2, 1, "c_level, director")
    # Nobody there: nothing is written, and it has no entry.
    assert other.held() == (None, None, None, None)
    assert [row["account_no"] is None for row in world.rows(outbox)].count(False) == 1
    (scored,) = world.rows(company_score)
    assert (scored["score"], scored["people"], scored["covered"]) == (60, 2, ["c_level", "director"])
    assert not any(row["stale"] for row in world.rows(company))

    # Our own write comes back; nothing follows from it.
    echo = run(world)
    assert echo.connections[crm].delivered.total() == 0
    assert echo.rescored["companies"] == 0

    # One person rises, hence one company.
    acme.retitled(ada, "Chief Financial Officer")
    report = run(world)
    assert (report.rescored["scored"], report.rescored["companies"]) == (1, 1)
    assert acme.held() == (80, 2, 2, "c_level")

    # Somebody changes sides: both companies move.
    acme.moved_to(ada, "globex.example")
    run(world)
    assert acme.held() == (40, 1, 1, "c_level")
    assert other.held() == (40, 1, 1, "c_level")
    assert world.readback()[1] == []


def test_a_company_without_people_is_blanked_and_one_that_is_gone_is_left_alone(world, crm):
    acme = Firm(world, crm)
    ada = acme.joined_by("ada", "Sales Director")
    run(world)
    assert acme.held()[0] == 20

    acme.org.delete("contacts" if crm == "hubspot" else "Lead", ada.id)
    world.advance(ARCHIVED_LISTED)
    world.cycle()
    assert acme.held() == (None, None, None, None)
    assert world.rows(company_score) == []

    acme.org.delete(OBJECT[crm], acme.account.id)
    world.advance(ARCHIVED_LISTED)
    world.cycle()
    assert world.rows(outbox, outbox.c.account_no.is_not(None)) == []


def test_what_somebody_overwrites_in_an_account_is_drift_and_healed(world, crm):
    acme = Firm(world, crm)
    acme.joined_by("ada", "Sales Director")
    run(world)
    field = world.app.field_map(crm).outputs[OBJECT[crm]]["company_score"]

    world.advance(LATER)
    acme.org.update(OBJECT[crm], acme.account.id, {field: 99 if crm == "salesforce" else "99"})
    report = run(world)

    assert report.connections[crm].delivered["accepted"] == 1
    assert acme.held()[0] == 20


def test_accounts_obey_the_write_mode_and_the_sample(world, crm):
    world.turn_writes(WriteMode.OFF)
    acme = Firm(world, crm)
    acme.joined_by("ada", "Sales Director")
    run(world)
    assert acme.held()[0] is None

    settings = world.app.settings
    listed = settings.connections[crm].model_copy(
        update={"sample": settings.connections[crm].sample.model_copy(update={"records": (acme.account.id,)})}
    )
    world.app.settings = settings.model_copy(update={"connections": {crm: listed}})
    world.turn_writes(WriteMode.SAMPLE)
    report = run(world)

    assert report.connections[crm].delivered == {"accepted": 1}
    assert acme.held()[0] == 20


def test_a_refused_account_is_a_dead_letter_until_its_value_changes(world, crm):
    acme = Firm(world, crm)
    ada = acme.joined_by("ada", "Sales Director")
    run(world)
    assert acme.held()[0] == 20
    key = {"connection_no": world.number(crm), "object": OBJECT[crm], "record_id": acme.account.id}
    with world.app.store.write() as unit:
        unit.outbox.settle(
            [
                {
                    **key,
                    "due": False,
                    "refusal": "TOO_LARGE",
                    "refusal_scope": "value",
                    "refused": {"company_score": 20},
                }
            ]
        )
        (letter,) = unit.outbox.dead_letters(key["connection_no"])
    assert (letter.object, letter.record_id) == (OBJECT[crm], acme.account.id)

    acme.retitled(ada, "Chief Financial Officer")
    run(world)

    assert acme.held()[0] == 40
    with world.app.store.read() as unit:
        assert unit.outbox.dead_letters(key["connection_no"]) == []


def test_a_model_without_companies_writes_nothing_more_to_accounts(world, crm, tmp_path):
    acme = Firm(world, crm)
    ada = acme.joined_by("ada", "Sales Director")
    run(world)

    (tmp_path / "firms.yaml").write_text("\n".join(MODEL.splitlines()[:-1]) + "\n")
    world.restart()
    acme.retitled(ada, "Chief Financial Officer")
    report = run(world)

    assert report.rescored["companies"] == 0
    assert world.rows(company_score) == []
    assert [row["desired"] for row in world.rows(outbox, outbox.c.account_no.is_not(None))] in ([], [None])
    assert acme.held()[0] == 20

    # With the section back, all of them are looked at again.
    (tmp_path / "firms.yaml").write_text(MODEL)
    world.restart()
    run(world)
    assert acme.held()[0] == 40


def test_a_newly_mapped_output_is_filled_although_no_score_moved(world, crm):
    shipped = world.app.field_map(crm)
    fewer = dict(shipped.outputs[OBJECT[crm]])
    roles = fewer.pop("company_roles")
    world.app._field_maps[crm] = shipped.model_copy(update={"outputs": {**shipped.outputs, OBJECT[crm]: fewer}})
    world.app._connectors.clear()
    acme = Firm(world, crm)
    acme.joined_by("ada", "Sales Director")
    run(world)
    assert acme.org.get(OBJECT[crm], acme.account.id).values.get(roles) is None

    world.app._field_maps[crm] = shipped
    world.app._connectors.clear()
    run(world)

    assert acme.held() == (20, 1, 0, "director")
