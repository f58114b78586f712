"""Registrable domains of sites and mail hosts, by the Public Suffix List that publicsuffixlist ships (nothing is
fetched).

Both sections of the list count, so that two shops on one platform have two domains.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from publicsuffixlist import PublicSuffixList

from scoring.attributes.mail_providers import FREE_MAIL
from scoring.attributes.remembered import SHARED
from scoring.attributes.web_providers import ACCESS_PROVIDERS, HOSTS

_SUFFIXES: Final = PublicSuffixList()
#: RFC 2606 keeps these for documentation and tests: no real address ends so, and demonstrations need some that pass.
_RESERVED: Final = frozenset(("example", "test"))
_SCHEME: Final = re.compile(r"^\s*(?:[a-z][a-z0-9+.-]*:)?/{0,3}", re.IGNORECASE)
_HOST_END: Final = re.compile(r"[/?#\\\s,;|]")
_LABEL: Final = re.compile(r"^(?!-)[\w-]{1,63}(?<!-)$")
_LONGEST_HOST: Final = 253


@lru_cache(maxsize=SHARED)
def registrable_domain(text: str) -> str | None:
    """The registrable domain of a site, an address or a host name: lower case, internationalised names in Unicode.

    None for IP addresses, single labels, bare public suffixes ("co.uk"), unknown endings and anything that is no host
    name. The reserved endings .example and .test count as known.
    """
    host = host_of(text)
    if host is None or not has_known_ending(host):
        return None
    found = _SUFFIXES.privatesuffix(host)
    return str(found) if found else None


@lru_cache(maxsize=SHARED)
def has_known_ending(host: str) -> bool:
    """Whether a host name ends in a top-level domain that exists, or in a reserved one."""
    return host.rpartition(".")[2] in _RESERVED or _SUFFIXES.publicsuffix(host, accept_unknown=False) is not None


def host_of(text: str) -> str | None:
    """The host name of a URL, a mail address or a bare name; None when it is no valid one."""
    bare = _HOST_END.split(_SCHEME.sub("", text.strip(), count=1), maxsplit=1)[0]
    host = bare.rpartition("@")[2].partition(":")[0].strip(".").casefold()
    if "." not in host or len(host) > _LONGEST_HOST or host.replace(".", "").isdigit():
        return None
    labels = host.split(".")
    if not all(_LABEL.match(label) for label in labels):
        return None
    if "xn--" in host:
        host = ".".join(_unicode_label(label) for label in labels)
    return host


def _unicode_label(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return label[4:].encode("ascii").decode("punycode")
    except (UnicodeError, OverflowError):
        return label


def is_provider_domain(domain: str) -> bool:
    """Whether a registrable domain belongs to many unrelated people: free mail, internet access, social networks,
    site builders.
    """
    return domain in FREE_MAIL or domain in ACCESS_PROVIDERS or domain in HOSTS


def company_domain(website: str | None, email_domain: str | None, email_class: str | None) -> str | None:
    """The domain that stands for a person's company: of the website, else of a business (or role) address; never a
    provider's.
    """
    if website is not None:
        domain = registrable_domain(website)
        if domain is not None and not is_provider_domain(domain):
            return domain
    if email_domain is not None and email_class in {"business", "role"}:
        domain = registrable_domain(email_domain)
        if domain is not None and not is_provider_domain(domain):
            return domain
    return None
