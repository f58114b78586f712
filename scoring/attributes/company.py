"""Company names against domains: does an address fit the company, is the company only an internet provider?"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from rapidfuzz import fuzz

from scoring.attributes.domain import registrable_domain
from scoring.attributes.mail_providers import FREE_MAIL
from scoring.attributes.remembered import SHARED
from scoring.attributes.text import word_set, words
from scoring.attributes.web_providers import ACCESS_PROVIDERS, HOSTS, PROVIDER_NAMES

_LEGAL_FORMS: Final = word_set("""
    gmbh ag kg ohg ug se co mbh ev eg gbr kgaa inc incorporated corp corporation company llc llp lp ltd limited plc sa
    sas sarl sasu eurl sci snc
    srl spa bv nv ab as asa oy oyj aps sl slu sau sapi cv ltda me mei eireli eirl pty pte kk sro zoo sp doo holding
    holdings group gruppe groupe
    grupo und and et y e the
""")
_BY_COUNTRY: Final = word_set("""
    deutschland germany france espana brasil portugal usa uk europe international america schweiz austria
""")
_SHORTEST: Final = 3
_SIMILAR: Final = 85


@lru_cache(maxsize=SHARED)
def company_is_provider(company: str | None, website: str | None) -> bool | None:
    """Whether the company is an internet or mail provider, by its name or by its site; None without either.

    A page on a social network or a site builder does not make a provider of a company: such a site is left aside.
    """
    if company is not None:
        domain = registrable_domain(company) if "." in company and " " not in company else None
        names = {words(company), " ".join(_name_words(company, drop_countries=False))}
        if not names.isdisjoint(PROVIDER_NAMES) or (
            domain is not None and (domain in FREE_MAIL or domain in ACCESS_PROVIDERS)
        ):
            return True
    site = registrable_domain(website) if website is not None else None
    if site is not None and site not in HOSTS:
        return site in FREE_MAIL or site in ACCESS_PROVIDERS
    return False if company is not None else None


@lru_cache(maxsize=SHARED)
def domain_matches_company(email_domain: str | None, website: str | None, company: str | None) -> bool | None:
    """Whether an address belongs to the company it is said to.

    True when address and site share a registrable domain or its name ("acme.de", "acme.com"), or when the address
    bears the company's
    name. False when the site is another one. Without a site of the company's own a name that differs proves nothing:
    None.
    """
    address = registrable_domain(email_domain) if email_domain is not None else None
    if address is None:
        return None
    site = registrable_domain(website) if website is not None else None
    if site in HOSTS:
        site = None
    if site is not None and (site == address or (_label(site) == _label(address) and address not in FREE_MAIL)):
        return True
    if company is not None and address not in FREE_MAIL and _bears(_label(address), company):
        return True
    return False if site is not None else None


def _label(domain: str) -> str:
    return domain.partition(".")[0]


def _bears(label: str, company: str) -> bool:
    name = words(label).replace(" ", "")
    parts = _name_words(company, drop_countries=True)
    if not parts or len(name) < _SHORTEST - 1:
        return False
    whole = "".join(parts)
    initials = "".join(part[0] for part in parts)
    if name in {whole, initials} or (len(parts[0]) > _SHORTEST and name.startswith(parts[0])):
        return True
    if min(len(name), len(whole)) > _SHORTEST and (whole.startswith(name) or name.startswith(whole)):
        return True
    return len(name) > _SHORTEST and fuzz.ratio(name, whole) >= _SIMILAR


def _name_words(company: str, *, drop_countries: bool) -> list[str]:
    found = words(re.sub(r"\(.*?\)|\b(?:[a-z]\.){2,}", " ", company.casefold())).split()
    kept = [word for word in found if word not in _LEGAL_FORMS]
    if drop_countries and len(kept) > 1:
        kept = [word for word in kept if word not in _BY_COUNTRY] or kept
    return kept or found
