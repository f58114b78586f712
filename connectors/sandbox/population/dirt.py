"""What is wrong with real CRM records: missing, misspelt, shared, placeholder and role values, bots, students.

Each mark is noted in `Person.dirt`, so that a test can ask for the people it needs.
"""

from __future__ import annotations

from random import Random

from connectors.sandbox.population.model import Company, Person

#: Mark to probability. Marks that fight over the same field are drawn once, in this order.
MAIL_DIRT = {
    "no_mail": 0.03,
    "upper_mail": 0.03,
    "shared_mail": 0.015,
    "role_mail": 0.015,
    "placeholder_mail": 0.008,
    "invalid_mail": 0.01,
    "blanks_in_mail": 0.004,
    "bot": 0.01,
}
NAME_DIRT = {
    "digits_in_name": 0.012,
    "noise_name": 0.006,
    "no_first_name": 0.05,
    "upper_name": 0.02,
    "lower_name": 0.03,
    "name_in_one_field": 0.01,
}
PHONE_DIRT = {"no_phone": 0.25, "na_phone": 0.02, "short_phone": 0.01, "raw_phone": 0.12}
FIELD_DIRT = {"no_title": 0.09, "no_country": 0.12, "no_city": 0.3, "no_company_text": 0.06, "noise_title": 0.01}

_NOISE = ("asdf", "xxx", "test", "qwertz", "N/A", "-")
_BOTS = ("RobertTub", "WilliamCak", "Jamesfuelm", "Crytoroam")


def soil(rng: Random, person: Person, company: Company | None) -> None:
    """Makes a person's record as dirty as real ones are."""
    _mail(_drawn(rng, MAIL_DIRT), person, company)
    _name(_drawn(rng, NAME_DIRT), rng, person)
    _phone(_drawn(rng, PHONE_DIRT), person)
    for mark, probability in FIELD_DIRT.items():
        if rng.random() < probability:
            person.dirt.append(mark)
    if "no_title" in person.dirt:
        person.title = ""
    elif "noise_title" in person.dirt:
        person.title = _NOISE[int(rng.random() * len(_NOISE))]
    if "no_country" in person.dirt:
        person.country_text = ""
    if "no_city" in person.dirt:
        person.city = person.postcode = person.state = ""
    if "no_company_text" in person.dirt:
        person.company_text = ""


def _drawn(rng: Random, marks: dict[str, float]) -> str:
    draw = rng.random()
    for mark, probability in marks.items():
        if draw < probability:
            return mark
        draw -= probability
    return ""


def _mail(mark: str, person: Person, company: Company | None) -> None:
    if mark in {"shared_mail", "role_mail"} and company is None:
        return
    if mark:
        person.dirt.append(mark)
    domain = company.domain if company else "nowhere.test"
    if mark == "no_mail":
        person.email = ""
    elif mark == "upper_mail":
        person.email = person.email.upper()
    elif mark == "shared_mail":
        person.email = f"info@{domain}"
    elif mark == "role_mail":
        person.email = f"{('sales', 'support', 'office')[person.number % 3]}@{domain}"
    elif mark == "placeholder_mail":
        person.email = ("noemail@example.com", "none@none.test", "test@test.test")[person.number % 3]
    elif mark == "invalid_mail":
        person.email = person.email.replace("@", "(at)") if person.number % 2 else f"{person.email}."
    elif mark == "blanks_in_mail":
        person.email = f" {person.email} "
    elif mark == "bot":
        person.first_name = person.last_name = _BOTS[person.number % len(_BOTS)]
        person.email = f"bot{person.number}@spam{person.number % 7}.test"
        person.phone = "8" * 11


def _name(mark: str, rng: Random, person: Person) -> None:
    if not mark or "bot" in person.dirt:
        return
    person.dirt.append(mark)
    if mark == "digits_in_name":
        person.last_name = f"{person.last_name}{int(rng.random() * 90) + 10}"
    elif mark == "noise_name":
        person.first_name = person.last_name = _NOISE[int(rng.random() * len(_NOISE))]
    elif mark == "no_first_name":
        person.first_name = ""
    elif mark == "upper_name":
        person.first_name, person.last_name = person.first_name.upper(), person.last_name.upper()
    elif mark == "lower_name":
        person.first_name, person.last_name = person.first_name.lower(), person.last_name.lower()
    else:
        person.first_name, person.last_name = "", f"{person.first_name} {person.last_name}"


def _phone(mark: str, person: Person) -> None:
    if not mark or "bot" in person.dirt:
        return
    person.dirt.append(mark)
    if mark == "no_phone":
        person.phone = ""
    elif mark == "na_phone":
        person.phone = ("N/A", "n.a.", "000000", "unknown")[person.number % 4]
    elif mark == "short_phone":
        person.phone = "12345"
    else:
        person.phone = person.phone.replace(" ", "").replace("+", "00")
