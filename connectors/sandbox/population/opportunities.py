"""Opportunities of the population: opened and won as the planted truth says, with stages and dates."""

from __future__ import annotations

from random import Random

from connectors.sandbox.clock import Stamp
from connectors.sandbox.population.activities import ActivityWriter
from connectors.sandbox.population.assets import DAY
from connectors.sandbox.population.model import Company, Opportunity, Person, SalesforceShape
from connectors.sandbox.population.truth import (
    NOISE,
    OPEN_BASE,
    WIN_BASE,
    behaviour_weight,
    chance,
    trait_weight,
)

_LOOK_BACK = 120 * DAY


def live_through(
    rng: Random, person: Person, company: Company | None, writer: ActivityWriter, *, start: Stamp, end: Stamp
) -> None:
    """Lets a person go through episodes of interest; each may end in an opportunity, one at most does.

    Only what happened before the opportunity was opened decides over it: nothing leaks from its outcome.
    """
    known = trait_weight(person, company)
    person.chance_open = chance(OPEN_BASE + known)
    begin = max(start, person.created)
    for _ in range(_episodes(rng, person)):
        if end - begin < 20 * DAY:
            return
        at = begin + int(rng.random() * (end - begin))
        over = writer.episode(at)
        seen = [activity for activity in writer.found if over - _LOOK_BACK <= activity.at < over]
        done = behaviour_weight(seen)
        logit = OPEN_BASE + known + done
        person.chance_open = max(person.chance_open, chance(logit))
        person.chance_win = chance(WIN_BASE + 0.8 * known + 0.7 * done)
        if over < end and rng.random() < chance(logit + rng.gauss(0, NOISE)):
            opened = over + int(rng.random() * 6 * DAY)
            if opened < end - DAY:
                _open(rng, person, company, writer, opened=opened, end=end)
            return
    _look_around_now(rng, person, writer, end=end)


def _look_around_now(rng: Random, person: Person, writer: ActivityWriter, *, end: Stamp) -> None:
    """Some of those without an opportunity are in the middle of it on the last day, and sellers know more of them."""
    if rng.random() > 0.02 + 0.12 * person.interest or end - person.created < 40 * DAY:
        return
    writer.episode(end - round((4 + 8 * rng.random()) * DAY))
    if rng.random() < 0.6:
        writer.episode(end - round((8 + 10 * rng.random()) * DAY))
    if rng.random() < 0.35:
        writer.decide(end - round((2 + 6 * rng.random()) * DAY))
    if rng.random() < 0.4:
        person.competing_product = "Rival Scoring"
    if not person.authority and rng.random() < 0.5:
        person.authority = "decision_maker"


def _episodes(rng: Random, person: Person) -> int:
    draw = rng.random()
    return (draw < 0.08 + 0.75 * person.interest) + (draw < 0.35 * person.interest)


def _open(
    rng: Random, person: Person, company: Company | None, writer: ActivityWriter, *, opened: Stamp, end: Stamp
) -> None:
    won = rng.random() < person.chance_win
    length = round((20 + 70 * rng.random()) * DAY)
    reached = 4 if won else 1 + int(rng.random() * 4)
    step = length // (reached + 1)
    stages = [(opened + step * stage + int(rng.random() * step * 0.5), stage) for stage in range(reached + 1)]
    stages[0] = (opened, 0)
    stages.append((opened + length, 5 if won else 6))
    closed = opened + length < end
    size = company.employees if company else 10
    person.opportunity = Opportunity(
        company=person.company,
        name=f"{company.name if company else person.last_name} - Suite",
        amount=round((30 + 0.4 * min(size, 5_000)) * (0.5 + rng.random())) * 100,
        stages=[(at, stage) for at, stage in stages if at < end],
        close=opened + length,
        won=won if closed else None,
    )
    if person.shape is SalesforceShape.PROSPECT:
        person.shape = SalesforceShape.CONVERTED
        person.converted = opened
    writer.selling(opened, min(opened + length, end))
