"""What may identify somebody: which addresses speak of one human, and when two last names contradict. Pure."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from scoring.attributes import email_class, is_placeholder_email, is_role_email

#: Classes of addresses that belong to one human (as far as an address can tell).
_PERSONAL_CLASSES = frozenset({"business", "free", "education"})
#: What people type where a last name is required and they know none.
_NO_NAME = frozenset(
    {"unknown", "none", "na", "n a", "null", "nil", "not provided", "notprovided", "last name", "lastname", "inconnu"}
    | {"test", "tbd", "tba", "x", "xx", "xxx", "unbekannt", "no last name", "not available"}
)
_WORDS = re.compile(r"[^\W\d_]+")


@lru_cache(maxsize=65_536)
def is_joining_address(address: str) -> bool:
    """Whether an address (lower case, trimmed) may join contacts: no role, disposable, placeholder or broken address."""
    if is_role_email(address) or is_placeholder_email(address):
        return False
    return email_class(address) in _PERSONAL_CLASSES


def last_names_contradict(one: str | None, other: str | None) -> bool:
    """Whether two last names cannot be the same human's.

    Case, accents and punctuation do not count; a shared part suffices (Smith, Smith-Jones), so does an initial; an absent
    name or a filler (Unknown) contradicts nothing.
    """
    left, right = _name_parts(one or ""), _name_parts(other or "")
    if not left or not right:
        return False
    return not any(_alike(a, b) for a in left for b in right)


@lru_cache(maxsize=65_536)
def _name_parts(name: str) -> frozenset[str]:
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    letters = "".join(char for char in decomposed if not unicodedata.combining(char))
    parts = _WORDS.findall(letters)
    if " ".join(parts) in _NO_NAME:
        return frozenset()
    return frozenset(parts)


def _alike(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return one == other or (len(short) == 1 and long.startswith(short))
