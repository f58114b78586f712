"""Derived attributes: what titles, places, telephone numbers, addresses, sites, amounts and names say, as closed
values.

Pure: the libraries' data is read when this package is imported, nothing afterwards.
"""

from __future__ import annotations

from scoring.attributes.company import company_is_provider, domain_matches_company
from scoring.attributes.derive import derive
from scoring.attributes.domain import company_domain, is_provider_domain, registrable_domain
from scoring.attributes.email import (
    EMAIL_CLASSES,
    email_class,
    email_domain,
    is_disposable_domain,
    is_placeholder_email,
    is_role_email,
    normal_email,
)
from scoring.attributes.frames import derive_frame
from scoring.attributes.money import currency_of, number_from_text, whole_number
from scoring.attributes.phone import Phone, read_phone
from scoring.attributes.place import COUNTRY_CODES, country_code, region_code
from scoring.attributes.rules import DERIVED
from scoring.attributes.title import FUNCTIONS, SENIORITIES, Title, classify_title
from scoring.attributes.versions import DERIVED_VERSION, snapshot_dates

__all__ = [
    "COUNTRY_CODES",
    "DERIVED",
    "DERIVED_VERSION",
    "EMAIL_CLASSES",
    "FUNCTIONS",
    "SENIORITIES",
    "Phone",
    "Title",
    "classify_title",
    "company_domain",
    "company_is_provider",
    "country_code",
    "currency_of",
    "derive",
    "derive_frame",
    "domain_matches_company",
    "email_class",
    "email_domain",
    "is_disposable_domain",
    "is_placeholder_email",
    "is_provider_domain",
    "is_role_email",
    "normal_email",
    "number_from_text",
    "read_phone",
    "region_code",
    "registrable_domain",
    "snapshot_dates",
    "whole_number",
]
