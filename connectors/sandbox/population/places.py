"""Countries of the population: their names in five languages, cities and the form of their telephone numbers."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, kw_only=True, slots=True)
class Country:
    """One country; `#` in a pattern stands for a digit."""

    code: str
    language: str
    weight: int
    #: As people write it: the first is the usual English name.
    names: tuple[str, ...]
    #: (city, postcode pattern, state).
    cities: tuple[tuple[str, str, str], ...]
    #: Numbers kept free for fiction where the country has such a range.
    phone: str


COUNTRIES = (
    Country(code="DE", language="de", weight=20, names=("Germany", "Deutschland", "Allemagne", "DE", "Alemania"),
            cities=(("Berlin", "10###", ""), ("München", "80###", "Bayern"), ("Hamburg", "20###", "")), phone="+49 30 23125 ###"),
    Country(code="US", language="en", weight=20, names=("United States", "USA", "U.S.", "États-Unis", "Vereinigte Staaten"),
            cities=(("Boston", "021##", "MA"), ("Austin", "787##", "Texas"), ("San Jose", "951##", "California")),
            phone="+1 617 555 01##"),
    Country(code="FR", language="fr", weight=12, names=("France", "Frankreich", "Francia", "FR"),
            cities=(("Lyon", "690##", ""), ("Paris", "750##", "Île-de-France")), phone="+33 1 99 00 ## ##"),
    Country(code="GB", language="en", weight=11, names=("United Kingdom", "UK", "Great Britain", "Royaume-Uni", "Großbritannien"),
            cities=(("London", "EC1A 1BB", ""), ("Leeds", "LS1 4DY", "")), phone="+44 20 7946 0###"),
    Country(code="ES", language="es", weight=9, names=("Spain", "España", "Spanien", "ES"),
            cities=(("Madrid", "280##", ""), ("Valencia", "460##", "")), phone="+34 910 55# ###"),
    Country(code="IT", language="it", weight=9, names=("Italy", "Italia", "Italien", "IT"),
            cities=(("Milano", "201##", ""), ("Torino", "101##", "")), phone="+39 02 5550 ####"),
    Country(code="CH", language="de", weight=5, names=("Switzerland", "Schweiz", "Suisse", "Svizzera", "CH"),
            cities=(("Zürich", "80##", "ZH"), ("Basel", "40##", "BS")), phone="+41 44 555 ## ##"),
    Country(code="AT", language="de", weight=4, names=("Austria", "Österreich", "Autriche", "AT"),
            cities=(("Wien", "10##", ""), ("Graz", "80##", "")), phone="+43 1 5550 ###"),
    Country(code="BR", language="es", weight=3, names=("Brazil", "Brasil", "Brésil", "Brasilien"),
            cities=(("São Paulo", "01###-000", "SP"),), phone="+55 11 5550 ####"),
    Country(code="IN", language="en", weight=3, names=("India", "Indien", "Inde"),
            cities=(("Pune", "4110##", ""),), phone="+91 20 5550 ####"),
    Country(code="NL", language="en", weight=2, names=("Netherlands", "The Netherlands", "Niederlande", "Pays-Bas", "Holland"),
            cities=(("Utrecht", "35## AB", ""),), phone="+31 30 555 ####"),
    Country(code="NO", language="en", weight=2, names=("Norway", "Norge", "Norwegen", "NO"),
            cities=(("Oslo", "01##", ""),), phone="+47 21 55 ## ##"),
)  # fmt: skip

BY_CODE = {country.code: country for country in COUNTRIES}
_DRAW = tuple(country for country in COUNTRIES for _ in range(country.weight))


def some_country(rng: Random) -> Country:
    """A country, by weight."""
    return _DRAW[int(rng.random() * len(_DRAW))]


def digits(rng: Random, pattern: str) -> str:
    """The pattern with random digits for its `#`."""
    count = pattern.count("#")
    if not count:
        return pattern
    number = f"{int(rng.random() * 10**count):0{count}d}"
    parts = pattern.split("#")
    return "".join(part + digit for part, digit in zip(parts, [*number, ""], strict=True))


def written(rng: Random, country: Country) -> str:
    """The country as somebody writes it: mostly in English, else in another language or abbreviated."""
    return country.names[0] if rng.random() < 0.62 else country.names[int(rng.random() * len(country.names))]
