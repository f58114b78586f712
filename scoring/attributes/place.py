"""Countries to ISO 3166-1 and states to ISO 3166-2, from names in English, French, German, Spanish and Portuguese.

Sources: country names from Unicode CLDR (through Babel), three-letter codes from CLDR's territory aliases,
subdivisions from ISO 3166-2 (through pycountry), and our own list of everyday names. All are read when this module is
imported.
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import lru_cache
from typing import Final

import pycountry
from babel import Locale
from babel.core import get_global
from rapidfuzz import process
from rapidfuzz.distance import OSA

from scoring.attributes.place_names import COUNTRY_NAMES, REGION_NAMES
from scoring.attributes.remembered import SHARED
from scoring.attributes.text import fold, words

LANGUAGES: Final = ("en", "fr", "de", "es", "pt")

#: CLDR also names what is no country: groups, test codes, and territories that ISO 3166-1 reserves without assigning.
_NO_COUNTRY: Final = frozenset(("AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"))
_SPLIT: Final = re.compile(r"[,;/()\[\]|]| - | – ")
_FUZZY_LENGTH: Final = 6
#: From this length on two slips are forgiven instead of one.
_LONG: Final = 10
_GENERIC: Final = re.compile(
    r"\b(?:state|province|provincia|provinz|land|freistaat|canton|kanton|cantao|region|regiao|regione|estado|etat|departement"
    r"|departamento|district|distrito|distrikt|county|comunidad|comunidade|comunitat|autonoma|autonomous|principado|foral"
    r"|community|oblast|prefecture|metropolitana|city|ciudad|cidade|gobierno|of|de|del|da|do|du|des|la|le|les|the|d)\b"
)


def _country_index() -> dict[str, str]:
    index: dict[str, str] = {}
    bare: dict[str, str] = {}
    for language in reversed(LANGUAGES):
        for code, name in Locale(language).territories.items():
            if len(code) == 2 and code.isalpha() and code not in _NO_COUNTRY:
                index[words(name)] = code
                bare.setdefault(words(re.sub(r"\(.*?\)", "", name)), code)
    index = bare | index
    codes = set(index.values())
    for alias, replaced in get_global("territory_aliases").items():
        if len(alias) == 3 and alias.isalpha() and len(replaced) == 1 and replaced[0] in codes:
            index.setdefault(alias.lower(), replaced[0])
    index.update(COUNTRY_NAMES)
    index.update((code.lower(), code) for code in codes)
    index["el"] = "GR"  # the European Union's own code for Greece
    index["uk"] = "GB"
    return index


_COUNTRIES: Final = _country_index()
COUNTRY_CODES: Final = frozenset(_COUNTRIES.values())
_LONG_NAMES: Final = [name for name in _COUNTRIES if len(name) >= _FUZZY_LENGTH - 1]


def _region_indexes() -> tuple[dict[str, dict[str, str]], dict[str, str]]:
    """Names and codes of regions by country, and the names that only one region of the world has."""
    ranked: dict[str, dict[str, dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
    for subdivision in pycountry.subdivisions:
        country, code = subdivision.country_code, subdivision.code
        # NOTE: where a region and its only province share a name, the region is meant.
        rank = 1 if getattr(subdivision, "parent_code", None) else 2
        plain = re.sub(r"\[.*?\]", "", subdivision.name)
        turned = " ".join(reversed(plain.split(", ", 1)))
        inner = re.findall(r"\[(.*?)\]", subdivision.name)
        for name in {plain, turned, *inner}:
            for key in {words(name), _without_generic(words(name))} - {""}:
                ranked[country][key][code] = max(rank, ranked[country][key].get(code, 0))
    by_country: dict[str, dict[str, str]] = {
        country: {key: best for key, codes in names.items() if (best := _only_best(codes))}
        for country, names in ranked.items()
    }
    for name, code in REGION_NAMES.items():
        by_country.setdefault(code[:2], {})[name] = code
    unique: dict[str, set[str]] = defaultdict(set)
    for names in by_country.values():
        for name, code in names.items():
            unique[name].add(code)
    for subdivision in pycountry.subdivisions:
        by_country[subdivision.country_code][fold(subdivision.code[3:])] = subdivision.code
        by_country[subdivision.country_code][words(subdivision.code)] = subdivision.code
    alone = {
        name: next(iter(codes))
        for name, codes in unique.items()
        if len(codes) == 1 and len(name) >= _FUZZY_LENGTH - 1 and not name.isdigit() and name not in _COUNTRIES
    }
    return by_country, alone


def _only_best(codes: dict[str, int]) -> str | None:
    best = max(codes.values())
    winners = [code for code, rank in codes.items() if rank == best]
    return winners[0] if len(winners) == 1 else None


def _without_generic(name: str) -> str:
    return " ".join(_GENERIC.sub(" ", name).split())


_REGIONS, _LONE_REGIONS = _region_indexes()
_REGION_CODES: Final = frozenset(subdivision.code for subdivision in pycountry.subdivisions)


def is_country_name(folded: str) -> bool:
    """Whether folded words are exactly a country's name or code."""
    return folded in _COUNTRIES


@lru_cache(maxsize=SHARED)
def country_code(text: str) -> str | None:
    """The ISO 3166-1 alpha-2 code of a country named by its code or in one of the five languages.

    A misspelt name counts when one country alone is near it. "Georgia" is the country, Kosovo is XK as in CLDR.
    """
    name = words(text)
    code = _COUNTRIES.get(name) or _COUNTRIES.get(name.replace("ae", "a").replace("oe", "o").replace("ue", "u"))
    if code is not None:
        return code
    parts = {_COUNTRIES[part] for part in map(words, _SPLIT.split(text)) if part in _COUNTRIES}
    if len(parts) == 1:
        return next(iter(parts))
    return _misspelt_country(name) if not parts and len(name) >= _FUZZY_LENGTH else None


def _misspelt_country(name: str) -> str | None:
    return _only_nearest(name, _LONG_NAMES, _COUNTRIES)


def _only_nearest(name: str, names: list[str], codes: dict[str, str]) -> str | None:
    """The code of the names with the fewest slips from this one, unless they have several codes."""
    near = process.extract(name, names, scorer=OSA.distance, score_cutoff=2 if len(name) >= _LONG else 1, limit=10)
    nearest = {codes[found] for found, slips, _ in near if slips == near[0][1]}
    return nearest.pop() if len(nearest) == 1 else None


@lru_cache(maxsize=SHARED)
def region_code(text: str, country: str | None) -> str | None:
    """The ISO 3166-2 code of a state, province, Land, canton or département.

    Without a country only a full code ("US-CA") counts, or a name that no other region of the world and no country has.
    """
    full = text.strip().upper().replace("_", "-")
    if full in _REGION_CODES:
        return full if country is None or full.startswith(f"{country}-") else None
    name = words(text)
    if country is None:
        return _LONE_REGIONS.get(name)
    known = _REGIONS.get(country)
    if known is None or not name:
        return None
    bare = _without_generic(name)
    found = known.get(name) or (known.get(bare) if bare else None)
    if found is None:
        parts = {known[part] for part in map(words, _SPLIT.split(text)) if part in known}
        if len(parts) == 1:
            return next(iter(parts))
        found = _misspelt_region(bare, known)
    return found


def _misspelt_region(name: str, known: dict[str, str]) -> str | None:
    if len(name) < _FUZZY_LENGTH:
        return None
    return _only_nearest(name, list(known), known)
