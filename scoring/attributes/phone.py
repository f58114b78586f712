"""Telephone numbers to E.164, with the facts of Google's libphonenumber (through phonenumbers).

A number without an international prefix is read as one of the record's country.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

import phonenumbers
from phonenumbers import NumberParseException, PhoneMetadata, PhoneNumberFormat

from scoring.attributes.remembered import OWN

# NOTE: the metadata of a region is otherwise imported when its first number is parsed, and nothing may read files then.
PhoneMetadata.load_all()

_LONGEST: Final = 80
_FEWEST_DIGITS: Final = 5
_MOST_DIGITS: Final = 20
_SECOND: Final = re.compile(r"\s(?:/|\||;|or|oder|ou|o)\s|[;|]")
_NO_REGION: Final = frozenset(("001", "ZZ"))


class Phone(NamedTuple):
    """What is known about a telephone number; None where it cannot be told."""

    #: With a leading +; for numbers that are possible, valid or not.
    e164: str | None
    #: None for a national number whose country is not known.
    valid: bool | None
    #: ISO 3166-1 alpha-2 code of a valid number; none for non-geographic ones such as +800.
    country: str | None


@lru_cache(maxsize=OWN)
def read_phone(text: str, country: str | None) -> Phone:
    """A telephone number as typed; `country` is the code of the record's country, if known."""
    first = _SECOND.split(text, maxsplit=1)[0].strip() or text
    digits = [letter for letter in first if letter.isdigit()]
    vanity = len(digits) >= 3 and 10 <= sum(map(str.isalnum, first)) <= 12 and country is not None
    enough = _FEWEST_DIGITS <= len(digits) <= _MOST_DIGITS and len(set(digits)) > 1
    if len(first) > _LONGEST or not (enough or vanity):
        return Phone(None, valid=False, country=None)
    international = _international(first, country)
    if international is None and country is None:
        return Phone(None, valid=None, country=None)
    try:
        number = phonenumbers.parse(international or first, None if international else country)
    except NumberParseException:
        return Phone(
            None, valid=False if international or country in phonenumbers.SUPPORTED_REGIONS else None, country=None
        )
    if not phonenumbers.is_possible_number(number):
        return Phone(None, valid=False, country=None)
    region = phonenumbers.region_code_for_number(number)
    valid = region is not None and phonenumbers.is_valid_number_for_region(number, region)
    return Phone(
        phonenumbers.format_number(number, PhoneNumberFormat.E164),
        valid=valid,
        country=region if valid and region not in _NO_REGION else None,
    )


def _international(text: str, country: str | None) -> str | None:
    """The number with a leading +, when it is written with +, (+49), ＋ or, without a country to read it by, 00."""
    plus = re.match(r"^\D{0,6}?[+＋]", text)
    if plus:
        return "+" + text[plus.end() :]
    if country is None:
        zeros = re.match(r"^\(?00[\s./-]*(?=[1-9])", text)
        if zeros:
            return "+" + text[zeros.end() :].replace(")", "", 1)
    return None
