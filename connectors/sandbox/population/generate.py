"""Generates the population; the same seed gives the same people on every machine and in every process."""

from __future__ import annotations

from datetime import date
from random import Random

from connectors.sandbox.clock import stamp_of
from connectors.sandbox.population.activities import ActivityWriter
from connectors.sandbox.population.assets import DAY, assets_before
from connectors.sandbox.population.companies import make_company
from connectors.sandbox.population.model import Company, Person, Population
from connectors.sandbox.population.opportunities import live_through
from connectors.sandbox.population.people import make_person
from connectors.sandbox.population.truth import chance, trait_weight

DEFAULT_PEOPLE = 2_000
#: The day before which everything happened, unless another is given.
REFERENCE_DAY = date(2026, 11, 20)
_PEOPLE_PER_COMPANY = 4


def generate(
    people: int = DEFAULT_PEOPLE, seed: int = 7, day: date = REFERENCE_DAY, *, intensity: float = 1.0
) -> Population:
    """Generates people with their companies and the year before `day`.

    Each person and company has a random stream of its own, so only the number of companies changes with `people`.
    `intensity` scales how much goes on: 0.25 gives about five activities a person, for very large populations.
    """
    end = stamp_of(day)
    start = end - 365 * DAY
    assets = assets_before(day)
    companies = [make_company(seed, number) for number in range(max(4, people // _PEOPLE_PER_COMPANY))]
    everybody = []
    for number in range(people):
        rng = Random(f"{seed}:life:{number}")
        company = _employer(rng, companies)
        person = make_person(seed, number, company, end)
        person.interest = chance(-1.2 + 0.5 * trait_weight(person, company) + rng.gauss(0, 0.9))
        scanner = company is not None and company.scanner and person.email.casefold().endswith(company.domain)
        writer = ActivityWriter(rng, person, scanner=scanner, start=start, end=end, intensity=intensity)
        if "bot" not in person.dirt:
            writer.baseline(assets)
            live_through(rng, person, company, writer, start=start, end=end)
        person.activities = sorted(writer.found, key=lambda activity: activity.at)
        _note_company(person, company)
        everybody.append(person)
    return Population(seed=seed, day=day, people=everybody, companies=companies)


def _employer(rng: Random, companies: list[Company]) -> Company | None:
    """Some companies employ many of the people, one in ten people has none."""
    if rng.random() < 0.1:
        return None
    return companies[int(len(companies) * rng.random() ** 1.6)]


def _note_company(person: Person, company: Company | None) -> None:
    if company is not None:
        company.in_salesforce = company.in_salesforce or person.in_salesforce
        company.in_hubspot = company.in_hubspot or person.in_hubspot
