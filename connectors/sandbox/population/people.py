"""People of the population: deterministic by seed and number, dirt included."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TypeVar

from connectors.sandbox.clock import Stamp
from connectors.sandbox.population.assets import DAY, HOUR
from connectors.sandbox.population.companies import plain
from connectors.sandbox.population.dirt import soil
from connectors.sandbox.population.model import Company, Double, Person, SalesforceShape
from connectors.sandbox.population.places import BY_CODE, digits, some_country, written
from connectors.sandbox.population.words import FIRST_NAMES, FUNCTIONS, LAST_NAMES, TITLES

T = TypeVar("T")

_SENIORITIES = ("individual", "manager", "director", "vp", "c_level", "intern", "student")
_SENIORITY_WEIGHTS = (38, 26, 13, 6, 8, 4, 5)
_FUNCTIONS = tuple(FUNCTIONS)
_FUNCTION_WEIGHTS = (22, 16, 15, 10, 14, 8, 10, 5)
_FREE_MAIL = {
    "de": ("gmx.de", "web.de", "gmail.com"),
    "fr": ("orange.fr", "yahoo.fr", "gmail.com"),
    "es": ("hotmail.es", "gmail.com"),
    "it": ("libero.it", "gmail.com"),
    "en": ("gmail.com", "outlook.com", "yahoo.com"),
}
_AUTHORITIES = ("decision_maker", "influencer", "user", "")


def make_person(seed: int, number: int, company: Company | None, end: Stamp) -> Person:
    """The person of this number as of the stamp `end`, without activities yet."""
    rng = Random(f"{seed}:person:{number}")
    country = BY_CODE[company.country] if company and rng.random() < 0.85 else some_country(rng)
    language = country.language if rng.random() < 0.85 else ("en", "de", "fr", "es", "it")[int(rng.random() * 5)]
    first = _pick(rng, FIRST_NAMES[language])
    last = _pick(rng, LAST_NAMES[language])
    seniority = rng.choices(_SENIORITIES, _SENIORITY_WEIGHTS)[0]
    if company is not None and seniority == "student":
        seniority = "individual"
    elif company is None:
        seniority = "student" if rng.random() < 0.35 else "individual"
    function = rng.choices(_FUNCTIONS, _FUNCTION_WEIGHTS)[0]
    city, postcode, state = _pick(rng, country.cities)
    person = Person(
        number=number,
        first_name=first,
        last_name=last,
        email=_email(rng, number, (first, last), company, language),
        phone=digits(rng, country.phone),
        mobile=digits(rng, country.phone) if rng.random() < 0.3 else "",
        title=_title(rng, seniority, function, language),
        seniority=seniority,
        function=function,
        language=language,
        country=country.code,
        country_text=written(rng, country),
        state=state,
        city=city,
        postcode=digits(rng, postcode),
        company=company.number if company else None,
        company_text=company.name if company else "",
        source=rng.choices(range(8), (30, 15, 10, 8, 10, 7, 12, 8))[0],
        authority=_authority(rng, seniority),
        competing_product="Rival Scoring" if rng.random() < 0.05 else "",
        created=_created(rng, end),
        do_not_call=rng.random() < 0.02,
        seller=int(rng.random() * 5),
    )
    _place(rng, number, person)
    soil(rng, person, company)
    return person


def free_mail(rng: Random, first: str, last: str, number: int, language: str) -> str:
    """An address at a real provider whose local part is clearly made up."""
    return f"sandbox.{plain(first)}.{plain(last)}.{number}@{_pick(rng, _FREE_MAIL[language])}"


def _email(rng: Random, number: int, name: tuple[str, str], company: Company | None, language: str) -> str:
    first, last = name
    if company is None or rng.random() < 0.08:
        return free_mail(rng, first, last, number, language)
    # The number keeps namesakes in one company apart, as mail administrators do.
    return f"{plain(first)}.{plain(last)}{number % 1000 or ''}@{company.domain}"


def _title(rng: Random, seniority: str, function: str, language: str) -> str:
    spoken = language if rng.random() < 0.75 else "en"
    return _pick(rng, TITLES[seniority][spoken]).format(f=FUNCTIONS[function][spoken])


def _authority(rng: Random, seniority: str) -> str:
    if rng.random() < 0.45:
        return ""
    if seniority in {"c_level", "vp", "director"}:
        return _AUTHORITIES[0] if rng.random() < 0.7 else _AUTHORITIES[1]
    return rng.choices(_AUTHORITIES, (5, 30, 55, 10))[0]


def _created(rng: Random, end: Stamp) -> Stamp:
    days = rng.random() * 360 if rng.random() < 0.5 else 360 + rng.random() * 700
    moment = end - round((days + 1) * DAY)
    return moment - moment % DAY + round((7 + 11 * rng.random()) * HOUR)


def _place(rng: Random, number: int, person: Person) -> None:
    """Which CRMs hold the person: each third in one, the other, or both."""
    person.in_salesforce = number % 3 != 1
    person.in_hubspot = number % 3 != 0
    draw = rng.random()
    if person.company is None:
        person.shape = SalesforceShape.PROSPECT
    elif draw < 0.42:
        person.shape = SalesforceShape.CONTACT
    elif draw < 0.50:
        person.shape = SalesforceShape.CONVERTED
        person.converted = person.created + round((2 + 20 * rng.random()) * DAY)
    both = person.in_salesforce and person.in_hubspot
    person.linked = both and rng.random() < 0.85
    double = rng.random()
    if double < 0.05:
        person.double = (Double.SAME_MAIL, Double.OTHER_MAIL, Double.MERGED)[int(rng.random() * 3)]
    if person.linked and rng.random() < 0.03:
        person.email_in_hubspot = free_mail(rng, person.first_name, person.last_name, number, person.language)


def _pick(rng: Random, choices: Sequence[T]) -> T:
    return choices[int(rng.random() * len(choices))]
