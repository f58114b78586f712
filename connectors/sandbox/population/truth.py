"""The planted truth: what really decides who opens an opportunity and who buys. A good model should find these weights.

Opened mails and the clicks of link scanners weigh nothing on purpose; careers pages speak against a purchase.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import exp, log1p

from connectors.sandbox.population.model import Activity, Company, Kind, Person

OPEN_BASE = -4.1
WIN_BASE = -4.4
#: Standard deviation of what nobody can know.
NOISE = 0.7

SENIORITY = {
    "c_level": 0.9, "vp": 1.0, "director": 1.1, "manager": 0.6, "individual": 0.0, "intern": -1.5, "student": -3.0,
}  # fmt: skip
FUNCTION = {"marketing": 0.7, "it": 0.6, "sales": 0.5, "operations": 0.2, "finance": 0.1, "hr": -0.5}
AUTHORITY = {"decision_maker": 0.8, "influencer": 0.3}
#: By index into the vendors' lists of industries: software, manufacturing, banking, education, government, consulting.
INDUSTRY = {0: 0.6, 1: 0.5, 2: 0.3, 6: -0.7, 7: -0.6, 8: 0.2}
COUNTRY = {"DE": 0.4, "CH": 0.4, "AT": 0.3, "US": 0.3, "GB": 0.2, "IN": -0.5}
RELATION = {"competitor": -5.0, "partner": -2.0, "customer": -0.8}
NO_COMPANY = -1.2
#: Employees from which on: weight.
SIZE = ((5000, 0.2), (200, 0.9), (50, 0.4), (10, 0.0), (0, -0.9))

#: Weight of log(1 + count) in the 120 days before.
BEHAVIOUR: Mapping[str, float] = {
    "pricing_page": 0.9,
    "careers_page": -0.8,
    "demo_requested": 1.7,
    "demo_attended": 1.2,
    "webinar_attended": 0.8,
    "download": 0.5,
    "email_clicked": 0.3,
    "email_replied": 0.7,
    "form_submitted": 0.2,
    "event_attended": 0.5,
    "call_connected": 0.4,
    "meeting_held": 0.9,
    "unsubscribed": -1.3,
}
PRICING_PAGES = frozenset({"/pricing", "/preise", "/tarifs"})


def trait_weight(person: Person, company: Company | None) -> float:
    """What is known about a person and their company, in logits."""
    weight = SENIORITY[person.seniority] + FUNCTION.get(person.function, 0.0) + AUTHORITY.get(person.authority, 0.0)
    weight += COUNTRY.get(person.country, 0.0)
    if company is None:
        return weight + NO_COMPANY
    size = next(points for employees, points in SIZE if company.employees >= employees)
    return weight + INDUSTRY.get(company.industry, 0.0) + RELATION.get(company.relation, 0.0) + size


def behaviour_weight(activities: list[Activity]) -> float:
    """What a person has done, in logits; what machines did does not count."""
    counts: dict[str, int] = {}
    for activity in activities:
        if not activity.machine:
            name = _name(activity)
            counts[name] = counts.get(name, 0) + 1
    return sum(BEHAVIOUR[name] * log1p(count) for name, count in counts.items() if name in BEHAVIOUR)


def chance(logit: float) -> float:
    """The probability that belongs to a logit."""
    return 1 / (1 + exp(-logit))


def _name(activity: Activity) -> str:
    if activity.kind is Kind.PAGE_VIEW:
        if activity.asset in PRICING_PAGES:
            return "pricing_page"
        if activity.asset.startswith("/careers"):
            return "careers_page"
    return activity.kind.value
