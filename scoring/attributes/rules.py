"""Which derived attribute follows from which attributes, in the order of computation.

One table serves single records (derive) and whole frames (frames), so that both always agree.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from scoring.attributes.company import company_is_provider, domain_matches_company
from scoring.attributes.domain import company_domain
from scoring.attributes.email import email_class, email_domain, normal_email
from scoring.attributes.money import number_from_text, whole_number
from scoring.attributes.name import has_digits, is_noise
from scoring.attributes.phone import read_phone
from scoring.attributes.place import country_code, region_code
from scoring.attributes.text import present
from scoring.attributes.title import classify_title

if TYPE_CHECKING:
    from collections.abc import Callable

Derived = str | bool | int | float | None
Kind = Literal["text", "boolean", "number"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """One step: `compute` takes the values of `inputs`, in order, and returns those of `outputs`."""

    inputs: tuple[str, ...]
    outputs: tuple[tuple[str, Kind], ...]
    compute: Callable[..., tuple[Derived, ...]]

    @property
    def names(self) -> tuple[str, ...]:
        """The outputs' names."""
        return tuple(name for name, _ in self.outputs)


def _email(email: object) -> tuple[Derived, ...]:
    text = present(email)
    return (None if text is None else email_domain(text), email_class(None if text is None else normal_email(text)))


def _title(title: object) -> tuple[Derived, ...]:
    text = present(title)
    return (None, None) if text is None else classify_title(text)


def _country(country: object) -> tuple[Derived, ...]:
    text = present(country)
    return (None if text is None else country_code(text),)


def _region(state: object, country: object) -> tuple[Derived, ...]:
    text = present(state)
    return (None if text is None else region_code(text, present(country)),)


def _phone(phone: object, country: object) -> tuple[Derived, ...]:
    text = present(phone)
    return (None, None, None) if text is None else read_phone(text, present(country))


def _name(first_name: object, last_name: object) -> tuple[Derived, ...]:
    names = [name for name in (present(first_name), present(last_name)) if name is not None]
    return (has_digits(*names), is_noise(*names)) if names else (None, None)


def _company_domain(website: object, domain: object, kind: object) -> tuple[Derived, ...]:
    return (company_domain(present(website), present(domain), present(kind)),)


def _provider(company: object, website: object) -> tuple[Derived, ...]:
    return (company_is_provider(present(company), present(website)),)


def _match(domain: object, website: object, company: object) -> tuple[Derived, ...]:
    return (domain_matches_company(present(domain), present(website), present(company)),)


def _employees(value: object) -> tuple[Derived, ...]:
    return (_number(value, whole_number),)


def _revenue(value: object) -> tuple[Derived, ...]:
    return (_number(value, number_from_text),)


def _number(value: object, read: Callable[[str], float | None]) -> Derived:
    if isinstance(value, str):
        return read(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value if math.isfinite(value) else None
    return None


RULES: Final = (
    Rule(inputs=("email",), outputs=(("email_domain", "text"), ("email_class", "text")), compute=_email),
    Rule(inputs=("title",), outputs=(("seniority", "text"), ("function", "text")), compute=_title),
    Rule(inputs=("country",), outputs=(("country_code", "text"),), compute=_country),
    Rule(inputs=("state", "country_code"), outputs=(("region_code", "text"),), compute=_region),
    Rule(
        inputs=("phone", "country_code"),
        outputs=(("phone_e164", "text"), ("phone_valid", "boolean"), ("phone_country", "text")),
        compute=_phone,
    ),
    Rule(
        inputs=("first_name", "last_name"),
        outputs=(("name_has_digits", "boolean"), ("name_is_noise", "boolean")),
        compute=_name,
    ),
    Rule(
        inputs=("website", "email_domain", "email_class"),
        outputs=(("company_domain", "text"),),
        compute=_company_domain,
    ),
    Rule(inputs=("company", "website"), outputs=(("company_is_provider", "boolean"),), compute=_provider),
    Rule(
        inputs=("email_domain", "website", "company"),
        outputs=(("domain_matches_company", "boolean"),),
        compute=_match,
    ),
)

#: Numbers are read where they stand: the attribute is its own source.
NUMBER_RULES: Final = (
    Rule(inputs=("employees",), outputs=(("employees", "number"),), compute=_employees),
    Rule(inputs=("revenue",), outputs=(("revenue", "number"),), compute=_revenue),
)

#: Every attribute that is derived here; is_duplicate needs the other records and is derived where they are known.
DERIVED: Final = tuple(name for rule in (*RULES, *NUMBER_RULES) for name in rule.names)
