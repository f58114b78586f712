from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from connectors.sandbox.clock import stamp_of
from connectors.sandbox.population import Kind, Population, SalesforceShape, generate
from connectors.sandbox.population.truth import behaviour_weight, trait_weight

ROOT = Path(__file__).parents[2]
FINGERPRINT = """
import hashlib, json
from connectors.sandbox.population import generate
from connectors.sandbox.seed_hubspot import hubspot_org
from connectors.sandbox.seed_salesforce import salesforce_org
population = generate(150, seed=3)
for make in (salesforce_org, hubspot_org):
    org = make(population)
    rows = [
        (name, record.id, record.created_at, record.modified_at, record.system_at, record.values)
        for name in org.schema for record in org.scan(name, deleted=None)
    ]
    print(hashlib.sha256(json.dumps(rows).encode()).hexdigest())
"""
FREE_MAIL = {
    "gmail.com", "gmx.de", "web.de", "orange.fr", "yahoo.fr", "hotmail.es", "libero.it", "outlook.com", "yahoo.com",
}  # fmt: skip


@pytest.fixture(scope="module")
def population() -> Population:
    return generate(1_500, seed=11)


def test_the_same_seed_gives_the_same_orgs_in_every_process():
    outputs = {
        subprocess.run(
            [sys.executable, "-c", FINGERPRINT],
            check=True,
            capture_output=True,
            text=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
        ).stdout
        for hash_seed in ("1", "2")
    }

    assert len(outputs) == 1


def test_another_seed_gives_other_people():
    assert [person.last_name for person in generate(50, seed=1).people] != [
        person.last_name for person in generate(50, seed=2).people
    ]


def test_a_third_of_the_people_is_in_both_crms(population):
    places = Counter((person.in_salesforce, person.in_hubspot) for person in population.people)

    assert places == {(True, True): 500, (True, False): 500, (False, True): 500}


def test_addresses_are_reserved_or_clearly_made_up(population):
    for person in population.people:
        for address in filter(None, (person.email, person.email_in_hubspot)):
            local, _, domain = address.strip().lower().replace("(at)", "@").rstrip(".").rpartition("@")
            assert domain.endswith((".example", ".test")) or domain in FREE_MAIL or domain == "example.com"
            assert domain not in FREE_MAIL or local.startswith("sandbox.")


def test_activities_lie_in_the_year_before_the_day_and_after_the_person_was_created(population):
    end = stamp_of(population.day)
    for person in population.people:
        for activity in person.activities:
            assert max(end - 365 * 86_400_000, person.created) <= activity.at <= activity.recorded_at < end


def test_more_than_a_dozen_kinds_happen(population):
    kinds = {activity.kind for person in population.people for activity in person.activities}

    assert kinds == set(Kind)


def test_all_kinds_of_dirt_occur(population):
    marks = Counter(mark for person in population.people for mark in person.dirt)

    assert {
        "no_mail", "upper_mail", "shared_mail", "role_mail", "placeholder_mail", "invalid_mail", "bot", "digits_in_name",
        "noise_name", "name_in_one_field", "no_phone", "na_phone", "no_title", "no_country",
    } <= set(marks)  # fmt: skip
    assert {person.double for person in population.people} >= {None}
    assert any(person.seniority == "student" for person in population.people)
    assert any(company.relation == "competitor" for company in population.companies)


def test_link_scanners_click_within_two_seconds_of_sending(population):
    for person in population.people:
        sent = {activity.asset: activity.at for activity in person.activities if activity.kind is Kind.EMAIL_SENT}
        for activity in person.activities:
            if activity.machine:
                assert 0 <= activity.at - sent[activity.asset] <= 2_000


def test_titles_and_country_names_come_in_several_languages(population):
    titles = {person.title for person in population.people}
    countries = {person.country_text for person in population.people if person.country == "DE"}

    assert any("Leiter" in title for title in titles)
    assert any("Directrice" in title for title in titles)
    assert {"Germany", "Deutschland", "Allemagne"} <= countries


def test_opportunities_follow_the_planted_truth(population):
    known = {
        person.number: trait_weight(
            person, population.companies[person.company] if person.company is not None else None
        )
        for person in population.people
    }
    opened = [person for person in population.people if person.opportunity]
    won = [person for person in opened if person.opportunity.won]
    lost = [person for person in opened if person.opportunity.won is False]
    others = [person for person in population.people if not person.opportunity]

    assert 0.08 < len(opened) / len(population.people) < 0.25
    assert 0.15 < len(won) / (len(won) + len(lost)) < 0.5
    assert _mean(known[p.number] for p in opened) > _mean(known[p.number] for p in others) + 0.7
    assert _mean(known[p.number] for p in won) > _mean(known[p.number] for p in lost)
    assert _mean(behaviour_weight(p.activities) for p in opened) > _mean(behaviour_weight(p.activities) for p in others)
    assert any(person.opportunity.won is None for person in opened)


def test_stages_are_in_order_and_before_the_day(population):
    end = stamp_of(population.day)
    for person in population.people:
        if person.opportunity:
            stamps = [at for at, _ in person.opportunity.stages]
            assert stamps == sorted(stamps)
            assert stamps[-1] < end
            assert (person.opportunity.won is None) == (person.opportunity.stages[-1][1] < 5)


def test_people_with_an_opportunity_are_contacts_in_salesforce(population):
    assert all(
        person.shape is not SalesforceShape.PROSPECT for person in population.people if person.opportunity is not None
    )


def test_fewer_activities_when_less_goes_on(population):
    quiet = generate(300, seed=11, intensity=0.25)

    few = sum(len(person.activities) for person in quiet.people) / 300
    many = sum(len(person.activities) for person in population.people) / len(population.people)
    assert few < many * 0.7


def _mean(values) -> float:
    found = list(values)
    return sum(found) / len(found)
