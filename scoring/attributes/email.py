"""Mail addresses: their form, and what kind of box they are.

Knows nothing about whether a box exists; nothing is asked over a network.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from disposable_email_domains import blocklist

from scoring.attributes.domain import has_known_ending, host_of, registrable_domain
from scoring.attributes.email_words import (
    EDUCATION_DOMAINS,
    EDUCATION_ENDINGS,
    EDUCATION_LABELS,
    EDUCATION_PREFIXES,
    EDUCATION_SECOND_LEVELS,
    PLACEHOLDER_DOMAINS,
    PLACEHOLDER_LOCALS,
    ROLE_FILLERS,
    ROLES,
)
from scoring.attributes.mail_providers import FREE_MAIL
from scoring.attributes.remembered import OWN, SHARED

EMAIL_CLASSES: Final = ("missing", "invalid", "disposable", "free", "education", "role", "business")

#: RFC 5321: 64 octets before the @, 254 in all. Quoted local parts are legal and, in a CRM, always a mistake.
_LOCAL: Final = re.compile(r"^[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*$")
_LONGEST_LOCAL: Final = 64
_LONGEST: Final = 254
_SEPARATORS: Final = re.compile(r"[._+-]+")
_TRAILING_DIGITS: Final = re.compile(r"\d+$")


def normal_email(text: str) -> str:
    """The trimmed lower-case text of an address."""
    return text.strip().lower()


def email_domain(email: str) -> str | None:
    """What follows the last @, in lower case; absent when either side is empty."""
    local, at, domain = normal_email(email).rpartition("@")
    return domain.strip() or None if at and local.strip() else None


@lru_cache(maxsize=OWN)
def email_class(email: str | None) -> str:
    """The first that applies of EMAIL_CLASSES.

    Invalid: not of the form of an address, an ending that no top-level domain has, or a placeholder such as
    test@test.com. Disposable boxes are looked up first in the list of disposable-email-domains, then free ones in our
    own.
    """
    if email is None or not email.strip():
        return "missing"
    local, _, domain = normal_email(email).rpartition("@")
    if not _is_local(local) or len(email.strip()) > _LONGEST:
        return "invalid"
    kind = _domain_class(domain)
    if kind == "invalid" or _is_placeholder(local, domain):
        return "invalid"
    if kind == "business" and _is_role(local):
        return "role"
    return kind


def is_role_email(email: str) -> bool:
    """Whether the box belongs to a function ("info@", "ventas@", "sales-emea@"), wherever it is."""
    return _is_role(normal_email(email).rpartition("@")[0])


def is_placeholder_email(email: str) -> bool:
    """Whether somebody without an address was typed in: "noemail@…", "none@none.com", "test@test.com", "asdf@asdf.com".

    Addresses at example.com are not: they are what documentation and demonstrations use.
    """
    local, _, domain = normal_email(email).rpartition("@")
    return _is_placeholder(local, domain)


def is_disposable_domain(domain: str) -> bool:
    """Whether the domain, or the one it belongs to, gives throw-away boxes."""
    return domain in blocklist or any(parent in blocklist for parent in _parents(domain))


@lru_cache(maxsize=SHARED)
def _domain_class(domain: str) -> str:
    host = host_of(domain)
    if (
        host is None
        or "@" in domain
        or ":" in domain
        or "/" in domain
        or domain != domain.strip(".")
        or not has_known_ending(host)
    ):
        return "invalid"
    if is_disposable_domain(domain):
        return "disposable"
    registrable = registrable_domain(host)
    if host in FREE_MAIL or registrable in FREE_MAIL:
        return "free"
    return "education" if is_education_domain(host) else "business"


@lru_cache(maxsize=SHARED)
def is_education_domain(host: str) -> bool:
    """Whether a host belongs to a school or university, by its ending, its name or our list."""
    labels = host.split(".")
    registrable = registrable_domain(host) or host
    if labels[-1] in EDUCATION_ENDINGS or registrable in EDUCATION_DOMAINS or host in EDUCATION_DOMAINS:
        return True
    if len(labels) >= 3 and (labels[-2] in EDUCATION_SECOND_LEVELS or (labels[-1] == "us" and "k12" in labels)):
        return True
    if len(labels) == 2 and labels[0] in EDUCATION_SECOND_LEVELS - {"academia", "school"}:
        return False
    name = registrable.partition(".")[0]
    return (
        name.startswith(EDUCATION_PREFIXES)
        or not EDUCATION_LABELS.isdisjoint(re.split(r"-", name))
        or not EDUCATION_LABELS.isdisjoint(labels[: -len(registrable.split("."))])
    )


@lru_cache(maxsize=OWN)
def _is_role(local: str) -> bool:
    parts = [part for part in (_TRAILING_DIGITS.sub("", piece) for piece in _SEPARATORS.split(local)) if part]
    if not parts:
        return False
    if "".join(parts) in ROLES:
        return True
    return any(part in ROLES for part in parts) and all(part in ROLES or part in ROLE_FILLERS for part in parts)


@lru_cache(maxsize=OWN)
def _is_placeholder(local: str, domain: str) -> bool:
    if domain in PLACEHOLDER_DOMAINS or local in PLACEHOLDER_LOCALS:
        return True
    name = domain.partition(".")[0]
    return (
        len(local) > 2
        and local == name
        and (len(set(local)) == 1 or local in {"mail", "email", "e-mail", "qwe", "asd", "asdf"})
    )


def _is_local(local: str) -> bool:
    return bool(local) and len(local.encode("utf-8", "replace")) <= _LONGEST_LOCAL and _LOCAL.match(local) is not None


def _parents(domain: str) -> list[str]:
    labels = domain.split(".")
    return [".".join(labels[at:]) for at in range(1, len(labels) - 1)]
